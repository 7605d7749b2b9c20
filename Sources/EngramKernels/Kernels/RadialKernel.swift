public import EngramNumerics

/// A kernel that is a falling function of the distance ‖x - z‖_M, given by its logarithm.
///
/// With L(δ²) = ln k, ∂ ln k/∂x = g M (z - x) and g = -2 L′(δ²). Everything else follows; relative rows subtract logarithms before the
/// exponential.
public protocol RadialKernel: Kernel {
    /// M; nil is the identity.
    var metric: Metric? { get }
    /// ln k at this squared distance; 0 at 0.
    func logarithm(ofSquaredDistance squared: Double) -> Double
    /// g at this squared distance; 0 at 0 if k has a cusp there.
    func logarithmicSlope(ofSquaredDistance squared: Double) -> Double
}

extension RadialKernel {
    /// The values; see `Kernel`.
    public func values(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double> {
        let geometry = DistanceGeometry(points: points, centers: centers, metric: metric)
        return geometry.products.valueMatrix { row, products, outputs in
            append(geometry.squaredDistances(row, products), dividedByExponentialOf: 0, withGradients: false, to: &outputs)
        }
    }

    /// k at squared distances that are known, each times `scale`, shape as they have.
    func values(ofSquaredDistances squares: Matrix<Double>, scaledBy scale: Double) -> Matrix<Double> {
        let width = squares.columnCount
        let chunk = max(1, (1 << 16) / max(width, 1))
        let parts = ParallelMap.results(
            of: (squares.rowCount + chunk - 1) / chunk, threadCount: BLASLibrary.threadCount
        ) { part in
            var logarithms = Array(squares.elements[part * chunk * width..<min((part + 1) * chunk, squares.rowCount) * width])
            for index in logarithms.indices { logarithms[index] = logarithm(ofSquaredDistance: logarithms[index] * scale) }
            return Activation.exp.values(of: logarithms)
        }
        return Matrix(rowCount: squares.rowCount, columnCount: width, elements: Array(parts.joined()))
    }

    /// The values with their gradients; see `Kernel`.
    public func gradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients {
        let geometry = DistanceGeometry(points: points, centers: centers, metric: metric)
        let outputs = geometry.products.collectRows(.alongDifferences) { row, products, outputs in
            append(geometry.squaredDistances(row, products), dividedByExponentialOf: 0, withGradients: true, to: &outputs)
        }
        return gradients(outputs, points.rowCount, centers.rowCount)
    }

    /// k(x_i, z_j) / max_l k(x_i, z_l); see `Kernel`.
    public func relativeValues(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double> {
        let geometry = DistanceGeometry(points: points, centers: centers, metric: metric)
        let outputs = geometry.products.collectRows(.none) { row, products, outputs in
            appendRelative(geometry.squaredDistances(row, products), withGradients: false, to: &outputs)
        }
        return Matrix(rowCount: points.rowCount, columnCount: centers.rowCount, elements: outputs.values)
    }

    /// The same with gradients: ∂(k_j/k_*)/∂x = (k_j/k_*) (∂ ln k_j/∂x - ∂ ln k_*/∂x), with `references` naming the nearest centre; see
    /// `Kernel`.
    public func relativeGradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients {
        let geometry = DistanceGeometry(points: points, centers: centers, metric: metric)
        let outputs = geometry.products.collectRows(.alongDifferences) { row, products, outputs in
            appendRelative(geometry.squaredDistances(row, products), withGradients: true, to: &outputs)
        }
        return gradients(outputs, points.rowCount, centers.rowCount)
    }

    /// 1 for each point.
    public func diagonal(at points: Matrix<Double>) -> [Double] { Array(repeating: 1, count: points.rowCount) }

    private func appendRelative(_ squared: [Double], withGradients: Bool, to outputs: inout RowOutputs) {
        var nearest = 0
        for j in squared.indices where squared[j] < squared[nearest] { nearest = j }
        append(
            squared, dividedByExponentialOf: logarithm(ofSquaredDistance: squared[nearest]), withGradients: withGradients, to: &outputs)
        if withGradients {
            outputs.references.append(
                KernelGradients.Reference(center: nearest, slope: logarithmicSlope(ofSquaredDistance: squared[nearest])))
        }
    }

    /// Appends k/e^top for squared distances, and its coefficients.
    private func append(_ squared: [Double], dividedByExponentialOf top: Double, withGradients: Bool, to outputs: inout RowOutputs) {
        var logarithms = squared
        for j in logarithms.indices { logarithms[j] = logarithm(ofSquaredDistance: squared[j]) - top }
        let values = Activation.exp.values(of: logarithms)
        outputs.values.append(contentsOf: values)
        guard withGradients else { return }
        for j in values.indices { outputs.alongDifferences.append(values[j] * logarithmicSlope(ofSquaredDistance: squared[j])) }
    }

    private func gradients(_ outputs: RowOutputs, _ m: Int, _ n: Int) -> KernelGradients {
        KernelGradients(
            values: Matrix(rowCount: m, columnCount: n, elements: outputs.values),
            alongDifferences: Matrix(rowCount: m, columnCount: n, elements: outputs.alongDifferences), metric: metric?.matrix,
            references: outputs.references.count == m && m > 0 ? outputs.references : nil)
    }
}
