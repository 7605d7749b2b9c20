internal import Glibc

/// A shell-style pattern for names of drops: `*` any text, `?` one character, `[a-z]` one of a set, `[!a-z]` one outside it.
/// Case counts; a name has no slashes, so none is special, and neither is a backslash.
///
/// The C library matches (fnmatch(3)), so `[^a-z]` and `[[:digit:]]` mean what they mean to a shell.
package struct NamePattern: Equatable, Sendable {
    /// The pattern as written.
    package let text: String

    /// Nil if the pattern is empty or has a set that is empty, unclosed or backwards, which fnmatch would take for plain text.
    package init?(_ text: String) {
        var rest = Substring(text).unicodeScalars
        guard !rest.isEmpty else { return nil }
        while let scalar = rest.popFirst() {
            if scalar == "[", !Self.skipSet(&rest) { return nil }
        }
        self.text = text
    }

    /// Whether the whole name matches.
    package func matches(_ name: String) -> Bool {
        // Names are UTF-8 whatever the locale of the process is; this one is the thread's for the call alone.
        let previous = uselocale(Self.unicode.locale)
        defer { uselocale(previous) }
        return fnmatch(text, name, FNM_NOESCAPE) == 0
    }

    /// Reads up to the closing bracket; a `]` directly after the opening is a member, as in a shell.
    private static func skipSet(_ rest: inout Substring.UnicodeScalarView) -> Bool {
        if rest.first == "!" || rest.first == "^" { rest.removeFirst() }
        var members: [Unicode.Scalar] = []
        while let scalar = rest.popFirst() {
            guard scalar == "]", !members.isEmpty, !isInClass(members) else {
                members.append(scalar)
                continue
            }
            return areRangesForward(members)
        }
        return false
    }

    private static func areRangesForward(_ members: [Unicode.Scalar]) -> Bool {
        var index = 0
        while index + 2 < members.count {
            let isRange = members[index + 1] == "-"
            if isRange, members[index] > members[index + 2] { return false }
            index += isRange ? 3 : 1
        }
        return true
    }

    /// Whether a `]` that follows ends a class such as `[:digit:]` and not the set.
    private static func isInClass(_ members: [Unicode.Scalar]) -> Bool {
        guard members.last == ":", let start = members.lastIndex(of: "[") else { return false }
        return start + 2 < members.count && members[start + 1] == ":"
    }

    /// Without that locale (a C library before 2.35 and no package of locales) `?` is one byte.
    private static let unicode = Locale(locale: newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))

    /// A locale object may be used by any number of threads at once, and this one is never freed.
    private struct Locale: @unchecked Sendable {
        var locale: locale_t?
    }
}
