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

/// Damage done to an example before it is used as a cue.
public enum Corruption: Sendable, Equatable {
    /// Each entry is replaced, with this probability, by a draw from U[range]: the noise of [RBU20] Fig. 2.
    case uniformEntries(fraction: Double, range: ClosedRange<Double>)

    /// Corrupts every row of `examples`, shape `[n, d]`.
    public func applied(to examples: Matrix<Double>, using generator: inout some RandomNumberGenerator) -> Matrix<Double> {
        switch self {
        case .uniformEntries(let fraction, let range):
            return Matrix(
                rowCount: examples.rowCount, columnCount: examples.columnCount,
                elements: examples.elements.map { value in
                    guard generator.nextUniform() < fraction else { return value }
                    return range.lowerBound + (range.upperBound - range.lowerBound) * generator.nextUniform()
                })
        }
    }
}
