import EngramDynamics
import EngramNumerics
import Testing

@Suite struct MemoryTaskTests {
    private func samples(_ states: [Float]) -> Matrix<Float> { Matrix(rows: states.map { [$0, 1] }) }

    @Test func aStateWithTwoSuccessorsIsAContradiction() {
        let conflict = MemoryTask.sequences([0..<4]).firstContradiction(in: samples([1, 2, 1, 3]))
        #expect(conflict == .init(first: 0, second: 2, firstTarget: 1, secondTarget: 3))
    }

    @Test func aCycleWrittenTwiceIsNoContradiction() {
        #expect(MemoryTask.sequences([0..<4]).firstContradiction(in: samples([1, 2, 1, 2])) == nil)
        #expect(MemoryTask.sequences([0..<2, 2..<4]).firstContradiction(in: samples([1, 2, 1, 2])) == nil)
    }

    @Test func twoCyclesThroughOneStateContradictEachOther() {
        #expect(MemoryTask.sequences([0..<2, 2..<4]).firstContradiction(in: samples([1, 2, 1, 3])) != nil)
    }

    @Test func equalExamplesOfAnAutoencoderAreNoContradiction() {
        #expect(MemoryTask.autoencoder(count: 3).firstContradiction(in: samples([1, 1, 2])) == nil)
        #expect(samples([1, 2, 1]).equalRowGroups() == [0, 1, 0])
        #expect(samples([1, 2, 1]).firstEqualRows()?.second == 2)
        #expect(samples([1, 2, 3]).firstEqualRows() == nil)
    }
}
