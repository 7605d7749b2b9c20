import EngramDrops
import EngramReports
import EngramService
import Foundation

/// What happened since a moment, for people and for programs.
struct Digest {
    /// Seconds since the epoch.
    var since: Double
    /// Seconds since the epoch.
    var until: Double
    /// The place whose clock is shown.
    var zone: TimeZoneRules
    /// Drops that became memories.
    var published: [DropRow] = []
    /// Cues that memories were asked with.
    var asked: [DropRow] = []
    /// Drops whose result was there already.
    var reused: [DropRow] = []
    /// Rejected drops.
    var rejected: [DropRow] = []
    /// Everything that is not done.
    var open: [DropRow] = []
    /// What checks found.
    var verification = VerificationRecord()
    /// The folder that links count from.
    var outbox: String
    /// What was taken.
    var use: DigestContent.Use?
    /// The last nights, oldest first.
    var nights: [DigestContent.Night] = []
    /// What was deleted by what `keep:` says.
    var deleted: [DigestContent.Item] = []

    /// Reads the ledger and the latest check.
    init(folders: DropFolders, ledger: Ledger, since: Double, until: Double, zone: TimeZoneRules) throws(DropError) {
        self.since = since
        self.until = until
        self.zone = zone
        outbox = folders.outbox
        let done = try ledger.rows(in: [.published, .reused, .archived], since: since)
        published = done.filter { $0.reusedFrom == nil && !$0.job.kind.asksMemory }
        asked = done.filter { $0.reusedFrom == nil && $0.job.kind.asksMemory }
        reused = done.filter { $0.reusedFrom != nil }
        rejected = try ledger.rows(in: [.rejecting, .rejected], since: since)
        open = try ledger.rows(in: Set(DropState.allCases.filter { !$0.isFinal && ![.published, .reused, .rejecting].contains($0) }))
        verification = VerificationRecord(path: folders.verificationPath)
        deleted = try ledger.deletions(since: since).map { .init(name: $0.name, moment: zone.text($0.at), detail: $0.reason) }
        (use, nights) = try DigestFigures(folders: folders, ledger: ledger, verification: verification, zone: zone)
            .figures(since: since, until: until, published: published + asked)
    }

    /// The day of the digest where the zone is.
    var day: String { String(zone.text(until).prefix(10)) }

    /// For programs: `engram-digest/1`.
    var json: JSONValue {
        func items(_ rows: [DropRow]) -> JSONValue {
            .array(
                rows.map { row in
                    .object([
                        .init("id", .string(row.id)), .init("name", .string(row.name)), .init("state", .string(row.state.rawValue)),
                        .init("at", .string(Timestamp.text(row.updatedAt))), .init("reason", .string(row.reason)),
                        .init("result", row.resultPath.map { .string($0) } ?? .null),
                        .init("outcome", Self.summary(ofResult: row.resultPath).map { .string($0.outcome) } ?? .null),
                    ])
                })
        }
        let checks = verification.entries.values.sorted { $0.id < $1.id }
        return .object([
            .init("schema", .string("engram-digest/1")), .init("since", .string(Timestamp.text(since))),
            .init("until", .string(Timestamp.text(until))), .init("published", items(published)), .init("asked", items(asked)),
            .init("reused", items(reused)),
            .init("rejected", items(rejected)), .init("waiting", items(open)),
            .init(
                "verified",
                .object([
                    .init("sound", .integer(Int64(checks.count { $0.state == "sound" }))),
                    .init("unchecked", .integer(Int64(checks.count { $0.state == "unchecked" }))),
                    .init("gone", .integer(Int64(checks.count { $0.state == "gone" }))),
                    .init("last", checks.map(\.at).max().map { .string(Timestamp.text($0)) } ?? .null),
                    .init(
                        "damaged",
                        .array(
                            checks.filter(\.isDamaged).map { entry in
                                .object([
                                    .init("name", .string(entry.name)), .init("path", .string(entry.path)),
                                    .init("state", .string(entry.state)), .init("detail", .string(entry.detail)),
                                    .init("last_sound", entry.lastSound.map { .string(Timestamp.text($0.at)) } ?? .null),
                                    .init("change", entry.change(Timestamp.text).map { .string($0) } ?? .null),
                                ])
                            })),
                    .init(
                        "unchecked_memories",
                        .array(
                            checks.filter { $0.state == "unchecked" }.map { entry in
                                .object([
                                    .init("name", .string(entry.name)), .init("path", .string(entry.path)),
                                    .init("detail", .string(entry.detail)),
                                ])
                            })),
                ])), .init("use", use.map(Self.json) ?? .null), .init("nights", .array(nights.map(Self.json))),
            .init(
                "deleted", .array(deleted.map { .object([.init("name", .string($0.name)), .init("reason", .string($0.detail))]) })),
        ])
    }

