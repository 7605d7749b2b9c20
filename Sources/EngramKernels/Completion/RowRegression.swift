public import EngramNumerics

/// A matrix completed by one kernel regression for each of its rows ([R23] Eq. 3.3 and Theorem 5).
///
/// Rows that are known at the same positions share one factorization. Each row is centred by its known cells before the regression, unless
/// that is asked not to be: without centring the identity prior shrinks a row's mean by ℓ/(ℓ + 2π - 1), which is Proposition 8 of [R23] corrected.
public struct RowRegression: Sendable {
    /// The ridge λ on the kernel's diagonal; 0 is the printed method, which needs a tail where positions repeat.
    public var ridge: Double
    /// Whether each row's mean is taken off first.
    public var isCentred: Bool
    /// How many known cells are named for each cell that is filled.
    public var neighbourCount: Int

    /// A regression.
    public init(ridge: Double = 0, isCentred: Bool = true, neighbourCount: Int = 0) {
        self.ridge = ridge
        self.isCentred = isCentred
        self.neighbourCount = neighbourCount
    }

    /// A known cell that a value was made of.
    public struct Neighbour: Sendable, Equatable {
        /// The known position in the same row.
        public let position: Int
        /// The weight of its (centred) value in the sum.
        public let weight: Double
    }

    /// What was filled in.
    public struct Completion: Sendable {
        /// The matrix with every missing cell filled, shape `[outputs, positions]`.
        public var values: Matrix<Double>
        /// The posterior standard deviation of each filled cell, noise included; 0 where a cell is known. Not calibrated.
        public var deviations: Matrix<Double>
        /// For known cells, the value minus the prediction by a fit without it, the row's mean held; 0 where a cell is missing.
        public var leaveOneOutResiduals: Matrix<Double>
        /// For known cells, the standard deviation of that prediction, noise included.
        public var leaveOneOutDeviations: Matrix<Double>
        /// Largest weights first, by `output · positions + position`.
        public var neighbours: [Int: [Neighbour]]
    }

    /// Fills the missing cells.
    ///
    /// - Parameters:
    ///   - matrix: Shape `[outputs, positions]`; NaN where a cell is missing. A row with no known cell is filled with 0 and has no deviation.
    ///   - kernel: K over positions, shape `[positions, positions]`.
    ///   - onStep: Called between factorizations; what it throws ends the completion.
    /// - Throws: `KernelSolverError`; what `onStep` throws.
    /// - Complexity: For each pattern of holes with ℓ known and m missing positions, 2/3·ℓ³ + 2·ℓ²·(m + outputs) operations.
    public func complete(
        _ matrix: Matrix<Double>, kernel: Matrix<Double>, onStep: () throws -> Void = {}
    ) throws -> Completion {
        precondition(
            kernel.rowCount == matrix.columnCount && kernel.columnCount == matrix.columnCount,
            "A kernel over \(kernel.rowCount) positions does not fit rows of \(matrix.columnCount).")
        let empty = Matrix<Double>(rowCount: matrix.rowCount, columnCount: matrix.columnCount)
        var completion = Completion(
            values: matrix, deviations: empty, leaveOneOutResiduals: empty, leaveOneOutDeviations: empty, neighbours: [:])
        for pattern in HolePattern.patterns(of: matrix) {
            try onStep()
            guard !pattern.known.isEmpty else {
                for output in pattern.outputs { for position in pattern.missing { completion.values[output, position] = 0 } }
                continue
            }
            let blocks = KernelBlocks(
                known: kernel.submatrix(rows: pattern.known, columns: pattern.known),
                cross: kernel.submatrix(rows: pattern.known, columns: pattern.missing), prior: pattern.missing.map { kernel[$0, $0] })
            let targets = matrix.submatrix(rows: pattern.outputs, columns: pattern.known).transposed()
            let fit = try PatternFit(blocks, targets: targets, ridge: ridge, isCentred: isCentred) { _ in try onStep() }
            fit.fill(pattern, neighbourCount: neighbourCount, in: &completion)
        }
        return completion
    }
}

