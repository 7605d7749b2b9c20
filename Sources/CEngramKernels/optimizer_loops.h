// One fused pass per optimizer step for the REAL and SUFFIX that the including file defines.
// Large networks make these bound by memory: each array is read once and written once.

#define ENGRAM_JOIN2(A, B) A##_##B
#define ENGRAM_JOIN(A, B) ENGRAM_JOIN2(A, B)
#define KERNEL(NAME) ENGRAM_JOIN(NAME, SUFFIX)

ENGRAM_CLONES void KERNEL(engram_adam)(
    size_t count, engram_adam settings, const REAL *restrict g, REAL *restrict p, REAL *restrict m, REAL *restrict v) {
    // Factors are formed in double: 1 - beta2 in float would be off by 1e-5 of itself.
    const REAL decay = (REAL)settings.weight_decay;
    const REAL beta1 = (REAL)settings.beta1, rest1 = (REAL)(1.0 - settings.beta1);
    const REAL beta2 = (REAL)settings.beta2, rest2 = (REAL)(1.0 - settings.beta2);
    const REAL step = (REAL)(settings.learning_rate / settings.correction1);
    const REAL root = (REAL)sqrt(settings.correction2);
    const REAL epsilon = (REAL)settings.epsilon;
    ENGRAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const REAL gradient = g[i] + decay * p[i];
        const REAL first = beta1 * m[i] + rest1 * gradient;
        const REAL second = beta2 * v[i] + rest2 * (gradient * gradient);
        m[i] = first;
        v[i] = second;
        p[i] -= step * (first / (ENGRAM_SQUARE_ROOT(second) / root + epsilon));
    }
}

ENGRAM_CLONES void KERNEL(engram_sgd)(
    size_t count, double learning_rate, double momentum, double weight_decay, const REAL *restrict g, REAL *restrict p,
    REAL *restrict velocity) {
    const REAL rate = (REAL)learning_rate, kept = (REAL)momentum, decay = (REAL)weight_decay;
    if (velocity == NULL) {
        ENGRAM_INDEPENDENT
        for (size_t i = 0; i < count; i++) p[i] -= rate * (g[i] + decay * p[i]);
        return;
    }
    ENGRAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const REAL speed = kept * velocity[i] + (g[i] + decay * p[i]);
        velocity[i] = speed;
        p[i] -= rate * speed;
    }
}

ENGRAM_CLONES void KERNEL(engram_rmsprop)(
    size_t count, double learning_rate, double smoothing, double epsilon, double weight_decay, const REAL *restrict g,
    REAL *restrict p, REAL *restrict s) {
    const REAL rate = (REAL)learning_rate, decay = (REAL)weight_decay, offset = (REAL)epsilon;
    const REAL kept = (REAL)smoothing, rest = (REAL)(1.0 - smoothing);
    ENGRAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const REAL gradient = g[i] + decay * p[i];
        const REAL square = kept * s[i] + rest * (gradient * gradient);
        s[i] = square;
        p[i] -= rate * (gradient / (ENGRAM_SQUARE_ROOT(square) + offset));
    }
}
