/// Mean and standard deviation of a column's known cells.
///
/// They are worked out over a power of two near the largest cell: neither do squares of large cells overflow nor those of small ones
/// vanish, and no other digit changes.
public struct ColumnMoments: Sendable, Equatable {
    /// 0 where no cell is known.
    public let mean: Double
    /// 0 where the cells differ by rounding alone.
    public let deviation: Double
    private let unit: Double
    private let meanInUnits: Double
    private let deviationInUnits: Double

    /// - Parameter values: Finite; NaN where a cell is missing.
    public init(_ values: [Double]) {
        let known = values.filter { !$0.isNaN }
        let largest = known.reduce(0.0) { max($0, $1.magnitude) }
        let unit = largest > 0 && largest.isFinite ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1.0
        let count = Double(max(known.count, 1))
        let mean = known.reduce(0.0) { $0 + $1 / unit } / count
        let variance = known.reduce(0.0) { $0 + ($1 / unit - mean) * ($1 / unit - mean) } / count
        let spread = variance.squareRoot()
        // Rounding of the mean alone must not be taken for a spread.
        let isConstant = !(spread > 1e-12 * max(mean.magnitude, .leastNormalMagnitude))
        self.unit = unit
        self.mean = mean * unit
        meanInUnits = mean
        deviation = isConstant ? 0 : spread * unit
        deviationInUnits = isConstant ? 0 : spread
    }

    /// A cell at mean 0 and deviation 1; 0 in a constant column.
    public func standardised(_ value: Double) -> Double {
        deviation > 0 ? (value / unit - meanInUnits) * (1 / deviationInUnits) : 0
    }
}
