extension CronExpression {
    /// Further ahead than any expression that comes at all: 29 February is at most eight years away, and on a given weekday forty.
    private static let searchedDayCount = 366 * 41

    /// Returns the first occurrence after a moment; both in seconds since the epoch.
    ///
    /// Where clocks change, the rule is that of ISC cron: a time of day that is skipped comes once, at the moment of the change, and one
    /// that the clocks show twice comes the first time only; an interval (a `*` at the beginning of the minute or the hour) follows the clock
    /// face, so what is skipped does not come and what is shown twice comes twice. Times of one skipped hour come together, as one.
    /// - Returns: nil only where a calendar of 41 years has no such day.
    package func next(after moment: Int64, in zone: TimeZoneRules) -> Int64? {
        let today = Int(clamping: (moment + zone.offset(at: moment)).floorDivided(by: 86_400))
        // Clocks may be put back over midnight, so yesterday may come again and tomorrow may have begun.
        var best: Int64?
        for day in (today - 1)...(today + Self.searchedDayCount) where matches(dayNumber: day) {
            if let best, Int64(day) * 86_400 > best + zone.offset(at: best) + 86_400 { return best }
            if let found = first(on: day, after: moment, in: zone) { best = min(best ?? found, found) }
        }
        return best
    }

    /// The occurrences after a moment, first to last; fewer than `count` only at the end of the calendar.
    package func occurrences(after moment: Int64, count: Int, in zone: TimeZoneRules) -> [Int64] {
        var result: [Int64] = []
        var last = moment
        while result.count < count, let next = next(after: last, in: zone) {
            result.append(next)
            last = next
        }
        return result
    }

    private func first(on day: Int, after moment: Int64, in zone: TimeZoneRules) -> Int64? {
        let midnight = Int64(day) * 86_400
        let isPlainDay = zone.changes(from: midnight - 129_600, to: midnight + 216_000).isEmpty
        let plainOffset = zone.offset(at: midnight)
        var best: Int64?
        for hour in 0...23 where hours.hasBit(hour) {
            for minute in 0...59 where minutes.hasBit(minute) {
                let local = midnight + Int64(hour * 3600 + minute * 60)
                if isPlainDay {
                    // In order, so the first is the earliest.
                    if local - plainOffset > moment { return local - plainOffset }
                    continue
                }
                for instant in moments(ofLocal: local, in: zone) where instant > moment { best = min(best ?? instant, instant) }
            }
        }
        return best
    }

    private func moments(ofLocal local: Int64, in zone: TimeZoneRules) -> [Int64] {
        switch zone.meaning(ofLocal: local) {
        case .once(let instant): [instant]
        case .twice(let first, let second): isInterval ? [first, second] : [first]
        case .skipped(let change): isInterval ? [] : [change]
        }
    }
}
