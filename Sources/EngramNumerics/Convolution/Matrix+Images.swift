// Passes over whole matrices in place, through the compiled kernels.

extension Matrix {
    /// Makes every entry 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func setToZero() {
        withUnsafeMutableElements { $0.update(repeating: 0) }
    }

    /// Multiplies every entry by the one of `other` at its place.
    package mutating func multiplyEntries(by other: Matrix) {
        precondition(other.rowCount == rowCount && other.columnCount == columnCount, "\(other.shapeText) does not fit \(shapeText).")
        withUnsafeMutableElements { target in
            other.elements.withUnsafeBufferPointer { factors in
                guard let delta = target.baseAddress, let d = factors.baseAddress else { return }
                Scalar.multiply(count: target.count, delta, by: d)
            }
        }
    }

    /// Adds the entries of `other` at their places.
    package mutating func add(_ other: Matrix) {
        precondition(other.rowCount == rowCount && other.columnCount == columnCount, "\(other.shapeText) does not fit \(shapeText).")
        withUnsafeMutableElements { target in
            other.elements.withUnsafeBufferPointer { source in
                guard let to = target.baseAddress, let from = source.baseAddress else { return }
                Scalar.addBias(rows: 1, columns: target.count, from, to: to)
            }
        }
    }
}
