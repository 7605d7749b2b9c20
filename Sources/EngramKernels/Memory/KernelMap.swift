public import EngramDynamics
public import EngramNumerics

/// A kernel machine as a map that can be iterated: F(x) = Σ_l c_l(x) x_l over the stored items x_l, c(x) = o + A p(x).
///
/// p(x) is the row of kernel values of the state, on the common norm r on which [JP20] keep every state, and the items: z(x) = r u(x)/‖u(x)‖
/// for the features u. With A = S C K⁻¹ and o = S 1/n (C the centring, S the sum over examples that lead to the same item) this is
/// F(x) = f₀ + (Y - f₀) K⁻¹ p(x) for f₀ the mean of the targets, so F(x_i) = y_i exactly. The coefficients c sum to 1: every output lies in
/// the affine hull of the items.
public struct KernelMap: IterableMap {
    /// What is done with a row of kernel values.
    public enum Rows: String, Sendable, CaseIterable {
        /// Nothing: the machine of [JP20].
        case plain
        /// Divided by their sum, for kernels that fall off exponentially: far states then keep their digits, and the nearest item decides.
        case normalized
    }

    /// The parts that the whole space and every subspace have in common.
    struct Parameters: Sendable {
        let kernel: any Kernel
        let rows: Rows
        /// r.
        let norm: Double
        /// A, shape `[n, n]`.
        let mixing: Matrix<Double>
        /// o, shape `[n]`; sums to 1.
        let offset: [Double]
    }

    let parameters: Parameters
    /// u.
    let features: any FeatureMap
    /// x_l, shape `[n, d]`.
    let items: Matrix<Double>
    /// z(x_l), shape `[n, f]`.
    let centers: Matrix<Double>
    /// F as a function of the kernel row; nil in the whole space, where it would be one more n×d matrix.
    let images: KernelImages?
    /// Norms of u(x_l), shape `[n]`.
    let centerNorms: [Double]
    /// What outputs at the items and their hull have in common.
    let itemProducts = ItemProducts()
    /// ‖z(x_i) - z(x_j)‖²/r² of the items, shape `[n, n]`, where whoever solved the machine left them.
    var knownSquares: Matrix<Double>?

    /// A map from its parts.
    ///
    /// - Parameters:
    ///   - kernel: k, on states of the common norm.
    ///   - rows: What is done with a row of its values.
    ///   - norm: r > 0.
    ///   - features: u, of d entries.
    ///   - items: x_l, shape `[n, d]`, n ≥ 1.
    ///   - mixing: A, shape `[n, n]`.
    ///   - offset: o, shape `[n]`.
    public init(
        kernel: any Kernel, rows: Rows, norm: Double, features: any FeatureMap, items: Matrix<Double>, mixing: Matrix<Double>,
        offset: [Double]
    ) {
        precondition(
            items.rowCount >= 1 && mixing.rowCount == items.rowCount && mixing.columnCount == items.rowCount
                && offset.count == items.rowCount && features.inputDimension == items.columnCount && norm > 0,
            "\(items.rowCount) items do not fit coefficients of \(mixing.rowCount)×\(mixing.columnCount).")
        self.init(
            Parameters(kernel: kernel, rows: rows, norm: norm, mixing: mixing, offset: offset), features: features, items: items)
    }

    init(_ parameters: Parameters, features: any FeatureMap, items: Matrix<Double>, hasImages: Bool = false) {
        self.parameters = parameters
        self.features = features
        self.items = items
        images = hasImages ? KernelImages(mixing: parameters.mixing, offset: parameters.offset, items: items) : nil
        (centers, centerNorms) = Self.states(of: features.features(of: items), norm: parameters.norm)
    }

    /// d.
    public var inputDimension: Int { items.columnCount }
    /// d.
    public var outputDimension: Int { items.columnCount }
    /// Products with the centres, the coefficients and the items.
    public var operationCount: Double {
        let n = Double(items.rowCount)
        return 2 * n * (Double(features.featureCount) + n + Double(items.columnCount))
    }

    /// Features scaled to the common norm, with the norms they had; a state without direction stays zero.
    static func states(of features: Matrix<Double>, norm: Double) -> (rows: Matrix<Double>, norms: [Double]) {
        let norms = CenteredProducts.squares(features).map { $0.squareRoot() }
        let zeros = [Double](repeating: 0, count: features.columnCount)
        return (features.scaledRows(by: norms.map { $0 > 0 ? norm / $0 : 0 }, subtracting: zeros), norms)
    }

    /// F of each row of `batch`.
    public func outputs(of batch: Matrix<Double>) -> Matrix<Double> {
        guard batch.rowCount > Self.longestBlock else { return outputs(ofBlock: batch) }
        if images == nil && batch == items { return outputsOfItems() }
        // Where images are known, rows with few entries cost little altogether.
        let screen = images == nil || radialKernel == nil ? nil : CenterScreen(centers, stateCount: batch.rowCount)
        var result = Matrix<Double>(rowCount: batch.rowCount, columnCount: outputDimension)
        for first in stride(from: 0, to: batch.rowCount, by: Self.longestBlock) {
            let rows = first..<min(first + Self.longestBlock, batch.rowCount)
            result.copyElements(from: outputs(ofBlock: batch.rows(at: rows), screen), toRow: first)
        }
        return result
    }

