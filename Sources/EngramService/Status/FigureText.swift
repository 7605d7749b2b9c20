internal import EngramSystem

/// Times, losses and shares as terminal and page write them.
package enum FigureText {
    /// `7 s`, `1:05` or `2:03:09`; a time that nobody can know is `?`.
    package static func duration(_ seconds: Double) -> String {
        // Above a century nothing can be meant, and Int would trap at some point.
        guard seconds.isFinite, seconds >= 0, seconds < 3.2e9 else { return "?" }
        let total = Int(saturating: seconds.rounded())
        if total < 60 { return "\(total) s" }
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours == 0 ? "\(minutes):\(twoDigits(rest))" : "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))"
    }

    /// Three significant digits with an exponent, such as `3.21e-07`: losses cross many powers of ten.
    package static func scientific(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return "0" }
        let sign = value < 0 ? "-" : ""
        var mantissa = value.magnitude
        var exponent = 0
        while mantissa >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa < 1 {
            mantissa *= 10
            exponent -= 1
        }
        var hundredths = Int(saturating: (mantissa * 100).rounded())
        if hundredths == 1000 {
            hundredths = 100
            exponent += 1
        }
        let digits = "\(hundredths / 100).\(twoDigits(hundredths % 100))"
        return "\(sign)\(digits)e\(exponent < 0 ? "-" : "+")\(twoDigits(abs(exponent)))"
    }

    /// Whole percents, rounded down: what is not done is not 100 %.
    package static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "?" }
        return "\(Int(saturating: (min(max(fraction, 0), 1) * 100).rounded(.down))) %"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
