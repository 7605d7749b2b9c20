public import EngramNumerics
internal import RealModule

/// Ridgeless kernel regression of one-hot labels with the kernel of a network of L hidden layers, on the sphere: what the infinitely deep
/// classifier is the limit of. Source: [R23] Eq. (4.2), and SI I for the unit diagonal.
public struct DeepKernelMachine: Sendable {
    /// L.
    public let depth: Int
    /// Different examples, shape `[n, d]`.
    public let points: Matrix<Double>
    /// α of K α = Y, shape `[n, c]`.
    public let coefficients: Matrix<Double>
    private let table: SimilarityTable

    private static let batchCount = 512

    /// Solves for the coefficients.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`, rows of norm 1 without negative entries; the labels of equal rows are averaged.
    ///   - labels: Classes from 0, shape `[n]`.
    ///   - classCount: c.
    ///   - kernel: Of the network, divided by its value at z = 1.
    ///   - onStep: Called now and then; what it throws ends the solution.
    /// - Throws: `DeepClassifierError`; `KernelSolverError` for a Gram matrix without an inverse; what `onStep` throws.
    /// - Complexity: n³/3 operations.
    public init(
        points: Matrix<Double>, labels: [Int], classCount: Int, kernel: DeepKernel, onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let limit = try InfinitelyDeepClassifier(
            points: points, labels: labels, classCount: classCount, taxonomy: kernel.taxonomy, table: nil)
        try self.init(
            points: limit.points, targets: limit.shares, table: kernel.table, function: kernel.function, onStep: onStep)
    }

    /// Solves for the coefficients of a network of this activation and depth.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`, rows of norm 1 without negative entries; the labels of equal rows are averaged.
    ///   - labels: Classes from 0, shape `[n]`.
    ///   - classCount: c.
    ///   - activation: φ.
    ///   - depth: L ≥ 1.
    ///   - kind: Which kernel; each is divided by its value at z = 1.
    ///   - onStep: Called now and then; what it throws ends the solution.
    /// - Throws: `DeepClassifierError`; `KernelSolverError` for a Gram matrix without an inverse; what `onStep` throws.
    public init(
        points: Matrix<Double>, labels: [Int], classCount: Int, activation: any DualActivation, depth: Int,
        kind: FullyConnectedKernel.Kind = .nngp, onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let kernel = try DeepKernel(activation, depth: depth, kind: kind)
        try self.init(points: points, labels: labels, classCount: classCount, kernel: kernel, onStep: onStep)
    }

    private init(
        points: Matrix<Double>, targets: Matrix<Double>, table: SimilarityTable, function: FiniteDepth, onStep: (Int) throws -> Void
    ) throws {
        self.table = table
        self.points = points
        depth = function.depth
        let diagonal = function.logarithmOfDiagonal
        let geometry = DistanceGeometry(points: points, centers: points, metric: nil)
        var gram = geometry.products.valueMatrix { row, products, outputs in
            var values = geometry.squaredDistances(row, products)
            for j in values.indices { values[j] = table.logarithm(complement: values[j] / 2) - diagonal }
            outputs.values.append(contentsOf: Activation.exp.values(of: values))
        }
        for i in 0..<gram.rowCount { gram[i, i] = 1 }
        coefficients = try KernelCholesky(gram, onStep: onStep).solve(targets, onStep: onStep)
    }

    static func function(
        _ activation: any DualActivation, _ taxonomy: DepthTaxonomy, depth: Int, kind: FullyConnectedKernel.Kind
    ) throws(DeepClassifierError) -> FiniteDepth {
        guard depth >= 1 else { throw .badDepth(depth) }
        guard let dual = UnitDual(activation) else { throw .badActivation(name: activation.name, norm: activation.variance(1)) }
        return FiniteDepth(
            dual: dual, slopeAtZero: taxonomy.limit == .singular ? taxonomy.squaredMeanSlope : nil, depth: depth, kind: kind)
    }

