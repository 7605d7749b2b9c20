internal import EngramDynamics
internal import EngramNumerics

/// The items of a set that differ, for memories that are written down item by item.
struct DistinctItems {
    /// The first of each that are equal.
    let kept: [Int]
    /// For each kept item, by its place in `kept`, the one that it leads to.
    let successors: [Int]
    /// Shape `[kept.count, d]`.
    let items: Matrix<Float>

    init(of set: TrainingSet) {
        let (groups, kept) = (set.equalExamples, set.distinctExamples)
        let place = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        self.kept = kept
        successors = kept.map { place[groups[set.task.successors[$0]]] ?? 0 }
        items = kept.count == set.examples.rowCount ? set.examples : set.examples.rows(at: kept)
    }
}

extension TrainingSet {
    /// The first of each examples that are equal.
    var distinctExamples: [Int] { equalExamples.indices.filter { equalExamples[$0] == $0 } }
}
