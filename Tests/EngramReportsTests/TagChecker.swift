/// Checks that tags nest: a small reader of its own that shares nothing with what wrote the page.
enum TagChecker {
    private static let voidElements: Set<String> = ["meta", "img", "source", "br", "hr", "link", "input"]

    /// Describes the first fault, nil when all is closed in order.
    static func firstFault(in page: String) -> String? {
        var open: [String] = []
        var rest = Array(page.unicodeScalars)[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[(start + 1)...]
            var quote = false
            guard
                let end = rest.firstIndex(where: {
                    if $0 == "\"" { quote.toggle() }
                    return $0 == ">" && !quote
                })
            else { return "a tag is not closed: \(text(rest.prefix(40)))" }
            let tag = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            if tag.first == "!" { continue }
            let isClosing = tag.first == "/"
            let name = text((isClosing ? tag.dropFirst() : tag).prefix { $0.properties.isAlphabetic || ("0"..."9").contains($0) })
                .lowercased()
            if name.isEmpty { return "a stray < before \(text(tag.prefix(20)))" }
            if isClosing {
                guard open.last == name else { return "</\(name)> closes \(open.last ?? "nothing")" }
                open.removeLast()
            } else if tag.last != "/", !voidElements.contains(name) {
                open.append(name)
            }
        }
        return open.last.map { "<\($0)> is never closed" }
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
