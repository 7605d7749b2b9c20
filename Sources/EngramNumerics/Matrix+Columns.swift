// What iterative solvers do to many right sides at once, each a column.

extension Matrix where Scalar == Double {
    /// The inner product of each column with the same column of `other`; shape `[columnCount]`.
    package func columnDots(with other: Matrix) -> [Double] {
        precondition(
            rowCount == other.rowCount && columnCount == other.columnCount, "\(shapeText) and \(other.shapeText) differ in shape.")
        var sums = [Double](repeating: 0, count: columnCount)
        sums.withUnsafeMutableBufferPointer { sum in
            elements.withUnsafeBufferPointer { a in
                other.elements.withUnsafeBufferPointer { b in
                    for start in stride(from: 0, to: a.count, by: max(columnCount, 1)) {
                        for j in 0..<columnCount { sum[j] += a[start + j] * b[start + j] }
                    }
                }
            }
        }
        return sums
    }

    /// Adds to each column `factors` times the same column of `other`; `factors` has shape `[columnCount]`.
    package mutating func addColumns(of other: Matrix, scaledBy factors: [Double]) {
        precondition(
            rowCount == other.rowCount && columnCount == other.columnCount && factors.count == columnCount,
            "\(factors.count) columns of \(other.shapeText) cannot be added to \(shapeText).")
        let width = columnCount
        withUnsafeMutableElements { target in
            other.elements.withUnsafeBufferPointer { source in
                factors.withUnsafeBufferPointer { factor in
                    for start in stride(from: 0, to: target.count, by: max(width, 1)) {
                        for j in 0..<width { target[start + j] += factor[j] * source[start + j] }
                    }
                }
            }
        }
    }

    /// Adds `factor` times row i of `source` to the row at `indices[i]`, in this order.
    package mutating func addRows(of source: Matrix, at indices: [Int], scaledBy factor: Double) {
        let (width, height) = (columnCount, rowCount)
        precondition(
            source.rowCount == indices.count && source.columnCount == width && indices.allSatisfy { $0 >= 0 && $0 < height },
            "\(source.shapeText) cannot be added to \(indices.count) rows of \(shapeText).")
        withUnsafeMutableElements { target in
            source.elements.withUnsafeBufferPointer { addend in
                for (position, index) in indices.enumerated() {
                    for j in 0..<width { target[index * width + j] += factor * addend[position * width + j] }
                }
            }
        }
    }

    /// Adds op(tile) times some rows of `right` to some rows of self, op being the transpose where asked. Allocates nothing.
    ///
    /// - Parameters:
    ///   - tile: op(tile) has shape `[m, k]`.
    ///   - right: As wide as self; rows `rightRow` to `rightRow + k` are read.
    ///   - firstRow: Rows `firstRow` to `firstRow + m` of self are changed.
    package mutating func addProduct(
        of tile: Matrix, transposed: Bool = false, withRowsOf right: Matrix, from rightRow: Int, toRow firstRow: Int
    ) {
        let m = transposed ? tile.columnCount : tile.rowCount
        let k = transposed ? tile.rowCount : tile.columnCount
        precondition(
            right.columnCount == columnCount && rightRow >= 0 && rightRow + k <= right.rowCount && firstRow >= 0
                && firstRow + m <= rowCount,
            "\(tile.shapeText) at row \(firstRow), column \(rightRow) does not map \(right.shapeText) to \(shapeText).")
        guard m > 0, k > 0, columnCount > 0 else { return }
        let width = columnCount
        withUnsafeMutableElements { target in
            tile.elements.withUnsafeBufferPointer { first in
                right.elements.withUnsafeBufferPointer { second in
                    guard let c = target.baseAddress, let a = first.baseAddress, let b = second.baseAddress else { return }
                    Double.generalProduct(
                        transposeA: transposed, transposeB: false, m: m, n: width, k: k, alpha: 1, a: a, strideA: tile.columnCount,
                        b: b + rightRow * width, strideB: width, beta: 1, c: c + firstRow * width, strideC: width)
                }
            }
        }
    }
}
