internal import Glibc

/// A moment that comes again and again, in the five fields of cron: minute, hour, day of the month, month, day of the week.
///
/// The syntax is that of crontab(5) of ISC (Vixie) cron: `*`, lists `1,15`, ranges `9-17`, steps `*/5` and `9-17/2`, names of months and
/// days (`jan`, `mon`, any case, in ranges too), 0 and 7 for Sunday, and `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`,
/// `@midnight`, `@hourly`. As there, a day has to meet *both* day fields if one of them begins with `*`, and *either* of them if none does.
package struct CronExpression: Equatable, Sendable, CustomStringConvertible {
    /// The text it was read from.
    package let description: String
    /// Bit n is set when n is meant.
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    /// Bit 0 is Sunday.
    let weekdays: UInt64
    /// A day field begins with `*`, so that both have to hold.
    let needsBothDayFields: Bool
    /// The minute or the hour begins with `*`: meant is an interval rather than a time of day, which matters where clocks change.
    let isInterval: Bool

    /// Reads five fields or a name with `@`.
    /// - Throws: `CronError`, which names the field.
    package init(_ text: String) throws(CronError) {
        description = text
        let fields = try Self.fields(of: text)
        minutes = try CronField.minute.parse(fields[0])
        hours = try CronField.hour.parse(fields[1])
        days = try CronField.dayOfMonth.parse(fields[2])
        months = try CronField.month.parse(fields[3])
        let weekdays = try CronField.dayOfWeek.parse(fields[4])
        // 7 is Sunday too.
        self.weekdays = (weekdays | weekdays >> 7) & 0x7f
        needsBothDayFields = fields[2].hasPrefix("*") || fields[4].hasPrefix("*")
        isInterval = fields[0].hasPrefix("*") || fields[1].hasPrefix("*")
        if needsBothDayFields, !Self.isPossible(days: days, months: months) { throw .never(text: text) }
    }

    /// Whether the expression means this day, `dayNumber` days after 1970-01-01.
    func matches(dayNumber: Int) -> Bool {
        var seconds = time_t(dayNumber) * 86_400
        var date = tm()
        gmtime_r(&seconds, &date)
        guard months.hasBit(Int(date.tm_mon) + 1) else { return false }
        let isDay = days.hasBit(Int(date.tm_mday))
        let isWeekday = weekdays.hasBit(Int(date.tm_wday))
        return needsBothDayFields ? isDay && isWeekday : isDay || isWeekday
    }

    private static func fields(of text: String) throws(CronError) -> [String] {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        if let first = words.first, first.hasPrefix("@") {
            guard words.count == 1, let meaning = nicknames[first.lowercased()] else {
                throw .unknownNickname(found: text, known: nicknames.keys.sorted())
            }
            return meaning.split(separator: " ").map(String.init)
        }
        guard words.count == 5 else { throw .wrongFieldCount(found: words.count, text: text) }
        return words
    }

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// 30 February never comes.
    private static func isPossible(days: UInt64, months: UInt64) -> Bool {
        let dayCounts = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains { month in
            months.hasBit(month) && (1...dayCounts[month - 1]).contains { days.hasBit($0) }
        }
    }
}

/// Why a text is no cron expression.
package enum CronError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not five words.
    case wrongFieldCount(found: Int, text: String)
    /// A word that begins with `@` and is none of the known ones.
    case unknownNickname(found: String, known: [String])
    /// A part of a field that is no number, name, range or step.
    case malformed(field: String, part: String, expected: String)
    /// A number that the field does not have.
    case outOfRange(field: String, part: String, expected: String)
    /// A range that ends before it begins.
    case emptyRange(field: String, part: String)
    /// A day that no month has.
    case never(text: String)

    /// The text for people.
    package var description: String {
        switch self {
        case .wrongFieldCount(let found, let text):
            "expected five fields (minute, hour, day of the month, month, day of the week), found \(found) in \(text.debugDescription)."
        case .unknownNickname(let found, let known):
            "expected five fields or one of \(known.joined(separator: ", ")), found \(found.debugDescription)."
        case .malformed(let field, let part, let expected):
            "the \(field) has \(part.debugDescription), expected \(expected)."
        case .outOfRange(let field, let part, let expected):
            "the \(field) has \(part.debugDescription), expected \(expected)."
        case .emptyRange(let field, let part):
            "the \(field) has \(part.debugDescription), which ends before it begins; write two ranges with a comma between them."
        case .never(let text):
            "\(text.debugDescription) never comes: no such month has such a day."
        }
    }
}

/// One of the five fields: what it is called and what it may hold.
enum CronField: String {
    case minute
    case hour
    case dayOfMonth = "day of the month"
    case month
    case dayOfWeek = "day of the week"

    private var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// Names of the values, the first of the range first.
    private var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        }
    }

    private var expectation: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers) or \(first) to \(last)"
    }

    /// Returns a set of bits.
    func parse(_ text: String) throws(CronError) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { bits |= try parse(part: String(part)) }
        return bits
    }

    private func parse(part: String) throws(CronError) -> UInt64 {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let values: ClosedRange<Int>
        if pieces[0] == "*" {
            // Sunday once.
            values = self == .dayOfWeek ? 0...6 : range
        } else {
            let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let first = try value(ends[0], part: part)
            var last = ends.count == 2 ? try value(ends[1], part: part) : first
            // `fri-sun` is meant as it reads.
            if self == .dayOfWeek, ends.count == 2, last == 0, first > 0 { last = 7 }
            guard first <= last else { throw .emptyRange(field: rawValue, part: part) }
            guard pieces.count == 1 || ends.count == 2 else {
                throw .malformed(
                    field: rawValue, part: part, expected: "a range before the step, such as \(pieces[0])-\(range.upperBound)/\(pieces[1])")
            }
            values = first...last
        }
        var step = 1
        if pieces.count == 2 {
            guard pieces[1].allSatisfy({ ("0"..."9").contains($0) }), let given = Int(pieces[1]), given >= 1 else {
                throw .malformed(field: rawValue, part: part, expected: "a step of 1 or more after the /")
            }
            step = given
        }
        return stride(from: values.lowerBound, through: values.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private func value(_ text: String, part: String) throws(CronError) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + (self == .month ? 1 : 0) }
        guard !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) }) else {
            throw .malformed(field: rawValue, part: part, expected: expectation + ", a range, a list or *")
        }
        guard let value = Int(text), range.contains(value) else {
            throw .outOfRange(field: rawValue, part: part, expected: expectation)
        }
        return value
    }
}

extension UInt64 {
    func hasBit(_ index: Int) -> Bool { self >> UInt64(index) & 1 == 1 }
}
