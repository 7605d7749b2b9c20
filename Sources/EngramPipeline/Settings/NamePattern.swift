/// A shell-style pattern for names of drops: `*` any text, `?` one character, `[a-z]` one of a set, `[!a-z]` one outside it.
/// Case counts; a name has no slashes, so none is special.
public struct NamePattern: Equatable, Sendable {
    /// The pattern as written.
    public let text: String
    private let tokens: [Token]

    private enum Token: Equatable, Sendable {
        case anyText
        case anyCharacter
        case character(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .anyText: false
            case .anyCharacter: true
            case .character(let expected): expected == scalar
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    /// Nil if the pattern is empty or has a set that is empty, unclosed or backwards.
    public init?(_ text: String) {
        var tokens: [Token] = []
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if tokens.last != .anyText { tokens.append(.anyText) }
            case "?": tokens.append(.anyCharacter)
            case "[":
                guard let set = Self.parseSet(&rest) else { return nil }
                tokens.append(set)
            default: tokens.append(.character(scalar))
            }
        }
        guard !tokens.isEmpty else { return nil }
        self.text = text
        self.tokens = tokens
    }

    /// Whether the whole name matches. Time is at most the product of the two lengths: only the last `*` is ever retried.
    public func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        var position = 0
        var index = 0
        var retry: (index: Int, position: Int)?
        while position < scalars.count {
            if index < tokens.count, tokens[index] == .anyText {
                retry = (index, position)
                index += 1
            } else if index < tokens.count, tokens[index].matches(scalars[position]) {
                index += 1
                position += 1
            } else if let last = retry {
                retry = (last.index, last.position + 1)
                index = last.index + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return tokens[index...].allSatisfy { $0 == .anyText }
    }

    /// Reads up to the closing bracket; a `]` directly after the opening is a member, as in a shell.
    private static func parseSet(_ rest: inout Substring.UnicodeScalarView) -> Token? {
        var isNegated = false
        if rest.first == "!" {
            isNegated = true
            rest.removeFirst()
        }
        var members: [Unicode.Scalar] = []
        while let scalar = rest.popFirst() {
            if scalar == "]", !members.isEmpty { return set(of: members, isNegated: isNegated) }
            members.append(scalar)
        }
        return nil
    }

    private static func set(of members: [Unicode.Scalar], isNegated: Bool) -> Token? {
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                guard members[index] <= members[index + 2] else { return nil }
                ranges.append(members[index]...members[index + 2])
                index += 3
            } else {
                ranges.append(members[index]...members[index])
                index += 1
            }
        }
        return .set(ranges, isNegated: isNegated)
    }
}
