public import EngramNumerics

/// A preconditioner of K + λI from the leading eigenpairs of a low-rank approximation of K.
///
/// K ≈ F Fᵀ by randomly pivoted Cholesky (Chen, Epperly, Tropp, Webber 2022), whose pivots are drawn in proportion to what is left of the
/// diagonal. With F Fᵀ = U Λ Uᵀ of rank q, P⁻¹ = (Λ_q + λ) U (Λ + λ)⁻¹ Uᵀ + (I - U Uᵀ) (Frangella, Tropp, Udell 2021): the leading
/// directions get the weight of the q-th, and no division by λ occurs, so λ may be 0.
public struct LowRankPreconditioner: KernelPreconditioner {
    /// The examples whose kernel columns were used, in the order of their choice.
    public let pivots: [Int]
    /// λ.
    public let ridge: Double
    /// tr(K - F Fᵀ)/tr K: the part of the kernel that is not caught.
    public let residualTrace: Double
    /// P⁻¹ = I - S Sᵀ; S has shape `[n, q]`.
    private let scaledVectors: Matrix<Double>

    /// Pivots that are drawn together, so that the work is in matrix products.
    private static let blockCount = 64

    /// Builds the preconditioner.
    ///
    /// - Parameters:
    ///   - kernel: K, n examples.
    ///   - ridge: λ ≥ 0 of the system.
    ///   - rank: Most kernel columns to use, q; fewer are used if K is exhausted. 0 gives the identity.
    ///   - seed: Of the draw of pivots.
    ///   - onStep: Called with the number of pivots so far. What it throws ends the construction.
    /// - Throws: `KernelSolverError.nonFinite`; `.numerics`; what `onStep` throws.
    /// - Complexity: n·q kernel values, 4·n·q² operations, 2·n·q numbers.
    public init(
        _ kernel: some KernelOperator, ridge: Double, rank: Int, seed: UInt64, onStep: (Int) throws -> Void = { _ in }
    ) throws {
        precondition(rank >= 0 && ridge >= 0, "A preconditioner has no negative rank or ridge, got \(rank) and \(ridge).")
        self.ridge = ridge
        var diagonal = kernel.diagonal()
        let trace = diagonal.reduce(0, +)
        guard trace.isFinite else { throw KernelSolverError.nonFinite(operation: "Diagonal of a kernel") }
        // Rows of Fᵀ, so that new columns of F are appended at the end.
        var transposedFactor = Matrix<Double>(rowCount: 0, columnCount: kernel.count)
        var pivots: [Int] = []
        var generator = SplitMix64(seed: seed)
        // Below this, what is left of the diagonal is rounding.
        let exhausted = Double(kernel.count) * .ulpOfOne * trace
        let rounding = 10 * Double(Self.blockCount) * .ulpOfOne * diagonal.reduce(0, max)
        while pivots.count < min(rank, kernel.count), diagonal.reduce(0, { $0 + max($1, 0) }) > exhausted {
            try onStep(pivots.count)
            let drawn = Self.draw(min(Self.blockCount, rank - pivots.count), from: diagonal, using: &generator)
            let rows = try Self.newRows(of: kernel, pivots: drawn, before: transposedFactor, rounding: rounding)
            pivots += drawn.prefix(rows.rowCount)
            Self.subtractSquares(of: rows, from: &diagonal)
            let firstNew = transposedFactor.rowCount
            transposedFactor.setRowCount(firstNew + rows.rowCount)
            transposedFactor.copyElements(from: rows, toRow: firstNew)
            // Those used are exhausted, and so is the first that could not be used; later ones may have their turn again.
            for pivot in drawn.prefix(rows.rowCount + 1) { diagonal[pivot] = 0 }
        }
        self.pivots = pivots
        residualTrace = trace > 0 ? diagonal.reduce(0) { $0 + max($1, 0) } / trace : 0
        scaledVectors = try Self.scaledVectors(of: transposedFactor, ridge: ridge)
    }

    /// q, the rank that was reached.
    public var rank: Int { pivots.count }

    /// P⁻¹·right, shape `[n, m]`.
    /// - Complexity: 4·n·q·m operations.
    public func applied(to right: Matrix<Double>) -> Matrix<Double> {
        guard scaledVectors.columnCount > 0 else { return right }
        var result = right
        result.setToProduct(scaledVectors, scaledVectors.multiplied(by: right, transposingSelf: true), scaledBy: -1, adding: 1)
        return result
    }

