internal import EngramMedia

/// Why an experiment could not be repeated.
package enum ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No experiment has this name.
    case unknownName(String, known: [String])
    /// A data set is not where it was looked for.
    case missingData(what: String, lookedFor: [String], folder: String)
    /// A data set is there and cannot be used.
    case unusableData(path: String, reason: String)
    /// An option does not fit the experiment.
    case invalidOption(name: String, expected: String, found: String)
    /// A network could not be trained or analysed.
    case failed(what: String, reason: String)

    /// What was expected, what was found, and what to do.
    package var description: String {
        switch self {
        case .unknownName(let name, let known):
            "There is no experiment '\(name)'; there are \(known.joined(separator: ", ")). `engram reproduce --list` says what each is."
        case .missingData(let what, let lookedFor, let folder):
            "\(what) are needed and not in '\(folder)' (looked for \(lookedFor.joined(separator: " and "))); give the folder that holds "
                + "them with --data or ENGRAM_DATA. Documentation/Reproduction.md says how it is laid out."
        case .unusableData(let path, let reason): "'\(path)' cannot be used: \(reason)"
        case .invalidOption(let name, let expected, let found): "\(name): expected \(expected), found '\(found)'."
        case .failed(let what, let reason): "\(what): \(reason)"
        }
    }
}
