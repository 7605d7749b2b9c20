#define _GNU_SOURCE
#include "CEngramSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int engram_rename_no_replace(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int engram_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int engram_spawn_start_in(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int engram_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int engram_file_system_type(const char *path, uint64_t *type) {
    struct statfs facts;
    if (statfs(path, &facts) != 0) { return -1; }
    *type = (uint64_t)facts.f_type & 0xffffffffu;
    return 0;
}

int engram_free_bytes(const char *path, uint64_t *bytes) {
    struct statvfs facts;
    if (statvfs(path, &facts) != 0) { return -1; }
    *bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
    return 0;
}

_Static_assert(ENGRAM_O_PATH == O_PATH, "O_PATH of this processor");

// Linux's own definitions (linux/openat2.h, linux/fs.h); older headers lack them.
struct how_to_open {
    uint64_t flags, mode, resolve;
};
enum { resolve_no_mounts = 0x01, resolve_no_magic_links = 0x02, resolve_no_links = 0x04, resolve_beneath = 0x08 };

int engram_open_beneath(int root, const char *path, int flags) {
    struct how_to_open how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = resolve_no_mounts | resolve_no_magic_links | resolve_no_links | resolve_beneath,
    };
    int descriptor = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (descriptor >= 0 || (errno != ENOSYS && errno != EPERM)) { return descriptor; }
    return engram_open_beneath_by_parts(root, path, flags);
}

int engram_open_beneath_by_parts(int root, const char *path, int flags) {
    struct stat facts;
    if (fstat(root, &facts) != 0) { return -1; }
    dev_t device = facts.st_dev;
    int folder = root;
    while (1) {
        const char *end = strchrnul(path, '/');
        size_t length = (size_t)(end - path);
        char part[256];
        int code = length >= sizeof part ? ENAMETOOLONG : length == 0 ? EINVAL : 0;
        if (code == 0) {
            memcpy(part, path, length);
            part[length] = '\0';
            if (strcmp(part, "..") == 0) { code = EXDEV; }
        }
        int next = -1;
        if (code == 0) {
            next = openat(folder, part, *end == '\0' ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            code = errno;
            // O_DIRECTORY says ENOTDIR of a link as well.
            if (next < 0 && code == ENOTDIR && fstatat(folder, part, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(facts.st_mode)) { code = ELOOP; }
            // Files may have a device number of their own (overlay file systems); a folder has that of its mount.
            if (next >= 0 && fstat(next, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_dev != device) {
                close(next);
                next = -1;
                code = EXDEV;
            }
        }
        if (folder != root) { close(folder); }
        if (next < 0) {
            errno = code;
            return -1;
        }
        if (*end == '\0') { return next; }
        folder = next;
        path = end + 1;
    }
}

int engram_clone_content(int to, int from) { return ioctl(to, _IOW(0x94, 9, int), from); }

int engram_has_writer(int descriptor) {
    // Whoever opens the file for writing in this instant breaks the lease, and the kernel tells the holder by a signal: SIGIO would end the
    // process, SIGURG is ignored.
    if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) { return -1; }
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) { return errno == EAGAIN ? 1 : -1; }
    fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return 0;
}
