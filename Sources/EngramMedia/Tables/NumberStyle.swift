internal import EngramSystem

/// How a column spells its numbers, so that a new one looks like those around it.
public struct NumberStyle: Equatable, Sendable {
    /// `.` or `,`.
    public let decimalMark: UInt8
    /// Most digits after the mark among the known cells.
    public let fractionDigitCount: Int
    /// Whether every known cell has that many.
    public let isPadded: Bool
    /// Most significant digits among the known cells, at most 17.
    public let significantDigitCount: Int
    /// Whether a known cell has an exponent; new ones then have one where they are very large or very small.
    public let hasExponent: Bool
    /// What stands between groups of three digits before the mark; nil for nothing.
    public let groupMark: Character?

    /// Marks between groups of digits that are looked for.
    static let groupMarks: [Character] = [",", ".", "'", "\u{2019}", " ", "\u{A0}", "\u{202F}"]

    /// The style of these numbers.
    /// - Returns: nil where they disagree about the mark.
    init?(_ numbers: [NumberText], groupMark: Character? = nil) {
        let marks = Set(numbers.compactMap(\.decimalMark))
        guard marks.count <= 1 else { return nil }
        decimalMark = marks.first ?? UInt8(ascii: ".")
        fractionDigitCount = numbers.map(\.fractionDigitCount).max() ?? 0
        isPadded = numbers.allSatisfy { [fractionDigitCount] in $0.fractionDigitCount == fractionDigitCount }
        significantDigitCount = min(numbers.map(\.significantDigitCount).max() ?? 1, 17)
        hasExponent = numbers.contains(where: \.hasExponent)
        self.groupMark = groupMark
    }

    /// A finite number as this column would spell it.
    public func text(of value: Double) -> String {
        let text = hasExponent ? significantText(value) : fixedText(value)
        var parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let groupMark { parts[0] = Self.grouped(parts[0], by: groupMark) }
        return parts.joined(separator: String(Unicode.Scalar(decimalMark)))
    }

    /// A whole number with a mark before every third digit from its end.
    private static func grouped(_ whole: String, by mark: Character) -> String {
        let digits = Array(whole.drop { $0 == "-" })
        guard digits.allSatisfy(\.isWholeNumber) else { return whole }
        var result = String(whole.prefix { $0 == "-" })
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(mark) }
            result.append(digit)
        }
        return result
    }

    /// With the column's digits after the mark; the shortest exact form where the number has more digits than a Double.
    private func fixedText(_ value: Double) -> String {
        let power = (0..<min(fractionDigitCount, 18)).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * power).rounded()
        // Above 2⁵³ the scaled number is no longer exact.
        guard scaled < 0x1p53, fractionDigitCount <= 17 else { return "\(value)" }
        var digits = String(Int(saturating: scaled))
        if digits.count <= fractionDigitCount { digits = String(repeating: "0", count: fractionDigitCount + 1 - digits.count) + digits }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard fractionDigitCount > 0 else { return sign + digits }
        var fraction = String(digits.suffix(fractionDigitCount))
        if !isPadded { while fraction.hasSuffix("0") { fraction.removeLast() } }
        let whole = digits.dropLast(fractionDigitCount)
        return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    }

    /// With the column's significant digits, as Swift writes the number that they are.
    private func significantText(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        // The decimal exponent, from the shortest form of the number itself: no logarithm that could be off by one.
        var (power, rest) = (0, value.magnitude)
        while rest >= 10 { (power, rest) = (power + 1, rest / 10) }
        while rest < 1 { (power, rest) = (power - 1, rest * 10) }
        let mantissa = (0..<significantDigitCount - 1).reduce(rest) { product, _ in product * 10 }.rounded()
        let rounded = Double("\(Int(saturating: mantissa))e\(power - significantDigitCount + 1)") ?? value
        let text = "\(value < 0 ? -rounded : rounded)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
