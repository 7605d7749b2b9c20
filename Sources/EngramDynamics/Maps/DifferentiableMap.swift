public import EngramNumerics

/// A map f: R^d → R^m with a derivative, evaluated on batches: each row of a matrix is a point.
///
/// This is all that recall, spectra, basins and the census know of a memory. A family of maps conforms in its own folder, and may give
/// faster forms of whatever has a default here; the default is then the oracle for it. Everything is float64.
public protocol DifferentiableMap: Sendable {
    /// d, the length of x.
    var inputDimension: Int { get }
    /// m, the length of f(x).
    var outputDimension: Int { get }
    /// Multiplications and additions that f takes at one point of a batch, for plans that must fit a time.
    var operationCount: Double { get }

    /// Whether linearizations give thin factors of J, so that complete spectra are cheap whatever d is.
    var hasJacobianFactors: Bool { get }

    /// f of each row of `batch`, shape `[n, d]` to `[n, m]`.
    func outputs(of batch: Matrix<Double>) -> Matrix<Double>

    /// The derivative of f at each row of `points`, shape `[n, d]`.
    func linearized(at points: Matrix<Double>) -> any MapLinearization
}

/// The Jacobians of a map at n points, J_i = ∂f(x_i)/∂x of shape `[m, d]`, as products and as matrices.
public protocol MapLinearization: Sendable {
    /// J_{p(i)} t_i for each row t_i of `tangents`, shape `[k, d]` to `[k, m]`; p(i) is entry i of `points`.
    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double>

    /// J_{p(i)}ᵀ t_i for each row t_i of `cotangents`, shape `[k, m]` to `[k, d]`; p(i) is entry i of `points`.
    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double>

    /// J T at one point, shape `[d, k]` to `[m, k]`.
    func pushForward(_ tangents: Matrix<Double>, at point: Int) -> Matrix<Double>

    /// J at one point, shape `[m, d]`. It is formed whole: take it of a map in few dimensions.
    func jacobian(at point: Int) -> Matrix<Double>

    /// J at one point as a product of two thin matrices, where the map has such; nil elsewhere.
    func factors(at point: Int) -> JacobianFactors?

    /// What the map's derivative lacks at one point, where it has only one-sided derivatives there; nil where J is the derivative.
    func cusp(at point: Int) -> JacobianCusp?
}

/// J = 10^s L R with few columns in L: its nonzero eigenvalues are those of 10^s R L.
///
/// The scale keeps what float64 cannot hold: a state that is drawn in hard has derivatives far below 1e-308.
public struct JacobianFactors: Sendable {
    /// L, shape `[m, r]`.
    public let left: Matrix<Double>
    /// R, shape `[r, d]`.
    public let right: Matrix<Double>
    /// s.
    public let log10Scale: Double

    /// Factors that fit each other.
    public init(left: Matrix<Double>, right: Matrix<Double>, log10Scale: Double) {
        precondition(left.columnCount == right.rowCount, "\(left.columnCount) columns do not fit \(right.rowCount) rows.")
        self.left = left
        self.right = right
        self.log10Scale = log10Scale
    }
}

/// How a map with a cusp at x leaves it: f(x + εv) = f(x) + ε (J v + w φ(v)) + o(ε) with |φ(v)| ≤ ‖v‖.
///
/// No matrix is the derivative then, and eigenvalues of J alone prove nothing. Distances to f(x) shrink in every direction where
/// ‖J‖ + ‖w‖ < 1.
public struct JacobianCusp: Sendable {
    /// log10 of an upper bound of ‖J‖ + ‖w‖.
    public let log10Bound: Double

    /// A cusp with its bound.
    public init(log10Bound: Double) { self.log10Bound = log10Bound }
}

extension MapLinearization {
    /// None is known.
    public func factors(at point: Int) -> JacobianFactors? { nil }
    /// None.
    public func cusp(at point: Int) -> JacobianCusp? { nil }

    /// J T, each column of T pushed forward as a row.
    public func pushForward(_ tangents: Matrix<Double>, at point: Int) -> Matrix<Double> {
        pushForward(rows: tangents.transposed(), at: Array(repeating: point, count: tangents.columnCount)).transposed()
    }
}

extension DifferentiableMap {
    /// False.
    public var hasJacobianFactors: Bool { false }

    /// The Jacobian at `x`, J[i, j] = ∂f_i(x)/∂x_j.
    ///
    /// - Parameter x: Shape `[inputDimension]`.
    /// - Returns: Shape `[outputDimension, inputDimension]`.
    public func jacobian(at x: [Double]) -> Matrix<Double> {
        linearized(at: Matrix(rowCount: 1, columnCount: x.count, elements: x)).jacobian(at: 0)
    }

    /// ‖f(x_i) - y_i‖, Euclidean, of each row x_i of `examples` and its target y_i.
    ///
    /// - Parameters:
    ///   - examples: Shape `[task.count, inputDimension]`.
    ///   - task: Which example is the target of each.
    public func residualNorms(at examples: Matrix<Double>, task: MemoryTask) -> [Double] {
        let outputs = outputs(of: examples)
        return (0..<examples.rowCount).map { squaredDistance(outputs.row($0), examples.row(task.successors[$0])).squareRoot() }
    }
}
