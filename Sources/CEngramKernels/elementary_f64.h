// exp, expm1, log, sin, cos and atan of a double, written so that a compiler can vectorize them.
// Polynomials: FreeBSD msun / fdlibm (Sun Microsystems, 1993), Taylor for exp. Errors are measured in the tests.
#ifndef ENGRAM_ELEMENTARY_F64_H
#define ENGRAM_ELEMENTARY_F64_H

#include "kernels.h"

/// Largest |x| that `engram_reduce_f64` takes: its quotient stays below 2^20, so the products with 33-bit constants are exact.
#define ENGRAM_TRIGONOMETRIC_LIMIT 1.6e6

typedef struct {
    double half_power;
    double other_power;
    double expm1;
} engram_exp_parts_f64;

/// exp(x) = half_power * other_power * (1 + expm1) for x in [-800, 710]; NaN gives a NaN `expm1`.
ENGRAM_INLINE engram_exp_parts_f64 engram_exp_split_f64(double x) {
    // Adding 1.5 * 2^52 rounds to an integer, which the low bits then hold.
    const double magic = 6755399441055744.0;
    const double shifted = x * 1.44269504088896338700 + magic;
    const int64_t n = engram_bits_f64(shifted) - engram_bits_f64(magic);
    const double nf = shifted - magic;
    // The high part of ln 2 ends in 32 zero bits: the first product is exact.
    const double r = (x - nf * 6.93147180369123816490e-01) - nf * 1.90821492927058770002e-10;
    // Taylor to r^13; |r| <= 0.3466 leaves 4e-18.
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    // Halving by shift of a biased value: AVX2 has no arithmetic shift of 64-bit lanes.
    const int64_t half = (int64_t)((uint64_t)(n + 4096) >> 1) - 2048;
    engram_exp_parts_f64 parts;
    parts.half_power = engram_from_bits_f64((half + 1023) << 52);
    parts.other_power = engram_from_bits_f64((n - half + 1023) << 52);
    parts.expm1 = r + r * r * p;
    return parts;
}

ENGRAM_INLINE double engram_exp_f64(double x) {
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    const engram_exp_parts_f64 parts = engram_exp_split_f64(x);
    return (1.0 + parts.expm1) * parts.half_power * parts.other_power;
}

/// Returns exp(x) - 1 for x <= 0, relative accuracy near 0 included, and writes exp(x).
ENGRAM_INLINE double engram_expm1_nonpositive_f64(double x, double *exponential) {
    x = x < -746.0 ? -746.0 : x;
    const engram_exp_parts_f64 parts = engram_exp_split_f64(x);
    *exponential = (1.0 + parts.expm1) * parts.half_power * parts.other_power;
    const double power = parts.half_power * parts.other_power;
    return power * parts.expm1 + (power - 1.0);
}

/// Natural logarithm of a positive normal double.
ENGRAM_INLINE double engram_log_f64(double x) {
    const uint64_t offset = 0x3fe6a09e667f3bcd;  // sqrt(1/2)
    const uint64_t shifted = (uint64_t)engram_bits_f64(x) - offset;
    const uint64_t mantissa = shifted & 0x000fffffffffffff;
    const double f = engram_from_bits_f64((int64_t)(mantissa + offset)) - 1.0;
    // The exponent as a double without a 64-bit conversion, which AVX2 lacks: put it below 2^52 and subtract.
    const uint64_t biased = (shifted + (1024ULL << 52)) >> 52;
    const double n = engram_from_bits_f64((int64_t)(biased | 0x4330000000000000)) - (4503599627370496.0 + 1024.0);
    const double s = f / (2.0 + f);
    const double z = s * s;
    double p = 1.479819860511658591e-01;
    p = p * z + 1.531383769920937332e-01;
    p = p * z + 1.818357216161805012e-01;
    p = p * z + 2.222219843214978396e-01;
    p = p * z + 2.857142874366239149e-01;
    p = p * z + 3.999999999940941908e-01;
    p = p * z + 6.666666666666735130e-01;
    const double half_square = 0.5 * f * f;
    return n * 6.93147180369123816490e-01
        - ((half_square - (s * (half_square + z * p) + n * 1.90821492927058770002e-10)) - f);
}

/// Returns x - quadrant * pi/2 with |result| <= pi/4 and a rounding error, for |x| <= ENGRAM_TRIGONOMETRIC_LIMIT.
/// Only the low two bits of `quadrant` mean anything.
ENGRAM_INLINE double engram_reduce_f64(double x, int64_t *quadrant) {
    const double magic = 6755399441055744.0;
    const double shifted = x * 6.36619772367581382433e-01 + magic;
    const double n = shifted - magic;
    *quadrant = engram_bits_f64(shifted);
    return ((x - n * 1.57079632673412561417e+00) - n * 6.07710050630396597660e-11) - n * 2.02226624879595063154e-21;
}

