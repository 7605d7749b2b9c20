// The activations of a float: value returned, derivative written. The loops are in activation_rows.h.
#include "include/CEngramKernels.h"
#include "elementary_f32.h"

ENGRAM_INLINE float relu(float x, float *derivative) {
    *derivative = x <= 0.0f ? 0.0f : 1.0f;
    return x <= 0.0f ? 0.0f : x;
}

ENGRAM_INLINE float leaky_relu(float x, float *derivative) {
    *derivative = x <= 0.0f ? 0.01f : 1.0f;
    return x <= 0.0f ? x * 0.01f : x;
}

ENGRAM_INLINE float selu(float x, float *derivative) {
    // scale * alpha in two parts: rounding it to a float would add to the error of expm1.
    const float scale = 1.0507009873554805f, slope = 1.7580993408473768f, slope_rest = 2.3296717602146553e-8f;
    float exponential;
    const float negative = engram_expm1_nonpositive_f32(x <= 0.0f ? x : 0.0f, &exponential);
    *derivative = x <= 0.0f ? exponential * slope : scale;
    return x <= 0.0f ? negative * slope + negative * slope_rest : x * scale;
}

/// exp(-|x|), which never overflows; as a double it is not subnormal either, so x times it keeps its digits.
ENGRAM_INLINE double decay(float x) {
    float a = -fabsf(x);
    // Low enough that x exp(x) is 0 in a float.
    a = a < -125.0f ? -125.0f : a;
    const engram_exp_parts_f32 exponential = engram_exp_split_f32(a);
    return (double)((1.0f + exponential.expm1) * exponential.half_power) * (double)exponential.other_power;
}

// One division in double: in float its rounding, the denominator's and a product's add up to more than 2 ulp.
// s(x) and s(-x) are e / (1 + e) and 1 / (1 + e), so nothing cancels in their product, the derivative.
ENGRAM_INLINE float sigmoid(float x, float *derivative) {
    const double e = decay(x);
    const double reciprocal = 1.0 / (1.0 + e);
    *derivative = (float)(e * reciprocal * reciprocal);
    return (float)(x < 0.0f ? e * reciprocal : reciprocal);
}

ENGRAM_INLINE float swish(float x, float *derivative) {
    const double e = decay(x);
    const double reciprocal = 1.0 / (1.0 + e);
    const double s = x < 0.0f ? e * reciprocal : reciprocal;
    // Clamped where the factor has become 0 or the slope 1: infinity times 0 is NaN.
    const float above = x < -125.0f ? -125.0f : x;
    const float within = above > 125.0f ? 125.0f : above;
    *derivative = (float)(s + (double)within * (e * reciprocal * reciprocal));
    return (float)((double)above * s);
}

ENGRAM_INLINE float hyperbolic_tangent(float x, float *derivative) {
    const float a = fabsf(x);
    const float e = engram_exp_f32(-2.0f * a);
    const float d = 1.0f + e;
    *derivative = 4.0f * e / (d * d);
    // Subtracting the small rest from 1 keeps the digits of a large |x|; Cephes' polynomial those of a small one.
    const float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    return a < 0.625f ? x + x * z * p : copysignf(1.0f - 2.0f * e / d, x);
}

ENGRAM_INLINE float exponential(float x, float *derivative) {
    const float e = engram_exp_f32(x);
    *derivative = e;
    return e;
}

ENGRAM_INLINE float error_function(float x, float *derivative) {
    // In double: erf is not used where speed matters, and x * x is then exact.
    const double a = fabs((double)x);
    const double z = a * a;
    const double gaussian = engram_exp_f64(-z);
    // erf(x) / x on |x| <= 1 and exp(x^2) erfc(x) / t on 1 <= |x| <= 4: Chebyshev interpolation, relative error 1e-9.
    double p = 1.058938064107502e-06;
    p = p * z - 1.3909340021874599e-05;
    p = p * z + 0.0001195656256820733;
    p = p * z - 0.0008542637997087229;
    p = p * z + 0.005223783477189248;
    p = p * z - 0.026866133235095593;
    p = p * z + 0.11283791308604582;
    p = p * z - 0.3761263888963531;
    p = p * z + 1.1283791670946768;
    const double t = 1.0 / (1.0 + 0.5 * a);
    double q = 0.05302838316805745;
    q = q * t - 0.09126109950905877;
    q = q * t - 0.10827261349532152;
    q = q * t + 0.2089045574969223;
    q = q * t + 0.11079444868078014;
    q = q * t + 0.2654934134466712;
    q = q * t + 0.27926582422365487;
    q = q * t + 0.282274436203022;
    const double small = a * p;
    const double large = 1.0 - gaussian * (t * q);
    *derivative = (float)(1.1283791670955126 * gaussian);
    return copysignf((float)(a < 1.0 ? small : large), x);
}

// Products in double, where they neither overflow nor turn subnormal, and are rounded once at the end.
ENGRAM_INLINE float power2(float x, float *derivative) {
    *derivative = 2.0f * x;
    return x * x;
}

ENGRAM_INLINE float power3(float x, float *derivative) {
    const double z = (double)x * (double)x;
    *derivative = (float)(3.0 * z);
    return (float)(z * (double)x);
}

ENGRAM_INLINE float power4(float x, float *derivative) {
    const double z = (double)x * (double)x;
    *derivative = (float)(4.0 * z * (double)x);
    return (float)(z * z);
}

ENGRAM_INLINE float power5(float x, float *derivative) {
    const double z = (double)x * (double)x;
    *derivative = (float)(5.0 * (z * z));
    return (float)(z * z * (double)x);
}

/// Beyond the range of the vector code the C library reduces the argument.
ENGRAM_INLINE void sine_cosine(double x, float *sine, float *cosine) {
    if (fabs(x) > ENGRAM_TRIGONOMETRIC_LIMIT) {
        *sine = (float)sin(x);
        *cosine = (float)cos(x);
    } else {
        engram_sincos_f32(x, sine, cosine);
    }
}

#define ENGRAM_TRIGONOMETRIC(NAME, SINCOS) \
    ENGRAM_INLINE float cosid_##NAME(float x, float *derivative) { \
        float sine, cosine; \
        SINCOS(x, &sine, &cosine); \
        *derivative = -sine - 1.0f; \
        return cosine - x; \
    } \
    ENGRAM_INLINE float sinusoidal_##NAME(float x, float *derivative) { \
        float sine, cosine; \
        SINCOS(10.0 * (double)x, &sine, &cosine); \
        *derivative = 1.0f + 2.0f * cosine; \
        return x + sine * 0.2f; \
    }
ENGRAM_TRIGONOMETRIC(bounded, engram_sincos_f32)
ENGRAM_TRIGONOMETRIC(any, sine_cosine)

#define REAL float
#define SUFFIX f32
#define ABSOLUTE fabsf
#define ERROR_FUNCTION_LOOP ENGRAM_INDEPENDENT
#include "activation_rows.h"
