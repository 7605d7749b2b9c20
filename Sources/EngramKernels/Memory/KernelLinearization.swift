internal import EngramDynamics
internal import EngramNumerics
internal import RealModule

/// The derivative of a kernel machine at some points.
///
/// With z = r u/q, q = ‖u‖: dz = (r/q) (I - û ûᵀ) B t, and dz is orthogonal to z, so of the gradient of a kernel value only the part along the
/// centre counts: dk_j = a_j ⟨z_j - z, dz⟩. For normalized rows p = k/Σk it is dp = (I - p 1ᵀ) (a ⟨z_j - z, dz⟩)/Σk. J t = Xᵀ A dp.
struct KernelLinearization: MapLinearization {
    private let map: KernelMap
    /// z at each point, shape `[m, f]`.
    private let states: Matrix<Double>
    /// q.
    private let norms: [Double]
    /// p or k at each point, shape `[m, n]`.
    private let rows: Matrix<Double>
    /// a_j/Σk or a_j, shape `[m, n]`.
    private let slopes: Matrix<Double>
    /// The item that each point is, if it is one.
    private let ownItems: [Int?]
    /// ‖z - z_j‖² of a radial kernel with normalized rows, shape `[m, n]`; nil for others.
    private let squares: Matrix<Double>?

    private var parameters: KernelMap.Parameters { map.parameters }
    private var isNormalized: Bool { parameters.rows == .normalized }

    init(of map: KernelMap, at points: Matrix<Double>) {
        self.map = map
        let norm = map.parameters.norm
        let (states, norms) = KernelMap.states(of: map.features.features(of: points), norm: norm)
        (self.states, self.norms) = (states, norms)
        let isNormalized = map.parameters.rows == .normalized
        let kernel = map.parameters.kernel
        var (rows, slopes): (Matrix<Double>, Matrix<Double>)
        if let radial = map.radialKernel {
            let squares = map.squaredDistances(of: states, at: points)
            rows = KernelMap.normalizedRows(squares, radial)
            slopes = Matrix(
                rowCount: rows.rowCount, columnCount: rows.columnCount,
                elements: zip(rows.elements, squares.elements).map { $0 * radial.logarithmicSlope(ofSquaredDistance: $1) })
            self.squares = squares
        } else {
            let found =
                isNormalized
                ? kernel.relativeGradients(at: states, centers: map.centers) : kernel.gradients(at: states, centers: map.centers)
            (rows, slopes) = (found.values, found.alongDifferences)
            squares = nil
            if isNormalized {
                let scales = (0..<rows.rowCount).map { 1 / rows.row($0).reduce(0, +) }
                rows.scaleRows(by: scales)
                slopes.scaleRows(by: scales)
            }
        }
        let own = (0..<states.rowCount).map { Self.ownItem(states.row($0), rows.row($0), map.centers, norm) }
        // The own item is at distance 0 to within rounding, which a large slope would turn into a derivative.
        for (row, item) in own.enumerated() { if let item { slopes[row, item] = 0 } }
        (self.rows, self.slopes, ownItems) = (rows, slopes, own)
    }

    /// The item at which a state stands: that of the largest value, if it is as near as rounding.
    private static func ownItem(_ state: [Double], _ row: [Double], _ centers: Matrix<Double>, _ norm: Double) -> Int? {
        guard let nearest = row.indices.max(by: { row[$0] < row[$1] }) else { return nil }
        return squaredDistance(state, centers.row(nearest)) <= 1e-24 * norm * norm ? nearest : nil
    }

