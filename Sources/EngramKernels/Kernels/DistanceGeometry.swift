internal import EngramNumerics

/// Squared distances of all pairs of points and centres in a metric.
struct DistanceGeometry: Sendable {
    /// Coordinates in which the metric is the identity, those of points and of centres.
    private let points: Matrix<Double>
    private let centers: Matrix<Double>
    let products: CenteredProducts

    init(points: Matrix<Double>, centers: Matrix<Double>, metric: Metric?) {
        precondition(
            points.columnCount == centers.columnCount && (metric.map { $0.matrix.rowCount == centers.columnCount } ?? true),
            "Points of \(points.columnCount) entries, centres of \(centers.columnCount) and the metric do not fit each other.")
        let isSymmetric = points == centers
        if let metric {
            // Less their mean, so that the rounding of the product is that of their spread.
            let means = centers.columnMeans()
            self.centers = Self.coordinates(centers, means, metric)
            self.points = isSymmetric ? self.centers : Self.coordinates(points, means, metric)
        } else {
            (self.points, self.centers) = (points, centers)
        }
        products = CenteredProducts(left: self.points, right: self.centers, isSymmetric: isSymmetric)
    }

    private static func coordinates(_ rows: Matrix<Double>, _ means: [Double], _ metric: Metric) -> Matrix<Double> {
        var shifted = rows
        shifted.addToRows(means, scaledBy: -1)
        return shifted * metric.factor
    }

    @inline(__always)
    func squaredDistance(_ i: Int, _ j: Int, product: Double) -> Double {
        let (value, isNear) = products.squaredDistance(i, j, product: product)
        return isNear ? nearSquaredDistance(i, j) : value
    }

    func squaredDistances(_ i: Int, _ rowProducts: ArraySlice<Double>) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(rowProducts.count)
        for product in rowProducts { result.append(squaredDistance(i, result.count, product: product)) }
        return result
    }

    /// All of them, shape `[m, n]`.
    func squaredDistances() -> Matrix<Double> {
        products.valueMatrix { row, rowProducts, outputs in outputs.values.append(contentsOf: squaredDistances(row, rowProducts)) }
    }

    private func nearSquaredDistance(_ i: Int, _ j: Int) -> Double {
        let d = points.columnCount
        let (left, right) = (points.elements, centers.elements)
        var sum = 0.0
        for k in 0..<d {
            let difference = left[i * d + k] - right[j * d + k]
            sum += difference * difference
        }
        return sum
    }
}
