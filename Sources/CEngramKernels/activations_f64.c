// The activations of a double: value returned, derivative written. The loops are in activation_rows.h.
#include "include/CEngramKernels.h"
#include "elementary_f64.h"

ENGRAM_INLINE double relu(double x, double *derivative) {
    *derivative = x <= 0.0 ? 0.0 : 1.0;
    return x <= 0.0 ? 0.0 : x;
}

ENGRAM_INLINE double leaky_relu(double x, double *derivative) {
    *derivative = x <= 0.0 ? 0.01 : 1.0;
    return x <= 0.0 ? x * 0.01 : x;
}

ENGRAM_INLINE double selu(double x, double *derivative) {
    const double scale = 1.0507009873554804934193349852946;
    const double slope = 1.7580993408473768599402175208123;
    double exponential;
    const double negative = engram_expm1_nonpositive_f64(x <= 0.0 ? x : 0.0, &exponential);
    *derivative = x <= 0.0 ? exponential * slope : scale;
    return x <= 0.0 ? negative * slope : x * scale;
}

/// s(x) = fraction * power; s(-x) = complement. exp(-|x|) never overflows and nothing cancels.
typedef struct {
    double fraction;
    double power;
    double complement;
} sigmoid_parts;

ENGRAM_INLINE sigmoid_parts split_sigmoid(double x) {
    double a = -fabs(x);
    // Low enough that x exp(x) is 0 in a double.
    a = a < -800.0 ? -800.0 : a;
    const engram_exp_parts_f64 exponential = engram_exp_split_f64(a);
    // Not yet multiplied by `other_power`, so that it is no subnormal when the result, or x times it, is none.
    const double e = (1.0 + exponential.expm1) * exponential.half_power;
    const double d = 1.0 + e * exponential.other_power;
    sigmoid_parts parts;
    parts.fraction = (x < 0.0 ? e : 1.0) / d;
    parts.power = x < 0.0 ? exponential.other_power : 1.0;
    const double s = parts.fraction * parts.power;
    // s <= 1/2 where it is subtracted from 1.
    parts.complement = x < 0.0 ? 1.0 - s : e * s * exponential.other_power;
    return parts;
}

ENGRAM_INLINE double sigmoid(double x, double *derivative) {
    const sigmoid_parts parts = split_sigmoid(x);
    *derivative = parts.fraction * parts.complement * parts.power;
    return parts.fraction * parts.power;
}

ENGRAM_INLINE double swish(double x, double *derivative) {
    const sigmoid_parts parts = split_sigmoid(x);
    // Clamped where the factor has become 0 or the slope 1: infinity times 0 is NaN.
    const double above = x < -800.0 ? -800.0 : x;
    const double within = above > 800.0 ? 800.0 : above;
    *derivative = (parts.fraction + within * parts.fraction * parts.complement) * parts.power;
    return above * parts.fraction * parts.power;
}

ENGRAM_INLINE double hyperbolic_tangent(double x, double *derivative) {
    const double a = fabs(x);
    double e;
    const double m = engram_expm1_nonpositive_f64(-2.0 * a, &e);
    const double d = 1.0 + e;
    // expm1 keeps the digits of a small |x|; subtracting the small rest from 1 keeps those of a large one.
    const int is_small = a < 0.8;
    const double q = (is_small ? -m : 2.0 * e) / d;
    *derivative = 4.0 * e / (d * d);
    return copysign(is_small ? q : 1.0 - q, x);
}

ENGRAM_INLINE double exponential(double x, double *derivative) {
    const double e = engram_exp_f64(x);
    *derivative = e;
    return e;
}

/// The value is the C library's, one element at a time: float64 serves analysis, and erf in double has no short polynomial.
ENGRAM_INLINE double error_function(double x, double *derivative) {
    // x^2 in two parts, the first exact: its rounding error would otherwise be multiplied by x^2. Past 28 the result is 0.
    const double a = fabs(x) > 28.0 ? 28.0 : fabs(x);
    const double high = engram_from_bits_f64(engram_bits_f64(a) & (int64_t)0xfffffffff8000000);
    const double low = (a - high) * (a + high);
    const double correction = 1.0 - low * (1.0 - low * (0.5 - low * (1.0 / 6.0)));
    *derivative = 1.1283791670955126 * (engram_exp_f64(-high * high) * correction);
    return erf(x);
}

ENGRAM_INLINE double power2(double x, double *derivative) {
    *derivative = 2.0 * x;
    return x * x;
}

ENGRAM_INLINE double power3(double x, double *derivative) {
    const double z = x * x;
    *derivative = 3.0 * z;
    return z * x;
}

ENGRAM_INLINE double power4(double x, double *derivative) {
    const double z = x * x;
    *derivative = 4.0 * (z * x);
    return z * z;
}

ENGRAM_INLINE double power5(double x, double *derivative) {
    const double z = x * x;
    *derivative = 5.0 * (z * z);
    return z * z * x;
}

/// Beyond the range of the vector code the C library reduces the argument.
ENGRAM_INLINE void sine_cosine(double x, double *sine, double *cosine) {
    if (fabs(x) > ENGRAM_TRIGONOMETRIC_LIMIT) {
        *sine = sin(x);
        *cosine = cos(x);
    } else {
        engram_sincos_f64(x, sine, cosine);
    }
}

#define ENGRAM_TRIGONOMETRIC(NAME, SINCOS) \
    ENGRAM_INLINE double cosid_##NAME(double x, double *derivative) { \
        double sine, cosine; \
        SINCOS(x, &sine, &cosine); \
        *derivative = -sine - 1.0; \
        return cosine - x; \
    } \
    ENGRAM_INLINE double sinusoidal_##NAME(double x, double *derivative) { \
        double sine, cosine; \
        SINCOS(10.0 * x, &sine, &cosine); \
        *derivative = 1.0 + 2.0 * cosine; \
        return x + sine / 5.0; \
    }
ENGRAM_TRIGONOMETRIC(bounded, engram_sincos_f64)
ENGRAM_TRIGONOMETRIC(any, sine_cosine)

#define REAL double
#define SUFFIX f64
#define ABSOLUTE fabs
#define ERROR_FUNCTION_LOOP
#include "activation_rows.h"
