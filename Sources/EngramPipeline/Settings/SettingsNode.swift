internal import EngramMemories
import Foundation
import Yams

/// A parsed YAML document whose every part knows its place in the file.
struct SettingsNode {
    enum Content {
        case scalar(text: String, isQuoted: Bool)
        case mapping([(key: String, location: SettingsLocation, value: SettingsNode)])
        case list([SettingsNode])
        /// Nothing after the colon, `~` or `null`.
        case nothing
    }

    /// Aliases multiply when anchors hold aliases; four anchors and 16 aliases multiply to 4⁴ at most.
    static let anchorLimit = 4
    /// See `anchorLimit`.
    static let aliasLimit = 16
    /// Settings are three levels deep.
    static let depthLimit = 16

    let content: Content
    let location: SettingsLocation

    /// How error messages name what was found.
    var found: String {
        switch content {
        case .scalar(let text, let isQuoted):
            isQuoted ? "the text \"\(Self.shortened(text))\"" : "'\(Self.shortened(text))'"
        case .mapping: "a mapping"
        case .list: "a list"
        case .nothing: "nothing"
        }
    }

    /// Parses one document; an empty one is `.nothing`.
    /// - Throws: `SettingsError.tooLarge`, `.tooComplex`, `.malformed`, `.duplicateKey`, `.wrongType` for a key that is not a word.
    static func parse(_ file: SettingsFile) throws(SettingsError) -> SettingsNode {
        guard file.text.utf8.count <= SettingsFile.byteCountLimit else {
            throw .tooLarge(path: file.source, limit: SettingsFile.byteCountLimit)
        }
        try checkSpaces(in: file)
        // Before composing: the composer itself hashes keys, and a key may be an alias.
        try checkCount(of: "&", named: "anchors", limit: anchorLimit, in: file)
        try checkCount(of: "*", named: "aliases", limit: aliasLimit, in: file)
        let root: Node?
        do {
            root = try Yams.compose(yaml: withoutByteOrderMark(file.text))
        } catch let error as YamlError {
            throw settingsError(error, source: file.source)
        } catch {
            throw .malformed(SettingsLocation(source: file.source), problem: "\(error)")
        }
        guard let root else {
            return SettingsNode(content: .nothing, location: SettingsLocation(source: file.source, line: 1, column: 1))
        }
        return try SettingsNode(root, source: file.source, depth: 0)
    }

    init(content: Content, location: SettingsLocation) {
        self.content = content
        self.location = location
    }

    private init(_ node: Node, source: String, depth: Int) throws(SettingsError) {
        guard depth <= Self.depthLimit else {
            throw .tooComplex(path: source, what: "nested levels", limit: Self.depthLimit, found: depth)
        }
        location = Self.location(node.mark, source: source)
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            content = isNothing ? .nothing : .scalar(text: scalar.string, isQuoted: !isPlain)
        case .sequence(let sequence):
            var items: [SettingsNode] = []
            for item in sequence { items.append(try SettingsNode(item, source: source, depth: depth + 1)) }
            content = .list(items)
        case .mapping(let mapping):
            var pairs: [(key: String, location: SettingsLocation, value: SettingsNode)] = []
            var seen: Set<String> = []
            for (key, value) in mapping {
                let keyLocation = Self.location(key.mark, source: source)
                guard case .scalar(let scalar) = key else {
                    throw .wrongType(keyLocation, key: "key", expected: "a word", found: "a list or mapping")
                }
                // Yams tells `1` from `"1"`; for us they are the same key.
                guard seen.insert(scalar.string).inserted else {
                    throw .duplicateKey(keyLocation, key: Self.shortened(scalar.string))
                }
                pairs.append((scalar.string, keyLocation, try SettingsNode(value, source: source, depth: depth + 1)))
            }
            content = .mapping(pairs)
        case .alias:
            // The composer puts the anchored node in place of an alias; this is left for trees built by hand.
            throw .malformed(location, problem: "an alias without its anchor")
        }
    }

    private static func location(_ mark: Mark?, source: String) -> SettingsLocation {
        SettingsLocation(source: source, line: mark?.line, column: mark?.column)
    }

    /// Long and unprintable texts do not belong in a message.
    static func shortened(_ text: String) -> String {
        let printable = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
        return printable.count > 60 ? printable.prefix(60) + "…" : printable
    }

    /// Counts where the sign starts a word, comments and quoted texts included: an over-count of a small limit is harmless.
    private static func checkCount(
        of sign: Character, named name: String, limit: Int, in file: SettingsFile
    ) throws(SettingsError) {
        let wanted = sign.asciiValue ?? 0
        var count = 0
        var previous = UInt8(ascii: "\n")
        var isComment = false
        for byte in file.text.utf8 {
            let startsWord = " \t\r\n[{,:-?".utf8.contains(previous)
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { isComment = false }
            if byte == UInt8(ascii: "#"), startsWord { isComment = true }
            if byte == wanted, startsWord, !isComment { count += 1 }
            previous = byte
        }
        guard count <= limit else { throw .tooComplex(path: file.source, what: name, limit: limit, found: count) }
    }

    private static func settingsError(_ error: YamlError, source: String) -> SettingsError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // An unquoted `*.wav` is by far the likeliest way to write an alias by accident.
            let isAlias = problem == "found undefined alias" || context?.text == "while scanning an alias"
            let hint = isAlias ? " (a pattern that starts with * belongs in quotes)" : ""
            return .malformed(location(mark, source: source), problem: problem + hint)
        case .reader(let problem, let offset, _, let yaml):
            let line = offset.map { yaml.prefix($0).count(where: \.isNewline) + 1 }
            return .malformed(SettingsLocation(source: source, line: line), problem: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return .duplicateKey(location(context.mark, source: source), key: shortened(duplicates.first ?? ""))
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return .malformed(SettingsLocation(source: source), problem: "\(error)")
        }
    }
}
