import EngramPipeline

extension SettingsError {
    /// The file to blame; nil where it is an argument of the command line.
    var file: String? {
        let source =
            switch self {
            case .unreadable(let path, _), .tooLarge(let path, _), .tooComplex(let path, _, _, _): path
            case .malformed(let place, _), .unknownKey(let place, _, _, _), .duplicateKey(let place, _), .missingKey(let place, _, _),
                .wrongType(let place, _, _, _), .outOfRange(let place, _, _, _):
                place.source
            case .malformedOverride(let argument): "--set \(argument)"
            }
        return source.hasPrefix("--set ") ? nil : source
    }

    /// What should have been there, found instead, and what to do: what the description says, in parts.
    var parts: (expected: String, found: String, remedy: String) {
        switch self {
        case .unreadable(_, let reason):
            ("a file that can be read", reason, "check the path and its permissions")
        case .tooLarge(_, let limit):
            ("at most \(limit) bytes", "a longer file", "check that this is the right file")
        case .malformed(_, let problem):
            ("valid YAML", problem, "correct the file at this place")
        case .tooComplex(_, let what, let limit, let found):
            ("at most \(limit) \(what)", "\(found) \(what)", "write the values out")
        case .unknownKey(_, let key, let suggestion, let known):
            (
                "one of \(known.joined(separator: ", "))", "the unknown key '\(key)'",
                suggestion.map { "write '\($0)' if that is what is meant" } ?? "choose a key of the list, or remove it"
            )
        case .duplicateKey(_, let key):
            ("the key '\(key)' once", "the key '\(key)' more than once in the same place", "keep one")
        case .missingKey(_, let key, let purpose):
            ("the key '\(key)'", "no such key", "add \(purpose)")
        case .wrongType(_, let key, let expected, let found):
            ("'\(key)' to be \(expected)", found, "correct or remove it")
        case .outOfRange(_, let key, let expected, let found):
            ("'\(key)' to be \(expected)", found, "choose a value in that range")
        case .malformedOverride(let argument):
            ("key=value", "--set \(argument), with no key before a '='", "write for example --set network.depth=3")
        }
    }
}
