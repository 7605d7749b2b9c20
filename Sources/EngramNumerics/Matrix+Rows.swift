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
