// Passes over blocks of rows for the REAL and SUFFIX that the including file defines.

#define ENGRAM_JOIN2(A, B) A##_##B
#define ENGRAM_JOIN(A, B) ENGRAM_JOIN2(A, B)
#define KERNEL(NAME) ENGRAM_JOIN(NAME, SUFFIX)

ENGRAM_CLONES void KERNEL(engram_add_bias_rows)(size_t rows, size_t columns, const REAL *bias, REAL *z) {
    for (size_t row = 0; row < rows; row++) {
        REAL *line = z + row * columns;
        ENGRAM_INDEPENDENT
        for (size_t i = 0; i < columns; i++) line[i] += bias[i];
    }
}

ENGRAM_CLONES void KERNEL(engram_multiply)(size_t count, const REAL *derivative, REAL *delta) {
    ENGRAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) delta[i] *= derivative[i];
}

// Columns are taken in strips whose double sums stay in the first cache: as wide as that allows, since a narrow strip reads a little of
// each row and defeats the prefetcher. `delta` without `derivative` is only read.
ENGRAM_INLINE void sum_strips(size_t rows, size_t columns, const REAL *derivative, REAL *delta, const REAL *matrix, REAL *sums) {
    enum { STRIP = 1024 };
    double totals[STRIP];
    for (size_t start = 0; start < columns; start += STRIP) {
        const size_t width = columns - start < STRIP ? columns - start : STRIP;
        memset(totals, 0, sizeof totals);
        for (size_t row = 0; row < rows; row++) {
            const size_t offset = row * columns + start;
            if (derivative != NULL) {
                ENGRAM_INDEPENDENT
                for (size_t i = 0; i < width; i++) {
                    const REAL product = delta[offset + i] * derivative[offset + i];
                    delta[offset + i] = product;
                    totals[i] += (double)product;
                }
            } else {
                ENGRAM_INDEPENDENT
                for (size_t i = 0; i < width; i++) totals[i] += (double)matrix[offset + i];
            }
        }
        for (size_t i = 0; i < width; i++) sums[start + i] = (REAL)totals[i];
    }
}

ENGRAM_CLONES void KERNEL(engram_sum_columns)(size_t rows, size_t columns, const REAL *matrix, REAL *sums) {
    sum_strips(rows, columns, NULL, NULL, matrix, sums);
}

ENGRAM_CLONES void KERNEL(engram_multiply_and_sum_columns)(
    size_t rows, size_t columns, const REAL *derivative, REAL *delta, REAL *sums) {
    sum_strips(rows, columns, derivative, delta, NULL, sums);
}

ENGRAM_CLONES double KERNEL(engram_residual)(
    size_t count, REAL scale, const REAL *prediction, const REAL *target, REAL *residual) {
    // Fixed accumulators: the order of summation is part of the result, not of the vector width. With 64 of them the
    // additions of one do not wait for each other.
    enum { LANES = 64 };
    double totals[LANES] = {0};
    size_t start = 0;
    for (; start + LANES <= count; start += LANES) {
        ENGRAM_INDEPENDENT
        for (int i = 0; i < LANES; i++) {
            const REAL difference = prediction[start + i] - target[start + i];
            residual[start + i] = scale * difference;
            totals[i] += (double)difference * (double)difference;
        }
    }
    for (size_t i = 0; start + i < count; i++) {
        const REAL difference = prediction[start + i] - target[start + i];
        residual[start + i] = scale * difference;
        totals[i] += (double)difference * (double)difference;
    }
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) totals[i] += totals[i + width];
    return totals[0];
}

ENGRAM_CLONES void KERNEL(engram_add_noise_rows)(
    size_t rows, size_t columns, const REAL *strengths, const REAL *z, const REAL *noise, REAL *output) {
    for (size_t row = 0; row < rows; row++) {
        const size_t offset = row * columns;
        const REAL strength = strengths[row];
        ENGRAM_INDEPENDENT
        for (size_t i = 0; i < columns; i++) output[offset + i] = z[offset + i] + strength * noise[offset + i];
    }
}
