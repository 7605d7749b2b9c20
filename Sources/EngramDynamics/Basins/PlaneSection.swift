public import EngramNumerics

/// A plane in the space of examples, with coordinates (u, v): x = origin + u·e₁ + v·e₂, e₁ and e₂ orthonormal.
public struct PlaneSection: Sendable, Equatable {
    /// Shape `[d]`.
    public let origin: [Double]
    /// e₁, shape `[d]`.
    public let firstAxis: [Double]
    /// e₂, shape `[d]`.
    public let secondAxis: [Double]

    /// The whole plane where d = 2: u = x₁, v = x₂.
    public static let coordinatePlane = PlaneSection(origin: [0, 0], firstAxis: [1, 0], secondAxis: [0, 1])

    /// A plane from its parts, which must be orthonormal.
    init(origin: [Double], firstAxis: [Double], secondAxis: [Double]) {
        self.origin = origin
        self.firstAxis = firstAxis
        self.secondAxis = secondAxis
    }

    /// The plane through three points of R^d, with its origin at their centre and e₁ from the first towards the second.
    ///
    /// - Returns: Nil when the three lie on a line, to within 1e-9 of their distances.
    public init?(through first: [Double], _ second: [Double], _ third: [Double]) {
        precondition(
            first.count == second.count && first.count == third.count && first.count >= 2,
            "A plane needs three points of one space of at least two dimensions.")
        let along = zip(second, first).map { $0 - $1 }
        let across = zip(third, first).map { $0 - $1 }
        let length = Self.norm(along)
        guard length > 0 else { return nil }
        let unit = along.map { $0 / length }
        let overlap = Self.dot(across, unit)
        let rest = zip(across, unit).map { $0 - overlap * $1 }
        let height = Self.norm(rest)
        guard height > 1e-9 * Swift.max(length, Self.norm(across)) else { return nil }
        firstAxis = unit
        secondAxis = rest.map { $0 / height }
        origin = first.indices.map { (first[$0] + second[$0] + third[$0]) / 3 }
    }

    /// x of coordinates, shape `[m, 2]` to `[m, d]`.
    public func points(at coordinates: Matrix<Double>) -> Matrix<Double> {
        precondition(coordinates.columnCount == 2, "A point of a plane has two coordinates, got \(coordinates.columnCount).")
        var result = coordinates * Matrix(rows: [firstAxis, secondAxis])
        result.addToRows(origin)
        return result
    }

    /// (u, v) of the feet of perpendiculars from points, shape `[m, d]` to `[m, 2]`; for points of the plane their coordinates.
    public func coordinates(of points: Matrix<Double>) -> Matrix<Double> {
        var centred = points
        centred.addToRows(origin, scaledBy: -1)
        return centred.multiplied(by: Matrix(rows: [firstAxis, secondAxis]), transposingOther: true)
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
