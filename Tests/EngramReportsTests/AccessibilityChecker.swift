/// Looks at a page as a screen reader and a reader with weak eyes do: a reader of its own that shares nothing with what wrote the page.
///
/// The rules are those of WCAG 2.2 that can be seen in the markup: language and title, one main heading and no level left out, text for
/// pictures and drawings, names for controls, links and regions, heads of tables, and the contrast of text.
enum AccessibilityChecker {
    /// One start tag.
    struct Tag {
        var name: String
        var attributes: [String: String]
    }

    /// Every fault, in the order of the page.
    static func faults(in page: String) -> [String] {
        let tags = Self.tags(of: page)
        var faults: [String] = []
        if tags.first(where: { $0.name == "html" })?.attributes["lang"]?.isEmpty ?? true { faults.append("the page has no language") }
        if text(of: "title", in: page).isEmpty { faults.append("the page has no title") }
        if !tags.contains(where: { $0.name == "main" }) { faults.append("there is no main landmark") }
        if tags.first(where: { $0.name == "meta" && $0.attributes["name"] == "viewport" })?.attributes["content"]?
            .contains("user-scalable=no") ?? true
        {
            faults.append("the page cannot be enlarged")
        }
        return faults + headings(tags) + names(tags) + references(tags) + tables(tags)
    }

    private static func headings(_ tags: [Tag]) -> [String] {
        let levels = tags.compactMap { tag in
            tag.name.count == 2 && tag.name.first == "h" ? tag.name.last?.wholeNumberValue : nil
        }
        var faults = levels.filter { $0 == 1 }.count == 1 ? [] : ["there are \(levels.filter { $0 == 1 }.count) main headings"]
        for (before, after) in zip(levels, levels.dropFirst()) where after > before + 1 { faults.append("h\(after) follows h\(before)") }
        return faults
    }

    private static func names(_ tags: [Tag]) -> [String] {
        tags.compactMap { tag in
            switch tag.name {
            case "img": tag.attributes["alt"] == nil ? "a picture has no text: \(tag.attributes["src"]?.prefix(40) ?? "")" : nil
            case "svg":
                tag.attributes["role"] == "img" && tag.attributes["aria-label"]?.isEmpty == false || tag.attributes["aria-hidden"] == "true"
                    ? nil : "a drawing has no text"
            case "audio", "video": tag.attributes["controls"] == nil ? "a player has no controls" : nil
            case "a": tag.attributes["href"]?.isEmpty ?? true ? "a link leads nowhere" : nil
            case "input", "select", "textarea":
                tag.attributes["aria-label"] ?? tag.attributes["id"] == nil ? "a control has no name" : nil
            default:
                tag.attributes["role"] == "region" && tag.attributes["aria-label"] == nil && tag.attributes["aria-labelledby"] == nil
                    ? "a region has no name" : nil
            }
        }
    }

    private static func references(_ tags: [Tag]) -> [String] {
        let identifiers = tags.compactMap { $0.attributes["id"] }
        var faults = Dictionary(grouping: identifiers, by: \.self).filter { $0.value.count > 1 }.keys.sorted().map {
            "two elements are called \($0)"
        }
        for tag in tags {
            for wanted in tag.attributes["aria-labelledby"]?.split(separator: " ") ?? [] where !identifiers.contains(String(wanted)) {
                faults.append("\(tag.name) is named by \(wanted), which is not there")
            }
        }
        return faults
    }

    private static func tables(_ tags: [Tag]) -> [String] {
        var faults: [String] = []
        var heads: Int?
        for tag in tags {
            if tag.name == "table" {
                if heads == 0 { faults.append("a table has no heads") }
                heads = 0
            }
            if tag.name == "th" {
                heads = (heads ?? 0) + 1
                if !["row", "col", "rowgroup", "colgroup"].contains(tag.attributes["scope"] ?? "") { faults.append("a head has no scope") }
            }
        }
        if heads == 0 { faults.append("a table has no heads") }
        return faults
    }

    // MARK: Contrast

    /// The contrast of two colours of a style sheet, 1 to 21, by WCAG's relative luminance.
    static func contrast(_ first: String, _ second: String) -> Double? {
        guard let a = luminance(first), let b = luminance(second) else { return nil }
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    private static func luminance(_ colour: String) -> Double? {
        var digits = colour.dropFirst().map { $0 }
        guard colour.hasPrefix("#") else { return nil }
        if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
        guard digits.count == 6 else { return nil }
        var parts: [Double] = []
        for index in stride(from: 0, to: 6, by: 2) {
            guard let value = Int(String(digits[index...index + 1]), radix: 16) else { return nil }
            let share = Double(value) / 255
            parts.append(share <= 0.04045 ? share / 12.92 : power((share + 0.055) / 1.055))
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// x^2.4, by x² and the fifth root of x² found by Newton's steps: no library that the page is made with is asked.
    private static func power(_ value: Double) -> Double {
        let square = value * value
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return square * root
    }

    /// The custom colours of a style sheet, by scheme: what stands in `:root`, first for light, then for dark.
    static func palettes(of page: String) -> [[String: String]] {
        page.components(after: ":root{").map { rule in
            var palette: [String: String] = [:]
            for declaration in rule.prefix(while: { $0 != "}" }).split(separator: ";") {
                let parts = declaration.split(separator: ":", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                if parts.count == 2, parts[0].hasPrefix("--") { palette[parts[0]] = parts[1] }
            }
            return palette
        }
    }

    // MARK: Reading

    static func tags(of page: String) -> [Tag] {
        page.components(after: "<").compactMap { piece in
            guard let first = piece.first, first.isLetter else { return nil }
            let name = piece.prefix { $0.isLetter || $0.isNumber }
            var attributes: [String: String] = [:]
            var rest = piece.dropFirst(name.count)
            while let character = rest.first, character != ">" {
                let key = rest.prefix { $0.isLetter || $0 == "-" }
                guard !key.isEmpty else {
                    rest = rest.dropFirst()
                    continue
                }
                rest = rest.dropFirst(key.count)
                guard rest.hasPrefix("=\"") else {
                    attributes[String(key)] = ""
                    continue
                }
                let value = rest.dropFirst(2).prefix { $0 != "\"" }
                attributes[String(key)] = String(value)
                rest = rest.dropFirst(3 + value.count)
            }
            return Tag(name: name.lowercased(), attributes: attributes)
        }
    }

    private static func text(of element: String, in page: String) -> String {
        guard let piece = page.components(after: "<\(element)>").first else { return "" }
        return String(piece.prefix { $0 != "<" })
    }
}

extension String {
    /// What follows each place of a text.
    fileprivate func components(after mark: String) -> [Substring] { ranges(of: mark).map { self[$0.upperBound...] } }
}
