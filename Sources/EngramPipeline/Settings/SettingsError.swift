internal import EngramMemories

/// Where in the settings something stands: a file with line and column, or a command-line argument.
package struct SettingsLocation: Equatable, Sendable, CustomStringConvertible {
    /// The file's path, or the argument as given.
    package let source: String
    /// Line from 1; nil for an argument.
    package let line: Int?
    /// Column from 1, counted in Unicode scalars.
    package let column: Int?

    /// Names a place.
    package init(source: String, line: Int? = nil, column: Int? = nil) {
        self.source = source
        self.line = line
        self.column = column
    }

    /// `file:line:column`, as compilers write it.
    package var description: String {
        [source, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
    }
}

/// Why settings were refused; each description says where, what was expected, what was found and what to do.
package enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file could not be opened or read; `reason` is the system's word for it.
    case unreadable(path: String, reason: String)
    /// The file is longer than any settings file has reason to be.
    case tooLarge(path: String, limit: Int)
    /// The file is not YAML; `problem` is the parser's reason.
    case malformed(SettingsLocation, problem: String)
    /// Too many of what makes a small file expand to a large tree.
    case tooComplex(path: String, what: String, limit: Int, found: Int)
    /// A key that does not exist.
    case unknownKey(SettingsLocation, key: String, suggestion: String?, known: [String])
    /// A key that stands twice in one mapping.
    case duplicateKey(SettingsLocation, key: String)
    /// A required key that is not there.
    case missingKey(SettingsLocation, key: String, purpose: String)
    /// A value of another type, or a word that is not in the list.
    case wrongType(SettingsLocation, key: String, expected: String, found: String)
    /// A number or duration outside its range.
    case outOfRange(SettingsLocation, key: String, expected: String, found: String)
    /// A `--set` argument that is not `key=value`.
    case malformedOverride(String)

    /// One sentence for a person.
    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); check the path and its permissions."
        case .tooLarge(let path, let limit):
            "\(path): longer than the \(limit) bytes that settings may have; is this the right file?"
        case .malformed(let location, let problem):
            "\(location): not valid YAML: \(problem); correct the file at this place."
        case .tooComplex(let path, let what, let limit, let found):
            "\(path): has \(found) \(what), at most \(limit) are read; write the values out."
        case .unknownKey(let location, let key, let suggestion, let known):
            if let suggestion {
                "\(location): unknown key '\(key)'; did you mean '\(suggestion)'?"
            } else {
                "\(location): unknown key '\(key)'; expected one of \(known.joined(separator: ", "))."
            }
        case .duplicateKey(let location, let key):
            "\(location): key '\(key)' stands more than once in the same place; keep one."
        case .missingKey(let location, let key, let purpose):
            "\(location): key '\(key)' is missing; add \(purpose)."
        case .wrongType(let location, let key, let expected, let found):
            "\(location): '\(key)' must be \(expected), found \(found); correct or remove it."
        case .outOfRange(let location, let key, let expected, let found):
            "\(location): '\(key)' must be \(expected), found \(found); choose a value in that range."
        case .malformedOverride(let argument):
            "--set \(argument): expected key=value, found no key before a '='; write for example --set network.depth=3."
        }
    }
}
