/// What it takes to solve (K + λI) X = Y for n examples and m right sides: memory and operations, before any is spent.
public struct SolveEstimate: Sendable, Equatable {
    /// Most bytes held at once, Y and X among them; the inputs of the kernel are not counted.
    public let byteCount: Int
    /// Floating-point operations of the solver, those of the kernel values left out; of an iterative one for one iteration.
    public let operationCount: Double
    /// Kernel values that are computed; of an iterative solver for one iteration.
    public let kernelValueCount: Double

    /// By `KernelCholesky`: K in the place of its factor, a row of its tiles, Y and X. n³/3 + 2·n²·m operations.
    ///
    /// - Parameters:
    ///   - count: n ≥ 0.
    ///   - rightCount: m ≥ 0.
    public static func cholesky(count: Int, rightCount: Int) -> SolveEstimate {
        let (n, m) = (Double(count), Double(rightCount))
        return SolveEstimate(
            numberCount: n * n + 2 * n * m + n * Double(min(count, KernelTile.side)), operationCount: n * n * n / 3 + 2 * n * n * m,
            kernelValueCount: n * n)
    }

    /// By `KernelSpectrum`: K, the eigenvectors and LAPACK's work, then Y, its coordinates and X. 14/3·n³ + 4·n²·m operations.
    public static func eigendecomposition(count: Int, rightCount: Int) -> SolveEstimate {
        let (n, m) = (Double(count), Double(rightCount))
        return SolveEstimate(
            numberCount: 5 * n * n + 4 * n * m, operationCount: 14 * n * n * n / 3 + 4 * n * n * m, kernelValueCount: n * n)
    }

    /// By `ConjugateGradients`, for one iteration: eight blocks of m columns, the preconditioner while it is built, and two tiles.
    /// - Parameters:
    ///   - count: n.
    ///   - rightCount: m.
    ///   - rank: q ≥ 0 of the preconditioner.
    public static func conjugateGradients(count: Int, rightCount: Int, rank: Int) -> SolveEstimate {
        let (n, m, q) = (Double(count), Double(rightCount), Double(rank))
        let side = Double(min(count, KernelTile.side))
        return SolveEstimate(
            numberCount: 8 * n * m + 3 * n * q + 3 * q * q + 2 * side * side, operationCount: 2 * n * n * m + 4 * n * q * m,
            kernelValueCount: n * n / 2 + n * side / 2)
    }

    init(numberCount: Double, operationCount: Double, kernelValueCount: Double) {
        // Beyond Int there is no machine; the largest Int stands for all of that.
        byteCount = Int(exactly: (8 * numberCount).rounded()) ?? .max
        self.operationCount = operationCount
        self.kernelValueCount = kernelValueCount
    }
}
