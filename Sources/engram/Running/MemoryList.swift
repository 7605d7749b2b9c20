import EngramDrops
import EngramReports
import Foundation

/// What is stored: every memory of an outbox, as `engram memories` lists it.
struct MemoryList {
    /// One memory.
    struct Entry: Equatable {
        /// The name of its folder, which recall takes.
        var name: String
        /// autoencoder or sequence.
        var kind: String
        /// The family of its map.
        var family: String
        /// What its items are.
        var media: String
        /// Number of items.
        var items: Int
        /// Bytes of all its files.
        var byteCount: Int64
        /// When it was last checked, seconds since the epoch, and what was found; nil where nobody did.
        var check: (at: Double, state: String)?

        static func == (left: Entry, right: Entry) -> Bool {
            left.name == right.name && left.kind == right.kind && left.family == right.family && left.media == right.media
                && left.items == right.items && left.byteCount == right.byteCount && left.check?.at == right.check?.at
                && left.check?.state == right.check?.state
        }
    }

    /// By name.
    var entries: [Entry] = []
    /// Folders that look like memories and could not be read, with the reason.
    var problems: [(name: String, reason: String)] = []

    /// Reads the reports and manifests of an outbox; no weights.
    init(outbox: String, verification: VerificationRecord) {
        let checks = Dictionary(verification.entries.values.map { ($0.path, $0) }) { first, _ in first }
        for name in MemoryLookup(outbox: outbox).memoryNames() {
            let folder = outbox + "/" + name
            do {
                // Reports have a line for each of a hundred thousand examples.
                let json = Data(try FileSystem().read(folder + "/report.json", count: 256 << 20))
                guard try ReportHeader(json: json).jobName == DropReport.jobName else { continue }
                let report = try DropReport(json: json)
                let manifest = try ResultManifest.read(from: folder)
                let check = checks[folder] ?? checks[PathText.absolute(folder)]
                entries.append(
                    Entry(
                        name: name, kind: report.kind.rawValue, family: report.network.family, media: report.media.summary,
                        items: report.samples, byteCount: manifest.files.reduce(0) { $0 &+ $1.byteCount },
                        check: check.map { ($0.at, $0.state) }))
            } catch {
                problems.append((name, "\(error)"))
            }
        }
    }

    /// Lines for a terminal.
    var text: String {
        guard !entries.isEmpty || !problems.isEmpty else { return "Nothing is stored yet. Drop something into the inbox and run engram." }
        var rows = [["NAME", "ITEMS", "KIND", "OF", "FAMILY", "SIZE", "VERIFIED"]]
        for entry in entries {
            rows.append([
                TerminalText.printable(entry.name), "\(entry.items)", entry.kind, entry.media, entry.family,
                DiskAdmission.text(entry.byteCount),
                entry.check.map { "\(Timestamp.text($0.at).prefix(10)), \($0.state)" } ?? "when it was made",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { TerminalText.columnCount($0[column]) }.max() ?? 0 }
        var lines = rows.map { row in
            zip(row, widths).map { TerminalText.padded($0, toColumnCount: $1) }.joined(separator: "  ").trimmingTrailingSpaces
        }
        lines += problems.map { TerminalText.printable("\($0.name): cannot be read: \($0.reason)") }
        return lines.joined(separator: "\n")
    }

    /// The same for programs: `engram-memories/1`.
    var json: JSONValue {
        .object([
            .init("schema", .string("engram-memories/1")),
            .init(
                "memories",
                .array(
                    entries.map { entry in
                        .object([
                            .init("name", .string(entry.name)), .init("kind", .string(entry.kind)), .init("family", .string(entry.family)),
                            .init("media", .string(entry.media)), .init("items", .integer(Int64(entry.items))),
                            .init("bytes", .integer(entry.byteCount)),
                            .init("verified_at", entry.check.map { .string(Timestamp.text($0.at)) } ?? .null),
                            .init("verified_state", entry.check.map { .string($0.state) } ?? .null),
                        ])
                    })),
            .init(
                "problems",
                .array(problems.map { .object([.init("name", .string($0.name)), .init("reason", .string($0.reason))]) })),
        ])
    }
}

extension String {
    /// Without spaces at the end.
    fileprivate var trimmingTrailingSpaces: String {
        var result = self
        while result.hasSuffix(" ") { result.removeLast() }
        return result
    }
}
