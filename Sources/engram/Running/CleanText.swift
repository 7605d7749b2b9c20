import EngramDrops

/// What `engram clean` says.
struct CleanText {
    let rule: RetentionRule
    let candidates: [Retention.Candidate]
    /// Drops whose sources were deleted; nil where nothing was to be changed.
    let deleted: Set<String>?

    private var going: [Retention.Candidate] { candidates.filter { $0.obstacle == nil && (deleted?.contains($0.row.id) ?? true) } }
    private var byteCount: Int64 { going.reduce(0) { $0 &+ $1.byteCount } }

    /// Lines for people; the last one is the sum.
    var lines: [String] {
        guard !rule.keepsAll else {
            return ["every source is kept: keep: in pipeline.yml sets no bound, and no option does"]
        }
        var lines = candidates.map { candidate in
            let (name, size) = (TerminalText.printable(candidate.row.name), DiskAdmission.text(candidate.byteCount))
            let word: String
            if candidate.obstacle != nil {
                word = "stays"
            } else {
                word = deleted.map { $0.contains(candidate.row.id) ? "deleted" : "gone already" } ?? "would go"
            }
            let why = TerminalText.printable(candidate.causes.joined(separator: "; "))
            let obstacle = candidate.obstacle.map { ", but " + ReasonText.shown($0) } ?? ""
            return "\(word)  \(name) (\(size)): \(why)\(obstacle)"
        }
        let staying = candidates.count - candidates.count { $0.obstacle == nil }
        let stays = staying > 0 ? "; \(staying) due \(staying == 1 ? "stays" : "stay"), since no verified memory gives it back" : ""
        let sources = "\(going.count) \(going.count == 1 ? "source" : "sources"), \(DiskAdmission.text(byteCount))"
        lines.append(
            (deleted == nil ? "would delete " : "deleted ") + sources + stays
                + (deleted == nil && !going.isEmpty ? "; --delete does it" : ""))
        return lines
    }

    /// The same for programs: `engram-clean/1`.
    var json: JSONValue {
        .object([
            .init("schema", .string("engram-clean/1")), .init("dry_run", .bool(deleted == nil)),
            .init("sources", .integer(Int64(going.count))), .init("bytes", .integer(byteCount)),
            .init(
                "due",
                .array(
                    candidates.map { candidate in
                        .object([
                            .init("id", .string(candidate.row.id)), .init("name", .string(candidate.row.name)),
                            .init("bytes", .integer(candidate.byteCount)), .init("causes", .array(candidate.causes.map { .string($0) })),
                            .init("obstacle", candidate.obstacle.map { .string($0) } ?? .null),
                            .init("deleted", .bool(deleted?.contains(candidate.row.id) ?? false)),
                        ])
                    })),
        ])
    }
}
