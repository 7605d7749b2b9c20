#define _GNU_SOURCE
#include "engram_call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// A list of what is denied rather than of what is allowed: the C and Swift libraries change what they call from release to release, and a
// call that fails where nobody expects it is a lost drop. Calls newer than this list are denied all the same, as a kernel would that does
// not have them, so the list does not grow stale in the dangerous direction. A denied call fails with EPERM and does not kill: several are
// tried by libraries that go on without them. Only the call interfaces of other architectures kill, since nothing of ours uses them.
// The commands of fcntl and ioctl are a list of what is allowed: there are thousands, and what our libraries use was traced.

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/// mseal, of Linux 6.10: the last call that was judged. Numbers are the same on every architecture from 424 on.
enum { newest_judged_call = 462 };

#define GROUP(text) {text, 0, -1}
#define CALL(name) {0, #name, SYS_##name}
#define NUMBERED(name, number) {0, #name, number}

/// Always denied.
static const struct {
    const char *group;
    const char *name;
    int number;
} denied[] = {
    GROUP("sockets of any kind"),
    CALL(socket), CALL(socketpair), CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(sendto), CALL(recvfrom),
    CALL(sendmsg), CALL(recvmsg), CALL(sendmmsg), CALL(recvmmsg), CALL(setsockopt), CALL(getpeername), CALL(shutdown),
    GROUP("other programs and processes"),
    CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(kcmp), CALL(rt_sigqueueinfo),
    CALL(rt_tgsigqueueinfo), CALL(tkill), CALL(setsid), CALL(setpgid), CALL(migrate_pages), CALL(move_pages),
    NUMBERED(pidfd_send_signal, 424), NUMBERED(pidfd_open, 434), NUMBERED(pidfd_getfd, 438), NUMBERED(process_madvise, 440),
    NUMBERED(process_mrelease, 448),
#ifdef SYS_fork
    CALL(fork), CALL(vfork),
#endif
    GROUP("processors and disks of others"),
    CALL(sched_setscheduler), CALL(sched_setparam), CALL(sched_setattr), CALL(sched_setaffinity), CALL(ioprio_set),
    GROUP("watching files"),
    CALL(inotify_init1), CALL(inotify_add_watch), CALL(inotify_rm_watch), CALL(fanotify_init), CALL(fanotify_mark),
#ifdef SYS_inotify_init
    CALL(inotify_init),
#endif
    GROUP("interfaces with a history of holes that no computation needs"),
    NUMBERED(io_uring_setup, 425), NUMBERED(io_uring_enter, 426), NUMBERED(io_uring_register, 427), CALL(io_setup), CALL(io_submit),
    CALL(io_destroy), CALL(io_cancel), CALL(io_getevents), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd), CALL(add_key),
    CALL(request_key), CALL(keyctl), CALL(name_to_handle_at), CALL(open_by_handle_at), CALL(vmsplice), CALL(lookup_dcookie),
    CALL(personality), CALL(remap_file_pages),
    GROUP("memory that no limit counts, and memory shared with others"),
    CALL(memfd_create), NUMBERED(memfd_secret, 447), CALL(shmget), CALL(shmat), CALL(shmctl),
    GROUP("queues and semaphores"),
    CALL(semget), CALL(semop), CALL(semctl), CALL(semtimedop), CALL(msgget), CALL(msgsnd), CALL(msgrcv), CALL(msgctl), CALL(mq_open),
    CALL(mq_unlink),
    GROUP("the machine"),
    CALL(mount), CALL(umount2), CALL(pivot_root), CALL(chroot), CALL(setns), CALL(unshare), CALL(swapon), CALL(swapoff), CALL(reboot),
    CALL(kexec_load), CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(acct), CALL(quotactl), CALL(settimeofday),
    CALL(clock_settime), CALL(clock_adjtime), CALL(adjtimex), CALL(sethostname), CALL(setdomainname), CALL(syslog), CALL(vhangup),
    CALL(nfsservctl), NUMBERED(open_tree, 428), NUMBERED(move_mount, 429), NUMBERED(fsopen, 430), NUMBERED(fsconfig, 431),
    NUMBERED(fsmount, 432), NUMBERED(fspick, 433), NUMBERED(mount_setattr, 442), NUMBERED(quotactl_fd, 443), NUMBERED(statmount, 457),
    NUMBERED(listmount, 458),
#ifdef SYS_iopl
    CALL(iopl), CALL(ioperm), CALL(modify_ldt), CALL(create_module), CALL(uselib), CALL(ustat), CALL(sysfs),
#endif
#ifdef SYS_kexec_file_load
    CALL(kexec_file_load),