    private static func json(_ use: DigestContent.Use) -> JSONValue {
        .object([
            .init("work_seconds", .number(use.workSeconds)), .init("published_bytes", .integer(use.publishedBytes)),
            .init("result_bytes", .integer(use.resultBytes)), .init("archive_bytes", .integer(use.archiveBytes)),
            .init("free_bytes", use.freeBytes.map { .integer($0) } ?? .null),
        ])
    }

    private static func json(_ night: DigestContent.Night) -> JSONValue {
        .object([
            .init("day", .string(night.day)), .init("published", .integer(Int64(night.published))),
            .init("rejected", .integer(Int64(night.rejected))), .init("work_seconds", .number(night.workSeconds)),
            .init("damaged", night.damaged.map { .integer(Int64($0)) } ?? .null),
        ])
    }

    /// For people.
    var content: DigestContent {
        let checks = verification.entries.values.sorted { $0.id < $1.id }
        var content = DigestContent(
            title: day, span: "\(zone.text(since)) to \(zone.text(until))",
            published: published.map { item($0, detail: Self.facts(ofResult: $0.resultPath), file: "report.html") },
            reused: reused.map { item($0, detail: $0.reason, file: "report.html") },
            rejected: rejected.map { item($0, detail: ReasonText.shown($0.reason, whole: "error.json"), file: "error.json") },
            waiting: open.map { item($0, detail: "\($0.state.rawValue): \($0.reason)", file: nil) },
            damaged: checks.filter(\.isDamaged).map { entry in
                let change = entry.change(zone.text).map { "; " + $0 } ?? ""
                return .init(
                    name: entry.name, moment: zone.text(entry.at), detail: entry.detail + change, link: address(of: entry.path))
            }, soundCount: checks.count { $0.state == "sound" },
            asked: asked.map { row in
                let headline = Self.summary(ofResult: row.resultPath).map { $0.headline + ": " } ?? ""
                return item(row, detail: headline + row.name, file: "report.html")
            },
            uncheckedCount: checks.count { $0.state == "unchecked" }, verifiedAt: checks.map(\.at).max().map(zone.text))
        content.unchecked = checks.filter { $0.state == "unchecked" }.map { entry in
            .init(name: entry.name, moment: zone.text(entry.at), detail: entry.detail, link: address(of: entry.path))
        }
        (content.use, content.nights, content.deleted) = (use, nights, deleted)
        return content
    }

    private func item(_ row: DropRow, detail: String, file: String?) -> DigestContent.Item {
        let link = file.flatMap { file in row.resultPath.flatMap { address(of: $0 + "/" + file) } }
        return .init(name: row.name, moment: zone.text(row.updatedAt), detail: detail, link: link)
    }

    /// Relative to the outbox, where the digest lies; what lies elsewhere gets no link.
    private func address(of path: String) -> String? {
        guard path.hasPrefix(outbox + "/") else { return nil }
        // Each part by itself: a `/` in a name cannot be, and what has a meaning in an address must not have it.
        let allowed = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\0"..."\u{7f}")).union(
            .init(charactersIn: "-._~"))
        let parts = path.dropFirst(outbox.count + 1).split(separator: "/").map {
            String($0).addingPercentEncoding(withAllowedCharacters: allowed)
        }
        return parts.contains(nil) ? nil : "./" + parts.compactMap(\.self).joined(separator: "/")
    }

    /// nil where no report can be read, or it does not say it.
    private static func summary(ofResult path: String?) -> JobSummary? { path.flatMap { PublishedReport(folder: $0) }?.summary }

    /// Outcome, recall and size, from `report.json`.
    private static func facts(ofResult path: String?) -> String {
        guard let path, let bytes = try? FileSystem().read(path + "/report.json", count: 64 << 20),
            let report = try? JSONValue.parse(bytes, path: path)
        else { return "no report" }
        var facts = summary(ofResult: path).map { [$0.headline] } ?? []
        if let kind = report["kind"]?.string, let count = report["samples"]?.integer {
            facts.append("\(kind) of \(count) \(count == 1 ? "example" : "examples")")
        }
        for (kind, counts) in RecallCheck.recall(inReportOf: path) ?? [] where counts.starts > 0 {
            facts.append("\(counts.recovered) of \(counts.starts) from \(kind)")
        }
        return facts.joined(separator: "; ")
    }
}
