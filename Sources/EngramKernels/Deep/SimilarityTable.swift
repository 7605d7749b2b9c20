internal import RealModule

/// ln k of a kernel that falls with 1 - x·z alone, tabulated: evaluating a deep kernel once for each pair would be its whole cost.
///
/// Cells divide every power of two of u = 1 - z evenly up to 1/2, and from there every power of two of z = x·z: a singularity at u = 0 and a
/// zero at z = 0 are met with the same relative accuracy everywhere. Each cell has the cubic that shares values and slopes at both ends.
/// Error, tested: 1e-7 of k, or what the function itself has.
struct SimilarityTable: Sendable {
    /// Cells a power of two.
    private static let cellCount = 64
    private static let cellBits: UInt64 = 6
    /// u from 2^-100, below which two points of norm 1 in float64 are one point.
    private static let leastComplement = -100
    /// z from 2^-60: below that a pair has no weight beside others.
    private static let leastCorrelation = -60

    /// Four coefficients a cell, in the position inside the cell from 0 to 1: cells of u, then those of z.
    private let coefficients: [Double]
    /// Where those of z begin.
    private let middle: Int

    /// Tabulates a function.
    /// - Parameter function: ln k and its derivative by u, for 0 < u < 1.
    init(_ function: (Double) -> (value: Double, slope: Double)) {
        var table = Self.cells(exponents: Self.leastComplement..<(-1)) { function($0) }
        middle = table.count
        table += Self.cells(exponents: Self.leastCorrelation..<0) { z in
            // z = 1 itself is no place of this half, and its cell is asked only up to 1/2.
            let found = function(max(1 - z, 0x1p-60))
            return (found.value, -found.slope)
        }
        coefficients = table
    }

    private static func cells(exponents: Range<Int>, _ function: (Double) -> (value: Double, slope: Double)) -> [Double] {
        var table: [Double] = []
        table.reserveCapacity(exponents.count * cellCount * 4)
        let step = 1 / Double(cellCount)
        var left = function(Double(sign: .plus, exponent: exponents.lowerBound, significand: 1))
        for exponent in exponents {
            let scale = Double(sign: .plus, exponent: exponent, significand: 1)
            for cell in 1...cellCount {
                let right = function(scale * (1 + Double(cell) * step))
                if left.value.isFinite && right.value.isFinite {
                    let (a, b) = (left.slope * scale * step, right.slope * scale * step)
                    let rise = right.value - left.value
                    table += [left.value, a, 3 * rise - 2 * a - b, a + b - 2 * rise]
                } else {
                    table += [-.infinity, 0, 0, 0]
                }
                left = right
            }
        }
        return table
    }

    /// ln k at u = 1 - x·z; +∞ at 0, where the points are one.
    @inline(__always)
    func logarithm(complement u: Double) -> Double {
        guard u > 0 else { return .infinity }
        let isNear = u < 0.5
        let bits = (isNear ? u : max(1 - u, 0x1p-60)).bitPattern
        let least = isNear ? Self.leastComplement : Self.leastCorrelation
        let cell = Int(bits >> (52 - Self.cellBits)) - (1023 + least) << Self.cellBits
        guard cell >= 0 else { return .infinity }
        let position = Double(bits & (1 << (52 - Self.cellBits) - 1)) * 0x1p-46
        let k = (isNear ? 0 : middle) + cell * 4
        return coefficients[k] + position * (coefficients[k + 1] + position * (coefficients[k + 2] + position * coefficients[k + 3]))
    }
}
