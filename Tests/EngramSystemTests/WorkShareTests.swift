import Testing

@testable import EngramSystem

@Suite struct WorkShareTests {
    /// Work whose parts take the given seconds, told in steps of a tenth of a part.
    private func told(costs: [Double], seconds: [Double]) -> [(time: Double, share: Double, left: Double?)] {
        var work = WorkShare(costs: costs, startingAt: 100)
        var (now, told) = (100.0, [(time: Double, share: Double, left: Double?)]())
        for (part, length) in seconds.enumerated() {
            for tenth in 0...10 {
                work.advance(to: part, Double(tenth) / 10, at: now + length * Double(tenth) / 10)
                told.append((now + length * Double(tenth) / 10 - 100, work.share, work.remainingSeconds))
            }
            now += length
        }
        return told
    }

    /// Closed form: where costs are proportional to time, the share is that of time.
    @Test func rightEstimatesGiveTheShareOfTime() throws {
        for line in told(costs: [1, 3, 0.5], seconds: [2, 6, 1]) {
            #expect(abs(line.share - line.time / 9) < 1e-12, "\(line)")
            if let left = line.left { #expect(abs(left - (9 - line.time)) < 1e-9, "\(line)") }
        }
    }

    @Test(arguments: [[1.0, 1, 1], [1, 100, 1], [100, 1, 1], [0, 0, 0], [.nan, 1, .infinity], [1, 0, 1]])
    func wrongEstimatesNeverTakeAShareBackNorPassTheEnd(costs: [Double]) {
        let all = told(costs: costs, seconds: [3, 5, 2])
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.share <= $1.share })
        #expect(all.allSatisfy { (0...1).contains($0.share) && ($0.left ?? 0) >= 0 && ($0.left ?? 0).isFinite })
        #expect((all.last?.share ?? 0) > 1 - 1e-12 && (all.last?.left ?? 0) < 1e-9)
    }

    /// A part that is half done is judged by its own pace, whatever was estimated: half done, half its time is left.
    @Test func aPartTellsItsOwnPace() throws {
        var work = WorkShare(costs: [1, 1], startingAt: 0)
        work.advance(to: 0, 1, at: 1)
        work.advance(to: 1, 0.5, at: 11)
        let left = try #require(work.remainingSeconds)
        #expect(abs(left - 10) < 1e-12 && abs(work.share - 11.0 / 21) < 1e-12)
    }

    @Test func partsDoneBeforeCount() throws {
        var work = WorkShare(costs: [1, 1, 2], partsDone: 2, inSeconds: 10, startingAt: 50)
        #expect(abs(work.share - 0.5) < 1e-12)
        work.advance(to: 2, 0.5, at: 55)
        #expect(abs(work.share - 0.75) < 1e-12)
        // What is done already changes nothing.
        work.advance(to: 0, 0.1, at: 55)
        #expect(abs(work.share - 0.75) < 1e-12)
    }

    @Test func nothingIsSaidOfTheTimeLeftBeforeAnythingIsDone() {
        var work = WorkShare(costs: [1], startingAt: 0)
        #expect(work.remainingSeconds == nil && work.share == 0)
        work.advance(to: 0, 0.001, at: 1)
        #expect(work.remainingSeconds == nil)
    }
}
