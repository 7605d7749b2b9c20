import Testing

@testable import EngramMemories

@Suite struct RoundScoreTests {
    @Test func roundsAreRankedByWhatHoldsAndOnlyThenByTheRadius() {
        func score(_ verified: Int, _ recalled: Int, _ fitted: Int, _ radius: Double) -> RoundScore {
            RoundScore(verifiedCount: verified, recalledCount: recalled, fittedCount: fitted, log10Radius: radius)
        }
        // From best to worst.
        let ranked = [
            score(9, 0, 9, 3), score(8, 5, 9, 1), score(8, 4, 9, -5), score(8, 4, 8, -6), score(8, 4, 8, 0), score(8, 4, 8, .infinity),
        ]
        for (i, better) in ranked.enumerated() {
            #expect(!better.isWorse(than: better))
            for worse in ranked[(i + 1)...] {
                #expect(worse.isWorse(than: better) && !better.isWorse(than: worse), "\(worse), \(better)")
            }
        }
        #expect(ranked[1].holdsMore(than: ranked[2]) && !ranked[2].holdsMore(than: ranked[3]))
    }
}
