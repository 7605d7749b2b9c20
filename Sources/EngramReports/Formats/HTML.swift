/// Markup that can only be built so that text is escaped: interpolating a `String` escapes it, interpolating `HTML` inserts it.
///
/// Escaping works on Unicode scalars. By `Character` it would miss a quote followed by a combining mark, which Swift counts as one character
/// that is not a quote while a browser still ends the attribute there.
package struct HTML: ExpressibleByStringInterpolation, Equatable, Sendable {
    /// The markup itself.
    package let source: String

    /// Takes text as markup; only for what this module wrote itself.
    package init(trusted source: String) {
        self.source = source
    }

    package init(stringLiteral value: String) {
        source = value
    }

    package init(stringInterpolation: StringInterpolation) {
        source = stringInterpolation.source
    }

    /// Escapes `text` for element content and quoted attributes; control characters, which HTML forbids, become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            case "\t", "\n", "\r": result.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var source = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            source += literal
        }

        package mutating func appendInterpolation(_ text: String) {
            source += HTML.escaped(text)
        }

        package mutating func appendInterpolation(_ number: Int) {
            source += String(number)
        }

        package mutating func appendInterpolation(_ markup: HTML?) {
            source += markup?.source ?? ""
        }

        package mutating func appendInterpolation(_ markup: [HTML]) {
            source += markup.map(\.source).joined(separator: "\n")
        }
    }
}
