extension PhaseTensor {
    /// The values of one pixel of a larger picture with all of its pixels, by [R23] SI L: the window is moved to the pixel, and beyond it
    /// stands the least value of the window, which a kernel of nearest upsampling has everywhere beyond its reach.
    ///
    /// - Parameters:
    ///   - row: Of the pixel.
    ///   - column: Of the pixel.
    ///   - newSide: Side of the larger circular picture, a multiple of the period and at least `side`.
    /// - Returns: Shape `[newSide, newSide]`, flat.
    public func expandedRow(at row: Int, _ column: Int, side newSide: Int) -> [Double] {
        precondition(newSide >= side && newSide % period == 0, "A picture of side \(newSide) is no expansion of side \(side).")
        let plane = ((row % period) * period + column % period) * side * side
        let window = values[plane..<plane + side * side]
        var result = [Double](repeating: window.min() ?? 0, count: newSide * newSide)
        for u in 0..<side {
            for v in 0..<side {
                let r = (row + (2 * u < side ? u : u - side) + newSide) % newSide
                let c = (column + (2 * v < side ? v : v - side) + newSide) % newSide
                result[r * newSide + c] = values[plane + u * side + v]
            }
        }
        return result
    }
}
