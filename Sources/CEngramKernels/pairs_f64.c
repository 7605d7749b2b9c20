// Layers of infinitely wide networks on rows of pairs of normal variables: what EngramKernels' RectifierDual and ErrorFunctionDual say of
// one pair, for a row of them at once.
#include "include/CEngramKernels.h"
#include "elementary_f64.h"

#define ENGRAM_PI 3.14159265358979323846
#define ENGRAM_ONE_OVER_PI 0.31830988618379067154
#define ENGRAM_TWO_OVER_PI 0.63661977236758134308

/// Between unit vectors 4 - 2^-8: beyond it they are so nearly opposite that 4 minus the square has lost digits.
#define ENGRAM_LARGEST_SQUARE 3.99609375

/// Positions at a time; the last ones of a row stand in a padded copy, so that no result depends on its position.
enum { PAIR_CHUNK = ENGRAM_CHUNK };

ENGRAM_CLONES void engram_arctangents_f64(size_t count, const double *x, double *value) {
    double padded[PAIR_CHUNK], results[PAIR_CHUNK];
    for (size_t start = 0; start < count; start += PAIR_CHUNK) {
        const size_t length = count - start < PAIR_CHUNK ? count - start : PAIR_CHUNK;
        memset(padded, 0, sizeof padded);
        memcpy(padded, x + start, length * sizeof(double));
        ENGRAM_INDEPENDENT
        for (int i = 0; i < PAIR_CHUNK; i++) results[i] = engram_arctangent_f64(padded[i]);
        memcpy(value + start, results, length * sizeof(double));
    }
}

ENGRAM_CLONES size_t engram_pair_covariances_f64(
    size_t count, engram_pair_geometry geometry, const double *products, const double *norms, const double *squares, engram_pairs pairs,
    size_t *near) {
    const double x = geometry.norm;
    const double kappa = geometry.scale;
    const double bias = geometry.offset;
    ENGRAM_INDEPENDENT
    for (size_t j = 0; j < count; j++) {
        const double whole = geometry.square + squares[j];
        const double squared = whole - 2.0 * products[j];
        const double z = norms[j];
        const double norm = x * z;
        const double gap = squared * 0.5;
        const double beyond = 2.0 - gap;
        const double first = kappa * (x * (x - z) + norm * gap);
        const double second = kappa * (z * (z - x) + norm * gap);
        const double determinant = norm * norm * gap * (beyond > 0.0 ? beyond : 0.0);
        pairs.first_excess[j] = first;
        pairs.second_excess[j] = second;
        pairs.determinant[j] = kappa * kappa * determinant + bias * (first + second);
        pairs.cross[j] = kappa * (norm * (1.0 - gap)) + bias;
    }
    size_t found = 0;
    for (size_t j = 0; j < count; j++) {
        const double whole = geometry.square + squares[j];
        const double squared = whole - 2.0 * products[j];
        near[found] = j;
        // Also true for NaN, which is then carried on.
        found += !(squared > whole * 0x1p-10 && squared >= 1e-6 && squared <= ENGRAM_LARGEST_SQUARE);
    }
    memcpy(pairs.tangent, pairs.cross, count * sizeof(double));
    return found;
}

typedef struct {
    double cross;
    double determinant;
    double first_excess;
    double second_excess;
    double tangent;
} pair;

ENGRAM_INLINE pair rectified(engram_rectifier_layer layer, pair p) {
    const double root = ENGRAM_SQUARE_ROOT(p.determinant);
    const double ratio = root / fabs(p.cross);
    const double acute = engram_arctangent_f64(ratio);
    // Beside rounding's zero there is no angle to take: 0, or pi for opposite directions.
    const double angle = root > 0.0 ? acute : 0.0;
    const double theta = p.cross < 0.0 ? ENGRAM_PI - angle : angle;
    // root - s theta = s (tan theta - theta), and with r = tan theta, tan theta - theta = r^3 (1/3 - r^2/5 + ...).
    const double r2 = ratio * ratio;
    double series = 1.0 / 25.0;
    series = 1.0 / 23.0 - r2 * series;
    series = 1.0 / 21.0 - r2 * series;
    series = 1.0 / 19.0 - r2 * series;
    series = 1.0 / 17.0 - r2 * series;
    series = 1.0 / 15.0 - r2 * series;
    series = 1.0 / 13.0 - r2 * series;
    series = 1.0 / 11.0 - r2 * series;
    series = 1.0 / 9.0 - r2 * series;
    series = 1.0 / 7.0 - r2 * series;
    series = 1.0 / 5.0 - r2 * series;
    series = 1.0 / 3.0 - r2 * series;
    const double far = root - p.cross * theta;
    const double near = root > 0.0 ? root * r2 * series : 0.0;
    const int is_small = p.cross >= 0.0 && (acute < 0.3 || root == 0.0);
    const double lift = is_small ? near : far;

    const double share = layer.share * ENGRAM_ONE_OVER_PI;
    const double v = share * lift;
    const double rest = p.determinant - v * (2.0 * p.cross + v);
    const double half = layer.half;
    const double derivative = half * (1.0 - share * theta);
    const double determinant = half * half * (rest > 0.0 ? rest : 0.0);
    const double weight = layer.weight;
    pair image;
    image.first_excess = weight * (half * (p.first_excess - v));
    image.second_excess = weight * (half * (p.second_excess - v));
    image.determinant = weight * weight * determinant + layer.bias * (image.first_excess + image.second_excess);
    image.cross = weight * (half * (p.cross + v)) + layer.bias;
    image.tangent = image.cross + weight * derivative * p.tangent;
    return image;
}

