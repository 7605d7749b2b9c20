public import EngramNumerics

/// Eigenvalues and eigenmodes of a kernel over a whole finite domain, and what regression on some of its points learns of each mode.
///
/// (1/M) Σ_x' k(x, x') φ_i(x') = λ_i φ_i(x) over the M points, (1/M) Σ_x φ_i(x) φ_j(x) = δ_ij. For a set D of examples, f̂ = T v in coordinates
/// of the modes, with T = Λ Φ_Dᵀ (Φ_D Λ Φ_Dᵀ + δI)⁻¹ Φ_D. Source: [S21], Φ transposed; T_jj is the learnability of φ_j for these examples, and
/// without a ridge the trace is n for every D.
public struct DomainSpectrum: Sendable {
    /// λ_1 ≥ … ≥ λ_M ≥ 0.
    public let eigenvalues: [Double]
    /// Φ, shape `[M, M]`: φ_i is column i.
    public let modes: Matrix<Double>
    private let kernel: Matrix<Double>

    /// Decomposes a kernel matrix over the domain.
    ///
    /// - Parameter kernel: k(x, x') for all points, symmetric positive semidefinite, shape `[M, M]`, M ≥ 1.
    /// - Throws: `KernelSolverError.negativeEigenvalue`; `.numerics`.
    /// - Complexity: about 14/3·M³ operations.
    public init(_ kernel: Matrix<Double>) throws(KernelSolverError) {
        precondition(kernel.rowCount >= 1, "A domain has at least one point.")
        let spectrum = try KernelSpectrum(kernel)
        let count = Double(spectrum.count)
        eigenvalues = spectrum.eigenvalues.reversed().map { $0 / count }
        let ascending = spectrum.eigenvectors
        var columns = Matrix<Double>(rowCount: ascending.rowCount, columnCount: ascending.columnCount)
        let root = count.squareRoot()
        for row in 0..<ascending.rowCount { columns.setRow(row, to: ascending.row(row).reversed().map { $0 * root }) }
        modes = columns
        self.kernel = kernel
    }

    /// M.
    public var pointCount: Int { eigenvalues.count }

    /// v_i = (1/M) Σ_x φ_i(x) f(x).
    /// - Parameter target: f at each point, M values.
    public func coefficients(of target: [Double]) -> [Double] {
        precondition(target.count == pointCount, "A domain of \(pointCount) points has no function of \(target.count) values.")
        let column = Matrix(rowCount: pointCount, columnCount: 1, elements: target)
        return modes.multiplied(by: column, transposingSelf: true).elements.map { $0 / Double(pointCount) }
    }

    /// Ranges of equal eigenvalues: within one the modes are any basis of it, so that only sums over it have a meaning.
    ///
    /// - Parameter tolerance: Neighbours count as equal within this share of the larger, or of `1e-13` of the largest of all.
    public func eigenspaces(tolerance: Double = 1e-8) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        for index in 1...pointCount {
            let isEnd =
                index == pointCount
                || eigenvalues[index - 1] - eigenvalues[index] > max(tolerance * eigenvalues[index - 1], 1e-13 * eigenvalues[0])
            guard isEnd else { continue }
            result.append(start..<index)
            start = index
        }
        return result
    }

    /// What was learned of each mode from one set of examples, or on average over several.
    public struct Measurement: Sendable, Equatable {
        /// T_jj.
        public let learnabilities: [Double]
        /// Mean squared error over the domain for the target φ_j: Σ_i (T_ij - δ_ij)².
        public let errors: [Double]

        /// The mean of several.
        init(mean parts: [Measurement]) {
            func mean(_ path: KeyPath<Measurement, [Double]>) -> [Double] {
                (parts.first?[keyPath: path] ?? []).indices.map { j in parts.reduce(0) { $0 + $1[keyPath: path][j] } / Double(parts.count) }
            }
            learnabilities = mean(\.learnabilities)
            errors = mean(\.errors)
        }

        init(learnabilities: [Double], errors: [Double]) {
            self.learnabilities = learnabilities
            self.errors = errors
        }
    }

    /// What regression on these examples learns of every mode.
    ///
    /// - Parameters:
    ///   - examples: Indices of different points, at least one.
    ///   - ridge: δ ≥ 0.
    /// - Throws: `KernelSolverError.notPositiveDefinite` where the kernel matrix of the examples is singular.
    /// - Complexity: 2·M²·n operations.
    public func measurement(examples: [Int], ridge: Double = 0) throws -> Measurement {
        let rows = modes.rows(at: examples)
        let solved = try KernelCholesky(kernel.submatrix(rows: examples, columns: examples), ridge: ridge).solve(rows)
        var transfer = rows.multiplied(by: solved, transposingSelf: true)
        transfer.scaleRows(by: eigenvalues)
        let diagonal = (0..<pointCount).map { transfer[$0, $0] }
        for j in 0..<pointCount { transfer[j, j] -= 1 }
        return Measurement(learnabilities: diagonal, errors: transfer.columnDots(with: transfer))
    }

    /// The mean over random sets of different examples.
    ///
    /// - Parameters:
    ///   - exampleCount: n in 1...M.
    ///   - drawCount: Sets, at least one.
    ///   - ridge: δ ≥ 0.
    ///   - generator: Draws the sets.
    ///   - onDraw: Called with the number of sets done. What it throws ends the measurement.
    /// - Throws: As for one set; what `onDraw` throws.
    public func measurement(
        exampleCount: Int, drawCount: Int, ridge: Double = 0, using generator: inout some RandomNumberGenerator,
        onDraw: (Int) throws -> Void = { _ in }
    ) throws -> Measurement {
        precondition(
            (1...pointCount).contains(exampleCount) && drawCount >= 1,
            "\(drawCount) sets of \(exampleCount) examples cannot be drawn from \(pointCount) points.")
        var parts: [Measurement] = []
        var order = Array(0..<pointCount)
        for draw in 0..<drawCount {
            try onDraw(draw)
            for place in 0..<exampleCount { order.swapAt(place, Int.random(in: place..<pointCount, using: &generator)) }
            parts.append(try measurement(examples: Array(order[..<exampleCount]), ridge: ridge))
        }
        return Measurement(mean: parts)
    }
}