extension RowRegression.Neighbour {
    /// The rows of the largest weights, largest first; of equal ones the first.
    static func largest(_ count: Int, rowCount: Int, weight: (Int) -> Double) -> [Self] {
        var best: [Self] = []
        for row in 0..<rowCount {
            let weight = weight(row)
            if best.count == count, let last = best.last, weight.magnitude <= last.weight.magnitude { continue }
            let place = best.firstIndex { $0.weight.magnitude < weight.magnitude } ?? best.count
            best.insert(Self(position: row, weight: weight), at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}

/// The kernel between the positions of one pattern of holes.
struct KernelBlocks {
    /// K among known positions, shape `[l, l]`.
    var known: Matrix<Double>
    /// K between known and missing positions, shape `[l, m]`.
    var cross: Matrix<Double>
    /// K_jj of the missing positions, shape `[m]`.
    var prior: [Double]
}

/// The regression of outputs that are known at the same positions, factored once and asked for any others.
struct PatternSystem {
    /// Shape `[outputs]`.
    let means: [Double]
    /// (K + λI)⁻¹ (Y - means), shape `[l, outputs]`.
    let coefficients: Matrix<Double>
    /// ((K + λI)⁻¹)_ii, shape `[l]`.
    let inverseDiagonal: [Double]
    /// For each output the scale of its variances: the mean of α_i²/((K + λI)⁻¹)_ii, which has this expectation for a Gaussian process.
    let scales: [Double]
    private let cholesky: KernelCholesky

    /// - Parameters:
    ///   - known: K among known positions, shape `[l, l]`.
    ///   - targets: Shape `[l, outputs]`, l ≥ 1.
    init(
        _ known: consuming Matrix<Double>, targets: Matrix<Double>, ridge: Double, isCentred: Bool,
        onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let (count, outputCount) = (targets.rowCount, targets.columnCount)
        let means = isCentred ? targets.columnMeans() : Array(repeating: 0, count: outputCount)
        var centred = targets
        centred.addToRows(means, scaledBy: -1)
        let cholesky = try KernelCholesky(known, ridge: ridge, onStep: onStep)
        let coefficients = try cholesky.solve(centred, onStep: onStep)
        let inverseDiagonal = cholesky.inverseDiagonal()
        // A constant takes one degree of freedom.
        let freedom = isCentred && count > 1 ? Double(count) / Double(count - 1) : 1
        scales = (0..<outputCount).map { output in
            (0..<count).reduce(0) { $0 + coefficients[$1, output] * coefficients[$1, output] / inverseDiagonal[$1] } / Double(count)
                * freedom
        }
        self.means = means
        self.coefficients = coefficients
        self.inverseDiagonal = inverseDiagonal
        self.cholesky = cholesky
    }

    /// What is said of other positions.
    ///
    /// - Parameters:
    ///   - cross: K between known and other positions, shape `[l, m]`.
    ///   - prior: K_jj of the others, shape `[m]`.
    /// - Returns: Predictions, shape `[m, outputs]`; posterior variances over the output's own scale, noise included; the weights
    ///   (K + λI)⁻¹ k, shape `[l, m]`.
    func answers(
        cross: Matrix<Double>, prior: [Double], onStep: (Int) throws -> Void = { _ in }
    ) throws -> (predictions: Matrix<Double>, variances: [Double], weights: Matrix<Double>) {
        let weights = try cholesky.solve(cross, onStep: onStep)
        var predictions = cross.multiplied(by: coefficients, transposingSelf: true)
        predictions.addToRows(means)
        let explained = cross.columnDots(with: weights)
        let ridge = cholesky.ridge
        return (predictions, zip(prior, explained).map { max($0 - $1, 0) + ridge }, weights)
    }
}

/// The regression of the outputs of one pattern of holes.
struct PatternFit {
    /// Predictions at missing positions, shape `[m, outputs]`.
    let predictions: Matrix<Double>
    /// Posterior variance at missing positions and of left-out known ones over the output's own scale, noise included.
    let variances: [Double]
    let leaveOneOutVariances: [Double]
    /// Shape `[l, outputs]`.
    let leaveOneOutResiduals: Matrix<Double>
    /// For each output the scale of its variances.
    let scales: [Double]
    /// (K + λI)⁻¹ k, shape `[l, m]`.
    let weights: Matrix<Double>

    /// - Parameter targets: Shape `[l, outputs]`, l ≥ 1.
    init(
        _ blocks: consuming KernelBlocks, targets: Matrix<Double>, ridge: Double, isCentred: Bool, onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let (cross, prior) = (blocks.cross, blocks.prior)
        let system = try PatternSystem(blocks.known, targets: targets, ridge: ridge, isCentred: isCentred, onStep: onStep)
        let found = try system.answers(cross: cross, prior: prior, onStep: onStep)
        predictions = found.predictions
        variances = found.variances
        weights = found.weights
        scales = system.scales
        let leftOut = system.inverseDiagonal.map { 1 / $0 }
        var residuals = system.coefficients
        residuals.scaleRows(by: leftOut)
        leaveOneOutVariances = leftOut
        leaveOneOutResiduals = residuals
    }

    /// The known positions with the largest weights for a missing one, largest first; of equal ones the first.
    func largestWeights(of missing: Int, count: Int) -> [RowRegression.Neighbour] {
        RowRegression.Neighbour.largest(count, rowCount: weights.rowCount) { weights[$0, missing] }
    }

    /// Writes what was found where the pattern stands in the whole.
    func fill(_ pattern: HolePattern, neighbourCount: Int, in completion: inout RowRegression.Completion) {
        let width = completion.values.columnCount
        for (column, output) in pattern.outputs.enumerated() {
            for (row, position) in pattern.missing.enumerated() {
                completion.values[output, position] = predictions[row, column]
                completion.deviations[output, position] = (scales[column] * variances[row]).squareRoot()
            }
            for (row, position) in pattern.known.enumerated() {
                completion.leaveOneOutResiduals[output, position] = leaveOneOutResiduals[row, column]
                completion.leaveOneOutDeviations[output, position] = (scales[column] * leaveOneOutVariances[row]).squareRoot()
            }
        }
        guard neighbourCount > 0 else { return }
        for (row, position) in pattern.missing.enumerated() {
            let named = largestWeights(of: row, count: neighbourCount).map {
                RowRegression.Neighbour(position: pattern.known[$0.position], weight: $0.weight)
            }
            for output in pattern.outputs { completion.neighbours[output * width + position] = named }
        }
    }
}
