/// Durations as people write them: `5s`, `250ms`, `1.5h`, `1h30m`, `30d`. The resolution is one microsecond.
enum DurationText {
    /// Longest unit first, in microseconds; `format` takes the first that divides the value.
    private static let units: [(name: String, microseconds: Int64)] = [
        ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
    ]

    /// What is read besides; it is not written, so that settings that were published keep their text.
    private static let days = (name: "d", microseconds: Int64(86_400_000_000))

    /// Returns the duration, or nil if the text is not a list of number and unit, each unit smaller than the one before,
    /// adding up to a whole number of microseconds.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var total: Int64 = 0
        var largestUnitAllowed = Int64.max
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unitName = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unitName.count)
            guard let unit = ([days] + units).first(where: { $0.name == unitName }), unit.microseconds < largestUnitAllowed,
                let part = microseconds(number, unit: unit.microseconds)
            else { return nil }
            largestUnitAllowed = unit.microseconds
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return .microseconds(total)
    }

    /// The value in the longest unit that holds it as an integer.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let total = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        if total == 0 { return "0s" }
        let unit = units.first { total % $0.microseconds == 0 } ?? ("us", 1)
        return "\(total / unit.microseconds)\(unit.name)"
    }

    /// Exact decimal arithmetic: a binary fraction would make `0.1s` something else than `100ms`.
    private static func microseconds(_ number: Substring, unit: Int64) -> Int64? {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        if parts.count == 1 { return product }
        // Nine digits hold every microsecond of an hour, and keep the product below 2^63.
        let digits = parts[1]
        guard (1...9).contains(digits.count), let fraction = Int64(digits) else { return nil }
        let scale = (0..<digits.count).reduce(Int64(1)) { power, _ in power * 10 }
        let (scaled, scaledOverflow) = fraction.multipliedReportingOverflow(by: unit)
        guard !scaledOverflow, scaled % scale == 0 else { return nil }
        let (sum, sumOverflow) = product.addingReportingOverflow(scaled / scale)
        return sumOverflow ? nil : sum
    }
}
