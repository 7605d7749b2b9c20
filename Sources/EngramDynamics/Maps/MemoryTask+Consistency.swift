public import EngramNumerics

extension MemoryTask {
    /// Two equal examples that are to go to different ones, which no map can do.
    public struct Contradiction: Equatable, Sendable {
        /// One of the two equal examples.
        public let first: Int
        /// The other of the two.
        public let second: Int
        /// What the first is to go to.
        public let firstTarget: Int
        /// What the second is to go to.
        public let secondTarget: Int

        /// All parts at once.
        public init(first: Int, second: Int, firstTarget: Int, secondTarget: Int) {
            self.first = first
            self.second = second
            self.firstTarget = firstTarget
            self.secondTarget = secondTarget
        }
    }

    /// The first contradiction among `samples`, shape `[count, d]`, if there is one.
    ///
    /// A cycle that holds equal examples with equal successors throughout is a shorter cycle and no contradiction.
    public func firstContradiction(in samples: Matrix<Float>) -> Contradiction? {
        precondition(samples.rowCount == count, "\(samples.rowCount) samples do not fit a task of \(count).")
        guard !isAutoencoder else { return nil }
        let groups = samples.equalRowGroups()
        for second in 0..<count {
            let first = groups[second]
            guard first != second else { continue }
            if groups[successors[first]] != groups[successors[second]] {
                return Contradiction(
                    first: first, second: second, firstTarget: successors[first], secondTarget: successors[second])
            }
        }
        return nil
    }
}

extension Matrix where Scalar == Float {
    /// For each row, the first row that equals it (itself, where none before does).
    public func equalRowGroups() -> [Int] {
        // Equal rows have equal sums, and few others have: to hash every value would take longer than all comparisons that are left.
        var firsts: [Float: [(index: Int, values: [Float])]] = [:]
        return (0..<rowCount).map { index in
            let values = row(index)
            let sum = values.reduce(0, +)
            if let first = firsts[sum]?.first(where: { $0.values == values }) { return first.index }
            firsts[sum, default: []].append((index, values))
            return index
        }
    }

    /// The first two rows that are equal.
    public func firstEqualRows() -> (first: Int, second: Int)? {
        let groups = equalRowGroups()
        return groups.indices.first { groups[$0] != $0 }.map { (groups[$0], $0) }
    }
}
