// What every kernel file shares: the multiversioning macro, bit casts, and the rules that make the clones agree.
//
// Same bytes on every processor: kernels use only operations that IEEE 754 rounds in one way (+, -, *, /, sqrt, conversions,
// comparisons) and integer arithmetic, never a fused multiply-add, and sum in an order that the source fixes.
#ifndef ENGRAM_KERNELS_H
#define ENGRAM_KERNELS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A contracted a * b + c would round once on processors with the instruction and twice on the others.
#pragma STDC FP_CONTRACT OFF

// Under a sanitizer loops are not vectorized, and an instrumented ifunc resolver would run before the sanitizer is set up.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ENGRAM_NO_CLONES
#pragma clang diagnostic ignored "-Wpass-failed"
#endif
#endif

// The loader picks the clone through an ifunc, so this needs ELF with glibc; elsewhere one plain version is built.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(ENGRAM_NO_CLONES)
#define ENGRAM_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define ENGRAM_CLONES
#endif

// Helpers must land inside each clone to be compiled for its instruction set.
#define ENGRAM_INLINE static inline __attribute__((always_inline))

// Iterations touch only their own index, also when an output is the input buffer.
#if defined(__clang__)
#define ENGRAM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#else
#define ENGRAM_INDEPENDENT _Pragma("GCC ivdep")
#endif

// The square root instruction alone; sqrt() must also set errno, which keeps a loop from being vectorized.
#if defined(__clang__)
#define ENGRAM_SQUARE_ROOT(X) __builtin_elementwise_sqrt(X)
#else
#define ENGRAM_SQUARE_ROOT(X) (sizeof(X) == sizeof(float) ? sqrtf((float)(X)) : sqrt(X))
#endif

// Fixed trip count of the inner loops: whole vectors on every processor, and a tail is padded to it.
enum { ENGRAM_CHUNK = 64 };

ENGRAM_INLINE int32_t engram_bits_f32(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

ENGRAM_INLINE float engram_from_bits_f32(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

ENGRAM_INLINE int64_t engram_bits_f64(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

ENGRAM_INLINE double engram_from_bits_f64(int64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
