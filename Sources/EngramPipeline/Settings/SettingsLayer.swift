import Foundation

/// The values that one place (a file's section, a rule, the command line) sets, checked but not yet stored.
struct SettingsLayer<Root>: Sendable {
    /// One key with its value and where it stands.
    struct Entry: Sendable {
        let path: String
        let value: SettingValue
        let location: SettingsLocation
    }

    var entries: [Entry] = []

    init() {}

    /// Reads a mapping of keys and sections.
    /// - Parameters:
    ///   - node: A mapping, or nothing (an empty layer).
    ///   - title: What an error message calls the mapping as a whole.
    ///   - elsewhere: Finds keys of another schema, for the hint where a misplaced key belongs.
    init(
        _ node: SettingsNode, schema: SettingsSchema<Root>, title: String,
        elsewhere: (String) -> String? = { _ in nil }
    ) throws(SettingsError) {
        switch node.content {
        case .nothing: break
        case .mapping(let pairs): try read(pairs, section: "", schema: schema, elsewhere: elsewhere)
        case .scalar, .list:
            throw .wrongType(node.location, key: title, expected: "a mapping of keys to values", found: node.found)
        }
    }

    /// Reads `key.path=value` arguments; of two for one key the later holds.
    /// - Parameter folder: Where relative paths count from: whoever types them means the folder that he is in.
    init(
        overrides: [String], schema: SettingsSchema<Root>, folder: String = FileManager.default.currentDirectoryPath
    ) throws(SettingsError) {
        for argument in overrides {
            guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else {
                throw .malformedOverride(SettingsNode.shortened(argument))
            }
            let path = String(argument[..<sign])
            let text = String(argument[argument.index(after: sign)...])
            let location = SettingsLocation(source: "--set \(SettingsNode.shortened(argument))")
            guard let field = schema.field(at: path) else {
                throw .unknownKey(
                    location, key: SettingsNode.shortened(path), suggestion: schema.suggestion(for: path),
                    known: schema.fields.map(\.path))
            }
            let found = text.isEmpty ? "nothing" : "'\(SettingsNode.shortened(text))'"
            var value = try Self.value(text, isQuoted: false, of: field, location: location, found: found)
            if case .path = field.type.base, case .text(let path) = value, !path.hasPrefix("/") { value = .text(folder + "/" + path) }
            entries.append(Entry(path: path, value: value, location: location))
        }
    }

    /// Stores the values in order.
    func apply(to root: inout Root, schema: SettingsSchema<Root>) {
        for entry in entries { schema.field(at: entry.path)?.set(&root, entry.value) }
    }

    /// The value this layer gives a key, if any.
    func value(at path: String) -> SettingValue? { entries.last { $0.path == path }?.value }

    private mutating func read(
        _ pairs: [(key: String, location: SettingsLocation, value: SettingsNode)], section: String,
        schema: SettingsSchema<Root>, elsewhere: (String) -> String?
    ) throws(SettingsError) {
        for (key, location, node) in pairs {
            let path = section.isEmpty ? key : section + "." + key
            if let field = schema.field(at: path) {
                guard case .scalar(let text, let isQuoted) = node.content else {
                    throw .wrongType(node.location, key: path, expected: field.type.expectation, found: node.found)
                }
                let value = try Self.value(text, isQuoted: isQuoted, of: field, location: node.location, found: node.found)
                entries.append(Entry(path: path, value: value, location: node.location))
            } else if schema.isSection(path) {
                switch node.content {
                case .nothing: break
                case .mapping(let inner): try read(inner, section: path, schema: schema, elsewhere: elsewhere)
                case .scalar, .list:
                    throw .wrongType(node.location, key: path, expected: "a mapping of keys to values", found: node.found)
                }
            } else {
                throw .unknownKey(
                    location, key: SettingsNode.shortened(path), suggestion: schema.suggestion(for: path) ?? elsewhere(path),
                    known: schema.keys(inSection: section))
            }
        }
    }

    private static func value(
        _ text: String, isQuoted: Bool, of field: SettingsField<Root>, location: SettingsLocation, found: String
    ) throws(SettingsError) -> SettingValue {
        do {
            return try field.type.parse(text, isQuoted: isQuoted)
        } catch {
            switch error {
            case .wrongType:
                throw .wrongType(location, key: field.path, expected: field.type.expectation, found: found)
            case .tilde:
                throw .wrongType(
                    location, key: field.path, expected: "a path that is written out, since '~' stands for nothing here ('./~' for a name)",
                    found: found)
            case .outOfRange:
                throw .outOfRange(location, key: field.path, expected: field.type.expectation, found: found)
            }
        }
    }
}
