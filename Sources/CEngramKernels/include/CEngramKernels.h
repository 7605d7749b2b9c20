// Element-wise kernels in C: activations with derivatives, backpropagation helpers, optimizer steps, random fills.
//
// All buffers are contiguous, matrices row-major; no alignment is needed and counts may be 0. Buffers must not overlap
// unless a function says so. Nothing here allocates, keeps state or reports errors: sizes are the caller's to check.
//
// On x86-64 Linux each loop exists for the baseline, AVX2 and AVX-512 (x86-64-v3, -v4), chosen once by the loader. All
// give the same bytes but in `engram_multiply_few_rows_f64`, and an element's result does not depend on its position, except where the C library is called:
// float64 erf, and cosid and sinusoidal beyond |x| = 1.6e6 and 1.6e5, are as reproducible as the installed glibc.
#ifndef CENGRAM_KERNELS_H
#define CENGRAM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// swish x s(x); cosid cos(x) - x; sinusoidal x + sin(10 x)/5; leaky slope 0.01; SELU with the constants of its authors.
typedef enum {
    ENGRAM_RELU,
    ENGRAM_LEAKY_RELU,
    ENGRAM_SELU,
    ENGRAM_SWISH,
    ENGRAM_COSID,
    ENGRAM_SINUSOIDAL,
    ENGRAM_SIGMOID,
    ENGRAM_TANH,
    ENGRAM_ERF,
    ENGRAM_EXP,
    ENGRAM_POWER2,
    ENGRAM_POWER3,
    ENGRAM_POWER4,
    ENGRAM_POWER5
} engram_activation;

/// value = phi(z + bias) and derivative = phi'(z + bias) in one pass over [rows x columns].
/// `bias` is [columns] or NULL; `derivative` may be NULL; `value` may be `z` itself.
/// At the kink 0 the derivative is the left one: 0, 0.01, scale * alpha.
void engram_activate_rows_f32(
    engram_activation activation, size_t rows, size_t columns, const float *bias, const float *z, float *value, float *derivative);
void engram_activate_rows_f64(
    engram_activation activation, size_t rows, size_t columns, const double *bias, const double *z, double *value,
    double *derivative);

/// z += bias in each row: the identity output layer.
void engram_add_bias_rows_f32(size_t rows, size_t columns, const float *bias, float *z);
void engram_add_bias_rows_f64(size_t rows, size_t columns, const double *bias, double *z);

/// delta *= derivative.
void engram_multiply_f32(size_t count, const float *derivative, float *delta);
void engram_multiply_f64(size_t count, const double *derivative, double *delta);

/// sums[column] = sum over rows, first to last, accumulated in double.
void engram_sum_columns_f32(size_t rows, size_t columns, const float *matrix, float *sums);
void engram_sum_columns_f64(size_t rows, size_t columns, const double *matrix, double *sums);

/// delta *= derivative and sums[column] of the product, in one pass; the same bytes as the two functions above.
void engram_multiply_and_sum_columns_f32(size_t rows, size_t columns, const float *derivative, float *delta, float *sums);
void engram_multiply_and_sum_columns_f64(size_t rows, size_t columns, const double *derivative, double *delta, double *sums);

/// residual = scale * (prediction - target); returns the sum of (prediction - target)^2, unscaled.
/// Element i goes to double accumulator i mod 64; these are added pairwise. `residual` may be `prediction` or `target`.
double engram_residual_f32(size_t count, float scale, const float *prediction, const float *target, float *residual);
double engram_residual_f64(size_t count, double scale, const double *prediction, const double *target, double *residual);

/// output[row, column] = z[row, column] + strengths[row] * noise[row, column]. `output` may be `z` or `noise`.
void engram_add_noise_rows_f32(
    size_t rows, size_t columns, const float *strengths, const float *z, const float *noise, float *output);
void engram_add_noise_rows_f64(
    size_t rows, size_t columns, const double *strengths, const double *z, const double *noise, double *output);

/// Settings of one Adam step. The corrections are 1 - beta^t for step t = 1, 2, ...
typedef struct {
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    double weight_decay;
    double correction1;
    double correction2;
} engram_adam;

/// g += weight_decay * p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// p -= learning_rate / correction1 * m / (sqrt(v / correction2) + epsilon).
void engram_adam_f32(size_t count, engram_adam settings, const float *g, float *p, float *m, float *v);
void engram_adam_f64(size_t count, engram_adam settings, const double *g, double *p, double *m, double *v);

/// g += weight_decay * p; velocity = momentum * velocity + g; p -= learning_rate * velocity. `velocity` may be NULL when momentum is 0.
void engram_sgd_f32(
    size_t count, double learning_rate, double momentum, double weight_decay, const float *g, float *p, float *velocity);
void engram_sgd_f64(
    size_t count, double learning_rate, double momentum, double weight_decay, const double *g, double *p, double *velocity);

/// g += weight_decay * p; s = smoothing s + (1 - smoothing) g^2; p -= learning_rate * g / (sqrt(s) + epsilon).
void engram_rmsprop_f32(
    size_t count, double learning_rate, double smoothing, double epsilon, double weight_decay, const float *g, float *p, float *s);
void engram_rmsprop_f64(
    size_t count, double learning_rate, double smoothing, double epsilon, double weight_decay, const double *g, double *p,
    double *s);

