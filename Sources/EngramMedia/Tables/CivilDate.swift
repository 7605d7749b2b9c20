/// A day of the Gregorian calendar, years 1 to 9999.
struct CivilDate: Equatable {
    let year: Int
    let month: Int
    let day: Int

    /// Day numbers of 0001-01-01 and 9999-12-31, counted from 1970-01-01.
    static let firstDay = -719_162
    static let lastDay = 2_932_896

    /// nil where the calendar has no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.dayCount(year, month) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// - Parameter dayNumber: Days since 1970-01-01, from `firstDay` to `lastDay`.
    init(dayNumber: Int) {
        // Days since 0001-01-01; a first guess of the year is too small by at most one.
        let days = dayNumber - Self.firstDay
        var year = days / 366 + 1
        while Self.daysBefore(year + 1) <= days { year += 1 }
        var (month, rest) = (1, days - Self.daysBefore(year))
        while rest >= Self.dayCount(year, month) {
            rest -= Self.dayCount(year, month)
            month += 1
        }
        (self.year, self.month, day) = (year, month, rest + 1)
    }

    /// Days since 1970-01-01.
    var dayNumber: Int {
        Self.daysBefore(year) + (1..<month).reduce(0) { $0 + Self.dayCount(year, $1) } + day - 1 + Self.firstDay
    }

    /// The largest integer at most value / divisor.
    static func floorDivided(_ value: Int, by divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func dayCount(_ year: Int, _ month: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from 0001-01-01 to the first day of a year.
    private static func daysBefore(_ year: Int) -> Int {
        let past = year - 1
        return 365 * past + past / 4 - past / 100 + past / 400
    }
}
