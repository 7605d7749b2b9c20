// Breaks an unchanged engram from outside: loaded with LD_PRELOAD, it stands between the program and libc at every call that changes a
// file below FAULTS_ROOT, writes the call down, and can kill the process before it, or in the middle of it, or make it fail.
//
// Nothing of this is in the program: a labelled point is a call that a traced run made, so none can be forgotten, and what is killed
// is the binary that people run. Calls from libsqlite3, Foundation and the rest go through libc as well and are seen like engram's own.
//
// Environment:
//   FAULTS_ROOT     only paths below it count
//   FAULTS_TRACE    file that gets one line a call: process, role, operation, path, second path or byte count
//   FAULTS_SPEC     lines `role;operation;path;n;action;count`: the first three are fnmatch(3) patterns, the path relative to the root.
//                   From the n-th matching call on, `count` calls get the action (0: all); n and count are per process.
//                   Actions: kill (before the call), half (half of a write, then kill), or the number of an errno value.
//   FAULTS_STRUCK   file of at least 16 bytes: the i-th is set once the i-th line of the specification has acted; where its count is 1, it
//                   acts once for all processes together
//
//   FAULTS_RATE     the monotonic clock of a worker runs so many times as fast, as the program itself reads it
//   FAULTS_SHIFT    seconds added to the real-time clock, as the program itself reads it
// A role is `daemon`, or `worker:NAME` with the drop's name.
//
// The two files are opened before the program begins. A worker that fences itself off executes the program a second time, behind the fence,
// where they cannot be opened any more: their descriptors go with it (FAULTS_KEPT), and nothing of the fence has to know of them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { longest_spec_count = 16, action_kill = -1, action_half = -2 };

struct spec {
    char role[300], operation[64], path[1024];
    long from, count;
    int action;
    atomic_long seen;
};

static struct spec specs[longest_spec_count];
static int spec_count;
static char role[300] = "daemon";
static char root[PATH_MAX];
static size_t root_length;
static int trace_descriptor = -1, struck_descriptor = -1;
static atomic_uchar *struck;
static double rate = 1, shift;
static double rate_origin;
static uintptr_t program_begin, program_end;
static const char *const kept_variable = "FAULTS_KEPT";
static const char *const inherited[] = {"LD_PRELOAD", "FAULTS_ROOT", "FAULTS_TRACE", "FAULTS_SPEC", "FAULTS_STRUCK", "FAULTS_RATE", "FAULTS_SHIFT"};

#define REAL(name)                                                                                                                       \
    static __typeof__(&name) real;                                                                                                       \
    if (real == NULL) { real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); }

static ssize_t raw_write(int descriptor, const void *bytes, size_t count) {
    REAL(write)
    return real(descriptor, bytes, count);
}

static int raw_open(const char *path, int flags) {
    REAL(open)
    return real(path, flags, 0644);
}

static int note_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || (header->p_flags & PF_X) == 0) { continue; }
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (program_begin == 0 || begin < program_begin) { program_begin = begin; }
        if (begin + header->p_memsz > program_end) { program_end = begin + header->p_memsz; }
    }
    return 1;  // The first object is the program; the others do not matter.
}

static void read_role(void) {
    static char line[1 << 16];
    int descriptor = raw_open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t count = descriptor < 0 ? 0 : read(descriptor, line, sizeof line - 1);
    if (descriptor >= 0) { close(descriptor); }
    if (count <= 0) { return; }
    const char *argument = line + strlen(line) + 1;
    if (argument >= line + count || strcmp(argument, "worker") != 0) { return; }
    for (; argument < line + count; argument += strlen(argument) + 1) {
        if (strncmp(argument, "--name=", 7) == 0) { snprintf(role, sizeof role, "worker:%.290s", argument + 7); }
    }
}

static void read_specs(const char *text) {
    char line[2048];
    while (text != NULL && *text != '\0' && spec_count < longest_spec_count) {
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
        struct spec *spec = &specs[spec_count];
        char action[32];
        if (sscanf(line, "%299[^;];%63[^;];%1023[^;];%ld;%31[^;];%ld", spec->role, spec->operation, spec->path, &spec->from, action, &spec->count) != 6) {
            fprintf(stderr, "faults: FAULTS_SPEC cannot be read: %s\n", line);
            _exit(99);
        }
        spec->action = strcmp(action, "kill") == 0 ? action_kill : strcmp(action, "half") == 0 ? action_half : atoi(action);
        spec_count++;
    }
}

// Out of the way of a program that counts its descriptors; -1 where there is no path or no file.
static int opened_high(const char *path, int flags) {
    int low = path == NULL ? -1 : raw_open(path, flags), high = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 200);
    if (low >= 0) { close(low); }
    return high;
}