/// Patches of a convolution, [places x taps x channels], from an image's rows, [pixels x channels]: tap t of place p is row rows[p * taps + t],
/// zeros where that is negative.
void engram_gather_patches_f32(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const float *input, float *patches);
void engram_gather_patches_f64(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const double *input, double *patches);

/// The transpose of gathering: adds each tap of `patches` to the row that it was read from.
void engram_scatter_patches_f32(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const float *patches, float *output);
void engram_scatter_patches_f64(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const double *patches, double *output);

/// output[p] = sum over taps of shares[p * taps + t] times row rows[p * taps + t] of the input: an interpolation of images.
void engram_combine_rows_f32(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const float *shares, const float *input, float *output);
void engram_combine_rows_f64(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const double *shares, const double *input, double *output);

/// The transpose of combining, added to `input`.
void engram_spread_rows_f32(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const float *shares, const float *output, float *input);
void engram_spread_rows_f64(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const double *shares, const double *output, double *input);

/// Arc tangent of each element; `value` may be `x`.
void engram_arctangents_f64(size_t count, const double *x, double *value);

/// Covariances s of one variable u with others v_j, each with pq - s^2, p - s and q - s (p, q the variances), and a tangent kernel.
typedef struct {
    double *cross;
    double *determinant;
    double *first_excess;
    double *second_excess;
    double *tangent;
} engram_pairs;

/// One point: its norm, the square of its distance from the mean of the unit vectors, and the scale and offset of covariances.
typedef struct {
    double norm;
    double square;
    double scale;
    double offset;
} engram_pair_geometry;

/// The covariances of one point with `count` centres, from products of unit vectors less their mean, norms, and squared distances from
/// that mean; the tangent kernel starts as the covariance. Returns how many pairs are too near for it, and their positions in `near`, which
/// has room for `count`: their results are to be replaced.
size_t engram_pair_covariances_f64(
    size_t count, engram_pair_geometry geometry, const double *products, const double *norms, const double *squares, engram_pairs pairs,
    size_t *near);

/// A layer of leaky rectifiers: h and lambda of its dual activation, and the variances of its weights and biases.
typedef struct {
    double half;
    double share;
    double weight;
    double bias;
} engram_rectifier_layer;

/// Replaces covariances and tangent kernels by those after a layer of rectifiers.
void engram_rectifier_layer_f64(size_t count, engram_rectifier_layer layer, engram_pairs pairs);

/// A layer of phi(u) = offset + sum_k gain_k erf(root_k u / sqrt(2)): the variance of u and that of phi(u), of weights and of biases.
typedef struct {
    double offset;
    double first;
    double first_variance;
    double weight;
    double bias;
} engram_error_function_layer;

/// Replaces covariances and tangent kernels by those after a layer of error functions; `seconds` and `second_variances` are the variances
/// of v_j and of phi(v_j).
void engram_error_function_layer_f64(
    size_t count, size_t terms, const double *gains, const double *roots, engram_error_function_layer layer, const double *seconds,
    const double *second_variances, engram_pairs pairs);

/// Four 32-bit words, the first in the low half of `low`.
typedef struct {
    uint64_t low;
    uint64_t high;
} engram_philox_block;

/// Philox4x32-10 (Salmon et al., SC11) at the 128-bit counter (low, high) under a 64-bit key, low words first.
engram_philox_block engram_philox(uint64_t low, uint64_t high, uint64_t key);

/// Blocks that a fill of `count` scalars uses: a fill starts at a block and takes groups of sixteen.
/// Block b is Philox at counter (b mod 2^32, b / 2^32, stream mod 2^32, stream / 2^32) under key (seed mod 2^32, seed / 2^32).
uint64_t engram_fill_blocks_f32(size_t count);
uint64_t engram_fill_blocks_f64(size_t count);

/// Fills with multiples of 2^-24 (2^-53) in [0, 1). In each group element 16 j + i comes from word j of block i
/// (float64: words 2 j and 2 j + 1).
void engram_fill_uniform_f32(uint64_t seed, uint64_t stream, uint64_t block, size_t count, float *output);
void engram_fill_uniform_f64(uint64_t seed, uint64_t stream, uint64_t block, size_t count, double *output);

/// Fills with N(0, 1) by Box-Muller; |x| <= 6.7 for float32, whose uniforms have 31 bits, and <= 8.6 for float64.
void engram_fill_normal_f32(uint64_t seed, uint64_t stream, uint64_t block, size_t count, float *output);
void engram_fill_normal_f64(uint64_t seed, uint64_t stream, uint64_t block, size_t count, double *output);

/// Copies rows [rows x depth] into the order in which `engram_multiply_few_rows_f64` reads them: panels of a few rows, whole vectors of
/// eight entries of each row in turns. `panels` holds rows * (depth rounded down to a multiple of 8) entries.
void engram_pack_rows_f64(size_t rows, size_t depth, const double *x, double *panels);

/// y[:, first..<end] = x w^T for those rows of w: x is [rows x depth], w [columns x depth], y [rows x columns].
/// `panels` is x as `engram_pack_rows_f64` packs it. Unlike the loops above, a multiply and its add are rounded once where the processor
/// can, as in a BLAS, so that processors differ in the last bits; an entry depends neither on `first` nor on `end` where both are multiples of 4.
void engram_multiply_few_rows_f64(
    size_t rows, size_t depth, size_t columns, size_t first, size_t end, const double *x, const double *panels, const double *w,
    double *y);

#ifdef __cplusplus
}
#endif

#endif
