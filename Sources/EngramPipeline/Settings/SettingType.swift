internal import EngramMemories

/// What a settings key accepts: a type, a range, and whether `auto` is allowed.
struct SettingType: Sendable {
    enum Base: Sendable {
        case flag
        case integer(ClosedRange<Int>)
        case real(ClosedRange<Double>, excludingLowerBound: Bool)
        case duration(ClosedRange<Duration>)
        case choice([String])
        case path
        case text
    }

    /// Why a text was refused.
    enum Refusal: Error, Equatable {
        case wrongType
        case outOfRange
        /// A path that a shell would complete.
        case tilde
    }

    let base: Base
    let allowsAuto: Bool

    static let flag = Self(base: .flag, allowsAuto: false)
    static let path = Self(base: .path, allowsAuto: false)
    static let text = Self(base: .text, allowsAuto: false)

    static func integer(_ range: ClosedRange<Int>) -> Self { Self(base: .integer(range), allowsAuto: false) }

    static func real(_ range: ClosedRange<Double>, excludingLowerBound: Bool = false) -> Self {
        Self(base: .real(range, excludingLowerBound: excludingLowerBound), allowsAuto: false)
    }

    static func duration(_ range: ClosedRange<Duration>) -> Self { Self(base: .duration(range), allowsAuto: false) }

    static func choice<Choice: SettingChoice>(_ type: Choice.Type) -> Self {
        Self(base: .choice(Choice.allCases.map(\.rawValue)), allowsAuto: false)
    }

    var orAuto: Self { Self(base: base, allowsAuto: true) }

    /// Checks one scalar.
    /// - Parameters:
    ///   - text: The scalar's text, without quotes.
    ///   - isQuoted: A quoted scalar is a word, never a number or a truth value.
    func parse(_ text: String, isQuoted: Bool) throws(Refusal) -> SettingValue {
        if allowsAuto, text == "auto" { return .auto }
        switch base {
        case .flag:
            guard !isQuoted, text == "true" || text == "false" else { throw .wrongType }
            return .flag(text == "true")
        case .integer(let range):
            guard !isQuoted, Self.isInteger(text) else { throw .wrongType }
            guard let value = Int(text), range.contains(value) else { throw .outOfRange }
            return .integer(value)
        case .real(let range, let excludesLowerBound):
            // The grammar keeps out what Double also reads: hexadecimal, infinity, nan.
            guard !isQuoted, Self.isDecimal(text), let value = Double(text) else { throw .wrongType }
            guard range.contains(value), !(excludesLowerBound && value == range.lowerBound) else { throw .outOfRange }
            return .real(value)
        case .duration(let range):
            guard let value = DurationText.parse(text) else { throw .wrongType }
            guard range.contains(value) else { throw .outOfRange }
            return .duration(value)
        case .choice(let words):
            guard words.contains(text) else { throw .wrongType }
            return .text(text)
        case .path:
            // A NUL would cut the path short in every system call.
            guard !text.isEmpty, !text.utf8.contains(0) else { throw .wrongType }
            // A folder that is called `~` would be made and used, and nobody means one.
            guard !text.hasPrefix("~") else { throw .tilde }
            return .text(text)
        case .text:
            guard !text.isEmpty, !text.utf8.contains(0) else { throw .wrongType }
            return .text(text)
        }
    }

    /// What would have been right, as a noun phrase for error texts and comments.
    var expectation: String {
        let given =
            switch base {
            case .flag: "true or false"
            case .integer(let range):
                range.upperBound == Int.max
                    ? "an integer from \(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)"
            case .real(let range, let excludesLowerBound):
                Self.describe(range, excludingLowerBound: excludesLowerBound)
            case .duration(let range):
                "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound)), such as 250ms or 1h30m"
            case .choice(let words): words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
            case .path: "a path"
            case .text: "a text"
            }
        return allowsAuto ? "auto or " + given : given
    }

    private static func describe(_ range: ClosedRange<Double>, excludingLowerBound: Bool) -> String {
        let lower = excludingLowerBound ? "a number above \(number(range.lowerBound))" : "a number from \(number(range.lowerBound))"
        return range.upperBound.isInfinite || range.upperBound == .greatestFiniteMagnitude
            ? lower : lower + " to \(number(range.upperBound))"
    }

    private static func number(_ value: Double) -> String { SettingValue.real(value).yamlText }

    private static func isInteger(_ text: String) -> Bool {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : Substring(text)
        return !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }

    private static func isDecimal(_ text: String) -> Bool {
        let lowercased = text.lowercased()
        let parts = lowercased.split(separator: "e", omittingEmptySubsequences: false)
        guard let mantissa = parts.first, parts.count <= 2 else { return false }
        if parts.count == 2, !isInteger(String(parts[1])) { return false }
        let unsigned = mantissa.first == "-" || mantissa.first == "+" ? mantissa.dropFirst() : mantissa
        let pieces = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        return pieces.count <= 2 && unsigned != "."
            && !unsigned.isEmpty
            && pieces.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
    }
}
