import EngramDrops

/// What `engram verify` says.
enum VerificationText {
    /// One line for a folder, and one below it for each difference.
    static func lines(_ check: OutboxVerifier.Check, shownPath: (String) -> String = { PathText.shown($0) }) -> String {
        let path = TerminalText.printable(shownPath(check.path))
        if check.isIntact { return "intact   \(path)  (\(check.fileCount) files)" }
        let differences = (check.problem.map { [$0] } ?? []) + check.findings.map(\.description)
        return (["damaged  \(path)"] + differences.map { "         " + TerminalText.printable($0) }).joined(separator: "\n")
    }

    /// The last line.
    static func summary(_ checks: [OutboxVerifier.Check], sources: [OutboxVerifier.Check] = []) -> String {
        guard !checks.isEmpty else { return "There is no result to verify." }
        let damagedCount = checks.count { !$0.isIntact }
        let text = "\(checks.count - damagedCount) intact, \(damagedCount) damaged"
        guard !sources.isEmpty else { return text }
        let changedCount = sources.count { !$0.isIntact }
        return text + "; archived sources: \(sources.count - changedCount) as they were learned, \(changedCount) changed since"
    }

    /// The same for programs.
    static func json(_ checks: [OutboxVerifier.Check], sources: [OutboxVerifier.Check] = []) -> JSONValue {
        func list(_ checks: [OutboxVerifier.Check]) -> JSONValue {
            .array(
                checks.map { check in
                    JSONValue.object([
                        .init("path", .string(check.path)), .init("intact", .bool(check.isIntact)),
                        .init("files", .integer(Int64(check.fileCount))), .init("bytes", .integer(check.byteCount)),
                        .init("problem", check.problem.map { .string($0) } ?? .null), .init("findings", .array(check.findings.map(\.json))),
                    ])
                })
        }
        return .object([
            .init("schema", .string("engram-verify/1")), .init("checked", .integer(Int64(checks.count))),
            .init("damaged", .integer(Int64(checks.count { !$0.isIntact }))), .init("results", list(checks)),
            .init("sources", list(sources)),
        ])
    }
}
