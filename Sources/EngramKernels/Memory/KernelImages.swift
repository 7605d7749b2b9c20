internal import EngramNumerics

/// b + Σ_j p_j T_j for rows p: what F is as a function of the kernel row alone, T = Aᵀ X and b = Xᵀ o, or c(x), T = Aᵀ and b = o.
///
/// At and near a stored item few entries of a row matter. Terms below 2^-52/n of the largest are left out; together they are below 2^-52 of
/// it, one unit of its rounding, where adding up n terms may cost n/2 units.
struct KernelImages: Sendable {
    /// T, shape `[n, k]`.
    let weights: Matrix<Double>
    /// b, shape `[k]`.
    private let base: [Double]
    /// The largest entry of each T_j by modulus.
    private let reaches: [Double]

    init(weights: Matrix<Double>, base: [Double]) {
        self.weights = weights
        self.base = base
        reaches = (0..<weights.rowCount).map { row in weights.row(row).reduce(0) { max($0, abs($1)) } }
    }

    /// F of a machine with these items; where those but the last are a lower triangle, as a hull gives them, at half of the operations.
    init(mixing: Matrix<Double>, offset: [Double], items: Matrix<Double>) {
        let weights: Matrix<Double>
        if items.rowCount == items.columnCount + 1, items.columnCount > 0, items.leadingSquareIsLowerTriangular {
            let k = items.columnCount
            var product = mixing.rows(at: 0..<k).transposed()
            product.multiply(byLowerTriangleOf: items)
            product.addProduct(of: mixing.row(k), and: items.row(k))
            weights = product
        } else {
            weights = mixing.multiplied(by: items, transposingSelf: true)
        }
        self.init(
            weights: weights,
            base: (Matrix(rowCount: 1, columnCount: offset.count, elements: offset) * items).elements)
    }

    /// F for each kernel row.
    func outputs(of rows: Matrix<Double>) -> Matrix<Double> {
        let chunk = 16
        let (m, thinRows) = (rows.rowCount, (0..<rows.rowCount).map { significant(rows.row($0)) })
        var result = Matrix<Double>(rowCount: m, columnCount: base.count)
        let dense = thinRows.indices.filter { thinRows[$0] == nil }
        if dense.count == m {
            result = rows * weights
        } else {
            let parts = ParallelMap.results(of: (m + chunk - 1) / chunk, threadCount: BLASLibrary.threadCount) { part in
                (part * chunk..<min((part + 1) * chunk, m)).map { row in
                    thinRows[row].map { weights.combination(ofRows: $0.indices, factors: $0.factors) }
                }
            }
            for (row, sum) in parts.joined().enumerated() { if let sum { result.setRow(row, to: sum) } }
            if !dense.isEmpty {
                let products = rows.rows(at: dense) * weights
                for (position, row) in dense.enumerated() { result.setRow(row, to: products.row(position)) }
            }
        }
        result.addToRows(base)
        return result
    }

    /// Σ_j p_j T_j.
    func combination(_ row: [Double]) -> [Double] {
        if let thin = significant(row) { return weights.combination(ofRows: thin.indices, factors: thin.factors) }
        return (Matrix(rowCount: 1, columnCount: row.count, elements: row) * weights).elements
    }

    /// The terms that count; nil where they are so many that a whole product is as fast.
    private func significant(_ row: [Double]) -> (indices: [Int], factors: [Double])? {
        var largest = 0.0
        for index in row.indices { largest = max(largest, abs(row[index]) * reaches[index]) }
        // Not a number: left to the whole product, which keeps it.
        guard largest.isFinite else { return nil }
        let least = largest * 0x1p-52 / Double(row.count)
        var indices: [Int] = []
        for index in row.indices where !(abs(row[index]) * reaches[index] < least) {
            indices.append(index)
            if indices.count > row.count / 8 + 4 { return nil }
        }
        return (indices, indices.map { row[$0] })
    }
}
