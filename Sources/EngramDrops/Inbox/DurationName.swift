/// Times for people, in the largest unit that they are whole in.
enum DurationName {
    /// Such as `1 day`, `90 minutes`; seconds where nothing else fits.
    static func text(_ seconds: Double) -> String {
        for (unit, length) in [("day", 86_400.0), ("hour", 3_600), ("minute", 60)] where seconds >= length {
            let count = seconds / length
            if count == count.rounded() { return count == 1 ? "1 \(unit)" : "\(count.formattedWhole) \(unit)s" }
        }
        return seconds == 1 ? "1 second" : "\(seconds.formattedWhole) seconds"
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var formattedWhole: String { Int64(exactly: self).map(String.init) ?? "\(self)" }
}