    /// Values of the machine up to a positive factor for each point, whose largest class they tell.
    ///
    /// - Parameter queries: Shape `[m, d]`, rows of norm 1 without negative entries.
    /// - Returns: Shape `[m, c]`.
    /// - Complexity: O(m·n·(d + c)).
    public func relativeScores(at queries: Matrix<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: queries.rowCount, columnCount: coefficients.columnCount)
        for start in stride(from: 0, to: queries.rowCount, by: Self.batchCount) {
            let batch = queries.rows(at: start..<min(start + Self.batchCount, queries.rowCount))
            let geometry = DistanceGeometry(points: batch, centers: points, metric: nil)
            let table = table
            let outputs = geometry.products.collectRows(.none) { row, products, outputs in
                var values = geometry.squaredDistances(row, products)
                for j in values.indices { values[j] = table.logarithm(complement: values[j] / 2) }
                let top = values.max() ?? 0
                guard top.isFinite else {
                    outputs.values.append(contentsOf: values.map { $0 == top ? 1 : 0 })
                    return
                }
                for j in values.indices { values[j] -= top }
                outputs.values.append(contentsOf: Activation.exp.values(of: values))
            }
            let weights = Matrix(rowCount: batch.rowCount, columnCount: points.rowCount, elements: outputs.values)
            let sums = weights * coefficients
            for row in 0..<sums.rowCount { result.setRow(start + row, to: sums.row(row)) }
        }
        return result
    }

    /// The class with the largest value at each point; the first of equals.
    public func labels(at queries: Matrix<Double>) -> [Int] { relativeScores(at: queries).largestEntryOfEachRow() }
}

/// The kernel of a network of L hidden layers on the sphere, tabulated: made once for any number of machines.
public struct DeepKernel: Sendable {
    let taxonomy: DepthTaxonomy
    let function: FiniteDepth
    let table: SimilarityTable

    /// - Parameters:
    ///   - activation: φ.
    ///   - depth: L ≥ 1.
    ///   - kind: Which kernel.
    /// - Throws: `DeepClassifierError`.
    /// - Complexity: 10,000·L evaluations of the dual activation.
    public init(
        _ activation: any DualActivation, depth: Int, kind: FullyConnectedKernel.Kind = .nngp
    ) throws(DeepClassifierError) {
        let taxonomy = try DepthTaxonomy(activation)
        let function = try DeepKernelMachine.function(activation, taxonomy, depth: depth, kind: kind)
        self.taxonomy = taxonomy
        self.function = function
        table = SimilarityTable { function.logarithm(complement: $0) }
    }
}

/// How far the kernel of L layers is from its limit.
public struct DepthGap: Sendable, Equatable {
    /// L.
    public let depth: Int
    /// The largest |Φ^(L)(z)/φ̌′(0)^L - ψ(z)|/ψ(z) on z = 1/64, …, 63/64.
    public let largestRelativeGap: Double

    /// Gaps at these depths; empty where the limit is not singular.
    ///
    /// - Parameters:
    ///   - activation: φ.
    ///   - depths: Each ≥ 1.
    /// - Throws: `DeepClassifierError`.
    public static func gaps(
        _ activation: any DualActivation, depths: [Int], kind: FullyConnectedKernel.Kind = .nngp
    ) throws(DeepClassifierError) -> [DepthGap] {
        let taxonomy = try DepthTaxonomy(activation)
        guard taxonomy.limit == .singular, let dual = UnitDual(activation) else { return [] }
        let koenigs = KoenigsFunction(dual, slopeAtZero: taxonomy.squaredMeanSlope)
        var result: [DepthGap] = []
        for depth in depths {
            let function = try DeepKernelMachine.function(activation, taxonomy, depth: depth, kind: kind)
            var largest = 0.0
            for k in 1..<64 {
                let u = 1 - Double(k) / 64
                let difference = function.logarithm(complement: u).value - koenigs.logarithm(complement: u).value
                largest = max(largest, abs(Double.expMinusOne(difference)))
            }
            result.append(DepthGap(depth: depth, largestRelativeGap: largest))
        }
        return result
    }
}
