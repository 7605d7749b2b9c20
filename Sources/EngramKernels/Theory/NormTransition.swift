internal import ComplexModule
public import EngramNumerics

/// How the Jacobian of a kernel machine at its examples changes with their common norm r, after [JP20].
///
/// The machine maps examples of norm r to themselves, f(x) = Xᵀ K⁻¹ k(x), without a ridge and with f₀ = 0. With a sigmoidal tangent kernel there
/// are three regions. At small norms the network is linear: n - 1 eigenvalues of J are near 1 (Lemma 4), and no example is an attractor. Then the
/// largest eigenvalue falls. As r grows without bound, ‖J‖ tends to 1/2 (Section 4.4): every example is an attractor. Between these the norm need
/// not fall all the way: it can pass below 1/2 and come back to it.
public struct NormTransition: Sendable, Equatable {
    /// Which of the three regions a norm is in.
    public enum Region: String, Sendable, CaseIterable {
        /// As many eigenvalues within 1e-2 of 1 as Lemma 4 has, at every example looked at.
        case linear
        /// Neither of the others.
        case transition
        /// ‖J‖ is at most its limit 1/2, up to 1e-3, at every example looked at.
        case saturated
    }

    /// One norm.
    public struct Point: Sendable, Equatable {
        /// r.
        public let norm: Double
        /// Largest |λ| of J over the examples looked at.
        public let spectralRadius: Double
        /// Largest singular value of J over them.
        public let operatorNorm: Double
        /// Eigenvalues within 1e-2 of 1: the least over them.
        public let countNearOne: Int
        /// Which region that is.
        public let region: Region
    }

    /// One norm after another, as given.
    public let points: [Point]
    /// Examples that the machine stores: all, or 500 of more.
    public let exampleCount: Int
    /// Examples at which the Jacobian was taken, evenly spread over the stored ones.
    public let evaluatedCount: Int
    /// Eigenvalues that are 1 in the linear region: min(n - 1, rank of the examples).
    public let linearCount: Int
    /// ‖J‖ as r → ∞: 1/2, [JP20] Section 4.4.
    public static let saturatedNorm = 0.5
    /// Distance to 1 within which an eigenvalue is counted.
    public static let nearOneTolerance = 1e-2
    /// The most examples that are stored.
    public static let exampleLimit = 500

    /// Follows the norms.
    ///
    /// All is done in orthonormal coordinates of the examples' span, where a kernel that is invariant under rotations is the same.
    ///
    /// - Parameters:
    ///   - kernel: Invariant under rotations: `FullyConnectedKernel`, or a radial one without a metric.
    ///   - examples: Shape `[n, d]`, no zero rows, no two parallel; their own norms are replaced. Of more than `exampleLimit` as many are taken,
    ///     evenly spread.
    ///   - norms: r > 0 each.
    ///   - evaluationLimit: Examples at which the Jacobian is taken, evenly spread; nil: as many as take about a second a norm, three at least.
    ///   - onNorm: Called with the number of norms done. What it throws ends the computation.
    /// - Throws: `KernelSolverError` where the kernel matrix is singular to rounding, as at norms so small that the kernel is constant;
    ///   `NumericsError`; what `onNorm` throws.
    /// - Complexity: for each norm n³/3 and for each evaluated example about 25·k³ operations, k = min(n, d).
    public init(
        of kernel: some Kernel, examples: Matrix<Double>, norms: [Double], evaluationLimit: Int? = nil,
        onNorm: (Int) throws -> Void = { _ in }
    ) throws {
        precondition(examples.rowCount >= 1, "A machine stores at least one example.")
        precondition(norms.allSatisfy { $0 > 0 && $0.isFinite }, "Norms are finite and above 0, got \(norms).")
        let stored = Self.spread(examples.rowCount, limit: Self.exampleLimit)
        let directions = try Self.unitCoordinates(examples.rows(at: stored))
        let (n, k) = (directions.rowCount, directions.columnCount)
        let affordable = max(3, 60_000_000 / max(k * k * k, 1))
        let chosen = Self.spread(n, limit: max(1, evaluationLimit ?? affordable))
        exampleCount = n
        evaluatedCount = chosen.count
        linearCount = min(n - 1, k)
        var points: [Point] = []
        for (index, norm) in norms.enumerated() {
            try onNorm(index)
            points.append(try Self.point(kernel, norm * directions, norm: norm, chosen: chosen, linearCount: linearCount))
        }
        self.points = points
    }

    /// λ̂ = 1/(1 + c g), the one eigenvalue of the linear region between 0 and 1, for the network with φ(u) = αu + β.
    ///
    /// c = n₀β²/(2α²), g = 1ᵀ (X Xᵀ)⁻¹ 1. Source: [JP20] Appendix C, Lemma 4, with f₀ = 0.
    ///
    /// - Parameters:
    ///   - examples: Shape `[n, n₀]`, linearly independent.
    ///   - slope: α; 1/(2√π) for the sigmoid of erf, 1/4 for the logistic one.
    ///   - offset: β; 1/2 for both.
    /// - Throws: `KernelSolverError.notPositiveDefinite` for dependent examples.
    public static func linearEigenvalue(examples: Matrix<Double>, slope: Double, offset: Double) throws -> Double {
        let products = examples.multiplied(by: examples, transposingOther: true)
        let ones = Matrix(rowCount: examples.rowCount, columnCount: 1, repeating: 1.0)
        let g = try KernelCholesky(products).solve(ones).elements.reduce(0, +)
        let c = Double(examples.columnCount) * offset * offset / (2 * slope * slope)
        return 1 / (1 + c * g)
    }

    /// One norm.
    private static func point(
        _ kernel: some Kernel, _ x: Matrix<Double>, norm: Double, chosen: [Int], linearCount: Int
    ) throws -> Point {
        let weights = try KernelCholesky(kernel.values(at: x, centers: x)).solve(x)
        let places = x.rows(at: chosen)
        let gradients = kernel.gradients(at: places, centers: x)
        var (radius, operatorNorm, near) = (0.0, 0.0, Int.max)
        for row in 0..<places.rowCount {
            let jacobian = gradients.jacobian(ofRow: row, point: places.row(row), centers: x, weights: weights)
            let eigenvalues = try jacobian.eigenvalues()
            radius = max(radius, eigenvalues.first?.length ?? 0)
            operatorNorm = max(operatorNorm, try jacobian.singularValues().first ?? 0)
            near = min(near, eigenvalues.count { ($0 - 1).length <= nearOneTolerance })
        }
        let region: Region =
            near >= max(linearCount, 1) ? .linear : operatorNorm <= saturatedNorm + 1e-3 ? .saturated : .transition
        return Point(norm: norm, spectralRadius: radius, operatorNorm: operatorNorm, countNearOne: near, region: region)
    }

    /// Rows of norm 1, in orthonormal coordinates of their span.
    private static func unitCoordinates(_ examples: Matrix<Double>) throws -> Matrix<Double> {
        var unit = examples
        unit.scaleRows(
            by: (0..<examples.rowCount).map { row in
                let norm = examples.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
                precondition(norm > 0 && norm.isFinite, "Example \(row) has the norm \(norm) and no direction.")
                return 1 / norm
            })
        let (_, coefficients) = try unit.transposed().rankRevealingFactors(relativeTolerance: 1e-12)
        return coefficients.transposed()
    }

    /// At most `limit` indices below `count`, evenly spread.
    private static func spread(_ count: Int, limit: Int) -> [Int] {
        guard count > limit else { return Array(0..<count) }
        return (0..<limit).map { $0 * count / limit }
    }
}
