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
}

extension MapLinearization {
    /// J T, each column of T pushed forward as a row.
    public func pushForward(_ tangents: Matrix<Double>, at point: Int) -> Matrix<Double> {
        pushForward(rows: tangents.transposed(), at: Array(repeating: point, count: tangents.columnCount)).transposed()
    }
}

extension DifferentiableMap {
    /// The Jacobian at `x`, J[i, j] = ∂f_i(x)/∂x_j.
    ///
    /// - Parameter x: Shape `[inputDimension]`.
    /// - Returns: Shape `[outputDimension, inputDimension]`.
    public func jacobian(at x: [Double]) -> Matrix<Double> {
        linearized(at: Matrix(rowCount: 1, columnCount: x.count, elements: x)).jacobian(at: 0)
    }

    /// ‖f(x_i) - y_i‖, Euclidean, of each row x_i of `examples` and its target y_i.
    ///
    /// - Parameter examples: Shape `[task.count, inputDimension]`.
    public func residualNorms(at examples: Matrix<Double>, task: MemoryTask) -> [Double] {
        let outputs = outputs(of: examples)
        return (0..<examples.rowCount).map { squaredDistance(outputs.row($0), examples.row(task.successors[$0])).squareRoot() }
    }
}