#endif
    GROUP("who the process is, and what it may"),
    CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid), CALL(setresgid), CALL(setgroups), CALL(setfsuid),
    CALL(setfsgid), CALL(capset), CALL(setrlimit),
    // A descriptor that may only read is enough for these: under root a file that a worker can open would become set-uid.
    GROUP("mode, owner, times and attributes of files"),
    CALL(fchmod), CALL(fchmodat), NUMBERED(fchmodat2, 452), CALL(fchown), CALL(fchownat), CALL(utimensat), CALL(setxattr), CALL(lsetxattr),
    CALL(fsetxattr), CALL(removexattr), CALL(lremovexattr), CALL(fremovexattr),
#ifdef SYS_chmod
    CALL(chmod), CALL(chown), CALL(lchown), CALL(utime), CALL(utimes), CALL(futimesat),
#endif
    GROUP("links and device nodes"),
    CALL(linkat), CALL(symlinkat), CALL(mknodat),
#ifdef SYS_link
    CALL(link), CALL(symlink), CALL(mknod),
#endif
};

enum { denied_count = sizeof denied / sizeof denied[0] };

/// Commands of fcntl that reach nothing but the descriptor and locks: no signals to others, leases, watches or longer pipes.
static const uint32_t allowed_fcntl[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
};

/// Commands of ioctl: whether something is a terminal and how wide, how much there is to read, and flags of the descriptor.
static const uint32_t allowed_ioctl[] = {TCGETS, 0x802c542a /* TCGETS2 */, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};

/// Calls that are judged by their arguments, once as they are denied and once as they are needed.
static const engram_call_attempt attempts[] = {
    {"clone of a process", SYS_clone, {SIGCHLD}, EPERM},
    {"clone3", 435, {0}, ENOSYS},
    {"a call newer than the list", newest_judged_call + 1, {0}, ENOSYS},
    {"a call that no kernel has", 9999, {0}, ENOSYS},
    {"kill of another process", SYS_kill, {1, 0}, EPERM},
    {"tgkill of another process", SYS_tgkill, {1, 1, 0}, EPERM},
    {"setpriority of another process", SYS_setpriority, {PRIO_PROCESS, 1, 0}, EPERM},
    {"setpriority of the own user", SYS_setpriority, {PRIO_USER, 0, 0}, EPERM},
    {"setpriority of itself", SYS_setpriority, {PRIO_PROCESS, 0, 0}, 0},
    {"prlimit64 of another process", SYS_prlimit64, {1, RLIMIT_NOFILE, 0, 0}, EPERM},
    {"prlimit64 with new limits", SYS_prlimit64, {0, RLIMIT_NOFILE, 1, 0}, EPERM},
    {"prlimit64 that reads", SYS_prlimit64, {0, RLIMIT_NOFILE, 0, 0}, 0},
    {"fcntl F_SETOWN", SYS_fcntl, {1, F_SETOWN, 1}, EPERM},
    {"fcntl F_SETOWN_EX", SYS_fcntl, {1, F_SETOWN_EX, 0}, EPERM},
    {"fcntl F_SETSIG", SYS_fcntl, {1, F_SETSIG, SIGKILL}, EPERM},
    {"fcntl F_SETLEASE", SYS_fcntl, {1, F_SETLEASE, F_UNLCK}, EPERM},
    {"fcntl F_NOTIFY", SYS_fcntl, {1, F_NOTIFY, 0}, EPERM},
    {"fcntl F_SETPIPE_SZ", SYS_fcntl, {1, F_SETPIPE_SZ, 4096}, EPERM},
    {"fcntl F_GETFD", SYS_fcntl, {1, F_GETFD, 0}, 0},
    {"ioctl TIOCSTI", SYS_ioctl, {1, TIOCSTI, 0}, EPERM},
    {"ioctl TIOCLINUX", SYS_ioctl, {1, TIOCLINUX, 0}, EPERM},
    {"ioctl FIOSETOWN", SYS_ioctl, {1, FIOSETOWN, 0}, EPERM},
    {"ioctl FIOASYNC", SYS_ioctl, {1, FIOASYNC, 0}, EPERM},
    {"ioctl FS_IOC_SETFLAGS", SYS_ioctl, {1, (long)FS_IOC_SETFLAGS, 0}, EPERM},
    {"mmap shared without a file", SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0}, EPERM},
    {"mmap shared of a file", SYS_mmap, {0, 4096, PROT_READ, MAP_SHARED, 1, 0}, EPERM},
    {"mmap MAP_GROWSDOWN", SYS_mmap, {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0}, EPERM},
    {"mmap private", SYS_mmap, {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}, 0},
};

int engram_denied_call(int index, engram_denied_call_entry *entry) {
    const char *group = "";
    int found = 0;
    for (size_t place = 0; place < denied_count; place++) {
        if (denied[place].group) {
            group = denied[place].group;
        } else if (found++ == index) {
            *entry = (engram_denied_call_entry){.group = group, .name = denied[place].name, .number = denied[place].number};
            return 1;
        }
    }
    return 0;
}

