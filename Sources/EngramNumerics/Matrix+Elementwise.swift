// Element-wise passes on whole matrices; the kernels beneath are vectorized C.

extension Matrix {
    /// Replaces z by φ(z + bias), row by row, and writes φ'(z + bias) over `derivatives`.
    ///
    /// - Parameters:
    ///   - activation: φ.
    ///   - bias: Shape `[columnCount]`.
    ///   - derivatives: The shape of self; its entries are overwritten.
    public mutating func activate(_ activation: Activation, addingBias bias: [Scalar], derivatives: inout Matrix) {
        precondition(
            derivatives.rowCount == rowCount && derivatives.columnCount == columnCount,
            "Derivatives in \(derivatives.shapeText) do not fit \(shapeText).")
        derivatives.withUnsafeMutableElements { activateRows(activation, bias: bias, derivatives: $0.baseAddress) }
    }

    /// Replaces z by φ(z + bias), row by row; `bias` has shape `[columnCount]`.
    public mutating func activate(_ activation: Activation, addingBias bias: [Scalar]) {
        activateRows(activation, bias: bias, derivatives: nil)
    }

    private mutating func activateRows(_ activation: Activation, bias: [Scalar], derivatives: UnsafeMutablePointer<Scalar>?) {
        precondition(bias.count == columnCount, "A bias of \(bias.count) does not fit \(shapeText).")
        let (rows, columns) = (rowCount, columnCount)
        withUnsafeMutableElements { target in
            bias.withUnsafeBufferPointer { addend in
                guard let z = target.baseAddress, let b = addend.baseAddress else { return }
                Scalar.activateRows(
                    activation, rows: rows, columns: columns, bias: b, from: z, values: z, derivatives: derivatives)
            }
        }
    }

    /// Replaces self by scale·(self - target) and returns Σ (self - target)², summed in float64 in a fixed order.
    public mutating func setToScaledResidual(against target: Matrix, scale: Scalar) -> Double {
        precondition(
            target.rowCount == rowCount && target.columnCount == columnCount, "\(target.shapeText) differs from \(shapeText).")
        return withUnsafeMutableElements { residual in
            target.elements.withUnsafeBufferPointer { expected in
                guard let r = residual.baseAddress, let y = expected.baseAddress else { return 0 }
                return Scalar.residual(count: residual.count, scale: scale, prediction: r, target: y, into: r)
            }
        }
    }

    /// Multiplies every entry by the one of `other` at its place, and writes the sum of each column of the result over `sums`.
    /// - Parameters:
    ///   - other: The shape of self.
    ///   - sums: Shape `[columnCount]`, overwritten; summed in float64, rows first to last.
    public mutating func multiplyEntries(by other: Matrix, columnSums sums: inout [Scalar]) {
        precondition(
            other.rowCount == rowCount && other.columnCount == columnCount && sums.count == columnCount,
            "\(other.shapeText) and \(sums.count) sums do not fit \(shapeText).")
        let (rows, columns) = (rowCount, columnCount)
        withUnsafeMutableElements { target in
            other.elements.withUnsafeBufferPointer { factors in
                sums.withUnsafeMutableBufferPointer { totals in
                    guard let delta = target.baseAddress, let d = factors.baseAddress, let s = totals.baseAddress else { return }
                    Scalar.multiplyAndSumColumns(rows: rows, columns: columns, delta, by: d, sums: s)
                }
            }
        }
    }

    /// Writes the sum of each column over `sums`, shape `[columnCount]`; summed in float64, rows first to last.
    public func sumColumns(into sums: inout [Scalar]) {
        precondition(sums.count == columnCount, "\(sums.count) sums do not fit the columns of \(shapeText).")
        elements.withUnsafeBufferPointer { source in
            sums.withUnsafeMutableBufferPointer { totals in
                guard let matrix = source.baseAddress, let s = totals.baseAddress else { return }
                Scalar.sumColumns(rows: rowCount, columns: columnCount, of: matrix, into: s)
            }
        }
    }

    /// Adds noise to every row, each row's times its strength.
    ///
    /// - Parameters:
    ///   - noise: At least `rowCount · columnCount`, row-major; the first ones are used.
    ///   - strengths: At least `rowCount`; the first ones are used.
    public mutating func addToRows(noise: [Scalar], scaledBy strengths: [Scalar]) {
        precondition(
            strengths.count >= rowCount && noise.count >= rowCount * columnCount,
            "\(noise.count) draws and \(strengths.count) strengths are no noise for \(shapeText).")
        let (rows, columns) = (rowCount, columnCount)
        withUnsafeMutableElements { target in
            strengths.withUnsafeBufferPointer { factors in
                noise.withUnsafeBufferPointer { draws in
                    guard let z = target.baseAddress, let s = factors.baseAddress, let e = draws.baseAddress else { return }
                    Scalar.addNoise(rows: rows, columns: columns, strengths: s, noise: e, to: z, into: z)
                }
            }
        }
    }
}
