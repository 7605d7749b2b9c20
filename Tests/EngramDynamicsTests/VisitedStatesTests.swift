import EngramNumerics
import Testing

@testable import EngramDynamics

@Suite struct VisitedStatesTests {
    /// Three starts of which the second ends first.
    private func visited(limit: Int) -> VisitedStates {
        var visited = VisitedStates(startCount: 3, entryLimit: limit)
        visited.take(Matrix(rows: [[1, 2], [3, 4], [0, 0]]), of: [0, 1, 2])
        visited.take(Matrix(rows: [[5, 6], [7, 8]]), of: [0, 2])
        return visited
    }

    @Test func eachStartHasItsOwnStatesInOrder() {
        let kept = visited(limit: 100)
        #expect(kept.trajectory(of: 0, count: 2, dimension: 2) == Matrix(rows: [[1, 2], [5, 6]]))
        #expect(kept.trajectory(of: 1, count: 1, dimension: 2) == Matrix(rows: [[3, 4]]))
        // It was not that long under way.
        #expect(kept.trajectory(of: 1, count: 2, dimension: 2) == nil)
        // The origin stands for a first image that is no number.
        #expect(kept.trajectory(of: 2, count: 2, dimension: 2) == nil)
    }

    @Test func beyondTheLimitNothingIsKept() {
        #expect(visited(limit: 10).trajectory(of: 0, count: 1, dimension: 2) != nil)
        #expect(visited(limit: 9).trajectory(of: 0, count: 1, dimension: 2) == nil)
    }
}
