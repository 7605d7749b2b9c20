// Counts the allocations of a thread, by standing in for the C library's malloc in a test executable.
#ifndef CALLOCATION_COUNTER_H
#define CALLOCATION_COUNTER_H

#include <stdint.h>

/// Blocks that this thread has asked malloc, calloc, realloc and their aligned kin for since it began; UINT64_MAX where nothing is
/// counted, as under a sanitizer, which needs these functions for itself.
uint64_t engram_allocation_count(void);

#endif
