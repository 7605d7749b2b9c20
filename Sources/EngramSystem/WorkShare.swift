/// How much of some work is done and how long the rest will take, for work in parts whose costs are known roughly.
///
/// The parts that are done say how long a unit of cost takes. A part under way is judged by its estimate at first, and the more by its own pace
/// the more of it is done, wholly from half of it on. The share is that of time: what has passed, of that and what is left.
package struct WorkShare: Sendable {
    private let costs: [Double]
    private var part = 0
    private var partStart: Double
    private var now: Double
    private let start: Double
    private var fraction = 0.0
    /// Seconds and cost of the parts that are done.
    private var done: (seconds: Double, cost: Double)
    private var told = 0.0

    /// - Parameters:
    ///   - costs: Of each part in the order in which they are done, in any unit; 0 for a part that is left out.
    ///   - start: When the first part began, in seconds of a clock that never goes back.
    package init(costs: [Double], startingAt start: Double) {
        self.costs = costs.map { $0.isFinite ? max($0, 0) : 0 }
        (self.start, partStart, now) = (start, start, start)
        done = (0, 0)
    }

    /// The same where the first parts were done before, in so many seconds.
    package init(costs: [Double], partsDone count: Int, inSeconds seconds: Double, startingAt start: Double) {
        self.init(costs: costs, startingAt: start - max(seconds, 0))
        (part, partStart, now) = (min(count, costs.count), start, start)
        done = (max(seconds, 0), self.costs.prefix(count).reduce(0, +))
    }

    /// Takes note that so much of a part is done, and with it all parts before.
    /// - Parameters:
    ///   - part: Its index; an earlier one than before changes nothing.
    ///   - fraction: 0 to 1.
    ///   - now: On the clock of the start.
    package mutating func advance(to part: Int, _ fraction: Double, at now: Double) {
        let earlier = self.now
        self.now = max(now, self.now)
        guard part >= self.part else { return }
        if part > self.part {
            // A part that was done ended when that was said, and the next one began.
            let end = self.fraction >= 1 ? earlier : self.now
            done.seconds += end - partStart
            // What was estimated and never begun cost nothing.
            done.cost += costs.indices.contains(self.part) ? costs[self.part] : 0
            (self.part, partStart, self.fraction) = (part, end, 0)
        }
        self.fraction = max(self.fraction, min(max(fraction, 0), 1))
        told = max(told, estimate.share)
    }

    /// Below this share of a part its own pace says little: it may begin with what is quick.
    private static let tellingFraction = 0.5

    private var estimate: (share: Double, remaining: Double?) {
        let total = costs.reduce(0, +)
        let cost = costs.indices.contains(part) ? costs[part] : 0
        let later = costs.dropFirst(part + 1).reduce(0, +)
        let spent = now - partStart
        let costDone = done.cost + fraction * cost
        let byCost = total > 0 ? min(1, 1 - ((1 - fraction) * cost + later) / total) : 1
        let seconds = done.seconds + spent
        guard costDone > 0, seconds > 0 else { return (byCost, nil) }
        let rate = seconds / costDone
        let byEstimate = (1 - fraction) * cost * rate
        let byPace = fraction > 0 ? spent * (1 - fraction) / fraction : byEstimate
        let weight = min(1, fraction / Self.tellingFraction)
        let remaining = weight * byPace + (1 - weight) * byEstimate + later * rate
        let passed = now - start
        return (passed + remaining > 0 ? passed / (passed + remaining) : 1, remaining)
    }

    /// What is done, 0 to 1; it never falls.
    package var share: Double { min(1, max(told, estimate.share)) }

    /// Seconds until all is done; nil before enough is done to say.
    package var remainingSeconds: Double? { share >= Self.tellingShare ? estimate.remaining : nil }

    /// Below this share nothing is said of the time that is left.
    private static let tellingShare = 0.03
}
