internal import EngramNumerics

/// The nearest examples of rows, in the model's own geometry.
enum NearestExamples {
    private static let batchCount = 256

    /// The `count` nearest rows of `examples` for each row of `queries`, nearest first; examples at distance 0 of the same number are left
    /// out where `own` says so.
    ///
    /// - Parameters:
    ///   - queries: Shape `[m, d]`.
    ///   - examples: Shape `[n, d]`.
    ///   - own: For each query the example that it is itself, which is left out.
    static func find(
        _ count: Int, of queries: Matrix<Double>, among examples: Matrix<Double>, own: [Int?], onStep: (Int) throws -> Void = { _ in }
    ) rethrows -> [[Int]] {
        var result: [[Int]] = []
        result.reserveCapacity(queries.rowCount)
        let squares = (0..<examples.rowCount).map { row in examples.row(row).reduce(0) { $0 + $1 * $1 } }
        for start in stride(from: 0, to: queries.rowCount, by: batchCount) {
            try onStep(start)
            let rows = start..<min(start + batchCount, queries.rowCount)
            let products = queries.rows(at: rows).multiplied(by: examples, transposingOther: true)
            for row in 0..<rows.count {
                // ‖x‖² is the same for all examples and is left out.
                let values = products.row(row)
                var best: [(distance: Double, index: Int)] = []
                for index in squares.indices where index != own[start + row] {
                    let distance = squares[index] - 2 * values[index]
                    guard best.count < count || distance < best[best.count - 1].distance else { continue }
                    let place = best.firstIndex { $0.distance > distance } ?? best.count
                    best.insert((distance, index), at: place)
                    if best.count > count { best.removeLast() }
                }
                result.append(best.map(\.index))
            }
        }
        return result
    }
}
