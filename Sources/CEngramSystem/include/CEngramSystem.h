// Linux calls that the Glibc module does not show to Swift. Functions return -1 and set errno, as the calls they wrap do.
#ifndef CENGRAM_SYSTEM_H
#define CENGRAM_SYSTEM_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

#include "engram_call_filter.h"
#include "engram_confinement.h"

/// Renames an entry of one open folder to one of another only if nothing is there; EINVAL or ENOSYS where the file system cannot promise
/// that. AT_FDCWD with a whole path is a folder, too.
int engram_rename_no_replace(int from_folder, const char *from, int to_folder, const char *to);

/// A pipe whose two ends are close-on-exec: ends[0] reads, ends[1] writes.
int engram_pipe(int ends[2]);

/// Makes the spawned process start in `folder`; returns an error number as the posix_spawn calls do.
int engram_spawn_start_in(posix_spawn_file_actions_t *actions, const char *folder);

/// A descriptor that becomes readable when `pid` ends; close-on-exec.
int engram_pidfd_open(pid_t pid);

/// The magic number of the file system that holds `path` (statfs f_type).
int engram_file_system_type(const char *path, uint64_t *type);

/// O_PATH, which headers show only to programs that ask for GNU extensions.
enum { ENGRAM_O_PATH = 010000000 };

/// Opens what lies below the folder `root` (a descriptor) and follows no link at any part of `path`, leaves no mount and takes no `..`:
/// ELOOP where a link is in the way, EXDEV where another mount or a `..` is.
int engram_open_beneath(int root, const char *path, int flags);

/// The same without openat2, part by part; for kernels before Linux 5.6, and for sandboxes that do not know the call.
int engram_open_beneath_by_parts(int root, const char *path, int flags);

/// Makes the empty file `to` share the content of `from` (FICLONE); fails where the file system cannot.
int engram_clone_content(int to, int from);

/// 1 where somebody has the open file open for writing, 0 where nobody has, -1 with errno where the kernel does not tell. Asks for a lease
/// and gives it back; `descriptor` is open for reading only.
int engram_has_writer(int descriptor);

/// Bytes an unprivileged writer may still use on the file system that holds `path`.
int engram_free_bytes(const char *path, uint64_t *bytes);

#endif
