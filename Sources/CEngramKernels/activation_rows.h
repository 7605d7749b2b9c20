// The loop over a block of rows, one clone per activation, for what the including file defines: REAL, SUFFIX, ABSOLUTE
// (fabs of a REAL) and ERROR_FUNCTION_LOOP (ENGRAM_INDEPENDENT where erf vectorizes, else empty).

#define ENGRAM_JOIN2(A, B) A##_##B
#define ENGRAM_JOIN(A, B) ENGRAM_JOIN2(A, B)

// `derivative` is a parameter that the two callers make constant, so that the loop without it drops the work.
#define ENGRAM_CHUNK_LOOP(NAME, ELEMENT, LOOP) \
    ENGRAM_INLINE void NAME##_chunk(const REAL *x, REAL *value, REAL *derivative) { \
        if (derivative != NULL) { \
            LOOP \
            for (int i = 0; i < ENGRAM_CHUNK; i++) { \
                REAL slope; \
                value[i] = ELEMENT(x[i], &slope); \
                derivative[i] = slope; \
            } \
        } else { \
            LOOP \
            for (int i = 0; i < ENGRAM_CHUNK; i++) { \
                REAL slope; \
                value[i] = ELEMENT(x[i], &slope); \
            } \
        } \
    }

// A row is cut into chunks; the last one is padded with zeros in `sums`, so that no scalar remainder loop exists and
// an element's result cannot depend on where in the row it stands.
#define ENGRAM_ROWS(NAME) \
    ENGRAM_CLONES static void NAME##_rows( \
        size_t rows, size_t columns, const REAL *bias, const REAL *z, REAL *value, REAL *derivative) { \
        REAL sums[ENGRAM_CHUNK], values[ENGRAM_CHUNK], slopes[ENGRAM_CHUNK]; \
        for (size_t row = 0; row < rows; row++) { \
            for (size_t start = 0; start < columns; start += ENGRAM_CHUNK) { \
                const size_t offset = row * columns + start; \
                const size_t length = columns - start; \
                if (length >= ENGRAM_CHUNK) { \
                    const REAL *x = z + offset; \
                    if (bias != NULL) { \
                        for (int i = 0; i < ENGRAM_CHUNK; i++) sums[i] = x[i] + bias[start + i]; \
                        x = sums; \
                    } \
                    NAME##_chunk(x, value + offset, derivative == NULL ? NULL : derivative + offset); \
                } else { \
                    memset(sums, 0, sizeof sums); \
                    for (size_t i = 0; i < length; i++) \
                        sums[i] = bias != NULL ? z[offset + i] + bias[start + i] : z[offset + i]; \
                    NAME##_chunk(sums, values, derivative == NULL ? NULL : slopes); \
                    memcpy(value + offset, values, length * sizeof(REAL)); \
                    if (derivative != NULL) memcpy(derivative + offset, slopes, length * sizeof(REAL)); \
                } \
            } \
        } \
    }

#define ENGRAM_ACTIVATION(NAME) \
    ENGRAM_CHUNK_LOOP(NAME, NAME, ENGRAM_INDEPENDENT) \
    ENGRAM_ROWS(NAME)

ENGRAM_INLINE int is_beyond(const REAL *x, REAL limit) {
    int beyond = 0;
    for (int i = 0; i < ENGRAM_CHUNK; i++) beyond |= ABSOLUTE(x[i]) > limit;
    return beyond;
}

// The vector loop takes a chunk only if all of it is in range; in-range elements get the same bytes either way.
#define ENGRAM_TRIGONOMETRIC_ACTIVATION(NAME, LIMIT) \
    ENGRAM_CHUNK_LOOP(NAME##_bounded, NAME##_bounded, ENGRAM_INDEPENDENT) \
    ENGRAM_INLINE void NAME##_chunk(const REAL *x, REAL *value, REAL *derivative) { \
        if (!is_beyond(x, (REAL)(LIMIT))) { \
            NAME##_bounded_chunk(x, value, derivative); \
            return; \
        } \
        for (int i = 0; i < ENGRAM_CHUNK; i++) { \
            REAL slope; \
            value[i] = NAME##_any(x[i], &slope); \
            if (derivative != NULL) derivative[i] = slope; \
        } \
    } \
    ENGRAM_ROWS(NAME)

ENGRAM_ACTIVATION(relu)
ENGRAM_ACTIVATION(leaky_relu)
ENGRAM_ACTIVATION(selu)
ENGRAM_ACTIVATION(swish)
ENGRAM_TRIGONOMETRIC_ACTIVATION(cosid, ENGRAM_TRIGONOMETRIC_LIMIT)
ENGRAM_TRIGONOMETRIC_ACTIVATION(sinusoidal, ENGRAM_TRIGONOMETRIC_LIMIT / 10)
ENGRAM_ACTIVATION(sigmoid)
ENGRAM_ACTIVATION(hyperbolic_tangent)
ENGRAM_CHUNK_LOOP(error_function, error_function, ERROR_FUNCTION_LOOP)
ENGRAM_ROWS(error_function)
ENGRAM_ACTIVATION(exponential)
ENGRAM_ACTIVATION(power2)
ENGRAM_ACTIVATION(power3)
ENGRAM_ACTIVATION(power4)
ENGRAM_ACTIVATION(power5)

void ENGRAM_JOIN(engram_activate_rows, SUFFIX)(
    engram_activation activation, size_t rows, size_t columns, const REAL *bias, const REAL *z, REAL *value, REAL *derivative) {
    if (bias == NULL) {  // One long row wastes no padding.
        columns *= rows;
        rows = 1;
    }
    switch (activation) {
    case ENGRAM_RELU: relu_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_LEAKY_RELU: leaky_relu_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_SELU: selu_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_SWISH: swish_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_COSID: cosid_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_SINUSOIDAL: sinusoidal_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_SIGMOID: sigmoid_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_TANH: hyperbolic_tangent_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_ERF: error_function_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_EXP: exponential_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_POWER2: power2_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_POWER3: power3_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_POWER4: power4_rows(rows, columns, bias, z, value, derivative); break;
    case ENGRAM_POWER5: power5_rows(rows, columns, bias, z, value, derivative); break;
    }
}
