// Philox4x32-10 and the fills built on it.
// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
#include "include/CEngramKernels.h"
#include "elementary_f32.h"

// Sixteen blocks at once, word by word: four whole vectors of AVX-512, and the same layout on narrower processors.
enum { BLOCKS = 16, WORDS = 4 };

ENGRAM_INLINE void philox_round(uint32_t w[WORDS], uint32_t k0, uint32_t k1) {
    const uint64_t product0 = (uint64_t)0xD2511F53u * w[0];
    const uint64_t product1 = (uint64_t)0xCD9E8D57u * w[2];
    const uint32_t next0 = (uint32_t)(product1 >> 32) ^ w[1] ^ k0;
    const uint32_t next2 = (uint32_t)(product0 >> 32) ^ w[3] ^ k1;
    w[0] = next0;
    w[1] = (uint32_t)product1;
    w[2] = next2;
    w[3] = (uint32_t)product0;
}

ENGRAM_INLINE void philox(uint32_t w[WORDS], uint32_t k0, uint32_t k1) {
    // Weyl steps of the key: golden ratio and sqrt(3) - 1.
    for (uint32_t round = 0; round < 10; round++) philox_round(w, k0 + round * 0x9E3779B9u, k1 + round * 0xBB67AE85u);
}

engram_philox_block engram_philox(uint64_t low, uint64_t high, uint64_t key) {
    uint32_t w[WORDS] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high, (uint32_t)(high >> 32)};
    philox(w, (uint32_t)key, (uint32_t)(key >> 32));
    const engram_philox_block block = {w[0] | (uint64_t)w[1] << 32, w[2] | (uint64_t)w[3] << 32};
    return block;
}

ENGRAM_INLINE void philox_group(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[WORDS][BLOCKS]) {
    ENGRAM_INDEPENDENT
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint64_t counter = block + i;
        uint32_t w[WORDS] = {(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
        philox(w, (uint32_t)seed, (uint32_t)(seed >> 32));
        for (int j = 0; j < WORDS; j++) words[j][i] = w[j];
    }
}

/// 53 bits of two words.
ENGRAM_INLINE double unit_f64(uint32_t low, uint32_t high) {
    // 52 bits below 1 by their bit pattern, then the last: a 64-bit conversion is not in AVX2.
    const uint64_t bits = ((uint64_t)high << 32) | low;
    const double top = engram_from_bits_f64((int64_t)((bits >> 12) | 0x3ff0000000000000)) - 1.0;
    return top + (double)(int32_t)((low >> 11) & 1) * 0x1p-53;
}

ENGRAM_INLINE void uniform_group_f32(uint32_t words[WORDS][BLOCKS], float *output) {
    for (int j = 0; j < WORDS; j++)
        ENGRAM_INDEPENDENT
        for (int i = 0; i < BLOCKS; i++) output[j * BLOCKS + i] = (float)(int32_t)(words[j][i] >> 8) * 0x1p-24f;
}

ENGRAM_INLINE void uniform_group_f64(uint32_t words[WORDS][BLOCKS], double *output) {
    for (int j = 0; j < WORDS / 2; j++)
        ENGRAM_INDEPENDENT
        for (int i = 0; i < BLOCKS; i++) output[j * BLOCKS + i] = unit_f64(words[2 * j][i], words[2 * j + 1][i]);
}

// Box-Muller: sqrt(-2 log u) (cos, sin)(2 pi t). The angle is reduced on the integer: its top bits are the quadrant.
ENGRAM_INLINE void normal_group_f32(uint32_t words[WORDS][BLOCKS], float *output) {
    for (int j = 0; j < WORDS; j += 2)
        ENGRAM_INDEPENDENT
        for (int i = 0; i < BLOCKS; i++) {
            // u in [2^-32, 1]: the half step keeps the logarithm finite.
            const float u = (float)(int32_t)(words[j][i] >> 1) * 0x1p-31f + 0x1p-32f;
            const uint32_t angle = words[j + 1][i];
            const uint32_t quadrant = (angle + 0x20000000u) >> 30;
            const int32_t rest = (int32_t)(angle - (quadrant << 30));
            float sine, cosine;
            engram_sincos_quadrant_f32((float)rest * 1.462918079267160e-9f, (int32_t)quadrant, &sine, &cosine);
            // Rounding can leave log(1) a few 1e-8 above 0.
            const float squared = -2.0f * engram_log_f32(u);
            const float radius = ENGRAM_SQUARE_ROOT(squared > 0.0f ? squared : 0.0f);
            output[j * BLOCKS + i] = radius * cosine;
            output[(j + 1) * BLOCKS + i] = radius * sine;
        }
}

ENGRAM_INLINE void normal_group_f64(uint32_t words[WORDS][BLOCKS], double *output) {
    ENGRAM_INDEPENDENT
    for (int i = 0; i < BLOCKS; i++) {
        const double u = unit_f64(words[0][i], words[1][i]) + 0x1p-54;
        // Turns in [0, 1): four quarter turns, rounded to the nearest by the constant that puts integers in the low bits.
        const double quarters = 4.0 * unit_f64(words[2][i], words[3][i]);
        const double shifted = quarters + 6755399441055744.0;
        const double rest = quarters - (shifted - 6755399441055744.0);
        double sine, cosine;
        engram_sincos_quadrant_f64(rest * 1.57079632679489661923, engram_bits_f64(shifted), &sine, &cosine);
        const double squared = -2.0 * engram_log_f64(u);
        const double radius = ENGRAM_SQUARE_ROOT(squared > 0.0 ? squared : 0.0);
        output[i] = radius * cosine;
        output[BLOCKS + i] = radius * sine;
    }
}

// Every fill computes whole groups; a partial last group is cut, so a longer fill starts with the shorter one's bytes.
#define ENGRAM_FILL(KIND, SUFFIX, REAL, GROUP) \
    ENGRAM_CLONES void engram_fill_##KIND##_##SUFFIX( \
        uint64_t seed, uint64_t stream, uint64_t block, size_t count, REAL *output) { \
        uint32_t words[WORDS][BLOCKS]; \
        for (; count >= GROUP; count -= GROUP, output += GROUP, block += BLOCKS) { \
            philox_group(seed, stream, block, words); \
            KIND##_group_##SUFFIX(words, output); \
        } \
        if (count > 0) { \
            REAL tail[GROUP]; \
            philox_group(seed, stream, block, words); \
            KIND##_group_##SUFFIX(words, tail); \
            memcpy(output, tail, count * sizeof(REAL)); \
        } \
    }

enum { GROUP_F32 = BLOCKS * WORDS, GROUP_F64 = BLOCKS * WORDS / 2 };

uint64_t engram_fill_blocks_f32(size_t count) {
    return ((uint64_t)count / GROUP_F32 + (count % GROUP_F32 != 0)) * BLOCKS;
}

uint64_t engram_fill_blocks_f64(size_t count) {
    return ((uint64_t)count / GROUP_F64 + (count % GROUP_F64 != 0)) * BLOCKS;
}

ENGRAM_FILL(uniform, f32, float, GROUP_F32)
ENGRAM_FILL(uniform, f64, double, GROUP_F64)
ENGRAM_FILL(normal, f32, float, GROUP_F32)
ENGRAM_FILL(normal, f64, double, GROUP_F64)
