#define _GNU_SOURCE
#include "CEngramSystem.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int engram_rename_no_replace(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }

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
