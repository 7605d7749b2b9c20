// Passes over whole matrices that write another one, divided among threads: new memory is as much work as the arithmetic.

extension Matrix where Scalar == Double {
    /// Each row times its factor, less `vector`.
    ///
    /// - Parameters:
    ///   - factors: Shape `[rowCount]`.
    ///   - vector: Shape `[columnCount]`.
    package func scaledRows(by factors: [Double], subtracting vector: [Double]) -> Matrix {
        precondition(
            factors.count == rowCount && vector.count == columnCount,
            "\(factors.count) factors and a vector of \(vector.count) do not fit \(shapeText).")
        let width = columnCount
        let result = [Double](unsafeUninitializedCapacity: elements.count) { buffer, initializedCount in
            // Threads write disjoint rows.
            nonisolated(unsafe) let target = buffer
            elements.withUnsafeBufferPointer { entries in
                nonisolated(unsafe) let source = entries
                Self.forEachBlock(of: rowCount) { rows in
                    for row in rows {
                        let (start, factor) = (row * width, factors[row])
                        vector.withUnsafeBufferPointer { offsets in
                            for column in 0..<width { target[start + column] = source[start + column] * factor - offsets[column] }
                        }
                    }
                }
            }
            initializedCount = elements.count
        }
        return Matrix(rowCount: rowCount, columnCount: columnCount, elements: result)
    }

    /// ‖r_i - o_j‖² of each row with the one of `other` that stands `first` further down, shape `[rowCount]`.
    package func squaredRowDistances(to other: Matrix, fromRow first: Int) -> [Double] {
        precondition(
            other.columnCount == columnCount && first >= 0 && first + rowCount <= other.rowCount,
            "\(other.shapeText) has no rows for \(shapeText) from \(first) on.")
        let width = columnCount
        return [Double](unsafeUninitializedCapacity: rowCount) { buffer, initializedCount in
            // Threads write disjoint entries.
            nonisolated(unsafe) let target = buffer
            elements.withUnsafeBufferPointer { own in
                other.elements.withUnsafeBufferPointer { others in
                    nonisolated(unsafe) let (a, b) = (own, others)
                    Self.forEachBlock(of: rowCount) { rows in
                        for row in rows {
                            var sum = 0.0
                            for column in 0..<width {
                                let difference = a[row * width + column] - b[(first + row) * width + column]
                                sum += difference * difference
                            }
                            target[row] = sum
                        }
                    }
                }
            }
            initializedCount = rowCount
        }
    }

    /// The symmetric matrix whose lower triangle, diagonal included, stands row after row in `packed`.
    package init(symmetricWithLowerTriangle packed: [Double], side n: Int) {
        precondition(packed.count == n * (n + 1) / 2, "\(packed.count) entries are no triangle of side \(n).")
        let whole = [Double](unsafeUninitializedCapacity: n * n) { buffer, initializedCount in
            // Threads write disjoint rows and, above the diagonal, disjoint columns.
            nonisolated(unsafe) let target = buffer
            packed.withUnsafeBufferPointer { entries in
                nonisolated(unsafe) let source = entries
                Self.forEachBlock(of: n) { rows in
                    // Tiles keep the reads and the mirrored writes near each other.
                    for columnStart in stride(from: 0, to: rows.upperBound, by: 64) {
                        for i in rows {
                            let start = i * (i + 1) / 2
                            for j in columnStart..<max(columnStart, min(columnStart + 64, i + 1)) {
                                target[i * n + j] = source[start + j]
                                target[j * n + i] = source[start + j]
                            }
                        }
                    }
                }
            }
            initializedCount = n * n
        }
        self.init(rowCount: n, columnCount: n, elements: whole)
    }

    /// Adds factor·v_i v_j to the entries on and below the diagonal.
    package mutating func addToLowerTriangle(productsOf vector: [Double], scaledBy factor: Double) {
        precondition(vector.count == rowCount && rowCount == columnCount, "A vector of \(vector.count) does not fit \(shapeText).")
        let n = rowCount
        withUnsafeMutableElements { buffer in
            // Threads write disjoint rows.
            nonisolated(unsafe) let target = buffer
            Self.forEachBlock(of: n) { rows in
                for i in rows {
                    let scale = factor * vector[i]
                    vector.withUnsafeBufferPointer { entries in for j in 0...i { target[i * n + j] += scale * entries[j] } }
                }
            }
        }
    }

