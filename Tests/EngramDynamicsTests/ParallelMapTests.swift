import EngramNumerics
import Synchronization
import Testing

@testable import EngramDynamics

@Suite struct ParallelMapTests {
    @Test(arguments: [1, 2, 5, 64])
    func resultsKeepTheirOrderAndEachIsComputedOnce(threadCount: Int) {
        for count in [0, 1, 2, 63, 1000] {
            let calls = Atomic(0)
            let results = ParallelMap.results(of: count, threadCount: threadCount) { index in
                calls.wrappingAdd(1, ordering: .relaxed)
                return index * index
            }
            #expect(results == (0..<count).map { $0 * $0 })
            #expect(calls.load(ordering: .relaxed) == count)
        }
    }
}
