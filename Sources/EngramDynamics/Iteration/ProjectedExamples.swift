public import EngramNumerics

/// Where examples lie in the coordinates of a restriction, and how far off its subspace.
public struct ProjectedExamples: Sendable {
    /// s of each example, shape `[n, k]`.
    public let coordinates: Matrix<Double>
    /// ‖x - o - Q s‖² of each.
    public let squaredOffsets: [Double]

    /// - Parameters:
    ///   - examples: Shape `[n, d]`.
    ///   - restriction: Of the map that stores them.
    public init(of examples: Matrix<Double>, in restriction: ImageRestriction) {
        coordinates = restriction.coordinates(of: examples)
        var offsets: [Double] = []
        for first in stride(from: 0, to: examples.rowCount, by: Self.pointsAtOnce) {
            let rows = first..<min(first + Self.pointsAtOnce, examples.rowCount)
            let whole = rows.count == examples.rowCount
            let points = restriction.points(at: whole ? coordinates : coordinates.rows(at: rows))
            offsets += points.squaredRowDistances(to: examples, fromRow: first)
        }
        squaredOffsets = offsets
    }

    /// Places that are known.
    ///
    /// - Parameters:
    ///   - coordinates: Shape `[n, k]`.
    ///   - squaredOffsets: Shape `[n]`.
    public init(coordinates: Matrix<Double>, squaredOffsets: [Double]) {
        precondition(
            coordinates.rowCount == squaredOffsets.count, "\(squaredOffsets.count) offsets do not fit \(coordinates.rowCount) places.")
        self.coordinates = coordinates
        self.squaredOffsets = squaredOffsets
    }

    private static let pointsAtOnce = 512
}