    /// The first `count` entries of the first `count` rows.
    package func leadingSquare(_ count: Int) -> Matrix {
        precondition(count >= 0 && count <= rowCount && count <= columnCount, "There is no square of side \(count) in \(shapeText).")
        let result = [Double](unsafeUninitializedCapacity: count * count) { buffer, initializedCount in
            for row in 0..<count {
                let start = row * columnCount
                for column in 0..<count { buffer[row * count + column] = elements[start + column] }
            }
            initializedCount = count * count
        }
        return Matrix(rowCount: count, columnCount: count, elements: result)
    }

    /// Removes row `first` and those after it, without a copy.
    package mutating func removeRows(from first: Int) {
        precondition(first >= 0 && first <= rowCount, "Row \(first) is outside \(shapeText).")
        elements.removeLast((rowCount - first) * columnCount)
        setRowCountOfElements(first)
    }

    /// A matrix whose rows `body` writes, blocks of rows divided among as many threads as products use.
    ///
    /// - Parameter body: Called for each row, from several threads at once, with the row's entries, which are 0 before.
    package init(rowCount: Int, columnCount: Int, writingRows body: @Sendable (Int, inout MutableSpan<Double>) -> Void) {
        let elements = [Double](unsafeUninitializedCapacity: rowCount * columnCount) { buffer, initializedCount in
            // Threads write disjoint rows.
            nonisolated(unsafe) let target = buffer
            Self.forEachBlock(of: rowCount) { rows in
                for row in rows {
                    let entries = UnsafeMutableBufferPointer(rebasing: target[row * columnCount..<(row + 1) * columnCount])
                    entries.initialize(repeating: 0)
                    var span = entries.mutableSpan
                    body(row, &span)
                }
            }
            initializedCount = rowCount * columnCount
        }
        self.init(rowCount: rowCount, columnCount: columnCount, elements: elements)
    }

    /// Replaces each row, blocks of rows divided among as many threads as products use.
    ///
    /// - Parameter body: Called for each row, from several threads at once, with the row's entries.
    package mutating func changeRows(_ body: @Sendable (Int, inout MutableSpan<Double>) -> Void) {
        let (count, width) = (rowCount, columnCount)
        withUnsafeMutableElements { buffer in
            nonisolated(unsafe) let target = buffer
            Self.forEachBlock(of: count) { rows in
                for row in rows {
                    var span = UnsafeMutableBufferPointer(rebasing: target[row * width..<(row + 1) * width]).mutableSpan
                    body(row, &span)
                }
            }
        }
    }

    /// Replaces each row by what `body` makes of it, blocks of rows divided among as many threads as products use.
    ///
    /// - Parameters:
    ///   - lowerTriangle: Of row i only the first i + 1 entries are read and replaced.
    ///   - body: Called for each row, from several threads at once, with the entries, and an empty array for as many new ones.
    package mutating func replaceRows(
        lowerTriangle: Bool, _ body: @Sendable (Int, ArraySlice<Double>, inout [Double]) -> Void
    ) {
        let (count, width) = (rowCount, columnCount)
        withUnsafeMutableElements { buffer in
            // Threads write disjoint rows.
            nonisolated(unsafe) let target = buffer
            Self.forEachBlock(of: count) { rows in
                var found: [Double] = []
                found.reserveCapacity(width)
                for row in rows {
                    let length = lowerTriangle ? min(row + 1, width) : width
                    let entries = Array(UnsafeBufferPointer(rebasing: target[row * width..<row * width + length]))
                    found.removeAll(keepingCapacity: true)
                    body(row, entries[...], &found)
                    precondition(found.count == length, "Row \(row) of \(length) entries was replaced by \(found.count).")
                    for column in 0..<length { target[row * width + column] = found[column] }
                }
            }
        }
    }

    /// Copies each entry below the diagonal of a square matrix to its mirror image.
    package mutating func mirrorLowerTriangle() {
        precondition(rowCount == columnCount, "\(shapeText) has no triangles.")
        let n = rowCount
        withUnsafeMutableElements { buffer in
            // Threads write disjoint rows above the diagonal, and read below it.
            nonisolated(unsafe) let target = buffer
            Self.forEachBlock(of: n) { rows in
                for start in stride(from: rows.lowerBound, to: n, by: 64) {
                    for row in rows {
                        for column in max(start, row + 1)..<max(max(start, row + 1), min(start + 64, n)) {
                            target[row * n + column] = target[column * n + row]
                        }
                    }
                }
            }
        }
    }

    /// Blocks of 64 rows, divided among as many threads as products use.
    private static func forEachBlock(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
        let side = 64
        _ = ParallelMap.results(of: (count + side - 1) / side, threadCount: BLASLibrary.threadCount) { block in
            body(block * side..<min((block + 1) * side, count))
        }
    }
}
