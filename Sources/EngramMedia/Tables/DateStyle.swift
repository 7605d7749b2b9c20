internal import EngramSystem

/// How a column spells its dates: `2024-03-01`, `01.03.2024`, `3/1/2024`, with or without a time of day.
public struct DateStyle: Equatable, Sendable {
    /// Which part comes first.
    public enum Order: String, Sendable, CaseIterable {
        case yearMonthDay = "year-month-day"
        case dayMonthYear = "day-month-year"
        case monthDayYear = "month-day-year"
    }

    /// The parts' order.
    public let order: Order
    /// The byte between the parts: `-`, `/` or `.`.
    public let separator: UInt8
    /// Whether days and months below 10 have a zero before them.
    public let isPadded: Bool
    /// What stands between date and time; nil for dates without a time.
    public let timeSeparator: UInt8?
    /// Whether the time has seconds.
    public let hasSeconds: Bool
    /// Whether a `Z` ends the time.
    public let hasZone: Bool

    /// The style that all texts have, and the days since 1970-01-01 of each, with the time as a fraction.
    ///
    /// Where day and month could be either in every cell, the day is taken for the first with `.` and `-`, and with `/` too, since most of
    /// the world writes it so; `isAmbiguous` says that it was a guess.
    /// - Parameters:
    ///   - texts: Cells.
    ///   - order: The one to take where several are possible, such as that of an earlier table; nil for the rule above.
    /// - Returns: nil where a text is not a date or has another style.
    static func found(in texts: [String], preferring order: Order? = nil) -> (style: DateStyle, days: [Double], isAmbiguous: Bool)? {
        let parsed = texts.map { DateParts($0) }
        guard let first = parsed.first ?? nil else { return nil }
        var isPadded = true
        var orders = Order.allCases
        for candidate in parsed {
            guard let parts = candidate, parts.hasStyle(of: first) else { return nil }
            orders.removeAll { parts.day(in: $0) == nil }
            isPadded = isPadded && parts.isPadded
        }
        guard let order = order.flatMap({ orders.contains($0) ? $0 : nil }) ?? orders.first else { return nil }
        let style = DateStyle(
            order: order, separator: first.separator, isPadded: isPadded, timeSeparator: first.timeSeparator, hasSeconds: first.hasSeconds,
            hasZone: first.hasZone)
        return (style, parsed.compactMap { $0?.day(in: order) }, orders.count > 1)
    }

    /// A point in time as this column would spell it, rounded to its last unit.
    /// - Parameter days: Days since 1970-01-01; years 1 to 9999 are spelled, others clamped.
    public func text(of days: Double) -> String {
        let unit = timeSeparator == nil ? 1.0 : hasSeconds ? 86400 : 1440
        let clamped = min(max(days, Double(CivilDate.firstDay)), Double(CivilDate.lastDay))
        let units = Int(saturating: (clamped * unit).rounded())
        let (perDay, day) = (Int(saturating: unit), CivilDate.floorDivided(units, by: Int(saturating: unit)))
        let date = CivilDate(dayNumber: min(day, CivilDate.lastDay))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let year = String(repeating: "0", count: max(0, 4 - String(date.year).count)) + String(date.year)
        let month = isPadded ? two(date.month) : "\(date.month)"
        let dayText = isPadded ? two(date.day) : "\(date.day)"
        let parts =
            switch order {
            case .yearMonthDay: [year, month, dayText]
            case .dayMonthYear: [dayText, month, year]
            case .monthDayYear: [month, dayText, year]
            }
        let text = parts.joined(separator: String(Unicode.Scalar(separator)))
        guard let timeSeparator else { return text }
        let seconds = (units - day * perDay) * (hasSeconds ? 1 : 60)
        let time = "\(two(seconds / 3600)):\(two(seconds / 60 % 60))" + (hasSeconds ? ":\(two(seconds % 60))" : "")
        return text + String(Unicode.Scalar(timeSeparator)) + time + (hasZone ? "Z" : "")
    }
}

/// The numbers of one date, before it is known which is which.
private struct DateParts {
    let numbers: [Int]
    let separator: UInt8
    let isYearFirst: Bool
    let isPadded: Bool
    var timeSeparator: UInt8?
    var hasSeconds = false
    var hasZone = false
    var secondOfDay = 0

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (8...20).contains(bytes.count) else { return nil }
        let dateEnd = bytes.firstIndex { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: " ") } ?? bytes.count
        let date = bytes[..<dateEnd]
        guard let mark = date.first(where: { !Self.isDigit($0) }), "-/.".utf8.contains(mark) else { return nil }
        let fields = date.split(separator: mark, omittingEmptySubsequences: false)
        guard fields.count == 3, fields.allSatisfy({ $0.allSatisfy(Self.isDigit) }) else { return nil }
        isYearFirst = fields[0].count == 4
        let small = isYearFirst ? Array(fields[1...]) : Array(fields[..<2])
        guard isYearFirst || fields[2].count == 4, small.allSatisfy({ (1...2).contains($0.count) }) else { return nil }
        let values = fields.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard values.count == 3 else { return nil }
        numbers = values
        separator = mark
        isPadded = small.allSatisfy { $0.count == 2 }
        guard dateEnd < bytes.count else { return }
        timeSeparator = bytes[dateEnd]
        var time = bytes[(dateEnd + 1)...]
        if time.last == UInt8(ascii: "Z") {
            hasZone = true
            time.removeLast()
        }
        let clock = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard clock.count == 2 || clock.count == 3, clock.allSatisfy({ $0.count == 2 && $0.allSatisfy(Self.isDigit) }) else { return nil }
        let units = clock.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard units[0] < 24, units.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        hasSeconds = clock.count == 3
        secondOfDay = units[0] * 3600 + units[1] * 60 + (hasSeconds ? units[2] : 0)
    }

    func hasStyle(of other: DateParts) -> Bool {
        (separator, isYearFirst, timeSeparator) == (other.separator, other.isYearFirst, other.timeSeparator)
            && (hasSeconds, hasZone) == (other.hasSeconds, other.hasZone)
    }

    /// Days since 1970-01-01, or nil where this is no date in that order.
    func day(in order: DateStyle.Order) -> Double? {
        let date: (year: Int, month: Int, day: Int)
        switch order {
        case .yearMonthDay: date = (numbers[0], numbers[1], numbers[2])
        case .dayMonthYear: date = (numbers[2], numbers[1], numbers[0])
        case .monthDayYear: date = (numbers[2], numbers[0], numbers[1])
        }
        guard isYearFirst == (order == .yearMonthDay), let civil = CivilDate(year: date.year, month: date.month, day: date.day) else {
            return nil
        }
        return Double(civil.dayNumber) + Double(secondOfDay) / 86400
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