ENGRAM_INLINE void engram_sincos_quadrant_f64(double r, int64_t quadrant, double *sine, double *cosine) {
    const double z = r * r;
    double p = 1.58969099521155010221e-10;
    p = p * z - 2.50507602534068634195e-08;
    p = p * z + 2.75573137070700676789e-06;
    p = p * z - 1.98412698298579493134e-04;
    p = p * z + 8.33333333332248946124e-03;
    p = p * z - 1.66666666666666324348e-01;
    const double s = r + r * z * p;
    double q = -1.13596475577881948265e-11;
    q = q * z + 2.08757232129817482790e-09;
    q = q * z - 2.75573143513906633035e-07;
    q = q * z + 2.48015872894767294178e-05;
    q = q * z - 1.38888888888741095749e-03;
    q = q * z + 4.16666666666666019037e-02;
    const double h = 0.5 * z;
    const double w = 1.0 - h;
    // (1 - w) - h is what rounding w dropped.
    const double c = w + (((1.0 - w) - h) + z * z * q);
    const double first = (quadrant & 1) ? c : s;
    const double second = (quadrant & 1) ? s : c;
    *sine = (quadrant & 2) ? -first : first;
    *cosine = ((quadrant + 1) & 2) ? -second : second;
}

/// Sine and cosine of x, |x| <= ENGRAM_TRIGONOMETRIC_LIMIT.
ENGRAM_INLINE void engram_sincos_f64(double x, double *sine, double *cosine) {
    int64_t quadrant;
    const double r = engram_reduce_f64(x, &quadrant);
    engram_sincos_quadrant_f64(r, quadrant, sine, cosine);
}

/// Arc tangent of n/s, n >= 0 and s > 0 or either infinite, and 1/s: one division serves both. Reduced to |t| <= 7/16 about 0, 1/2, 1, 3/2 or
/// infinity, whose arc tangents have two parts.
ENGRAM_INLINE double engram_arctangent_of_quotient_f64(double n, double s, double *reciprocal) {
    const int beyond = n >= 2.4375 * s;
    const int from_half = n >= 0.4375 * s;
    const int from_one = n >= 0.6875 * s;
    const int from_three_halves = n >= 1.1875 * s;
    double center = 0.0, high = 0.0, low = 0.0;
    center = from_half ? 0.5 : center;
    high = from_half ? 4.63647609000806093515e-01 : high;
    low = from_half ? 2.26987774529616870924e-17 : low;
    center = from_one ? 1.0 : center;
    high = from_one ? 7.85398163397448278999e-01 : high;
    low = from_one ? 3.06161699786838301793e-17 : low;
    center = from_three_halves ? 1.5 : center;
    high = from_three_halves ? 9.82793723247329054082e-01 : high;
    low = from_three_halves ? 1.39033110312309984516e-17 : low;
    high = beyond ? 1.57079632679489655800e+00 : high;
    low = beyond ? 6.12323399573676603587e-17 : low;
    // With s = 1 the difference is exact. -s/n is the tangent of the angle from infinity.
    const double over = beyond ? -s : n - center * s;
    const double under = beyond ? n : s + center * n;
    double t;
    if (reciprocal != NULL) {
        const double both = 1.0 / (s * under);
        *reciprocal = under * both;
        t = over * s * both;
    } else {
        t = over / under;
    }
    const double z = t * t;
    double p = 1.62858201153657823623e-02;
    p = p * z - 3.65315727442169155270e-02;
    p = p * z + 4.97687799461593236017e-02;
    p = p * z - 5.83357013379057348645e-02;
    p = p * z + 6.66107313738753120669e-02;
    p = p * z - 7.69187620504482999495e-02;
    p = p * z + 9.09088713343650656196e-02;
    p = p * z - 1.11111104054623557880e-01;
    p = p * z + 1.42857142725034663711e-01;
    p = p * z - 1.99999999998764832476e-01;
    p = p * z + 3.33333333333329318027e-01;
    return high - ((t * (z * p) - low) - t);
}

/// Arc tangent of x, infinities included.
ENGRAM_INLINE double engram_arctangent_f64(double x) {
    return copysign(engram_arctangent_of_quotient_f64(fabs(x), 1.0, NULL), x);
}

#endif
