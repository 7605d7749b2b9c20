internal import EngramNumerics

/// Norms, inner products and angles of all pairs of points and centres, with the digits of near pairs.
///
/// 1 - cos θ is half the squared distance of the unit vectors: from one product of the unit vectors less their mean, and for near pairs from
/// their differences, so that equal points, and multiples of one another, have an angle of 0 to rounding of the square.
struct PairGeometry: Sendable {
    private let points: Matrix<Double>
    private let centers: Matrix<Double>
    private let unitPoints: Matrix<Double>
    private let unitCenters: Matrix<Double>
    /// ‖x_i‖.
    let pointNorms: [Double]
    /// ‖z_j‖.
    let centerNorms: [Double]
    let products: CenteredProducts

    init(points: Matrix<Double>, centers: Matrix<Double>) {
        precondition(
            points.columnCount == centers.columnCount,
            "Points of \(points.columnCount) entries have no kernel with centres of \(centers.columnCount).")
        let isSymmetric = points == centers
        self.centers = centers
        self.points = points
        centerNorms = Self.norms(centers)
        unitCenters = Self.unit(centers, centerNorms)
        pointNorms = isSymmetric ? centerNorms : Self.norms(points)
        unitPoints = isSymmetric ? unitCenters : Self.unit(points, pointNorms)
        products = CenteredProducts(left: unitPoints, right: unitCenters, isSymmetric: isSymmetric)
    }

    static func norms(_ matrix: Matrix<Double>) -> [Double] { CenteredProducts.squares(matrix).map { $0.squareRoot() } }

    /// Rows over their norms; rows of norm 0 stay 0.
    private static func unit(_ matrix: Matrix<Double>, _ norms: [Double]) -> Matrix<Double> {
        var result = matrix
        result.scaleRows(by: norms.map { $0 > 0 ? 1 / $0 : 0 })
        return result
    }

    /// The covariance of the inner products of x_i and z_j with one standard normal vector.
    @inline(__always)
    func covariance(_ i: Int, _ j: Int, product: Double) -> PairCovariance {
        let (squared, isNear) = products.squaredDistance(i, j, product: product)
        // Below 1e-6 the distance of unit vectors is near also for the excesses, which do not gain by the shift to the mean.
        if isNear || squared < 1e-6 { return nearCovariance(i, j) }
        let (x, z) = (pointNorms[i], centerNorms[j])
        let norm = x * z
        let gap = squared / 2
        return PairCovariance(
            first: x * x, second: z * z, cross: norm * (1 - gap), determinant: norm * norm * gap * max(0, 2 - gap),
            firstExcess: x * (x - z) + norm * gap, secondExcess: z * (z - x) + norm * gap)
    }

    /// The same from differences. Not inlined: it is rare, and its loop would take the registers of the common case.
    @inline(never)
    private func nearCovariance(_ i: Int, _ j: Int) -> PairCovariance {
        let d = points.columnCount
        let (x0, z0) = (i * d, j * d)
        let (x, z) = (points.elements, centers.elements)
        let (unitX, unitZ) = (unitPoints.elements, unitCenters.elements)
        var (squared, firstExcess, secondExcess) = (0.0, 0.0, 0.0)
        for k in 0..<d {
            let across = unitX[x0 + k] - unitZ[z0 + k]
            squared += across * across
            let difference = x[x0 + k] - z[z0 + k]
            firstExcess += x[x0 + k] * difference
            secondExcess -= z[z0 + k] * difference
        }
        let (xNorm, zNorm) = (pointNorms[i], centerNorms[j])
        let norm = xNorm * zNorm
        let gap = squared / 2
        return PairCovariance(
            first: xNorm * xNorm, second: zNorm * zNorm, cross: norm * (1 - gap), determinant: norm * norm * gap * max(0, 2 - gap),
            firstExcess: firstExcess, secondExcess: secondExcess)
    }
}