__attribute__((constructor)) static void start(void) {
    const char *value = getenv("FAULTS_ROOT");
    if (value == NULL) { return; }
    snprintf(root, sizeof root, "%s/", value);
    root_length = strlen(root);
    read_role();
    read_specs(getenv("FAULTS_SPEC"));
    value = getenv(kept_variable);
    if (value == NULL || sscanf(value, "%d %d", &trace_descriptor, &struck_descriptor) != 2) {
        trace_descriptor = opened_high(getenv("FAULTS_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
        struck_descriptor = opened_high(getenv("FAULTS_STRUCK"), O_RDWR | O_CLOEXEC);
    }
    unsetenv(kept_variable);
    if (trace_descriptor >= 0) { fcntl(trace_descriptor, F_SETFD, FD_CLOEXEC); }
    if (struck_descriptor >= 0) { fcntl(struck_descriptor, F_SETFD, FD_CLOEXEC); }
    void *bytes = struck_descriptor < 0 ? MAP_FAILED : mmap(NULL, longest_spec_count, PROT_READ | PROT_WRITE, MAP_SHARED, struck_descriptor, 0);
    if (bytes != MAP_FAILED) { struck = bytes; }
    dl_iterate_phdr(note_program, NULL);
    if ((value = getenv("FAULTS_RATE")) != NULL && strncmp(role, "worker", 6) == 0) { rate = atof(value); }
    if ((value = getenv("FAULTS_SHIFT")) != NULL) { shift = atof(value); }
}

// Returns the path below the root, NULL for one that is elsewhere.
static const char *below(const char *path, char *buffer, size_t size) {
    if (root_length == 0 || path == NULL) { return NULL; }
    if (path[0] != '/') {
        char folder[PATH_MAX / 2];
        if (getcwd(folder, sizeof folder) == NULL) { return NULL; }
        snprintf(buffer, size, "%s/%s", folder, path);
    } else {
        snprintf(buffer, size, "%s", path);
    }
    return strncmp(buffer, root, root_length) == 0 ? buffer + root_length : NULL;
}

static const char *below_at(int folder, const char *path, char *buffer, size_t size) {
    if (folder == AT_FDCWD || path == NULL || path[0] == '/') { return below(path, buffer, size); }
    char place[PATH_MAX / 2], link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t count = root_length == 0 ? -1 : readlink(link, place, sizeof place - 1);
    if (count < 0) { return NULL; }
    place[count] = '\0';
    snprintf(buffer, size, "%s/%s", place, path);
    return strncmp(buffer, root, root_length) == 0 ? buffer + root_length : NULL;
}

static const char *below_descriptor(int descriptor, char *buffer, size_t size) {
    if (root_length == 0) { return NULL; }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, buffer, size - 1);
    if (count < 0) { return NULL; }
    buffer[count] = '\0';
    return strncmp(buffer, root, root_length) == 0 ? buffer + root_length : NULL;
}

static void append_line(int descriptor, const char *operation, const char *path, const char *second) {
    char line[2 * PATH_MAX + 400];
    int length = snprintf(line, sizeof line, "%d\t%s\t%s\t%s\t%s\n", (int)getpid(), role, operation, path, second);
    // One call to a file opened for appending: lines of several processes do not mix.
    if (length > 0) { (void)!raw_write(descriptor, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1); }
}

static void die(void) {
    kill(getpid(), SIGKILL);
    _exit(137);
}

// Asks every line of the specification about a call; returns 0 to make it, an errno value to fail it, `action_half` to do half.
static int meet(const char *operation, const char *path, const char *second) {
    if (path == NULL) { return 0; }
    int saved = errno, result = 0;
    if (trace_descriptor >= 0) { append_line(trace_descriptor, operation, path, second); }
    for (int i = 0; i < spec_count && result == 0; i++) {
        struct spec *spec = &specs[i];
        if (fnmatch(spec->role, role, 0) != 0 || fnmatch(spec->operation, operation, 0) != 0 || fnmatch(spec->path, path, 0) != 0) {
            continue;
        }
        long number = atomic_fetch_add(&spec->seen, 1) + 1;
        if (number < spec->from || (spec->count > 0 && number >= spec->from + spec->count)) { continue; }
        if (struck != NULL && atomic_exchange(&struck[i], 1) != 0 && spec->count == 1) { continue; }
        if (spec->action == action_kill) { die(); }
        result = spec->action;
    }
    errno = saved;
    return result;
}

#define FAIL_IF_ASKED(operation, path, second, failure)                                                                                  \
    do {                                                                                                                                 \
        int code = meet(operation, path, second);                                                                                        \
        if (code == action_half) { die(); }                                                                                              \
        if (code != 0) {                                                                                                                 \
            errno = code;                                                                                                                \
            return failure;                                                                                                              \
        }                                                                                                                                \
    } while (0)

// MARK: Opening

#define OPENING(name)                                                                                                                    \
    int name(const char *path, int flags, ...) {                                                                                         \
        REAL(name)                                                                                                                       \
        mode_t mode = 0;                                                                                                                 \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                                             \
            va_list list;                                                                                                                \
            va_start(list, flags);                                                                                                       \
            mode = va_arg(list, mode_t);                                                                                                 \
            va_end(list);                                                                                                                \
        }                                                                                                                                \
        if (flags & (O_CREAT | O_TRUNC)) {                                                                                               \
            char buffer[PATH_MAX];                                                                                                       \
            FAIL_IF_ASKED("create", below(path, buffer, sizeof buffer), "", -1);                                                         \
        }                                                                                                                                \
        return real(path, flags, mode);                                                                                                  \
    }

OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                                                                                                 \
    int name(int folder, const char *path, int flags, ...) {                                                                             \
        REAL(name)                                                                                                                       \
        mode_t mode = 0;                                                                                                                 \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                                             \
            va_list list;                                                                                                                \
            va_start(list, flags);                                                                                                       \
            mode = va_arg(list, mode_t);                                                                                                 \
            va_end(list);                                                                                                                \
        }                                                                                                                                \
        if (flags & (O_CREAT | O_TRUNC)) {                                                                         \
            char buffer[PATH_MAX];                                                                                                       \
            FAIL_IF_ASKED("create", below_at(folder, path, buffer, sizeof buffer), "", -1);                                              \
        }                                                                                                                                \
        return real(folder, path, flags, mode);                                                                                          \
    }

OPENING_AT(openat)
OPENING_AT(openat64)

// MARK: Writing

#define WRITING(name, parameters, count, call, half_call)                                                                                \
    ssize_t name parameters {                                                                                                            \
        REAL(name)                                                                                                                       \
        char buffer[PATH_MAX], number[32];                                                                                               \
        const char *path = below_descriptor(descriptor, buffer, sizeof buffer);                                                          \
        snprintf(number, sizeof number, "%zu", (size_t)(count));                                                                         \
        int code = meet("write", path, number);                                                                                          \
        if (code == action_half) {                                                                                                       \
            (void)!half_call;                                                                                                            \
            die();                                                                                                                       \
        }                                                                                                                                \
        if (code != 0) {                                                                                                                 \
            errno = code;                                                                                                                \
            return -1;                                                                                                                   \
        }                                                                                                                                \
        return call;                                                                                                                     \
    }

WRITING(write, (int descriptor, const void *bytes, size_t count), count, real(descriptor, bytes, count), real(descriptor, bytes, count / 2))
WRITING(
    pwrite, (int descriptor, const void *bytes, size_t count, off_t offset), count, real(descriptor, bytes, count, offset),
    real(descriptor, bytes, count / 2, offset))
WRITING(
    pwrite64, (int descriptor, const void *bytes, size_t count, off64_t offset), count, real(descriptor, bytes, count, offset),
    real(descriptor, bytes, count / 2, offset))
WRITING(
    writev, (int descriptor, const struct iovec *parts, int part_count), part_count, real(descriptor, parts, part_count),
    real(descriptor, parts, part_count / 2))

#define ON_DESCRIPTOR(name, operation, parameters, ...)                                                                                  \
    int name parameters {                                                                                                                \
        REAL(name)                                                                                                                       \
        char buffer[PATH_MAX];                                                                                                           \
        FAIL_IF_ASKED(operation, below_descriptor(descriptor, buffer, sizeof buffer), "", -1);                                           \
        return real(__VA_ARGS__);                                                                                                        \
    }

ON_DESCRIPTOR(fsync, "flush", (int descriptor), descriptor)
ON_DESCRIPTOR(fdatasync, "flush", (int descriptor), descriptor)
ON_DESCRIPTOR(ftruncate, "truncate", (int descriptor, off_t length), descriptor, length)
ON_DESCRIPTOR(ftruncate64, "truncate", (int descriptor, off64_t length), descriptor, length)

// MARK: Names

#define ON_PATH(name, operation, parameters, ...)                                                                                        \
    int name parameters {                                                                                                                \
        REAL(name)                                                                                                                       \
        char buffer[PATH_MAX];                                                                                                           \
        FAIL_IF_ASKED(operation, below(path, buffer, sizeof buffer), "", -1);                                                            \
        return real(__VA_ARGS__);                                                                                                        \
    }

ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), path, mode)
ON_PATH(unlink, "remove", (const char *path), path)
ON_PATH(rmdir, "remove", (const char *path), path)

