extension Matrix {
    /// self ← alpha·op(a)·op(b) + beta·self, with op the transpose where asked. Allocates nothing.
    ///
    /// - Parameters:
    ///   - a: op(a) has shape `[rowCount, k]`.
    ///   - b: op(b) has shape `[k, columnCount]`.
    ///   - transposingFirst: Whether op(a) is aᵀ.
    ///   - transposingSecond: Whether op(b) is bᵀ.
    ///   - alpha: Factor of the product.
    ///   - beta: Factor of what self was; 0 replaces it.
    /// - Complexity: 2·rowCount·columnCount·k operations.
    public mutating func setToProduct(
        _ a: Matrix, _ b: Matrix, transposingFirst: Bool = false, transposingSecond: Bool = false, scaledBy alpha: Scalar = 1,
        adding beta: Scalar = 0
    ) {
        let m = transposingFirst ? a.columnCount : a.rowCount
        let k = transposingFirst ? a.rowCount : a.columnCount
        let n = transposingSecond ? b.rowCount : b.columnCount
        precondition(
            k == (transposingSecond ? b.columnCount : b.rowCount) && m == rowCount && n == columnCount,
            "The product of \(a.shapeText) and \(b.shapeText) (transposed: \(transposingFirst), \(transposingSecond)) does not fit \(shapeText)."
        )
        guard m > 0 && n > 0 else { return }
        guard k > 0 else {
            withUnsafeMutableElements { target in for i in target.indices { target[i] = beta == 0 ? 0 : beta * target[i] } }
            return
        }
        let strideC = columnCount
        withUnsafeMutableElements { target in
            a.elements.withUnsafeBufferPointer { first in
                b.elements.withUnsafeBufferPointer { second in
                    // All three are non-empty here, so each has a base address.
                    guard let c = target.baseAddress, let a0 = first.baseAddress, let b0 = second.baseAddress else { return }
                    Scalar.generalProduct(
                        transposeA: transposingFirst, transposeB: transposingSecond, m: m, n: n, k: k,
                        alpha: alpha, a: a0, strideA: a.columnCount, b: b0, strideB: b.columnCount, beta: beta, c: c, strideC: strideC)
                }
            }
        }
    }

    /// op(self)·op(other), with op the transpose where asked.
    public func multiplied(by other: Matrix, transposingSelf: Bool = false, transposingOther: Bool = false) -> Matrix {
        var result = Matrix(
            rowCount: transposingSelf ? columnCount : rowCount, columnCount: transposingOther ? other.rowCount : other.columnCount)
        result.setToProduct(self, other, transposingFirst: transposingSelf, transposingSecond: transposingOther)
        return result
    }

    /// The matrix product.
    public static func * (left: Matrix, right: Matrix) -> Matrix { left.multiplied(by: right) }

    /// The product with a vector of shape `[columnCount]`.
    public static func * (left: Matrix, right: [Scalar]) -> [Scalar] {
        left.multiplied(by: Matrix(rowCount: right.count, columnCount: 1, elements: right)).elements
    }
}
