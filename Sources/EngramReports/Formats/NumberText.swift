internal import EngramSystem
import Foundation

/// Numbers as people read them: grouped counts, powers of ten with a real exponent, a true minus sign.
package enum NumberText {
    /// What stands for a number that is not known or not finite.
    static let missing = "–"

    /// 16384 → "16,384".
    package static func count(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// A tick of an axis: whole numbers as such, 1e20 with its exponent.
    static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(saturating: value)) : "\(value)"
    }

    /// The same, grouped: 16384 → "16,384".
    static func grouped(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? count(Int(saturating: value)) : "\(value)"
    }

    /// Fixed decimals with a true minus sign: (-4.56, 1) → "−4.6".
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return missing }
        let text = String(format: "%.\(decimals)f", abs(value))
        // "-0.0" would claim a sign that the shown digits do not have.
        let isZero = !text.contains { $0 != "0" && $0 != "." }
        return (value < 0 && !isZero ? "−" : "") + text
    }

    /// Two or three significant digits: 0.8 → "0.80", 2.6e-16 → "2.6 × 10⁻¹⁶", 0 → "0". The spaces are narrow and do not break.
    package static func significant(_ value: Double?, digits: Int = 2) -> String {
        guard let value, value.isFinite else { return missing }
        guard value != 0 else { return "0" }
        let parts = String(format: "%.\(digits - 1)e", abs(value)).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return missing }
        if (-3..<4).contains(exponent) {
            return fixed(value, decimals: max(0, digits - 1 - exponent))
        }
        return (value < 0 ? "−" : "") + "\(parts[0])\u{202F}×\u{202F}10\(superscript(exponent))"
    }

    /// 10 raised to an integer: "10⁻⁸", but 1 and 10 as they are.
    static func powerOfTen(_ exponent: Int) -> String {
        switch exponent {
        case 0: "1"
        case 1: "10"
        default: "10" + superscript(exponent)
        }
    }

    /// A duration: "0.42 s", "52.3 s", "3 min 12 s", "2 h 5 min".
    package static func duration(seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds >= 0 else { return missing }
        if seconds < 9.995 { return fixed(seconds, decimals: 2) + " s" }
        if seconds < 59.95 { return fixed(seconds, decimals: 1) + " s" }
        // A duration past 2^53 s is no measurement; clamping keeps the conversion from trapping.
        let whole = Int(saturating: min(seconds.rounded(), 9e15))
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(count(whole / 3600)) h \(whole % 3600 / 60) min"
    }

    /// A logarithm with its sign, one decimal, two near the limit 0 where the sign is what matters: "−87.0", "−0.04", "+0.30".
    static func signedLog(_ value: Double?) -> String {
        guard let value, value.isFinite else { return missing }
        let text = fixed(value, decimals: abs(value) < 1 ? 2 : 1)
        return value > 0 ? "+" + text : text
    }

    private static func superscript(_ exponent: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return (exponent < 0 ? "⁻" : "") + String(String(exponent.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
    }
}
