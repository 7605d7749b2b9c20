package import EngramNumerics

/// The states that starts visit, kept while they are computed so that nobody iterates a second time to see the way.
package struct VisitedStates: Sendable {
    /// Entries that are kept of all starts together, 64 MB; of what takes longer nothing is kept.
    package static let defaultEntryLimit = 1 << 23

    private var entries: [[Double]]
    private var room: Int

    /// Nothing visited yet.
    /// - Parameters:
    ///   - startCount: Starts that are iterated.
    ///   - entryLimit: Most entries that are kept.
    package init(startCount: Int, entryLimit: Int = defaultEntryLimit) {
        entries = Array(repeating: [], count: startCount)
        room = entryLimit
    }

    /// Takes the next state of each start that is still under way.
    /// - Parameters:
    ///   - states: Shape `[active.count, k]`.
    ///   - active: The start of each row.
    package mutating func take(_ states: Matrix<Double>, of active: [Int]) {
        room -= states.elements.count
        guard room >= 0 else {
            entries = Array(repeating: [], count: entries.count)
            return
        }
        let width = states.columnCount
        for (row, start) in active.enumerated() { entries[start] += states.elements[row * width..<(row + 1) * width] }
    }

    /// The first states of a start, f(x), f(f(x)), …, shape `[count, k]`; nil where they were not kept, and where f(x) is not finite, for
    /// which iteration takes the origin.
    package func trajectory(of start: Int, count: Int, dimension: Int) -> Matrix<Double>? {
        let kept = entries[start]
        guard dimension > 0, kept.count >= count * dimension, kept.prefix(dimension).contains(where: { $0 != 0 }) else { return nil }
        return Matrix(rowCount: count, columnCount: dimension, elements: Array(kept.prefix(count * dimension)))
    }
}
