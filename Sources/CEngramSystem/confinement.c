#define _GNU_SOURCE
#include "engram_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
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

int engram_landlock_create(void) {
    int version = engram_landlock_version();
    if (version == 0) {
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
    allowed &= known_file_rights(engram_landlock_version());
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

// MARK: seccomp

// A list of what is denied rather than of what is allowed: the C and Swift libraries change what they call from release to release, and a
// call that fails where nobody expects it is a lost drop. Calls newer than this list are denied all the same, as a kernel would that does
// not have them, so the list does not grow stale in the dangerous direction. A denied call fails with EPERM and does not kill: several are
// tried by libraries that go on without them. Only the call interfaces of other architectures kill, since nothing of ours uses them.

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/// mseal, of Linux 6.10: the last call that was judged. Numbers are the same on every architecture from 424 on.
enum { newest_judged_call = 462 };

/// Always denied.
static const uint16_t denied[] = {
    // Network, and sockets of any kind.
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_recvfrom, SYS_sendmsg,
    SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg, SYS_setsockopt, SYS_getpeername, SYS_shutdown,
    // Other programs and other processes; thread-starting clone is judged below.
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo, SYS_tkill, SYS_setsid, SYS_setpgid, SYS_migrate_pages, SYS_move_pages,
    424 /* pidfd_send_signal */, 434 /* pidfd_open */, 438 /* pidfd_getfd */, 440 /* process_madvise */, 448 /* process_mrelease */,
#ifdef SYS_fork
    SYS_fork, SYS_vfork,
#endif
    // Interfaces with a history of holes that no computation needs.
    425, 426, 427 /* io_uring */, SYS_io_setup, SYS_io_submit, SYS_io_destroy, SYS_io_cancel, SYS_io_getevents, SYS_bpf,
    SYS_perf_event_open, SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_fanotify_init, SYS_fanotify_mark,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_vmsplice, SYS_lookup_dcookie, SYS_personality, SYS_remap_file_pages,
    447 /* memfd_secret */,
    // Shared memory, queues and semaphores with other processes.
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop, SYS_semctl, SYS_semtimedop, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl,
    SYS_mq_open, SYS_mq_unlink,
    // The machine.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_kexec_load,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_acct, SYS_quotactl, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime,
    SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup, SYS_nfsservctl, 428 /* open_tree */, 429 /* move_mount */,
    430 /* fsopen */, 431 /* fsconfig */, 432 /* fsmount */, 433 /* fspick */, 442 /* mount_setattr */, 443 /* quotactl_fd */,
    457 /* statmount */, 458 /* listmount */,
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_create_module, SYS_uselib, SYS_ustat, SYS_sysfs,
#endif
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    // Who the process is, and what it may.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_setfsgid,
    SYS_capset, SYS_setrlimit,
    // Facts about files, which Landlock does not guard; fchmod and futimens reach only files that could be opened.
    SYS_fchmodat, 452 /* fchmodat2 */, SYS_fchownat, SYS_fchown, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
    SYS_lremovexattr, SYS_fremovexattr, SYS_symlinkat, SYS_mknodat,
#ifdef SYS_chmod
    SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_symlink, SYS_mknod,
#endif
};

#define LOW_HALF(index) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (index)))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define SKIP_UNLESS_EQUAL(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (count))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (uint32_t)(action))
#define DENIED (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

static int seccomp_call(unsigned operation, unsigned flags, void *argument) {
    return (int)syscall(SYS_seccomp, operation, flags, argument);
}

int engram_call_filter_is_available(void) {
#ifdef NATIVE_ARCHITECTURE
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return seccomp_call(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#else
    return 0;
#endif
}

int engram_call_filter_apply(void) {
#ifdef NATIVE_ARCHITECTURE
    enum { denied_count = sizeof denied / sizeof denied[0] };
    struct sock_filter program[2 * denied_count + 64];
    size_t count = 0;
#define ADD(...)                                                                                                                            \
    do {                                                                                                                                    \
        const struct sock_filter added[] = {__VA_ARGS__};                                                                                   \
        memcpy(program + count, added, sizeof added);                                                                                       \
        count += sizeof added / sizeof added[0];                                                                                            \
    } while (0)
    uint32_t own = (uint32_t)getpid();
    ADD(LOAD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
    // The calls of x32, under numbers of their own.
    ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS));
#endif
    ADD(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest_judged_call, 0, 1), ANSWER(UNKNOWN));
    for (size_t index = 0; index < denied_count; index++) { ADD(SKIP_UNLESS_EQUAL(denied[index], 1), ANSWER(DENIED)); }
    // Threads may be started, processes may not: CLONE_THREAD is 0x10000. The flags of clone3 are out of a filter's reach; the C library
    // falls back to clone where clone3 is missing.
    ADD(SKIP_UNLESS_EQUAL(435, 1), ANSWER(UNKNOWN));
    ADD(SKIP_UNLESS_EQUAL(SYS_clone, 4), LOAD(LOW_HALF(0)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x10000u, 1, 0), ANSWER(DENIED),
        ANSWER(SECCOMP_RET_ALLOW));
    // Signals to itself only, as abort and raise send them.
    ADD(SKIP_UNLESS_EQUAL(SYS_kill, 4), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(own, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    ADD(SKIP_UNLESS_EQUAL(SYS_tgkill, 4), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(own, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Its own priority only, which the dispatch library sets: PRIO_PROCESS and 0 are both 0.
    ADD(SKIP_UNLESS_EQUAL(SYS_setpriority, 6), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(0, 3), LOAD(LOW_HALF(1)), SKIP_UNLESS_EQUAL(0, 1),
        ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Limits may be read and not set, nor another process's read: the pointer to new limits must be null.
    ADD(SKIP_UNLESS_EQUAL(SYS_prlimit64, 8), LOAD(LOW_HALF(2)), SKIP_UNLESS_EQUAL(0, 5), LOAD(LOW_HALF(2) + 4), SKIP_UNLESS_EQUAL(0, 3),
        LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(0, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Times of files by descriptor only: the path must be null.
    ADD(SKIP_UNLESS_EQUAL(SYS_utimensat, 6), LOAD(LOW_HALF(1)), SKIP_UNLESS_EQUAL(0, 3), LOAD(LOW_HALF(1) + 4), SKIP_UNLESS_EQUAL(0, 1),
        ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Typing into the terminal somebody else reads: TIOCSTI and TIOCLINUX.
    ADD(SKIP_UNLESS_EQUAL(SYS_ioctl, 5), LOAD(LOW_HALF(1)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0),
        SKIP_UNLESS_EQUAL(TIOCLINUX, 1), ANSWER(DENIED), ANSWER(SECCOMP_RET_ALLOW));
    ADD(ANSWER(SECCOMP_RET_ALLOW));
#undef ADD
    struct sock_fprog whole = {.len = (unsigned short)count, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) { return -1; }
    int result = seccomp_call(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
    // A positive answer names a thread that has a filter of its own.
    if (result > 0) {
        errno = EBUSY;
        return -1;
    }
    return result;
#else
    errno = EOPNOTSUPP;
    return -1;
#endif
}

// MARK: Capabilities and descriptors

int engram_capabilities_drop(void) {
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: a daemon of root takes drops that only their owner may read. Landlock says which files.
    const uint32_t kept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    // Root has all that the bounding set leaves each time it executes a program. Without the right to shrink it there is nothing to shrink.
    for (int number = 0; number <= 63; number++) {
        if (number != CAP_DAC_OVERRIDE && number != CAP_DAC_READ_SEARCH) { prctl(PR_CAPBSET_DROP, number, 0, 0, 0); }
    }
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) { return -1; }
    data[0].permitted &= kept;
    data[0].effective &= kept;
    data[0].inheritable = 0;
    memset(&data[1], 0, sizeof data[1]);
    return (int)syscall(SYS_capset, &header, data);
}

int engram_close_on_exec_from(unsigned first) {
    // close_range with CLOSE_RANGE_CLOEXEC, of Linux 5.11.
    if (syscall(436, first, ~0u, 4u) == 0) { return 0; }
    for (unsigned descriptor = first; descriptor < 4096; descriptor++) {
        int flags = fcntl((int)descriptor, F_GETFD);
        if (flags >= 0) { fcntl((int)descriptor, F_SETFD, flags | FD_CLOEXEC); }
    }
    return 0;
}

int engram_error_of_call(long number) { return syscall(number, 0, 0, 0, 0, 0, 0) < 0 ? errno : 0; }

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
