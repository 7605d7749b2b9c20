import Testing

@testable import EngramPipeline

@Suite struct AnalysisSampleTests {
    @Test func aSampleIsAllUpToItsLimitAndSpreadEvenlyBeyond() {
        #expect(AnalysisSample.indices(of: 0, limit: 3) == [])
        #expect(AnalysisSample.indices(of: 3, limit: 3) == [0, 1, 2])
        #expect(AnalysisSample.indices(of: 10, limit: 4) == [0, 2, 5, 7])
        #expect(AnalysisSample.indices(of: 60_000, limit: 1) == [0])
    }

    @Test(arguments: [(1000, 999), (60_000, 1000), (7, 5)])
    func gapsDifferByOneAtMost(count: Int, limit: Int) {
        let indices = AnalysisSample.indices(of: count, limit: limit)
        #expect(indices.count == limit)
        let gaps = Set(zip(indices, indices.dropFirst() + [count]).map { $1 - $0 })
        #expect(gaps.isSubset(of: [count / limit, count / limit + 1]))
    }
}
