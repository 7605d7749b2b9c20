public import EngramNumerics

/// A Hopfield network of bipolar units whose fields come from kernel ridge regression.
///
/// Patterns x_1 … x_P of ±1 are stored by h(s) = Xᵀ (K + λI)⁻¹ k(s), one regression of every bit from the whole pattern; a step is s ← sign h(s), all
/// units at once, and a unit whose field is 0 keeps its state. Source: [T25].
public struct BipolarKernelMemory: Sendable {
    /// X, shape `[P, N]`, entries ±1.
    public let patterns: Matrix<Double>
    /// (K + λI)⁻¹ X.
    private let weights: Matrix<Double>
    private let kernel: any Kernel

    /// How starts ended.
    public struct Outcome: Sendable, Equatable {
        /// One row a start, entries ±1, shape `[m, N]`.
        public let states: Matrix<Double>
        /// Whether each stood still.
        public let areFixed: [Bool]
        /// Steps that changed each.
        public let stepCounts: [Int]
    }

    /// Stores patterns.
    ///
    /// - Parameters:
    ///   - patterns: X, shape `[P, N]`, entries ±1, P ≥ 1.
    ///   - kernel: k; [T25] has the Gaussian one.
    ///   - ridge: λ ≥ 0.
    /// - Throws: `KernelSolverError`, for equal patterns without a ridge among others.
    /// - Complexity: P³/3 + 2·P²·N operations.
    public init(patterns: Matrix<Double>, kernel: some Kernel, ridge: Double) throws {
        precondition(patterns.rowCount >= 1, "A memory stores at least one pattern.")
        precondition(patterns.elements.allSatisfy { abs($0) == 1 }, "Patterns of a bipolar memory have entries 1 and -1 only.")
        self.patterns = patterns
        self.kernel = kernel
        weights = try KernelCholesky(kernel.values(at: patterns, centers: patterns), ridge: ridge).solve(patterns)
    }

    /// The Gaussian kernel exp(-γ‖x - z‖²), as a bandwidth: L = 1/√(2γ).
    /// - Parameter gamma: γ > 0. What it does depends on γN: two random patterns have k = exp(-2γN).
    public static func kernel(gamma: Double) -> GaussianKernel { GaussianKernel(bandwidth: 1 / (2 * gamma).squareRoot()) }

    /// One step of each row of `states`, shape `[m, N]`, entries ±1.
    ///
    /// - Complexity: 4·m·P·N operations.
    public func step(_ states: Matrix<Double>) -> Matrix<Double> {
        // Only signs count, so that values relative to the largest of a row do, and none is lost to underflow.
        let fields = kernel.relativeValues(at: states, centers: patterns) * weights
        return Matrix(
            rowCount: states.rowCount, columnCount: states.columnCount,
            elements: zip(fields.elements, states.elements).map { $0 > 0 ? 1 : $0 < 0 ? -1 : $1 })
    }

    /// Iterates each start until it stands still.
    ///
    /// - Parameters:
    ///   - starts: Shape `[m, N]`, entries ±1.
    ///   - stepLimit: The most steps of one.
    ///   - onStep: Called with the number of starts under way. What it throws ends the iteration.
    /// - Throws: What `onStep` throws.
    public func outcome(from starts: Matrix<Double>, stepLimit: Int = 100, onStep: (Int) throws -> Void = { _ in }) throws -> Outcome {
        var states = starts
        var areFixed = [Bool](repeating: false, count: starts.rowCount)
        var stepCounts = [Int](repeating: 0, count: starts.rowCount)
        var active = Array(0..<starts.rowCount)
        for _ in 0..<stepLimit where !active.isEmpty {
            try onStep(active.count)
            let before = states.rows(at: active)
            let after = step(before)
            var kept: [Int] = []
            for (row, start) in active.enumerated() {
                let next = after.row(row)
                if next == before.row(row) {
                    areFixed[start] = true
                } else {
                    states.setRow(start, to: next)
                    stepCounts[start] += 1
                    kept.append(start)
                }
            }
            active = kept
        }
        return Outcome(states: states, areFixed: areFixed, stepCounts: stepCounts)
    }
}
