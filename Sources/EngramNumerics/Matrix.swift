// Callers live in other modules, where a generic loop would run unspecialized, 50 times slower: hence the specializations below.

/// A dense matrix, row-major, shape `[rowCount, columnCount]`.
///
/// In this project the rows of a batch are samples. A value type: copies share storage until one is written.
public struct Matrix<Scalar: NumericScalar>: Sendable, Equatable {
    /// Number of rows.
    public private(set) var rowCount: Int
    /// Number of columns.
    public private(set) var columnCount: Int
    /// All entries, row by row; `rowCount · columnCount` of them.
    public internal(set) var elements: [Scalar]

    /// A matrix over given entries.
    /// - Parameters:
    ///   - rowCount: 0 or more.
    ///   - columnCount: 0 or more.
    ///   - elements: Row-major, exactly `rowCount · columnCount` entries.
    public init(rowCount: Int, columnCount: Int, elements: [Scalar]) {
        precondition(
            rowCount >= 0 && columnCount >= 0 && elements.count == rowCount * columnCount,
            "A \(rowCount)×\(columnCount) matrix needs \(rowCount * columnCount) entries, got \(elements.count).")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.elements = elements
    }

    /// A matrix whose entries are all `value`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public init(rowCount: Int, columnCount: Int, repeating value: Scalar = 0) {
        self.init(rowCount: rowCount, columnCount: columnCount, elements: Array(repeating: value, count: rowCount * columnCount))
    }

    /// A matrix from its rows, which must have equal length.
    public init(rows: [[Scalar]]) {
        let columnCount = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == columnCount }, "The rows of a matrix must have equal length.")
        var elements: [Scalar] = []
        elements.reserveCapacity(rows.count * columnCount)
        for row in rows { elements.append(contentsOf: row) }
        self.init(rowCount: rows.count, columnCount: columnCount, elements: elements)
    }

    /// The n×n identity.
    public static func identity(_ n: Int) -> Matrix {
        var result = Matrix(rowCount: n, columnCount: n)
        for i in 0..<n { result[i, i] = 1 }
        return result
    }

    /// The entry at row `i`, column `j`.
    public subscript(i: Int, j: Int) -> Scalar {
        get {
            precondition(i >= 0 && i < rowCount && j >= 0 && j < columnCount, "[\(i), \(j)] is outside \(shapeText).")
            return elements[i * columnCount + j]
        }
        set {
            precondition(i >= 0 && i < rowCount && j >= 0 && j < columnCount, "[\(i), \(j)] is outside \(shapeText).")
            elements[i * columnCount + j] = newValue
        }
    }

    /// Row `i`, shape `[columnCount]`.
    public func row(_ i: Int) -> [Scalar] {
        precondition(i >= 0 && i < rowCount, "Row \(i) is outside \(shapeText).")
        return Array(elements[i * columnCount..<(i + 1) * columnCount])
    }

    /// Column `j`, shape `[rowCount]`.
    public func column(_ j: Int) -> [Scalar] {
        precondition(j >= 0 && j < columnCount, "Column \(j) is outside \(shapeText).")
        return (0..<rowCount).map { elements[$0 * columnCount + j] }
    }

    /// Replaces row `i`.
    /// - Parameters:
    ///   - i: In `0..<rowCount`.
    ///   - values: Shape `[columnCount]`.
    public mutating func setRow(_ i: Int, to values: some Collection<Scalar>) {
        precondition(
            i >= 0 && i < rowCount && values.count == columnCount, "A row of \(values.count) does not fit row \(i) of \(shapeText).")
        elements.replaceSubrange(i * columnCount..<(i + 1) * columnCount, with: values)
    }

    /// The rows at `indices`, in that order (an index may repeat).
    public func rows(at indices: some Collection<Int>) -> Matrix {
        var gathered: [Scalar] = []
        gathered.reserveCapacity(indices.count * columnCount)
        for i in indices {
            precondition(i >= 0 && i < rowCount, "Row \(i) is outside \(shapeText).")
            gathered.append(contentsOf: elements[i * columnCount..<(i + 1) * columnCount])
        }
        return Matrix(rowCount: indices.count, columnCount: columnCount, elements: gathered)
    }

    /// The columns of a range, in order.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func columns(at range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columnCount, "Columns \(range) are not all in \(shapeText).")
        var result = Matrix(rowCount: rowCount, columnCount: range.count)
        for i in 0..<rowCount {
            let from = i * columnCount + range.lowerBound
            result.setRow(i, to: elements[from..<from + range.count])
        }
        return result
    }

    /// The entries where the rows and columns at these indices cross, in their order.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func submatrix(rows: [Int], columns: [Int]) -> Matrix {
        precondition(
            rows.allSatisfy { $0 >= 0 && $0 < rowCount } && columns.allSatisfy { $0 >= 0 && $0 < columnCount },
            "Rows or columns are not all in \(shapeText).")
        var gathered: [Scalar] = []
        gathered.reserveCapacity(rows.count * columns.count)
        elements.withUnsafeBufferPointer { source in
            for row in rows {
                let start = row * columnCount
                for column in columns { gathered.append(source[start + column]) }
            }
        }
        return Matrix(rowCount: rows.count, columnCount: columns.count, elements: gathered)
    }

    /// The first `count` columns.
    public func leadingColumns(_ count: Int) -> Matrix { columns(at: 0..<count) }

    /// This matrix with one more column, all entries `value`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func appendingColumn(repeating value: Scalar) -> Matrix {
        var widened: [Scalar] = []
        widened.reserveCapacity(rowCount * (columnCount + 1))
        for i in 0..<rowCount {
            widened.append(contentsOf: elements[i * columnCount..<(i + 1) * columnCount])
            widened.append(value)
        }
        return Matrix(rowCount: rowCount, columnCount: columnCount + 1, elements: widened)
    }

    /// The matrix with rows and columns exchanged.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func transposed() -> Matrix {
        // Blocks that fit the cache keep both sides' accesses near each other; threads write disjoint columns of blocks.
        let (block, height, width) = (32, rowCount, columnCount)
        let exchanged = [Scalar](unsafeUninitializedCapacity: elements.count) { buffer, initializedCount in
            nonisolated(unsafe) let target = buffer
            elements.withUnsafeBufferPointer { entries in
                nonisolated(unsafe) let source = entries
                let threadCount = entries.count < 1 << 17 ? 1 : BLASLibrary.threadCount
                _ = ParallelMap.results(of: (width + block - 1) / block, threadCount: threadCount) { part in
                    let columns = part * block..<min((part + 1) * block, width)
                    for rowStart in stride(from: 0, to: height, by: block) {
                        for i in rowStart..<min(rowStart + block, height) {
                            for j in columns { target[j * height + i] = source[i * width + j] }
                        }
                    }
                }
            }
            initializedCount = elements.count
        }
        return Matrix(rowCount: columnCount, columnCount: rowCount, elements: exchanged)
    }

    /// The same values in another precision, rounded to nearest.
    @_specialize(where Scalar == Float, Other == Double)
    @_specialize(where Scalar == Double, Other == Float)
    public func converted<Other: NumericScalar>(to type: Other.Type) -> Matrix<Other> {
        let converted = [Other](unsafeUninitializedCapacity: elements.count) { buffer, initializedCount in
            // Threads write disjoint ranges.
            nonisolated(unsafe) let target = buffer
            elements.withUnsafeBufferPointer { entries in
                nonisolated(unsafe) let source = entries
                ParallelMap.forEachRange(of: source.count) { range in for index in range { target[index] = Other(source[index]) } }
            }
            initializedCount = elements.count
        }
        return Matrix<Other>(rowCount: rowCount, columnCount: columnCount, elements: converted)
    }

    /// Calls `body` with the entries for in-place work; the count cannot change.
    mutating func withUnsafeMutableElements<Result>(_ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result) rethrows -> Result {
        try elements.withUnsafeMutableBufferPointer { try body($0) }
    }

    /// The count that goes with elements that have just been removed or appended.
    mutating func setRowCountOfElements(_ count: Int) { rowCount = count }

    var shapeText: String { "a \(rowCount)×\(columnCount) matrix" }
}

extension Matrix {
    /// Where the first entry stands that is NaN or infinite, if there is one.
    public var firstNonFiniteEntry: (row: Int, column: Int)? {
        @_specialize(where Scalar == Float)
        @_specialize(where Scalar == Double)
        get {
            guard let index = elements.firstIndex(where: { !$0.isFinite }) else { return nil }
            return (index / columnCount, index % columnCount)
        }
    }

    /// Throws if an entry is NaN or infinite.
    /// - Throws: `NumericsError.nonFinite` naming `operation` and the place.
    public func requireFinite(in operation: String) throws(NumericsError) {
        if let place = firstNonFiniteEntry {
            throw .nonFinite(operation: operation, row: place.row, column: place.column)
        }
    }
}