#define ON_PATH_AT(name, operation, parameters, ...)                                                                                     \
    int name parameters {                                                                                                                \
        REAL(name)                                                                                                                       \
        char buffer[PATH_MAX];                                                                                                           \
        FAIL_IF_ASKED(operation, below_at(folder, path, buffer, sizeof buffer), "", -1);                                                 \
        return real(__VA_ARGS__);                                                                                                        \
    }

ON_PATH_AT(unlinkat, "remove", (int folder, const char *path, int flags), folder, path, flags)
ON_PATH_AT(mkdirat, "mkdir", (int folder, const char *path, mode_t mode), folder, path, mode)

#define ON_TWO_PATHS(name, first, last, parameters, ...)                                                                                              \
    int name parameters {                                                                                                                \
        REAL(name)                                                                                                                       \
        char buffer[PATH_MAX], second_buffer[PATH_MAX];                                                                                  \
        const char *second = below_at(last, to, second_buffer, sizeof second_buffer);                                                    \
        FAIL_IF_ASKED("rename", below_at(first, from, buffer, sizeof buffer), second == NULL ? "" : second, -1);                                   \
        return real(__VA_ARGS__);                                                                                                        \
    }

ON_TWO_PATHS(rename, AT_FDCWD, AT_FDCWD, (const char *from, const char *to), from, to)
ON_TWO_PATHS(renameat, first, last, (int first, const char *from, int last, const char *to), first, from, last, to)
ON_TWO_PATHS(renameat2, first, last, (int first, const char *from, int last, const char *to, unsigned flags), first, from, last, to, flags)
ON_TWO_PATHS(link, AT_FDCWD, AT_FDCWD, (const char *from, const char *to), from, to)

// MARK: Processes

// The environment for a new program, with our variables whatever the caller chose to pass on. Never freed: it is used once a process.
static char **with_faults(char *const given[]) {
    size_t count = 0;
    while (given != NULL && given[count] != NULL) { count++; }
    char **result = calloc(count + sizeof inherited / sizeof *inherited + 1, sizeof *result);
    if (result == NULL) { return (char **)given; }
    memcpy(result, given, count * sizeof *result);
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
        const char *value = getenv(inherited[i]);
        size_t length = strlen(inherited[i]);
        int is_there = 0;
        for (size_t j = 0; result[j] != NULL; j++) {
            if (strncmp(result[j], inherited[i], length) == 0 && result[j][length] == '=') { is_there = 1; }
        }
        if (value != NULL && !is_there && asprintf(&result[count], "%s=%s", inherited[i], value) > 0) { count++; }
    }
    return result;
}

int posix_spawn(
    pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[],
    char *const environment[]) {
    REAL(posix_spawn)
    int code = meet("spawn", root_length == 0 ? NULL : "engram", "");
    if (code == action_half) { die(); }
    if (code != 0) { return code; }
    return real(child, path, actions, attributes, arguments, with_faults(environment));
}

int execve(const char *path, char *const arguments[], char *const environment[]) {
    REAL(execve)
    return real(path, arguments, with_faults(environment));
}

// The program by itself again, as a worker does that fences itself off.
int execv(const char *path, char *const arguments[]) {
    REAL(execv)
    char kept[32];
    snprintf(kept, sizeof kept, "%d %d", trace_descriptor, struck_descriptor);
    setenv(kept_variable, kept, 1);
    if (trace_descriptor >= 0) { fcntl(trace_descriptor, F_SETFD, 0); }
    if (struck_descriptor >= 0) { fcntl(struck_descriptor, F_SETFD, 0); }
    int result = real(path, arguments);
    unsetenv(kept_variable);
    return result;
}

// MARK: Time

static int is_from_program(const void *address) { return (uintptr_t)address >= program_begin && (uintptr_t)address < program_end; }

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime)
    int result = real(clock, time);
    // libdispatch and glibc compute deadlines that the kernel keeps by its own clock: they are told the truth.
    if (result != 0 || root_length == 0 || !is_from_program(__builtin_return_address(0))) { return result; }
    double seconds = (double)time->tv_sec + (double)time->tv_nsec * 1e-9;
    if (clock == CLOCK_REALTIME && shift != 0) {
        seconds += shift;
    } else if (clock == CLOCK_MONOTONIC && rate != 1) {
        if (rate_origin == 0) { rate_origin = seconds; }
        seconds = rate_origin + (seconds - rate_origin) * rate;
    } else {
        return result;
    }
    time->tv_sec = (time_t)seconds;
    time->tv_nsec = (long)((seconds - (double)time->tv_sec) * 1e9);
    return result;
}
