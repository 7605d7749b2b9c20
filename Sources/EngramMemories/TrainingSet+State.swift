public import EngramDynamics
internal import EngramNumerics

extension TrainingSet {
    /// The set as `map` sees it: each sample with what the map remembers when it meets it, as it reads the cycles round and round. The set
    /// itself for a map without a state.
    ///
    /// Samples with the same past have the same state to the last bit, so that a text that repeats itself is one cycle.
    /// - Parameter map: Its points are samples and states.
    public func carried(by map: any IterableMap) -> TrainingSet {
        guard map.stateEntryCount > 0, stateEntryCount == 0, map.inputDimension == examples.columnCount + map.stateEntryCount,
            !task.isAutoencoder
        else { return self }
        let samples = examples.converted(to: Double.self)
        var states: [Float] = []
        for cycle in task.cycles { states += map.carriedStates(along: samples.rows(at: cycle)).elements.map { Float($0) } }
        let (all, pasts) = (Matrix(rowCount: task.count, columnCount: map.stateEntryCount, elements: states), task.pasts(of: equalExamples))
        return carrying(all.rows(at: pasts))
    }
}

extension MemoryTask {
    /// For each example of cycles the first before which the same went, however far back one looks.
    /// - Parameter groups: For each example the first that equals it.
    package func pasts(of groups: [Int]) -> [Int] {
        var before = [Int](repeating: 0, count: count)
        for (example, successor) in successors.enumerated() { before[successor] = example }
        let classes = Self.classes(before.map { groups[$0] }, along: before).numbers
        var firsts: [Int: Int] = [:]
        for (example, own) in classes.enumerated() where firsts[own] == nil { firsts[own] = example }
        return classes.map { firsts[$0] ?? 0 }
    }
}
