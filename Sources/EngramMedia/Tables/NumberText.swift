/// A number as a table spells it: a sign, digits, a decimal point or comma with digits, an exponent.
struct NumberText: Equatable {
    /// Its value; finite.
    let value: Double
    /// The byte before the fraction, where there is one.
    let decimalMark: UInt8?
    /// Digits after the mark.
    let fractionDigitCount: Int
    /// Digits without leading zeros: at least 1.
    let significantDigitCount: Int
    /// Whether it has an exponent.
    let hasExponent: Bool

    /// nil where the bytes are not a finite number in this form; spaces around it are allowed.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let first = rest.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { rest.removeFirst() }
        while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { rest.removeLast() }
        // No number of a table needs more, and the cost of parsing stays bounded.
        guard rest.count <= 64 else { return nil }
        var plain: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { plain.append(rest.removeFirst()) }
        let whole = Self.takeDigits(&rest, to: &plain)
        var (mark, fraction): (UInt8?, [UInt8]) = (nil, [])
        if let next = rest.first, next == UInt8(ascii: ".") || next == UInt8(ascii: ",") {
            mark = rest.removeFirst()
            plain.append(UInt8(ascii: "."))
            fraction = Self.takeDigits(&rest, to: &plain)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var hasExponent = false
        if let next = rest.first, next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            hasExponent = true
            plain.append(rest.removeFirst())
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { plain.append(rest.removeFirst()) }
            guard !Self.takeDigits(&rest, to: &plain).isEmpty else { return nil }
        }
        guard rest.isEmpty else { return nil }
        // `5.` and `.5` are numbers of a table, and not of Swift.
        if whole.isEmpty { plain.insert(UInt8(ascii: "0"), at: plain.firstIndex(of: UInt8(ascii: ".")) ?? 0) }
        if mark != nil, fraction.isEmpty { plain.insert(UInt8(ascii: "0"), at: (plain.firstIndex(of: UInt8(ascii: ".")) ?? 0) + 1) }
        guard let value = Double(String(decoding: plain, as: UTF8.self)), value.isFinite else { return nil }
        self.value = value
        decimalMark = mark
        fractionDigitCount = fraction.count
        significantDigitCount = max(1, (whole + fraction).drop { $0 == UInt8(ascii: "0") }.count)
        self.hasExponent = hasExponent
    }

    /// The same with marks between groups of three digits, as in `1,234,567.8`; a number without a mark is one, too.
    ///
    /// - Parameter groupMark: A comma, point, apostrophe or space.
    init?(_ text: String, groupMark: Character) {
        var rest = text.trimmedOfSpaces[...]
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" { sign = String(rest.removeFirst()) }
        func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }
        let whole = rest.prefix { isDigit($0) || $0 == groupMark }
        let groups = whole.split(separator: groupMark, omittingEmptySubsequences: false)
        guard groups.count == 1 || ((1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }) else {
            return nil
        }
        self.init(Array((sign + groups.joined() + rest.dropFirst(whole.count)).utf8))
        if let decimalMark, Character(Unicode.Scalar(decimalMark)) == groupMark { return nil }
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>, to plain: inout [UInt8]) -> [UInt8] {
        let digits = Array(rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        rest.removeFirst(digits.count)
        plain += digits
        return digits
    }
}