ENGRAM_CLONES void engram_rectifier_layer_f64(size_t count, engram_rectifier_layer layer, engram_pairs pairs) {
    ENGRAM_INDEPENDENT
    for (size_t j = 0; j < count; j++) {
        const pair p = {
            pairs.cross[j], pairs.determinant[j], pairs.first_excess[j], pairs.second_excess[j], pairs.tangent[j]};
        const pair image = rectified(layer, p);
        pairs.cross[j] = image.cross;
        pairs.determinant[j] = image.determinant;
        pairs.first_excess[j] = image.first_excess;
        pairs.second_excess[j] = image.second_excess;
        pairs.tangent[j] = image.tangent;
    }
}

ENGRAM_CLONES void engram_error_function_layer_f64(
    size_t count, size_t terms, const double *gains, const double *roots, engram_error_function_layer layer, const double *seconds,
    const double *second_variances, engram_pairs pairs) {
    double angles[PAIR_CHUNK], densities[PAIR_CHUNK], cross[PAIR_CHUNK], determinant[PAIR_CHUNK], second[PAIR_CHUNK];
    for (size_t start = 0; start < count; start += PAIR_CHUNK) {
        const size_t length = count - start < PAIR_CHUNK ? count - start : PAIR_CHUNK;
        memset(cross, 0, sizeof cross);
        memset(determinant, 0, sizeof determinant);
        memset(second, 0, sizeof second);
        memset(angles, 0, sizeof angles);
        memset(densities, 0, sizeof densities);
        memcpy(cross, pairs.cross + start, length * sizeof(double));
        memcpy(determinant, pairs.determinant + start, length * sizeof(double));
        memcpy(second, seconds + start, length * sizeof(double));
        for (size_t a = 0; a < terms; a++) {
            const double alpha = roots[a] * roots[a];
            for (size_t b = 0; b < terms; b++) {
                const double beta = roots[b] * roots[b];
                const double both = alpha * beta;
                const double root = roots[a] * roots[b];
                const double gain = gains[a] * gains[b];
                const double scale = gain * root;
                const double constant = 1.0 + alpha * layer.first;
                ENGRAM_INDEPENDENT
                for (int i = 0; i < PAIR_CHUNK; i++) {
                    const double divisor = ENGRAM_SQUARE_ROOT(constant + beta * second[i] + both * determinant[i]);
                    double reciprocal;
                    const double angle = engram_arctangent_of_quotient_f64(root * fabs(cross[i]), divisor, &reciprocal);
                    angles[i] += gain * angle;
                    densities[i] += scale * reciprocal;
                }
            }
        }
        for (size_t i = 0; i < length; i++) {
            const size_t j = start + i;
            const double image = layer.offset * layer.offset + ENGRAM_TWO_OVER_PI * copysign(angles[i], cross[i]);
            const double rest = layer.first_variance * second_variances[j] - image * image;
            const double weight = layer.weight;
            const double first_excess = weight * (layer.first_variance - image);
            const double second_excess = weight * (second_variances[j] - image);
            pairs.first_excess[j] = first_excess;
            pairs.second_excess[j] = second_excess;
            pairs.determinant[j] = weight * weight * (rest > 0.0 ? rest : 0.0) + layer.bias * (first_excess + second_excess);
            pairs.cross[j] = weight * image + layer.bias;
            pairs.tangent[j] = pairs.cross[j] + weight * (ENGRAM_TWO_OVER_PI * densities[i]) * pairs.tangent[j];
        }
    }
}
