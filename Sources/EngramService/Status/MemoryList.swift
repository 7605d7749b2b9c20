package import EngramDrops
internal import EngramReports
package import EngramSystem
internal import Foundation

/// What is stored: every memory of an outbox, as `engram memories` and the page list it.
package struct MemoryList: Sendable {
    /// When a memory was last checked, and what was found.
    package struct Check: Equatable, Sendable {
        /// Seconds since the epoch.
        package var at: Double
        /// One word, such as `sound`.
        package var state: String

        /// Takes both as given.
        package init(at: Double, state: String) {
            self.at = at
            self.state = state
        }
    }

    /// One memory.
    package struct Entry: Equatable, Sendable {
        /// The name of its folder, which recall takes.
        package var name: String
        /// autoencoder or sequence.
        package var kind: String
        /// The family of its map.
        package var family: String
        /// What its items are.
        package var media: String
        /// Number of items.
        package var items: Int
        /// Bytes of all its files.
        package var byteCount: Int64
        /// nil where nobody checked it.
        package var check: Check?
        /// What can be shown of it without reading its network.
        package var sight: MemorySight
    }

    /// By name.
    package var entries: [Entry] = []
    /// Folders that look like memories and could not be read, with the reason.
    package var problems: [(name: String, reason: String)] = []

    /// Nothing is stored.
    package init() {}

    /// Reads the reports and manifests of an outbox; no weights.
    /// - Parameter checks: What the last checks found, by the folder's path.
    package init(outbox: String, checks: [String: Check]) {
        for name in StoredMemories(outbox: outbox).names() {
            do {
                guard var entry = try Self.entry(named: name, in: outbox) else { continue }
                entry.check = checks[outbox + "/" + name]
                entries.append(entry)
            } catch {
                problems.append((name, "\(error)"))
            }
        }
    }

    /// One memory, without its check; nil for a result that is none.
    package static func entry(named name: String, in outbox: String, files: FileSystem = FileSystem()) throws -> Entry? {
        let folder = outbox + "/" + name
        // Reports have a line for each of a hundred thousand examples.
        let json = Data(try files.read(folder + "/report.json", count: 256 << 20))
        guard try ReportHeader(json: json).jobName == DropReport.jobName else { return nil }
        let report = try DropReport(json: json)
        let manifest = try ResultManifest.read(from: folder)
        return Entry(
            name: name, kind: report.kind.rawValue, family: report.network.family, media: report.media.summary, items: report.samples,
            byteCount: manifest.files.reduce(0) { $0 &+ $1.byteCount },
            sight: MemorySight(report, files: manifest.files.map(\.relativePath)))
    }

    /// The same for programs: `engram-memories/1`.
    package var json: JSONValue {
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
