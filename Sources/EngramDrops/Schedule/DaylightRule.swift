/// What a zone keeps to after its last listed change: the TZ text of POSIX with the extension of RFC 9636, 3.3.1, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct DaylightRule: Equatable, Sendable {
    /// A day of each year, and a time on that day's clock.
    struct Moment: Equatable, Sendable {
        enum Day: Equatable, Sendable {
            /// 1 to 365; 29 February is never counted.
            case withoutLeapDay(Int)
            /// 0 to 365; 29 February counts.
            case ofYear(Int)
            /// Week 1 to 5 (5: the last) of a month, weekday from Sunday.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        var day: Day
        /// Seconds after midnight, -167 to 167 hours.
        var seconds: Int64

        /// Seconds since the epoch, as if the clocks showed UTC.
        func local(inYear year: Int) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
            let number: Int
            switch day {
            case .withoutLeapDay(let day): number = newYear + day - 1 + (day > 59 && CivilDate.isLeap(year) ? 1 : 0)
            case .ofYear(let day): number = newYear + day
            case .weekday(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1).dayNumber
                let wait = (weekday - CivilDate.weekday(ofDayNumber: first)).floored(by: 7).remainder
                var day = wait + 7 * (week - 1)
                if day >= CivilDate.dayCount(ofMonth: month, year: year) { day -= 7 }
                number = first + day
            }
            return Int64(number) * 86_400 + seconds
        }
    }

    var standardOffset: Int64
    /// Daylight-saving time, nil where there is none.
    var daylight: Daylight?

    struct Daylight: Equatable, Sendable {
        var offset: Int64
        var start: Moment
        var end: Moment
    }

    /// The changes of some years, first to last.
    func changes(inYears years: ClosedRange<Int>) -> [TimeZoneRules.Change] {
        guard let daylight else { return [] }
        return years.flatMap { year in
            [
                TimeZoneRules.Change(
                    instant: daylight.start.local(inYear: year) - standardOffset, before: standardOffset, after: daylight.offset),
                TimeZoneRules.Change(
                    instant: daylight.end.local(inYear: year) - daylight.offset, before: daylight.offset, after: standardOffset),
            ]
        }.sorted { $0.instant < $1.instant }
    }

    /// Returns nil for a text that is none.
    init?(_ text: String) {
        var reader = Reader(rest: Substring(text))
        guard reader.name(), let standard = reader.time() else { return nil }
        // POSIX counts west of Greenwich.
        standardOffset = -standard
        guard !reader.rest.isEmpty else { return }
        guard reader.name() else { return nil }
        var offset = standardOffset + 3600
        if reader.rest.first != "," {
            guard let given = reader.time() else { return nil }
            offset = -given
        }
        guard reader.take(","), let start = reader.moment(), reader.take(","), let end = reader.moment(), reader.rest.isEmpty else {
            return nil
        }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    private struct Reader {
        var rest: Substring

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        /// Three letters or more, or anything between angle brackets.
        mutating func name() -> Bool {
            if take("<") {
                rest = rest.drop { $0 != ">" }
                return take(">")
            }
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func integer() -> Int64? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return digits.count <= 4 ? Int64(digits) : nil
        }

        /// `[+-]hh[:mm[:ss]]`, in seconds.
        mutating func time() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = integer() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] as [Int64] where take(":") {
                guard let value = integer() else { return nil }
                seconds += value * unit
            }
            return isNegative ? -seconds : seconds
        }

        mutating func moment() -> Moment? {
            let day: Moment.Day
            if take("M") {
                guard let month = integer(), take("."), let week = integer(), take("."), let weekday = integer(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
                else { return nil }
                day = .weekday(month: Int(month), week: Int(week), weekday: Int(weekday))
            } else if take("J") {
                guard let number = integer(), (1...365).contains(number) else { return nil }
                day = .withoutLeapDay(Int(number))
            } else {
                guard let number = integer(), (0...365).contains(number) else { return nil }
                day = .ofYear(Int(number))
            }
            guard take("/") else { return Moment(day: day, seconds: 7200) }
            guard let seconds = time() else { return nil }
            return Moment(day: day, seconds: seconds)
        }
    }
}
