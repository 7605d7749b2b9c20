internal import EngramNumerics

/// Norms, inner products and angles of all pairs of points and centres, with the digits of near pairs.
///
/// 1 - cos θ is half the squared distance of the unit vectors: from one product of the unit vectors less their mean, and for near pairs from
/// their differences, so that equal points, and multiples of one another, have an angle of 0 to rounding of the square. Nearly opposite pairs
/// have their 1 + cos θ from sums, likewise.
struct PairGeometry: Sendable {
    private let points: Matrix<Double>
    private let centers: Matrix<Double>
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
        pointNorms = isSymmetric ? centerNorms : Self.norms(points)
        products = CenteredProducts(
            left: points, right: centers, isSymmetric: isSymmetric, leftFactors: pointNorms.map(Self.inverse),
            rightFactors: centerNorms.map(Self.inverse))
    }

    static func norms(_ matrix: Matrix<Double>) -> [Double] { CenteredProducts.squares(matrix).map { $0.squareRoot() } }

    /// Rows of norm 0 stay 0.
    private static func inverse(_ norm: Double) -> Double { norm > 0 ? 1 / norm : 0 }

    /// The covariance of the inner products of x_i and z_j with one standard normal vector.
    @inline(__always)
    func covariance(_ i: Int, _ j: Int, product: Double) -> PairCovariance {
        let (squared, isNear) = products.squaredDistance(i, j, product: product)
        // Below 1e-6 the distance of unit vectors is near also for the excesses, which do not gain by the shift to the mean.
        if isNear || squared < 1e-6 { return nearCovariance(i, j) }
        if squared > Self.largestSquare { return oppositeCovariance(i, j) }
        let (x, z) = (pointNorms[i], centerNorms[j])
        let norm = x * z
        let gap = squared / 2
        return PairCovariance(
            first: x * x, second: z * z, cross: norm * (1 - gap), determinant: norm * norm * gap * max(0, 2 - gap),
            firstExcess: x * (x - z) + norm * gap, secondExcess: z * (z - x) + norm * gap)
    }

    /// Between nearly opposite unit vectors, 4 less the square of the distance has lost digits beyond this.
    private static let largestSquare = 4 - 0x1p-8

    /// The same from differences. Not inlined: it is rare, and its loop would take the registers of the common case.
    @inline(never)
    private func nearCovariance(_ i: Int, _ j: Int) -> PairCovariance {
        let d = points.columnCount
        let (x0, z0) = (i * d, j * d)
        let (x, z) = (points.elements, centers.elements)
        let (xNorm, zNorm) = (pointNorms[i], centerNorms[j])
        let (xScale, zScale) = (Self.inverse(xNorm), Self.inverse(zNorm))
        var (squared, firstExcess, secondExcess) = (0.0, 0.0, 0.0)
        for k in 0..<d {
            let across = x[x0 + k] * xScale - z[z0 + k] * zScale
            squared += across * across
            let difference = x[x0 + k] - z[z0 + k]
            firstExcess += x[x0 + k] * difference
            secondExcess -= z[z0 + k] * difference
        }
        let norm = xNorm * zNorm
        let gap = squared / 2
        return PairCovariance(
            first: xNorm * xNorm, second: zNorm * zNorm, cross: norm * (1 - gap), determinant: norm * norm * gap * max(0, 2 - gap),
            firstExcess: firstExcess, secondExcess: secondExcess)
    }

    /// The same from sums: what 1 + cos θ is, half the squared length of the sum of the unit vectors.
    @inline(never)
    private func oppositeCovariance(_ i: Int, _ j: Int) -> PairCovariance {
        let d = points.columnCount
        let (x0, z0) = (i * d, j * d)
        let (x, z) = (points.elements, centers.elements)
        let (xNorm, zNorm) = (pointNorms[i], centerNorms[j])
        let (xScale, zScale) = (Self.inverse(xNorm), Self.inverse(zNorm))
        var squared = 0.0
        for k in 0..<d {
            let sum = x[x0 + k] * xScale + z[z0 + k] * zScale
            squared += sum * sum
        }
        let norm = xNorm * zNorm
        let rest = squared / 2
        return PairCovariance(
            first: xNorm * xNorm, second: zNorm * zNorm, cross: norm * (rest - 1), determinant: norm * norm * rest * (2 - rest),
            firstExcess: xNorm * (xNorm + zNorm) - norm * rest, secondExcess: zNorm * (zNorm + xNorm) - norm * rest)
    }
}
