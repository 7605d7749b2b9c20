#define _GNU_SOURCE
#include "engram_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: Landlock (Documentation/userspace-api/landlock.rst of the kernel). Numbers by hand: headers of Debian 12 end at version 2.

enum { landlock_create_ruleset = 444, landlock_add_rule = 445, landlock_restrict_self = 446 };

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_VERSION_1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)     // since version 2
#define FS_TRUNCATE (1ull << 14)  // since version 3
#define FS_IOCTL_DEV (1ull << 15) // since version 5
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_BIND_AND_CONNECT_TCP 3ull     // since version 4
#define SCOPE_ABSTRACT_SOCKET_SIGNAL 3ull // since version 6

struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int engram_landlock_version(void) {
    long version = syscall(landlock_create_ruleset, NULL, 0, 1u);
    return version > 0 ? (int)version : 0;
}

static uint64_t known_file_rights(int version) {
    uint64_t rights = FS_VERSION_1;
    if (version >= 2) { rights |= FS_REFER; }
    if (version >= 3) { rights |= FS_TRUNCATE; }
    if (version >= 5) { rights |= FS_IOCTL_DEV; }
    return rights;
}

/// What the rules of this process are made with; an older version than the kernel's in tests.
static int used_version(int newest) {
    static int limit = INT_MAX;
    if (newest < limit) { limit = newest; }
    int version = engram_landlock_version();
    return version < limit ? version : limit;
}

int engram_landlock_create(int newest) {
    int version = used_version(newest);
    if (version <= 0) {
        errno = EOPNOTSUPP;
        return -1;
    }
    struct ruleset rules = {.files = known_file_rights(version)};
    if (version >= 4) { rules.network = NET_BIND_AND_CONNECT_TCP; }
    if (version >= 6) { rules.scopes = SCOPE_ABSTRACT_SOCKET_SIGNAL; }
    // An older kernel takes a longer structure as long as what it does not know is zero.
    return (int)syscall(landlock_create_ruleset, &rules, sizeof rules, 0);
}

int engram_landlock_allow(int rules, const char *path, unsigned rights) {
    uint64_t allowed = 0;
    if (rights & ENGRAM_MAY_READ) { allowed |= FS_READ_FILE; }
    if (rights & ENGRAM_MAY_LIST) { allowed |= FS_READ_DIR; }
    if (rights & ENGRAM_MAY_EXECUTE) { allowed |= FS_EXECUTE; }
    if (rights & ENGRAM_MAY_WRITE) {
        allowed |= FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE;
    }
    allowed &= known_file_rights(used_version(INT_MAX));
    int parent = open(path, O_PATH | O_CLOEXEC);
    if (parent < 0) { return -1; }
    struct stat facts;
    int result = fstat(parent, &facts);
    if (result == 0) {
        // A rule on a file may hold no right of folders.
        if (!S_ISDIR(facts.st_mode)) { allowed &= FS_OF_FILES; }
        struct path_beneath rule = {.allowed = allowed, .parent = parent};
        result = (int)syscall(landlock_add_rule, rules, 1, &rule, 0);
    }
    int code = errno;
    close(parent);
    errno = code;
    return result;
}

int engram_landlock_enforce(int rules) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) { return -1; }
    return (int)syscall(landlock_restrict_self, rules, 0);
}

// MARK: Capabilities and descriptors

/// Of the first 32 capabilities those of `kept` stay, and none of the others.
static int keep_capabilities(uint32_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) { return -1; }
    data[0].permitted &= kept;
    data[0].effective &= kept;
    data[0].inheritable = 0;
    memset(&data[1], 0, sizeof data[1]);
    return (int)syscall(SYS_capset, &header, data);
}

int engram_capabilities_drop(void) {
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: a daemon of root takes drops that only their owner may read. Landlock says which files.
    const uint32_t kept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    // Root has all that the bounding set leaves each time it executes a program. Without the right to shrink it there is nothing to shrink.
    for (int number = 0; number <= 63; number++) {
        if (number != CAP_DAC_OVERRIDE && number != CAP_DAC_READ_SEARCH) { prctl(PR_CAPBSET_DROP, number, 0, 0, 0); }
    }
    return keep_capabilities(kept);
}

int engram_daemon_capabilities_drop(void) {
    // Files of others are read, moved and put right; whether somebody still writes one is asked of /proc, or of a lease.
    return keep_capabilities(
        1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH | 1u << CAP_FOWNER | 1u << CAP_FSETID | 1u << CAP_KILL
        | 1u << CAP_SYS_PTRACE | 1u << CAP_LEASE);
}

int engram_allow_own_inspection(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }

int engram_close_on_exec_from(unsigned first) {
    // close_range with CLOSE_RANGE_CLOEXEC, of Linux 5.11.
    if (syscall(436, first, ~0u, 4u) == 0) { return 0; }
    for (unsigned descriptor = first; descriptor < 4096; descriptor++) {
        int flags = fcntl((int)descriptor, F_GETFD);
        if (flags >= 0) { fcntl((int)descriptor, F_SETFD, flags | FD_CLOEXEC); }
    }
    return 0;
}

static void *sleep_for_ever(void *nothing) {
    for (;;) { pause(); }
    return nothing;
}

int engram_start_idle_threads(int most) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    int count = 0;
    pthread_t thread;
    while (count < most && pthread_create(&thread, &attributes, sleep_for_ever, NULL) == 0) { count++; }
    pthread_attr_destroy(&attributes);
    return count;
}

// MARK: Want of memory

static volatile sig_atomic_t exhausted_code;

static void note_exhaustion(int number) {
    // malloc has set the thread's errno to ENOMEM, and what gives up for that reason does so at once.
    if (errno == ENOMEM) {
        static const char text[] = "engram worker: out of memory\n";
        ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
        (void)ignored;
        _exit((int)exhausted_code);
    }
    // Any other reason: the signal again, undisturbed. It is pending until this handler returns.
    signal(number, SIG_DFL);
    raise(number);
}

void engram_exit_when_memory_ends(int code) {
    exhausted_code = code;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_exhaustion;
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGABRT, SIGSEGV, SIGILL, SIGTRAP, SIGBUS};
    for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; index++) { sigaction(numbers[index], &action, NULL); }
}
