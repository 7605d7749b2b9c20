/// The order of names that differ in one number only, by that number: with a sign, as a decimal, whatever the case of the letters.
///
/// `NaturalOrder` takes runs of digits for themselves, so that -1 comes before -2 and 1.25 after 1.5, and `FRAME_3` before `frame_1`.
struct NumberedNames {
    /// A number as it is written, so that none is too large.
    private struct Number {
        var isNegative: Bool
        /// Without leading zeros.
        var whole: ArraySlice<UInt8>
        var fraction: ArraySlice<UInt8>

        /// Whether it is nearer to zero.
        private func isSmaller(_ other: Number) -> Bool {
            if whole.count != other.whole.count { return whole.count < other.whole.count }
            if !whole.elementsEqual(other.whole) { return whole.lexicographicallyPrecedes(other.whole) }
            return fraction.lexicographicallyPrecedes(other.fraction)
        }

        static func < (left: Number, right: Number) -> Bool {
            if left.isNegative != right.isNegative { return left.isNegative && !(left.isZero && right.isZero) }
            return left.isNegative ? right.isSmaller(left) : left.isSmaller(right)
        }

        var isZero: Bool { whole.isEmpty && fraction.allSatisfy { $0 == 0x30 } }

        var integer: Int? {
            guard fraction.isEmpty, let value = whole.isEmpty ? 0 : Int(String(decoding: whole, as: UTF8.self)) else { return nil }
            return isNegative ? -value : value
        }
    }

    /// The places of the names in the order of their numbers.
    let order: [Int]
    /// The numbers in that order, where all are whole.
    let integers: [Int]?

    /// nil where the names are not of one series, from two on.
    init?(_ names: [String]) {
        guard names.count > 1 else { return nil }
        let parts = names.map(Self.parts)
        guard parts.allSatisfy({ !$0.digits.isEmpty }) else { return nil }
        let usesDecimals = Self.areDecimals(parts.map(\.digits))
        // A dash before every number parts it from the name: "shot -1", "shot -2".
        let signs = parts.map { $0.sign != nil }
        let usesSigns = signs.contains(true) && (signs.contains(false) || parts.allSatisfy { [0x5F, 0x3D].contains($0.prefix.last) })
        var numbers: [Number] = []
        var series: Set<[UInt8]> = []
        for part in parts {
            let dot = part.digits.firstIndex(of: 0x2E)
            if dot != nil, !usesDecimals { return nil }
            let whole = part.digits[..<(dot ?? part.digits.endIndex)].drop { $0 == 0x30 }
            let fraction = dot.map { part.digits[($0 + 1)...] } ?? []
            numbers.append(Number(isNegative: usesSigns && part.sign == 0x2D, whole: whole, fraction: fraction))
            series.insert(part.prefix + (usesSigns ? [] : part.sign.map { [$0] } ?? []) + [0] + part.ending)
        }
        guard series.count == 1 else { return nil }
        // What is equal stays in the order that it came in, which is the natural one.
        order = names.indices.sorted { numbers[$0] < numbers[$1] || !(numbers[$1] < numbers[$0]) && $0 < $1 }
        let integers = order.map { numbers[$0].integer }
        self.integers = integers.contains(nil) ? nil : integers.compactMap(\.self)
    }

    /// A name around its last number: what stands before it and behind it in lower case, the sign, and digits with at most one dot.
    private struct Parts {
        var prefix: [UInt8]
        var sign: UInt8?
        var digits: ArraySlice<UInt8>
        var ending: [UInt8]
    }

    private static func parts(_ name: String) -> Parts {
        let stem = Array(stem(of: name).utf8)
        let ending = Array(name.lowercased().utf8.suffix(name.utf8.count - stem.count))
        var start = stem.count
        while start > 0, isDigit(stem[start - 1]) { start -= 1 }
        if start > 1, start < stem.count, stem[start - 1] == 0x2E, isDigit(stem[start - 2]) {
            var whole = start - 1
            while whole > 0, isDigit(stem[whole - 1]) { whole -= 1 }
            // "1.2.3" is a version.
            if whole == 0 || stem[whole - 1] != 0x2E { start = whole }
        }
        var end = start
        var sign: UInt8?
        if start > 0, stem[start - 1] == 0x2D || stem[start - 1] == 0x2B, start == 1 || !isLetterOrDigit(stem[start - 2]) {
            sign = stem[start - 1]
            end = start - 1
        }
        return Parts(prefix: stem[..<end].map(lowercased), sign: sign, digits: stem[start...], ending: ending)
    }

    /// Whether dots are decimal points. Numbers that are printed as decimals have no zeros at the end, or all as many places; where one has
    /// such a zero and others fewer places, the dots part two numbers: 1.9 comes before 1.10.
    private static func areDecimals(_ digits: [ArraySlice<UInt8>]) -> Bool {
        let fractions = digits.compactMap { text in text.firstIndex(of: 0x2E).map { text[($0 + 1)...] } }
        guard Set(fractions.map(\.count)).count > 1 else { return true }
        return !fractions.contains { $0.count > 1 && $0.last == 0x30 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(lowercased(byte)) || byte >= 0x80
    }

    /// Which numbers are missing between the first and the last, where the others are evenly spaced; nil for none.
    static func gapText(_ numbers: [Int]) -> String? {
        let steps = zip(numbers.dropFirst(), numbers).map { $0.0.subtractingReportingOverflow($0.1) }
        guard steps.allSatisfy({ !$0.overflow && $0.partialValue > 0 }), let least = steps.map(\.partialValue).min() else { return nil }
        let gaps = zip(numbers, steps.map(\.partialValue)).filter { $0.1 > least && $0.1 % least == 0 }
        // Where most steps are wide, the numbers are no series with holes.
        guard !gaps.isEmpty, 2 * gaps.count <= steps.count else { return nil }
        let shown = gaps.prefix(4).map { number, step in
            step == 2 * least ? "\(number + least)" : "\(number + least) to \(number + step - least)"
        }
        let rest = gaps.count > 4 ? " and in \(gaps.count - 4) more places" : ""
        return shown.joined(separator: ", ") + rest
    }
}
