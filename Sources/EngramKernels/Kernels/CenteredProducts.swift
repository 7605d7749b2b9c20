internal import EngramNumerics

/// Squared distances of rows, from one matrix product, with the digits of near pairs.
///
/// ‖a - b‖² = ‖a - μ‖² + ‖b - μ‖² - 2 (a - μ)·(b - μ), with μ the mean of the right rows: the rounding is that of the spread of the rows,
/// not of their norms. Where the result is small beside its parts, `isNear` says that it must be taken from the differences.
struct CenteredProducts: Sendable {
    /// Left rows minus μ, shape `[m, d]`.
    private let left: Matrix<Double>
    /// Right rows minus μ, shape `[n, d]`.
    private let right: Matrix<Double>
    /// Squared lengths of these.
    let leftSquares: [Double]
    let rightSquares: [Double]
    /// Whether both sides are the same rows.
    let isSymmetric: Bool

    /// Products of rows, each times its factor where there are such.
    init(
        left: Matrix<Double>, right: Matrix<Double>, isSymmetric: Bool, leftFactors: [Double]? = nil, rightFactors: [Double]? = nil
    ) {
        let factors = rightFactors ?? Array(repeating: 1, count: right.rowCount)
        let means = Self.means(right, factors)
        self.right = right.scaledRows(by: factors, subtracting: means)
        self.left =
            isSymmetric
            ? self.right : left.scaledRows(by: leftFactors ?? Array(repeating: 1, count: left.rowCount), subtracting: means)
        rightSquares = Self.squares(self.right)
        leftSquares = isSymmetric ? rightSquares : Self.squares(self.left)
        self.isSymmetric = isSymmetric
    }

    private static func means(_ rows: Matrix<Double>, _ factors: [Double]) -> [Double] {
        guard rows.rowCount > 0 else { return Array(repeating: 0, count: rows.columnCount) }
        let shares = factors.map { $0 / Double(rows.rowCount) }
        return (Matrix(rowCount: 1, columnCount: shares.count, elements: shares) * rows).elements
    }

    /// Σ of squares of each row.
    static func squares(_ matrix: Matrix<Double>) -> [Double] {
        let (d, elements) = (matrix.columnCount, matrix.elements)
        return Matrix<Double>(rowCount: matrix.rowCount, columnCount: 1) { row, target in
            var sum = 0.0
            for k in row * d..<(row + 1) * d { sum += elements[k] * elements[k] }
            target[0] = sum
        }.elements
    }

    /// The squared distance of left row i and right row j, given the product of their shifted rows; and whether it is too small for that.
    @inline(__always)
    func squaredDistance(_ i: Int, _ j: Int, product: Double) -> (value: Double, isNear: Bool) {
        let whole = leftSquares[i] + rightSquares[j]
        let value = whole - 2 * product
        // 2⁻¹⁰ of the parts keeps 13 digits.
        return (value, value <= whole * 0x1p-10)
    }

    /// Calls `appendRow` for each left row with its products and collects what it appends, rows in order, blocks of rows divided among as many
    /// threads as products use.
    ///
    /// - Parameters:
    ///   - parts: What `appendRow` appends beside values.
    ///   - lowerTriangle: Of a symmetric result only row i's first i + 1 products are given, and as many values must be appended.
    ///   - appendRow: Row index, products (columns 0 to the last one that is asked for), and where to append as many values.
    func collectRows(
        _ parts: GradientParts, lowerTriangle: Bool = false, _ appendRow: @Sendable (Int, ArraySlice<Double>, inout RowOutputs) -> Void
    ) -> RowOutputs {
        let (m, n) = (left.rowCount, right.rowCount)
        var collected = RowOutputs()
        guard m > 0 && n > 0 else { return collected }
        // 2²¹ products, 16 MiB, are few enough for the cache of most machines to help and enough for a product at full speed.
        let blockSize = max(16, min(m, (1 << 21) / n))
        var products = Matrix<Double>(rowCount: 0, columnCount: 0)
        for start in stride(from: 0, to: m, by: blockSize) {
            let rows = start..<min(start + blockSize, m)
            let columnCount = lowerTriangle ? rows.upperBound : n
            if products.rowCount != rows.count || products.columnCount != columnCount {
                products = Matrix(rowCount: rows.count, columnCount: columnCount)
            }
            products.setToProduct(
                rows.count == m ? left : left.rows(at: rows), columnCount == n ? right : right.rows(at: 0..<columnCount),
                transposingSecond: true)
            let found = outputs(of: rows, products, parts, lowerTriangle: lowerTriangle, appendRow)
            if found.count == 1 && rows.count == m, let only = found.first { return only }
            if start == 0 { collected.reserve(lowerTriangle ? m * (m + 1) / 2 : m * n, gradients: parts) }
            for part in found { collected.append(part) }
        }
        return collected
    }

    /// Products of so many rows with each other are held at once: 512 MiB.
    private static let largestWholeSide = 8192

    /// The outputs of a block of rows, by chunks of rows, in order.
    private func outputs(
        of rows: Range<Int>, _ products: Matrix<Double>, _ parts: GradientParts, lowerTriangle: Bool,
        _ appendRow: @Sendable (Int, ArraySlice<Double>, inout RowOutputs) -> Void
    ) -> [RowOutputs] {
        let columnCount = products.columnCount
        // Fewer entries than this are computed sooner than a thread wakes.
        let threadCount = rows.count * columnCount < 1 << 14 ? 1 : BLASLibrary.threadCount
        let chunk = threadCount == 1 ? rows.count : max(1, rows.count / (8 * threadCount))
        let entries = products.elements
        return ParallelMap.results(of: (rows.count + chunk - 1) / chunk, threadCount: threadCount) { index in
            var outputs = RowOutputs()
            let first = rows.lowerBound + index * chunk
            let last = min(first + chunk, rows.upperBound)
            outputs.reserve((last - first) * columnCount, gradients: parts)
            for row in first..<last {
                let offset = (row - rows.lowerBound) * columnCount
                appendRow(row, entries[offset..<offset + (lowerTriangle ? row + 1 : columnCount)], &outputs)
            }
            return outputs
        }
    }

    /// `collectRows` for values alone, as a matrix; a symmetric one is computed below its diagonal and mirrored.
    func valueMatrix(_ appendRow: @Sendable (Int, ArraySlice<Double>, inout RowOutputs) -> Void) -> Matrix<Double> {
        let (m, n) = (left.rowCount, right.rowCount)
        guard isSymmetric, n <= Self.largestWholeSide else {
            let values = collectRows(.none, lowerTriangle: isSymmetric, appendRow).values
            guard isSymmetric else { return Matrix(rowCount: m, columnCount: n, elements: values) }
            return Matrix(symmetricWithLowerTriangle: values, side: n)
        }
        // One symmetric product, whose every row makes room for its values: new memory is as much work as the arithmetic.
        var result = right.rowProducts()
        result.replaceRows(lowerTriangle: true) { row, products, values in
            var outputs = RowOutputs()
            swap(&outputs.values, &values)
            appendRow(row, products, &outputs)
            swap(&outputs.values, &values)
        }
        result.mirrorLowerTriangle()
        return result
    }
}