int engram_call_attempt_at(int index, engram_call_attempt *attempt) {
    if (index < 0 || (size_t)index >= sizeof attempts / sizeof attempts[0]) { return 0; }
    *attempt = attempts[index];
    return 1;
}

int engram_error_of_call(long number, const long arguments[6]) {
    const long *a = arguments;
    return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
}

// MARK: The filter

#define LOW_HALF(index) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (index)))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define SKIP_UNLESS_EQUAL(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (count))
#define SKIP_UNLESS_ANY(bits, count) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(bits), 0, (count))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (uint32_t)(action))
#define DENIED (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define ADD(program, ...)                                                                                                                   \
    do {                                                                                                                                    \
        const struct sock_filter added[] = {__VA_ARGS__};                                                                                   \
        memcpy((program)->code + (program)->count, added, sizeof added);                                                                    \
        (program)->count += sizeof added / sizeof added[0];                                                                                 \
    } while (0)

#ifdef NATIVE_ARCHITECTURE
struct program {
    struct sock_filter code[2 * denied_count + 160];
    size_t count;
};

/// `call` may have only `commands` as its second argument.
static void allow_commands(struct program *program, uint32_t call, const uint32_t *commands, uint8_t count) {
    ADD(program, SKIP_UNLESS_EQUAL(call, (uint8_t)(2 * count + 2)), LOAD(LOW_HALF(1)));
    for (uint8_t index = 0; index < count; index++) { ADD(program, SKIP_UNLESS_EQUAL(commands[index], 1), ANSWER(SECCOMP_RET_ALLOW)); }
    ADD(program, ANSWER(DENIED));
}

static void judge_arguments(struct program *p) {
    uint32_t own = (uint32_t)getpid();
    // Threads may be started, processes may not: CLONE_THREAD is 0x10000. The flags of clone3 are out of a filter's reach; the C library
    // falls back to clone where clone3 is missing.
    ADD(p, SKIP_UNLESS_EQUAL(435, 1), ANSWER(UNKNOWN));
    ADD(p, SKIP_UNLESS_EQUAL(SYS_clone, 4), LOAD(LOW_HALF(0)), SKIP_UNLESS_ANY(0x10000u, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Signals to itself only, as abort and raise send them.
    ADD(p, SKIP_UNLESS_EQUAL(SYS_kill, 4), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(own, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    ADD(p, SKIP_UNLESS_EQUAL(SYS_tgkill, 4), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(own, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Its own priority only, which the dispatch library sets: PRIO_PROCESS and 0 are both 0.
    ADD(p, SKIP_UNLESS_EQUAL(SYS_setpriority, 6), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(0, 3), LOAD(LOW_HALF(1)), SKIP_UNLESS_EQUAL(0, 1),
        ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // Limits may be read and not set, nor another process's read: the pointer to new limits must be null.
    ADD(p, SKIP_UNLESS_EQUAL(SYS_prlimit64, 8), LOAD(LOW_HALF(2)), SKIP_UNLESS_EQUAL(0, 5), LOAD(LOW_HALF(2) + 4),
        SKIP_UNLESS_EQUAL(0, 3), LOAD(LOW_HALF(0)), SKIP_UNLESS_EQUAL(0, 1), ANSWER(SECCOMP_RET_ALLOW), ANSWER(DENIED));
    // The limit of memory counts private pages that may be written and no stack: what is shared, or grows down, would be beside it.
    ADD(p, SKIP_UNLESS_EQUAL(SYS_mmap, 4), LOAD(LOW_HALF(3)), SKIP_UNLESS_ANY(MAP_SHARED | MAP_GROWSDOWN, 1), ANSWER(DENIED),
        ANSWER(SECCOMP_RET_ALLOW));
    allow_commands(p, SYS_fcntl, allowed_fcntl, sizeof allowed_fcntl / sizeof allowed_fcntl[0]);
    allow_commands(p, SYS_ioctl, allowed_ioctl, sizeof allowed_ioctl / sizeof allowed_ioctl[0]);
}
#endif

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
    struct program program = {.count = 0};
    ADD(&program, LOAD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
    // The calls of x32, under numbers of their own.
    ADD(&program, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS));
#endif
    ADD(&program, BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest_judged_call, 0, 1), ANSWER(UNKNOWN));
    for (size_t index = 0; index < denied_count; index++) {
        if (!denied[index].group) { ADD(&program, SKIP_UNLESS_EQUAL(denied[index].number, 1), ANSWER(DENIED)); }
    }
    judge_arguments(&program);
    ADD(&program, ANSWER(SECCOMP_RET_ALLOW));
    struct sock_fprog whole = {.len = (unsigned short)program.count, .filter = program.code};
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
