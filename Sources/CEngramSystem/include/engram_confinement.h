// What a process can do to itself so that it can do less afterwards: Landlock, seccomp, capabilities. Plain system calls, so that no
// library and no newer kernel header is needed. Functions return -1 and set errno unless they say otherwise.
#ifndef CENGRAM_CONFINEMENT_H
#define CENGRAM_CONFINEMENT_H

/// What a Landlock rule allows beneath a path.
enum {
    /// Open files.
    ENGRAM_MAY_READ = 1,
    /// Start as a program.
    ENGRAM_MAY_EXECUTE = 2,
    /// Make, change, rename and remove files and folders; no links, devices, sockets or pipes.
    ENGRAM_MAY_WRITE = 4,
    /// List folders.
    ENGRAM_MAY_LIST = 8,
};

/// The version of Landlock that the running kernel speaks; 0 where it has none, or has it switched off.
int engram_landlock_version(void);

/// A set of rules that forbids everything this kernel's Landlock knows: files, TCP, abstract sockets, signals to others. Close-on-exec.
int engram_landlock_create(void);

/// Allows `rights` beneath `path`, a file or a folder.
int engram_landlock_allow(int rules, const char *path, unsigned rights);

/// Puts the calling thread, and what it starts or executes from now on, under the rules. Privileges can never grow again either.
int engram_landlock_enforce(int rules);

/// 1 where the kernel filters system calls and this filter knows the processor, else 0.
int engram_call_filter_is_available(void);

/// Takes every system call that a worker does not need from all threads of the process; see confinement.c for the list.
int engram_call_filter_apply(void);

/// Keeps of the capabilities only those to read and write files of others, for this thread and what it executes. Without effect for
/// users who have none.
int engram_capabilities_drop(void);

/// Lets descriptors from `first` on end with the next execution of a program.
int engram_close_on_exec_from(unsigned first);

/// Makes the system call of that number with arguments of zero and returns its error number, 0 for none.
int engram_error_of_call(long number);

/// From now on a death for want of memory (SIGABRT, SIGSEGV, SIGILL, SIGTRAP or SIGBUS while errno is ENOMEM) is an exit with `code`.
void engram_exit_when_memory_ends(int code);

#endif
