@testable import EngramDrops
import Testing

@Suite struct ScanPaceTests {
    @Test(arguments: [0, 0.001, 0.5, 30])
    func lookingTakesItsShareOfTheTimeAndNoMore(duration: Double) {
        var pace = ScanPace()
        #expect(pace.earliest < 0)
        pace.didScan(from: 100, to: 100 + duration)
        // duration / (time from one start to the next) = share, by definition of the share.
        let period = pace.earliest - 100
        #expect(abs(period * ScanPace.share - duration) <= 1e-12 * (100 + period))
    }
}
