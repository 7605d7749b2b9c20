package import EngramNumerics

/// ‖A‖₂ of a linear map, from below, with how far above it the true value can lie.
public struct OperatorNorm: Sendable, Equatable {
    /// The largest singular value of A on a Krylov space.
    public let value: Double
    /// A has a singular value within this distance of `value`; the norm is at least `value`.
    public let errorBound: Double
}

/// The largest singular value of many maps at once by Golub-Kahan-Lanczos bidiagonalization with full reorthogonalization.
///
/// A V = U B and Aᵀ U = V Bᵀ + β v eᵀ with B upper bidiagonal: for a singular pair (θ, p) of B the residual is β |p_last|, and some singular
/// value of A lies within it of θ (the theorem on symmetric matrices, applied to [0 A; Aᵀ 0]). The space grows until that is small or the
/// whole space is spanned, where it is exact.
package enum LanczosBidiagonalization {
    /// Most steps for one map. Singular values of trained Jacobians fall off fast: 10 to 30 steps are usual.
    static let maximumStepCount = 96
    /// The residual, relative to the norm, at which a map is done. The error of the value is about its square.
    private static let tolerance = 1e-9

    /// What is known of one map.
    private struct State {
        /// Right vectors v_1, v_2, … and left vectors u_1, u_2, ….
        var right: [[Double]]
        var left: [[Double]] = []
        /// Diagonal of B, and what stands beside it, the last entry being β.
        var diagonal: [Double] = []
        var beside: [Double] = []
    }

    /// - Parameters:
    ///   - count: Number of maps.
    ///   - inputDimension: Of each.
    ///   - apply: A_i t for each row t of a matrix, i being its entry in the list of maps.
    ///   - applyTransposed: A_iᵀ t likewise.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    package static func operatorNorms(
        count: Int, inputDimension: Int, apply: (Matrix<Double>, [Int]) -> Matrix<Double>,
        applyTransposed: (Matrix<Double>, [Int]) -> Matrix<Double>
    ) throws(NumericsError) -> [OperatorNorm] {
        var generator = SplitMix64(seed: 0x0B1D_1A60_4A11)
        var states = (0..<count).map { _ in State(right: [KrylovVector.random(count: inputDimension, using: &generator)]) }
        var norms = [OperatorNorm?](repeating: nil, count: count)
        var active = Array(0..<count)
        while !active.isEmpty {
            let images = apply(Matrix(rows: active.map { states[$0].right[states[$0].right.count - 1] }), active)
            try images.requireFinite(in: "Operator norm")
            for (row, map) in active.enumerated() {
                var u = images.row(row)
                // The part along the vector before is β; those along the others are rounding.
                states[map].diagonal.append(KrylovVector.orthonormalize(&u, against: states[map].left).norm)
                states[map].left.append(u)
            }
            let back = applyTransposed(Matrix(rows: active.map { states[$0].left[states[$0].left.count - 1] }), active)
            try back.requireFinite(in: "Operator norm")
            var kept: [Int] = []
            for (row, map) in active.enumerated() {
                var v = back.row(row)
                let beta = KrylovVector.orthonormalize(&v, against: states[map].right).norm
                states[map].beside.append(beta)
                let norm = try largest(of: states[map])
                let isWhole = beta == 0 || states[map].right.count == inputDimension
                if isWhole || norm.errorBound <= tolerance * norm.value || states[map].diagonal.count == maximumStepCount {
                    norms[map] = isWhole ? OperatorNorm(value: norm.value, errorBound: 0) : norm
                    states[map] = State(right: [])
                } else {
                    states[map].right.append(v)
                    kept.append(map)
                }
            }
            active = kept
        }
        return norms.compactMap { $0 }
    }

    /// The largest singular value of B with its residual, from B Bᵀ.
    private static func largest(of state: State) throws(NumericsError) -> OperatorNorm {
        let count = state.diagonal.count
        let scale = (state.diagonal + state.beside).max() ?? 0
        guard scale > 0 else { return OperatorNorm(value: 0, errorBound: 0) }
        var gram = Matrix<Double>(rowCount: count, columnCount: count)
        for i in 0..<count {
            let (alpha, beta) = (state.diagonal[i] / scale, state.beside[i] / scale)
            gram[i, i] = alpha * alpha + (i + 1 < count ? beta * beta : 0)
            if i + 1 < count {
                gram[i, i + 1] = beta * state.diagonal[i + 1] / scale
                gram[i + 1, i] = gram[i, i + 1]
            }
        }
        let (values, vectors) = try gram.symmetricEigendecomposition()
        let value = scale * max(values[count - 1], 0).squareRoot()
        return OperatorNorm(value: value, errorBound: state.beside[count - 1] * abs(vectors[count - 1, count - 1]))
    }
}

/// Steps that Krylov methods share.
enum KrylovVector {
    /// A unit vector of random direction.
    static func random(count: Int, using generator: inout some RandomNumberGenerator) -> [Double] {
        var vector = (0..<count).map { _ in generator.nextNormal() }
        _ = normalize(&vector)
        return vector
    }

    static func subtract(_ factor: Double, _ vector: [Double], from target: inout [Double]) {
        for i in target.indices { target[i] -= factor * vector[i] }
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }

    /// Makes a unit vector and returns the norm it had; zero stays zero.
    static func normalize(_ vector: inout [Double]) -> Double {
        // Scaled by the largest entry, so that squares neither overflow nor vanish.
        let largest = vector.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return 0 }
        for i in vector.indices { vector[i] /= largest }
        let norm = dot(vector, vector).squareRoot()
        for i in vector.indices { vector[i] /= norm }
        return norm * largest
    }

    /// Takes from `vector` its parts along orthonormal vectors and makes the rest a unit vector.
    ///
    /// - Returns: The parts taken, and the norm of the rest: 0, and a zero vector, where the rest is rounding.
    static func orthonormalize(_ vector: inout [Double], against basis: [[Double]]) -> (coefficients: [Double], norm: Double) {
        var coefficients = [Double](repeating: 0, count: basis.count)
        let before = dot(vector, vector).squareRoot()
        // Twice is enough: what the first pass leaves along the basis is rounding of the whole vector.
        for _ in 0..<2 {
            for (index, direction) in basis.enumerated() {
                let part = dot(vector, direction)
                subtract(part, direction, from: &vector)
                coefficients[index] += part
            }
        }
        let norm = normalize(&vector)
        guard norm > roundingShare * before else {
            vector = Array(repeating: 0, count: vector.count)
            return (coefficients, 0)
        }
        return (coefficients, norm)
    }

    /// What is left of a vector below this share of it holds no digit.
    private static let roundingShare = 1e-14
}
