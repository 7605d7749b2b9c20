internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

extension Retriever {
    /// Operations that trying every place as the one before a cue may take: a few seconds.
    private static let readingOperationLimit = 4e10

    /// Cues for a map with a state that reads several samples one after another: from nothing remembered, and from what is remembered at the
    /// place from which they lead nearest to the place that they should lead to.
    ///
    /// What stood before a cue is not known, and a state that remembers it is in the way of one that does not; from the right place nothing is.
    /// - Parameter samples: Shape `[sampleEntryCount]` each, in their order, at least one; nil where one is missing.
    public func cues(reading samples: [[Double]?]) -> [Cue] {
        let plain = Cue(values: map.point(reading: samples))
        let perSample = Double(items.rowCount) * 2 * map.operationCount
        let count = min(samples.count, Int(saturating: Self.readingOperationLimit / max(perSample, 1)))
        guard set.stateEntryCount > 0, count >= 1 else { return [plain] }
        let states = items.columns(at: set.sampleEntryCount..<items.columnCount)
        let points = map.points(reading: Array(samples.suffix(count)), from: states)
        // The state after the last sample too, which says whether that one fits.
        let after = map.outputs(of: points).columns(at: set.sampleEntryCount..<items.columnCount)
        var due = Array(0..<items.rowCount)
        for _ in 0..<count { due = due.map { set.task.successors[$0] } }
        let distances = due.indices.map { squaredDistance(after.row($0), states.row(due[$0])) }
        guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }), distances[best].isFinite else { return [plain] }
        return [Cue(values: points.row(best)), plain]
    }
}
