extension Matrix<Double> {
    /// The column of the largest entry of each row, of equal ones the first; 0 where rows are empty or their first entry is no number.
    package func largestEntryOfEachRow() -> [Int] {
        let width = columnCount
        return elements.withUnsafeBufferPointer { values in
            (0..<rowCount).map { row in
                var best = 0
                for index in 1..<Swift.max(width, 1) where values[row * width + index] > values[row * width + best] { best = index }
                return best
            }
        }
    }
}

extension Matrix where Scalar == Double {
    /// For each row, the first row of `other` that equals it; nil where none does.
    package func indicesOfEqualRows(in other: Matrix) -> [Int?] {
        guard columnCount == other.columnCount else { return Array(repeating: nil, count: rowCount) }
        // Equal rows have equal sums, and few others have: to hash every value would take longer than all comparisons that are left.
        var candidates: [Double: [Int]] = [:]
        for index in 0..<other.rowCount { candidates[other.rowSum(index), default: []].append(index) }
        return (0..<rowCount).map { index in
            candidates[rowSum(index)]?.first { candidate in
                elements[index * columnCount..<(index + 1) * columnCount]
                    .elementsEqual(other.elements[candidate * columnCount..<(candidate + 1) * columnCount])
            }
        }
    }

    private func rowSum(_ index: Int) -> Double {
        elements.withUnsafeBufferPointer { values in
            var sum = 0.0
            for place in index * columnCount..<(index + 1) * columnCount { sum += values[place] }
            return sum
        }
    }
}
