public import EngramNumerics
internal import RealModule

/// The dimension of the set near which points lie, by the distances of their nearest neighbours.
///
/// With T_j the distance of the j-th neighbour, the likelihood estimate at one point is (k - 1)/Σ_{j<k} ln(T_k/T_j) (Levina, Bickel 2004);
/// over points the inverses are averaged (MacKay, Ghahramani 2005).
public struct IntrinsicDimension: Sendable, Equatable {
    /// The estimate; at least 1.
    public let value: Double
    /// Points whose neighbours were used.
    public let pointCount: Int
    /// k.
    public let neighbourCount: Int

    /// Points that are asked for their neighbours: the estimate's error falls with their root, and 2,000 leave 2 %.
    private static let largestSample = 2000

    /// Estimates the dimension of the set of these points.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`; repeated rows count once.
    ///   - neighbourCount: k ≥ 2; the default is the published middle of 10 to 20, less where there are fewer points.
    /// - Returns: nil with fewer than three different points.
    /// - Complexity: 2000·n distances at most.
    public init?(of points: Matrix<Double>, neighbourCount: Int = 12) {
        let n = points.rowCount
        let k = min(neighbourCount, n - 1)
        guard k >= 2 else { return nil }
        let stride = max(1, n / Self.largestSample)
        let sample = Array(Swift.stride(from: 0, to: n, by: stride).prefix(Self.largestSample))
        var (sum, count) = (0.0, 0)
        for start in Swift.stride(from: 0, to: sample.count, by: 256) {
            let rows = Array(sample[start..<min(start + 256, sample.count)])
            let geometry = DistanceGeometry(points: points.rows(at: rows), centers: points, metric: nil)
            // Each row's mean logarithm of T_k/T_j, then how many neighbours that mean is of.
            let found = geometry.products.collectRows(.none) { row, products, outputs in
                let distances = geometry.squaredDistances(row, products).filter { $0 > 0 }
                let nearest = Self.smallest(k, of: distances)
                guard nearest.count >= 2, let last = nearest.last else { return }
                // Squares: half of each logarithm.
                let mean = nearest.dropLast().reduce(0) { $0 + Double.log(last / $1) / 2 } / Double(nearest.count - 1)
                outputs.values.append(mean)
            }
            sum += found.values.reduce(0, +)
            count += found.values.count
        }
        guard count > 0, sum > 0 else { return nil }
        value = max(1, Double(count) / sum)
        pointCount = count
        self.neighbourCount = k
    }

    /// The smallest values, ascending.
    private static func smallest(_ count: Int, of values: [Double]) -> [Double] {
        var kept: [Double] = []
        for value in values where kept.count < count || value < kept[kept.count - 1] {
            let place = kept.firstIndex { $0 > value } ?? kept.count
            kept.insert(value, at: place)
            if kept.count > count { kept.removeLast() }
        }
        return kept
    }
}