    /// Different indices, each drawn with a probability in proportion to its weight.
    private static func draw(_ count: Int, from weights: [Double], using generator: inout SplitMix64) -> [Int] {
        var sums: [Double] = []
        sums.reserveCapacity(weights.count)
        var total = 0.0
        for weight in weights {
            total += max(weight, 0)
            sums.append(total)
        }
        var drawn: [Int] = []
        var isDrawn: Set<Int> = []
        for _ in 0..<count {
            let target = generator.nextUniform() * total
            // The first whose sum is above the target has a positive weight.
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > target { high = middle } else { low = middle + 1 }
            }
            if weights[low] > 0, isDrawn.insert(low).inserted { drawn.append(low) }
        }
        return drawn
    }

    /// The rows that pivots add to Fᵀ: C⁻¹ (K[S, :] - F[S, :] Fᵀ) with C Cᵀ the block of that at the pivots. Fewer rows than pivots if those
    /// depend on each other up to `rounding`, the least square of a pivot that counts.
    private static func newRows(
        of kernel: some KernelOperator, pivots: [Int], before: Matrix<Double>, rounding: Double
    ) throws -> Matrix<Double> {
        // Tile by tile, so that a kernel's own intermediate values stay small.
        var columns: [Double] = []
        columns.reserveCapacity(kernel.count * pivots.count)
        for range in KernelTile.ranges(of: kernel.count) {
            columns.append(contentsOf: kernel.block(at: Array(range), columns: pivots).elements)
        }
        var rows = Matrix(rowCount: kernel.count, columnCount: pivots.count, elements: columns).transposed()
        if before.rowCount > 0 {
            let known = before.submatrix(rows: Array(0..<before.rowCount), columns: pivots)
            rows.setToProduct(known, before, transposingFirst: true, scaledBy: -1, adding: 1)
        }
        guard rows.firstNonFiniteEntry == nil else { throw KernelSolverError.nonFinite(operation: "Kernel columns of a preconditioner") }
        var block = rows.submatrix(rows: Array(0..<pivots.count), columns: pivots)
        let failed = try block.factorizeCholesky() ?? pivots.count
        let usedCount = (0..<failed).first { block[$0, $0] * block[$0, $0] <= rounding } ?? failed
        if usedCount < pivots.count {
            let kept = Array(0..<usedCount)
            block = block.submatrix(rows: kept, columns: kept)
            rows = rows.rows(at: kept)
        }
        rows.solveTriangular(block, transposed: false, columns: 0..<rows.columnCount)
        return rows
    }

    /// diagonal_j -= Σ_i rows_ij².
    private static func subtractSquares(of rows: Matrix<Double>, from diagonal: inout [Double]) {
        let squares = rows.columnDots(with: rows)
        for j in diagonal.indices { diagonal[j] -= squares[j] }
    }

    /// S with P⁻¹ = I - S Sᵀ: eigenvectors of F Fᵀ times √(1 - (Λ_q + λ)/(Λ + λ)).
    private static func scaledVectors(of transposedFactor: Matrix<Double>, ridge: Double) throws(KernelSolverError) -> Matrix<Double> {
        let gram = transposedFactor.multiplied(by: transposedFactor, transposingOther: true)
        let decomposition: (eigenvalues: [Double], eigenvectors: Matrix<Double>)
        do {
            decomposition = try gram.symmetricEigendecomposition()
        } catch {
            throw .numerics(error)
        }
        let (values, vectors) = (decomposition.eigenvalues, decomposition.eigenvectors)
        // Directions of F that are rounding are left as they are; ascending, so the weakest that counts is the first kept.
        let least = Double(values.count) * .ulpOfOne * (values.last ?? 0)
        let kept = (values.firstIndex { $0 > least } ?? values.count)..<values.count
        guard let weakest = kept.first.map({ values[$0] }) else { return Matrix(rowCount: transposedFactor.columnCount, columnCount: 0) }
        let factors = kept.map { k in
            // F w/√Λ is a unit eigenvector.
            ((1 - (weakest + ridge) / (values[k] + ridge)) / values[k]).squareRoot()
        }
        var combination = vectors.columns(at: kept)
        combination.scaleColumns(by: factors)
        return transposedFactor.multiplied(by: combination, transposingSelf: true)
    }
}
