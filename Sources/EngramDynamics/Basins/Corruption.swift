public import EngramNumerics
internal import EngramSystem

/// Damage done to an example before it is used as a cue.
public enum Corruption: Sendable, Equatable {
    /// Half of a raster.
    public enum Half: String, Sendable, CaseIterable {
        case left, right, top, bottom
    }

    /// Each entry is replaced, with this probability, by a draw from U[range]: the noise of [RBU20] Fig. 2.
    case uniformEntries(fraction: Double, range: ClosedRange<Double>)
    /// A rectangle of one colour, each channel a draw from U[range], at a random place: the squares of [RBU20] Fig. 2. It covers this share
    /// of the area, to whole places, and is as near to a square as that and the raster allow.
    case square(area: Double, raster: Raster, range: ClosedRange<Double>)
    /// A draw from N(0, radius²) is added to each entry: [JP20] section 5.4, whose noise radius is this standard deviation.
    case gaussian(radius: Double)
    /// Every entry of one half is `value`. Of an odd number of places the middle one stays.
    case masked(Half, raster: Raster, value: Double)

    /// Whether it covers places, and leaves the other entries as they are.
    package var coversPlaces: Bool {
        switch self {
        case .square, .masked: true
        case .uniformEntries, .gaussian: false
        }
    }

    /// Corrupts every row of `examples`, shape `[n, d]`; a raster has d entries.
    public func applied(to examples: Matrix<Double>, using generator: inout some RandomNumberGenerator) -> Matrix<Double> {
        var elements = examples.elements
        switch self {
        case .uniformEntries(let fraction, let range):
            for index in elements.indices where generator.nextUniform() < fraction { elements[index] = range.draw(using: &generator) }
        case .gaussian(let radius):
            for index in elements.indices { elements[index] += radius * generator.nextNormal() }
        case .square(let area, let raster, let range):
            requireFit(raster, examples)
            for row in 0..<examples.rowCount {
                let (height, width) = Self.sides(area: area, raster)
                let top = Self.offset(upTo: raster.height - height, using: &generator)
                let left = Self.offset(upTo: raster.width - width, using: &generator)
                let colour = (0..<raster.channels).map { _ in range.draw(using: &generator) }
                Self.fill(&elements, from: row * raster.count, raster, rows: top..<top + height, columns: left..<left + width, colour)
            }
        case .masked(let half, let raster, let value):
            requireFit(raster, examples)
            let colour = [Double](repeating: value, count: raster.channels)
            for row in 0..<examples.rowCount {
                let (rows, columns) = Self.places(of: half, raster)
                Self.fill(&elements, from: row * raster.count, raster, rows: rows, columns: columns, colour)
            }
        }
        return Matrix(rowCount: examples.rowCount, columnCount: examples.columnCount, elements: elements)
    }

    private func requireFit(_ raster: Raster, _ examples: Matrix<Double>) {
        precondition(
            raster.count == examples.columnCount, "A raster of \(raster.count) entries does not fit examples of \(examples.columnCount).")
    }

    private static func sides(area: Double, _ raster: Raster) -> (height: Int, width: Int) {
        let places = Double(raster.height * raster.width) * min(max(area, 0), 1)
        guard places >= 0.5 else { return (0, 0) }
        let side = Int(saturating: places.squareRoot().rounded())
        // Where one side is longer than the raster, the other makes up for it.
        let width = min(max(side, Int(saturating: (places / Double(raster.height)).rounded())), raster.width)
        return (min(max(side, Int(saturating: (places / Double(width)).rounded())), raster.height), width)
    }

    private static func offset(upTo last: Int, using generator: inout some RandomNumberGenerator) -> Int {
        // A uniform draw is below 1, so the offset is at most `last`.
        Int(saturating: Double(last + 1) * generator.nextUniform())
    }

    private static func places(of half: Half, _ raster: Raster) -> (rows: Range<Int>, columns: Range<Int>) {
        switch half {
        case .left: (0..<raster.height, 0..<raster.width / 2)
        case .right: (0..<raster.height, raster.width - raster.width / 2..<raster.width)
        case .top: (0..<raster.height / 2, 0..<raster.width)
        case .bottom: (raster.height - raster.height / 2..<raster.height, 0..<raster.width)
        }
    }

    private static func fill(
        _ elements: inout [Double], from start: Int, _ raster: Raster, rows: Range<Int>, columns: Range<Int>, _ colour: [Double]
    ) {
        for row in rows {
            for column in columns {
                let base = start + (row * raster.width + column) * raster.channels
                for (channel, value) in colour.enumerated() { elements[base + channel] = value }
            }
        }
    }
}

extension ClosedRange<Double> {
    /// A draw from U[self].
    fileprivate func draw(using generator: inout some RandomNumberGenerator) -> Double {
        lowerBound + (upperBound - lowerBound) * generator.nextUniform()
    }
}
