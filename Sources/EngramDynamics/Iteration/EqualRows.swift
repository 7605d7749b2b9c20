internal import EngramNumerics

extension Matrix<Double> {
    /// Keeps the first of rows that are equal in every bit.
    /// - Parameter places: Which row each of a caller's items is at; changed to where that row is now.
    mutating func mergeEqualRows(_ places: inout [Int]) {
        var first: [[UInt64]: Int] = [:]
        var kept: [Int] = []
        let moved = (0..<rowCount).map { index in
            let key = row(index).map(\.bitPattern)
            if let place = first[key] { return place }
            first[key] = kept.count
            kept.append(index)
            return kept.count - 1
        }
        guard kept.count < rowCount else { return }
        self = rows(at: kept)
        places = places.map { moved[$0] }
    }
}