    /// (r/q) (I - û ûᵀ) w of each row w, for the state of its point; it is its own transpose.
    private func projected(_ features: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        var result = features
        for (row, point) in points.enumerated() {
            let state = states.row(point)
            var values = result.row(row)
            var along = 0.0
            for index in values.indices { along += values[index] * state[index] }
            along /= parameters.norm * parameters.norm
            let scale = norms[point] > 0 ? parameters.norm / norms[point] : 0
            for index in values.indices { values[index] = scale * (values[index] - along * state[index]) }
            result.setRow(row, to: values)
        }
        return result
    }

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        let moved = projected(map.features.pushForward(rows: tangents), at: points)
        var change = moved.multiplied(by: map.centers, transposingOther: true)
        for (row, point) in points.enumerated() { change.setRow(row, to: differentiated(change.row(row), at: point)) }
        if let images = map.images { return change * images.weights }
        return change.multiplied(by: parameters.mixing, transposingOther: true) * map.items
    }

    /// dk or dp from ⟨z_j, dz⟩.
    private func differentiated(_ products: [Double], at point: Int) -> [Double] {
        var result = slopes.row(point)
        for index in result.indices { result[index] *= products[index] }
        guard isNormalized else { return result }
        let (total, row) = (result.reduce(0, +), rows.row(point))
        for index in result.indices { result[index] -= row[index] * total }
        return result
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        var weights =
            map.images.map { cotangents.multiplied(by: $0.weights, transposingOther: true) }
            ?? cotangents.multiplied(by: map.items, transposingOther: true) * parameters.mixing
        for (row, point) in points.enumerated() {
            var values = weights.row(row)
            if isNormalized {
                let kernelRow = rows.row(point)
                var mean = 0.0
                for index in values.indices { mean += values[index] * kernelRow[index] }
                for index in values.indices { values[index] -= mean }
            }
            let slope = slopes.row(point)
            for index in values.indices { values[index] *= slope[index] }
            weights.setRow(row, to: values)
        }
        return map.features.pullBack(rows: projected(weights * map.centers, at: points))
    }

    /// Row i of J is the i-th unit vector pulled back.
    func jacobian(at point: Int) -> Matrix<Double> {
        pullBack(rows: .identity(map.outputDimension), at: Array(repeating: point, count: map.outputDimension))
    }

    /// J = Σ_j (Xᵀ A (e_j - p)) ⊗ (p_j g_j (r/q) Bᵀ (I - û ûᵀ) (z_j - z)) over the items j whose share counts, with the largest share taken
    /// out as a scale: g_j is the slope of the logarithm of the kernel.
    func factors(at point: Int) -> JacobianFactors? {
        guard let kernel = map.radialKernel, var squares = squares?.row(point) else { return nil }
        let (state, own) = (states.row(point), ownItems[point])
        if let own { squares[own] = 0 }
        let logarithms = squares.map { kernel.logarithm(ofSquaredDistance: $0) }
        let top = logarithms.max() ?? 0
        let total = Double.log(logarithms.reduce(0) { $0 + Double.exp($1 - top) })
        let shares = squares.indices.map { index in
            index == own
                ? -Double.infinity
                : logarithms[index] - top - total + Double.log(kernel.logarithmicSlope(ofSquaredDistance: squares[index]))
        }
        let largest = shares.max() ?? -.infinity
        let active = largest.isFinite ? shares.indices.filter { shares[$0] > largest + Self.smallestLogarithmicShare } : []
        let row = logarithms.map { Double.exp($0 - top - total) }
        var differences = map.centers.rows(at: active)
        differences.addToRows(state, scaledBy: -1)
        differences.scaleRows(by: active.map { Double.exp(shares[$0] - largest) })
        let right = map.features.pullBack(rows: projected(differences, at: Array(repeating: point, count: active.count)))
        return JacobianFactors(
            left: leftFactor(row, active).transposed(), right: right, log10Scale: active.isEmpty ? 0 : largest / Double.log(10))
    }

    /// Xᵀ A (e_j - p) as a row for each j of `active`.
    private func leftFactor(_ row: [Double], _ active: [Int]) -> Matrix<Double> {
        if let images = map.images {
            var left = images.weights.rows(at: active)
            left.addToRows(images.combination(row), scaledBy: -1)
            return left
        }
        let mean = parameters.mixing * row
        var coefficients = parameters.mixing.submatrix(rows: Array(0..<mean.count), columns: active).transposed()
        coefficients.addToRows(mean, scaledBy: -1)
        return coefficients * map.items
    }

    /// Items whose share of the derivative is below this part of the largest are lost in its rounding.
    private static let smallestLogarithmicShare = -40.0

    /// At an item, for a kernel exp(-ρ‖z - z_i‖): the own value falls in every direction, and w = ρ (r/q) p_i Xᵀ A (p - e_i) for normalized
    /// rows. A cusp of another kind has no bound here.
    func cusp(at point: Int) -> JacobianCusp? {
        guard !parameters.kernel.isSmoothOnDiagonal, let own = ownItems[point] else { return nil }
        guard let kernel = parameters.kernel as? LaplaceKernel else { return JacobianCusp(log10Bound: .infinity) }
        var change = isNormalized ? rows.row(point) : [Double](repeating: 0, count: rows.columnCount)
        change[own] -= 1
        if isNormalized {
            let share = rows[point, own]
            for index in change.indices { change[index] *= share }
        }
        let direction = Matrix(rowCount: 1, columnCount: change.count, elements: parameters.mixing * change) * map.items
        let jump = direction.frobeniusNorm / kernel.bandwidth * (norms[point] > 0 ? parameters.norm / norms[point] : 0)
        let smooth = factors(at: point).map { Double.exp10($0.log10Scale) * ($0.left * $0.right).frobeniusNorm }
        return JacobianCusp(log10Bound: Double.log10(jump + (smooth ?? jacobian(at: point).frobeniusNorm)))
    }
}

/// The core of a kernel machine's Jacobian, Qᵀ J with Q_in the identity; operator norms come from its thin factors.
struct KernelJacobianCore: JacobianCore {
    let whole: KernelMap
    /// Q_out.
    let basis: Matrix<Double>

    var readsItsImage: Bool { false }
    var hasJacobianFactors: Bool { whole.hasJacobianFactors }
    var inputDimension: Int { whole.inputDimension }
    var outputDimension: Int { basis.columnCount }

    func linearized(at points: Matrix<Double>) -> any MapLinearization {
        ProjectedLinearization(whole: whole.linearized(at: points), basis: basis)
    }
}