    private func outputs(ofBlock batch: Matrix<Double>, _ screen: CenterScreen? = nil) -> Matrix<Double> {
        let rows = kernelRows(ofBatch: batch, screen)
        if let images { return images.outputs(of: rows) }
        var coefficients = rows.multiplied(by: parameters.mixing, transposingOther: true)
        coefficients.addToRows(parameters.offset)
        return coefficients * items
    }

    /// Items lie in their hull, whose factorization gives their coordinates and misses them by rounding alone.
    public func places(of examples: Matrix<Double>, in restriction: ImageRestriction) -> ProjectedExamples {
        guard let reduced = restriction.map as? KernelMap, examples == items else {
            return ProjectedExamples(of: examples, in: restriction)
        }
        return ProjectedExamples(coordinates: reduced.items, squaredOffsets: Array(repeating: 0, count: items.rowCount))
    }

    /// States whose kernel rows are held at once.
    static let longestBlock = 1024

    private func kernelRows(ofBatch batch: Matrix<Double>, _ screen: CenterScreen?) -> Matrix<Double> {
        kernelRows(of: Self.states(of: features.features(of: batch), norm: parameters.norm).rows, screen)
    }

    /// The coordinates of F(x) for each row x of `batch`, straight from the kernel rows.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> {
        guard let images = (restriction.map as? KernelMap)?.images else { return restriction.coordinates(of: outputs(of: batch)) }
        let screen = radialKernel == nil ? nil : CenterScreen(centers, stateCount: batch.rowCount)
        var result = Matrix<Double>(rowCount: batch.rowCount, columnCount: restriction.subspace.dimension)
        for first in stride(from: 0, to: batch.rowCount, by: Self.longestBlock) {
            let rows = first..<min(first + Self.longestBlock, batch.rowCount)
            result.copyElements(from: images.outputs(of: kernelRows(ofBatch: batch.rows(at: rows), screen)), toRow: first)
        }
        return result
    }

    func kernelRows(of states: Matrix<Double>) -> Matrix<Double> {
        switch parameters.rows {
        case .plain: return parameters.kernel.values(at: states, centers: centers)
        case .normalized:
            if let radialKernel { return Self.normalizedRows(squaredDistances(of: states), radialKernel) }
            var rows = parameters.kernel.relativeValues(at: states, centers: centers)
            rows.scaleRows(by: (0..<rows.rowCount).map { 1 / rows.row($0).reduce(0, +) })
            return rows
        }
    }

    /// The kernel, where it falls off with the plain distance and its rows are normalized; nil for others.
    var radialKernel: (any RadialKernel)? {
        guard parameters.rows == .normalized, let radial = parameters.kernel as? any RadialKernel, radial.metric == nil else { return nil }
        return radial
    }

    /// The rows of a radial kernel from squared distances of states and centres.
    static func normalizedRows(_ squares: Matrix<Double>, _ kernel: some RadialKernel) -> Matrix<Double> {
        let (source, width) = (squares.elements, squares.columnCount)
        return Matrix(rowCount: squares.rowCount, columnCount: width) { row, target in
            var values = Array(source[row * width..<(row + 1) * width])
            var top = -Double.infinity
            for index in values.indices {
                values[index] = kernel.logarithm(ofSquaredDistance: values[index])
                top = max(top, values[index])
            }
            for index in values.indices { values[index] -= top }
            values = Activation.exp.values(of: values)
            let scale = 1 / values.reduce(0, +)
            for index in values.indices { target[index] = values[index] * scale }
        }
    }

    /// ‖z - c‖² of each state and centre, shape `[m, n]`, from one product: both have one norm, so it is 2 r² - 2 z·c, and where that has lost
    /// its digits the difference itself.
    func squaredDistances(of states: Matrix<Double>) -> Matrix<Double> {
        var squares = states.multiplied(by: centers, transposingOther: true)
        let square = parameters.norm * parameters.norm
        squares.changeRows { row, values in
            for index in values.indices {
                let squared = 2 * (square - values[index])
                values[index] = squared < Self.nearShare * square ? squaredDistance(states.row(row), centers.row(index)) : squared
            }
        }
        return squares
    }

    /// Squared distances below this share of r² are taken from differences: products have 16 digits of r².
    static let nearShare = 1e-5

    /// Kernels that fall off exponentially give thin factors: at an item few others matter.
    public var hasJacobianFactors: Bool { radialKernel != nil }

    /// The kernel rows at each row of `points` with their derivatives.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization { KernelLinearization(of: self, at: points) }

    /// A kernel machine on the coordinates of the affine hull.
    ///
    /// - Parameter proposedBasis: Not used: the hull is known.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func imageRestriction(proposedBasis: Matrix<Double>?) throws(NumericsError) -> ImageRestriction {
        let hull = try hull()
        var reduced = KernelMap(
            parameters, features: try features.restricted(to: hull.subspace), items: hull.items, hasImages: true)
        // The features of the coordinates have the inner products of the whole ones.
        reduced.knownSquares = knownSquares
        return ImageRestriction(map: reduced, subspace: hull.subspace)
    }

    /// The rows that the image sees of the whole Jacobian.
    public func jacobianCore(in restriction: ImageRestriction) throws(NumericsError) -> any JacobianCore {
        KernelJacobianCore(whole: self, basis: restriction.basis)
    }
}

extension KernelMap {
    /// K, the kernel rows at the items themselves, shape `[n, n]`.
    public func kernelMatrix() -> Matrix<Double> { kernelRows(of: centers) }
}
