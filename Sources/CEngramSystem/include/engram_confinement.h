// What a process can do to itself so that it can do less afterwards: Landlock, capabilities. Plain system calls, so that no
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
/// - `newest`: the version of Landlock not to go beyond, for tests of what an older kernel would forbid.
int engram_landlock_create(int newest);

/// Allows `rights` beneath `path`, a file or a folder.
int engram_landlock_allow(int rules, const char *path, unsigned rights);

/// Puts the calling thread, and what it starts or executes from now on, under the rules. Privileges can never grow again either.
int engram_landlock_enforce(int rules);

/// Keeps of the capabilities only those to read and write files of others, for this thread and what it executes. Without effect for
/// users who have none.
int engram_capabilities_drop(void);

/// Keeps of the capabilities those that taking in and publishing drops needs, for this thread and threads that it starts; programs that it
/// executes have what the user has.
int engram_daemon_capabilities_drop(void);

/// Lets a process that has changed its user look at itself in /proc, as one does that has executed a program since.
int engram_allow_own_inspection(void);

/// Starts up to `most` threads that do nothing, and returns how many could be started; for tests of limits.
int engram_start_idle_threads(int most);

/// Lets descriptors from `first` on end with the next execution of a program.
int engram_close_on_exec_from(unsigned first);

/// From now on a death for want of memory (SIGABRT, SIGSEGV, SIGILL, SIGTRAP or SIGBUS while errno is ENOMEM) is an exit with `code`.
void engram_exit_when_memory_ends(int code);

#endif
