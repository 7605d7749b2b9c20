// Products of a few rows with a large transposed matrix, which is read once where it lies.
//
// A general product first copies both factors into an order of its own; for a few rows that takes as long as the arithmetic.
#include "include/CEngramKernels.h"
#include "kernels.h"

// As in the products of BLAS, a multiply and its add are rounded once where the processor has the instruction.
#pragma STDC FP_CONTRACT ON

enum { LANES = 8, TILE_ROWS = 5, TILE_COLUMNS = 4 };

typedef double lanes __attribute__((vector_size(8 * LANES), aligned(8)));

// Rows of the panel that begins where `left` rows are left: five at a time, and no single row is left over where that can be.
ENGRAM_INLINE size_t panel_rows(size_t left) { return left == TILE_ROWS + 1 ? 3 : left < TILE_ROWS ? left : TILE_ROWS; }

void engram_pack_rows_f64(size_t rows, size_t depth, const double *x, double *panels) {
    const size_t whole = depth / LANES * LANES;
    for (size_t row = 0, count; row < rows; row += count) {
        count = panel_rows(rows - row);
        double *panel = panels + row * whole;
        for (size_t i = 0; i < whole; i += LANES) {
            for (size_t r = 0; r < count; r++) memcpy(panel + i * count + LANES * r, x + (row + r) * depth + i, 8 * LANES);
        }
    }
}

// y[r][c] = x[r] . w[c] for `count` rows and `width` columns, both constants where this is inlined.
ENGRAM_INLINE void tile(
    size_t count, size_t width, size_t depth, const double *panel, const double *x, const double *w, double *y, size_t stride) {
    lanes sums[TILE_ROWS][TILE_COLUMNS];
    memset(sums, 0, sizeof sums);
    const size_t whole = depth / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        lanes a[TILE_ROWS];
        _Pragma("unroll") for (size_t r = 0; r < count; r++) memcpy(&a[r], panel + i * count + LANES * r, 8 * LANES);
        _Pragma("unroll") for (size_t c = 0; c < width; c++) {
            lanes b;
            memcpy(&b, w + c * depth + i, 8 * LANES);
            _Pragma("unroll") for (size_t r = 0; r < count; r++) sums[r][c] += a[r] * b;
        }
    }
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < width; c++) {
            const lanes s = sums[r][c];
            double sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
            for (size_t i = whole; i < depth; i++) sum += x[r * depth + i] * w[c * depth + i];
            y[r * stride + c] = sum;
        }
    }
}

#define PANEL(COUNT)                                                                                                       \
    case COUNT:                                                                                                            \
        if (width == TILE_COLUMNS) {                                                                                       \
            tile(COUNT, TILE_COLUMNS, depth, panel, x + row * depth, w + column * depth, y + row * columns + column, columns); \
        } else {                                                                                                           \
            tile(COUNT, 1, depth, panel, x + row * depth, w + column * depth, y + row * columns + column, columns);        \
        }                                                                                                                  \
        break

ENGRAM_CLONES void engram_multiply_few_rows_f64(
    size_t rows, size_t depth, size_t columns, size_t first, size_t end, const double *x, const double *panels, const double *w,
    double *y) {
    const size_t whole = depth / LANES * LANES;
    for (size_t column = first, width; column < end; column += width) {
        width = end - column >= TILE_COLUMNS ? TILE_COLUMNS : 1;
        for (size_t row = 0, count; row < rows; row += count) {
            count = panel_rows(rows - row);
            const double *panel = panels + row * whole;
            switch (count) {
                PANEL(1);
                PANEL(2);
                PANEL(3);
                PANEL(4);
                PANEL(5);
            }
        }
    }
}
