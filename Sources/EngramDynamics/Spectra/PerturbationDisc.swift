internal import ComplexModule
internal import EngramNumerics
internal import RealModule

/// How far the eigenvalues of a small matrix move when it is changed by a known amount.
///
/// An eigenvalue of S + E with ‖E‖₂ ≤ ε is a z with σ_min(z I - S) ≤ ε: the ε-pseudospectrum (Trefethen and Embree 2005, chapter 2). Where σ_min
/// exceeds ε all round a circle no eigenvalue can cross it, so as many of S + E as of S lie inside. Unlike the first-order bound ε κ this holds
/// for defective eigenvalues too, which move by ε^(1/m) for a Jordan block of size m, and for ε that are not small.
enum PerturbationDisc {
    /// Where the circle is looked at; σ_min changes by at most the distance between two points.
    private static let pointCount = 8
    /// A condition above this is rounding: the search begins no farther out.
    private static let largestCondition = 1e8

    /// The radius of a disc about an eigenvalue of `matrix` that keeps its eigenvalues, within a factor of two.
    ///
    /// - Parameters:
    ///   - pair: An eigenpair of `matrix`.
    ///   - perturbation: ε.
    /// - Returns: At least 2 ε κ; at most ‖S‖ + ε + |θ|, beyond which no eigenvalue can be.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: eight singular value problems of twice the size for each doubling, one doubling where the first order is right.
    static func radius(around pair: Eigenpair, of matrix: Matrix<Double>, perturbation: Double) throws(NumericsError) -> Double {
        guard perturbation > 0 else { return 0 }
        let largest = matrix.frobeniusNorm + perturbation + pair.value.length
        var radius = 2 * perturbation * max(1, min(pair.condition, largestCondition))
        while radius < largest {
            if try isSeparated(pair.value, radius, matrix, perturbation) { return radius }
            radius *= 2
        }
        return largest
    }

    /// Whether no eigenvalue can cross the circle, as far as the points looked at show.
    private static func isSeparated(
        _ center: Complex<Double>, _ radius: Double, _ matrix: Matrix<Double>, _ perturbation: Double
    ) throws(NumericsError) -> Bool {
        // Outward first, where an unstable eigenvalue would go. About a real eigenvalue the lower half mirrors the upper.
        let count = center.imaginary == 0 ? pointCount / 2 + 1 : pointCount
        for index in 0..<count {
            let angle = center.phase + 2 * Double.pi * Double(index) / Double(pointCount)
            let point = center + Complex(radius * Double.cos(angle), radius * Double.sin(angle))
            guard try smallestSingularValue(of: matrix, at: point) > perturbation else { return false }
        }
        return true
    }

    /// σ_min(z I - S), from the real matrix [[X, -Y], [Y, X]] of z I - S = X + i Y, which has each singular value twice.
    private static func smallestSingularValue(of matrix: Matrix<Double>, at point: Complex<Double>) throws(NumericsError) -> Double {
        let n = matrix.rowCount
        var real = Matrix<Double>(rowCount: 2 * n, columnCount: 2 * n)
        for i in 0..<n {
            for j in 0..<n {
                let entry = (i == j ? point.real : 0) - matrix[i, j]
                (real[i, j], real[n + i, n + j]) = (entry, entry)
            }
            (real[i, n + i], real[n + i, i]) = (-point.imaginary, point.imaginary)
        }
        return try real.singularValues().last ?? 0
    }
}
