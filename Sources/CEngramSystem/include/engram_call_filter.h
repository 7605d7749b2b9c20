// The system calls that a worker is left without (seccomp). Functions return -1 and set errno unless they say otherwise.
#ifndef CENGRAM_CALL_FILTER_H
#define CENGRAM_CALL_FILTER_H

/// A call that is always denied.
typedef struct {
    /// What it is denied with, for people.
    const char *group;
    const char *name;
    int number;
} engram_denied_call_entry;

/// A call whose arguments decide, with the error number that the filter answers; 0 where it lets the call pass.
typedef struct {
    const char *name;
    long number;
    long arguments[6];
    int error;
} engram_call_attempt;

/// 1 where the kernel filters system calls and this filter knows the processor, else 0.
int engram_call_filter_is_available(void);

/// Takes every system call that a worker does not need from all threads of the process; see call_filter.c for the list.
int engram_call_filter_apply(void);

/// Fills in the entry of that index, from 0; returns 0 behind the last.
int engram_denied_call(int index, engram_denied_call_entry *entry);

/// Fills in the attempt of that index, from 0; returns 0 behind the last. Some do harm where nothing filters them.
int engram_call_attempt_at(int index, engram_call_attempt *attempt);

/// Makes a system call and returns its error number, 0 for none.
int engram_error_of_call(long number, const long arguments[6]);

#endif
