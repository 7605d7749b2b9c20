// exp, expm1, log, sin and cos of a float, written so that a compiler can vectorize them.
// Polynomials: S. L. Moshier, Cephes (single precision). Errors are measured in the tests.
#ifndef ENGRAM_ELEMENTARY_F32_H
#define ENGRAM_ELEMENTARY_F32_H

#include "elementary_f64.h"

/// exp(x) = power * (1 + expm1), with power = 2^n given as the product of two normal floats.
typedef struct {
    float half_power;
    float other_power;
    float expm1;
} engram_exp_parts_f32;

/// Splits exp(x) for x in [-125, 89]; NaN gives a NaN `expm1`.
ENGRAM_INLINE engram_exp_parts_f32 engram_exp_split_f32(float x) {
    // Adding 1.5 * 2^23 rounds to an integer, which the low bits then hold.
    const float magic = 12582912.0f;
    const float shifted = x * 1.44269504088896341f + magic;
    const int32_t n = engram_bits_f32(shifted) - engram_bits_f32(magic);
    const float nf = shifted - magic;
    // 0.693359375 has 10 significant bits: the first product is exact.
    const float r = (x - nf * 0.693359375f) - nf * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const int32_t half = n >> 1;
    engram_exp_parts_f32 parts;
    // Two factors keep each in range when 2^n overflows or is subnormal; only the last product then rounds.
    parts.half_power = engram_from_bits_f32((half + 127) << 23);
    parts.other_power = engram_from_bits_f32((n - half + 127) << 23);
    parts.expm1 = r + r * r * p;
    return parts;
}

ENGRAM_INLINE float engram_exp_f32(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    const engram_exp_parts_f32 parts = engram_exp_split_f32(x);
    return (1.0f + parts.expm1) * parts.half_power * parts.other_power;
}

/// Returns exp(x) - 1 for x <= 0, relative accuracy near 0 included, and writes exp(x).
ENGRAM_INLINE float engram_expm1_nonpositive_f32(float x, float *exponential) {
    x = x < -104.0f ? -104.0f : x;
    const engram_exp_parts_f32 parts = engram_exp_split_f32(x);
    *exponential = (1.0f + parts.expm1) * parts.half_power * parts.other_power;
    const float power = parts.half_power * parts.other_power;
    return power * parts.expm1 + (power - 1.0f);
}

/// Natural logarithm of a positive normal float.
ENGRAM_INLINE float engram_log_f32(float x) {
    const int32_t bits = engram_bits_f32(x);
    // Offset so that the mantissa lands in [sqrt(1/2), sqrt(2)).
    const int32_t shifted = bits - 0x3f3504f3;
    const int32_t n = shifted >> 23;
    const float f = engram_from_bits_f32((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
    const float z = f * f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float y = f * z * p;
    y += -2.12194440e-4f * (float)n;
    y -= 0.5f * z;
    return (f + y) + 0.693359375f * (float)n;
}

/// Sine and cosine of quadrant * pi/2 + r, |r| <= pi/4 and a rounding error.
ENGRAM_INLINE void engram_sincos_quadrant_f32(float r, int32_t quadrant, float *sine, float *cosine) {
    const float z = r * r;
    const float s = r + r * z * (-1.6666654611e-1f + z * (8.3321608736e-3f + z * -1.9515295891e-4f));
    const float c = (1.0f - 0.5f * z)
        + z * z * (4.166664568298827e-2f + z * (-1.388731625493765e-3f + z * 2.443315711809948e-5f));
    const float first = (quadrant & 1) ? c : s;
    const float second = (quadrant & 1) ? s : c;
    *sine = (quadrant & 2) ? -first : first;
    *cosine = ((quadrant + 1) & 2) ? -second : second;
}

/// Sine and cosine of x, |x| <= ENGRAM_TRIGONOMETRIC_LIMIT; the argument is double because callers scale a float exactly.
ENGRAM_INLINE void engram_sincos_f32(double x, float *sine, float *cosine) {
    int64_t quadrant;
    const double r = engram_reduce_f64(x, &quadrant);
    engram_sincos_quadrant_f32((float)r, (int32_t)quadrant, sine, cosine);
}

#endif
