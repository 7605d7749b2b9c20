public import EngramNumerics

/// Where recall begins.
public enum NoiseStart: Sendable, Equatable {
    /// Every entry U[range].
    case uniform(ClosedRange<Double>)
    /// Every entry N(mean, deviation²).
    case gaussian(mean: Double, deviation: Double)

    /// Draws starts, shape `[count, dimension]`, row by row.
    public func draw(count: Int, dimension: Int, using generator: inout some RandomNumberGenerator) -> Matrix<Double> {
        var elements: [Double] = []
        elements.reserveCapacity(count * dimension)
        for _ in 0..<count * dimension {
            switch self {
            case .uniform(let range):
                elements.append(range.lowerBound + (range.upperBound - range.lowerBound) * generator.nextUniform())
            case .gaussian(let mean, let deviation): elements.append(mean + deviation * generator.nextNormal())
            }
        }
        return Matrix(rowCount: count, columnCount: dimension, elements: elements)
    }
}
