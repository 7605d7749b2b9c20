// Rows of one matrix gathered into patches and added back, for the REAL and SUFFIX that the including file defines.

#define ENGRAM_JOIN2(A, B) A##_##B
#define ENGRAM_JOIN(A, B) ENGRAM_JOIN2(A, B)
#define KERNEL(NAME) ENGRAM_JOIN(NAME, SUFFIX)

// How many taps from `tap` on read adjoining rows, or no row: they are one copy.
ENGRAM_INLINE size_t run_length(size_t taps, size_t tap, const int32_t *rows) {
    const int32_t first = rows[tap];
    size_t length = 1;
    while (tap + length < taps && rows[tap + length] == (first < 0 ? first : first + (int32_t)length)) length++;
    return length;
}

void KERNEL(engram_gather_patches)(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const REAL *input, REAL *patches) {
    for (size_t place = 0; place < places; place++) {
        const int32_t *sources = rows + place * taps;
        REAL *patch = patches + place * taps * channels;
        for (size_t tap = 0; tap < taps;) {
            const size_t length = run_length(taps, tap, sources);
            REAL *target = patch + tap * channels;
            if (sources[tap] < 0) {
                memset(target, 0, length * channels * sizeof(REAL));
            } else {
                memcpy(target, input + (size_t)sources[tap] * channels, length * channels * sizeof(REAL));
            }
            tap += length;
        }
    }
}

ENGRAM_CLONES void KERNEL(engram_scatter_patches)(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const REAL *patches, REAL *output) {
    for (size_t place = 0; place < places; place++) {
        const int32_t *sources = rows + place * taps;
        const REAL *patch = patches + place * taps * channels;
        for (size_t tap = 0; tap < taps;) {
            const size_t length = run_length(taps, tap, sources);
            if (sources[tap] >= 0) {
                const REAL *from = patch + tap * channels;
                REAL *target = output + (size_t)sources[tap] * channels;
                ENGRAM_INDEPENDENT
                for (size_t i = 0; i < length * channels; i++) target[i] += from[i];
            }
            tap += length;
        }
    }
}

ENGRAM_CLONES void KERNEL(engram_combine_rows)(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const REAL *shares, const REAL *input, REAL *output) {
    for (size_t place = 0; place < places; place++) {
        REAL *target = output + place * channels;
        memset(target, 0, channels * sizeof(REAL));
        for (size_t tap = 0; tap < taps; tap++) {
            const REAL share = shares[place * taps + tap];
            const REAL *from = input + (size_t)rows[place * taps + tap] * channels;
            ENGRAM_INDEPENDENT
            for (size_t i = 0; i < channels; i++) target[i] += share * from[i];
        }
    }
}

ENGRAM_CLONES void KERNEL(engram_spread_rows)(
    size_t places, size_t taps, size_t channels, const int32_t *rows, const REAL *shares, const REAL *output, REAL *input) {
    for (size_t place = 0; place < places; place++) {
        const REAL *from = output + place * channels;
        for (size_t tap = 0; tap < taps; tap++) {
            const REAL share = shares[place * taps + tap];
            REAL *target = input + (size_t)rows[place * taps + tap] * channels;
            ENGRAM_INDEPENDENT
            for (size_t i = 0; i < channels; i++) target[i] += share * from[i];
        }
    }
}
