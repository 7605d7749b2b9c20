public import EngramSystem

extension MediaError {
    /// What is wrong with the drop, in the words of `error.json`.
    public var failure: Failure {
        switch self {
        case .system(let path, let call, let errorNumber):
            let reason = "\(SystemMessage.text(of: errorNumber)) (errno \(errorNumber))"
            return Failure(
                stage: .decode, code: "system", file: path, message: "\(path): \(call) failed: \(reason). \(systemRemedy(errorNumber))",
                found: "\(call) failed: \(reason)", remedy: systemRemedy(errorNumber), isRetryable: true)
        case .notAFile(let path, let found):
            return Failure(
                stage: .decode, code: "not-a-file", file: path, expected: "a regular file or a folder", found: found,
                remedy: "Links are not followed; drop a copy of the file itself.")
        case .malformed(let failure):
            return failure
        case .unsupported(let file, let feature, let remedy):
            return Failure(
                stage: .decode, code: "unsupported", file: file, message: "\(file): \(feature) is not read. \(remedy)", found: feature,
                remedy: remedy)
        case .overLimit(let file, let quantity, let limit, let found):
            let remedy = "Make it smaller, or raise the limit in the settings."
            return Failure(
                stage: .decode, code: "over-limit", file: file,
                message: "\(file): \(quantity) is \(found), the limit is \(limit). \(remedy)", expected: "at most \(limit) for \(quantity)",
                found: "\(found)", remedy: remedy)
        case .nameContradictsContent(let file, let nameSays, let contentIs):
            return Failure(
                stage: .decode, code: "name-contradicts-content", file: file, expected: "\(nameSays) from its name", found: contentIs,
                remedy: "Give it the name of what it holds, and drop it again.")
        case .mismatch(let file, let property, let expected, let reference, let found):
            let remedy = "One drop holds samples of one kind; convert or split it."
            return Failure(
                stage: .decode, code: "mismatch", file: file,
                message: "\(file): \(property) is \(found), expected \(expected) as in \(reference). \(remedy)",
                expected: "\(property) \(expected), as in \(reference)", found: found, remedy: remedy)
        case .mixedDrop(let path, let first, let second):
            return Failure(
                stage: .decode, code: "mixed-drop", file: path, expected: "entries of one kind", found: "\(first) beside \(second)",
                remedy: "Drop them separately.")
        case .empty(let path, let found):
            return Failure(
                stage: .decode, code: "empty", file: path, expected: "at least one PNG, audio or IDX sample", found: found,
                remedy: "Put the media in and drop it again.")
        case .invalidOption(let name, let expected, let found):
            return Failure(
                stage: .decode, code: "invalid-option", place: name, expected: expected, found: found,
                remedy: "Change the setting and drop it again.")
        case .nonFiniteValue(let index):
            return Failure(
                stage: .render, code: "non-finite-value", place: "value \(index) to write", expected: "a finite number",
                found: "NaN or infinity", remedy: "The recall diverged; nothing was written.")
        case .unfitCue(let file, let property, let memory, let found, let remedy):
            return Failure(
                stage: .decode, code: "unfit-cue", file: file,
                message: "\(file): \(property) is \(found), the memory's is \(memory). \(remedy)", expected: "\(property) \(memory)",
                found: found, remedy: remedy)
        case .notWritten(let file, let reason):
            let remedy = "Report this with the file."
            return Failure(
                stage: .render, code: "not-written", file: file,
                message: "\(file): expected to write it in the drop's own format, found: \(reason). \(remedy)", found: reason,
                remedy: remedy)
        }
    }

    /// Bytes that break the rules of their format.
    /// - Parameter place: Where in the file, if known.
    static func malformed(
        file: String, place: MediaPlace? = nil, expected: String, found: String, remedy: String = copyAgain
    ) -> MediaError {
        .malformed(
            Failure(
                stage: .decode, code: "malformed", file: file, place: place?.description, expected: expected, found: found, remedy: remedy))
    }
}
