/// When the commands of the schedule ran last: a file in the state folder that outlives the daemon, so that a start knows what was missed.
///
/// A file of its own rather than a table of the ledger: it is about no drop, and losing it costs at most a run too few.
package struct ScheduleJournal: Sendable {
    /// What is known about one job.
    package struct Entry: Equatable, Sendable {
        /// The latest time of the job that was dealt with, by a run or by leaving it out; seconds since the epoch.
        package var handled: Int64
        /// When the last run began; nil if there was none.
        package var startedAt: Double?
        /// When it ended; nil while it runs, or if the daemon ended first.
        package var endedAt: Double?
        /// How it ended, in words.
        package var outcome: String?
        /// Whether it ended well.
        package var isSuccess: Bool?
    }

    /// The value of `schema`.
    static let schema = "engram-schedule/1"

    private let path: String
    private let files: FileSystem
    private(set) var entries: [String: Entry] = [:]

    /// Reads the file; one that is missing is an empty one, and so is one that cannot be read.
    package init(path: String, files: FileSystem = FileSystem()) {
        self.path = path
        self.files = files
        guard let bytes = try? files.read(path, count: 1 << 20), let json = try? JSONValue.parse(bytes, path: path),
            json["schema"]?.string == Self.schema, case .object(let jobs) = json["jobs"]
        else { return }
        for job in jobs {
            guard let handled = job.value["handled"]?.integer else { continue }
            entries[job.name] = Entry(
                handled: handled, startedAt: job.value["started"]?.number, endedAt: job.value["ended"]?.number,
                outcome: job.value["outcome"]?.string, isSuccess: job.value["success"]?.bool)
        }
    }

    /// What is known about a job; nil if it was never looked at.
    package subscript(name: String) -> Entry? { entries[name] }

    /// Changes what is known about a job, durably.
    mutating func update(_ name: String, _ change: (inout Entry) -> Void, from initial: Entry) throws(DropError) {
        var entry = entries[name] ?? initial
        change(&entry)
        entries[name] = entry
        try files.write(json.encoded(), to: path)
    }

    /// Forgets jobs that the schedule no longer has.
    mutating func keepOnly(_ names: [String]) {
        entries = entries.filter { names.contains($0.key) }
    }

    private var json: JSONValue {
        let jobs = entries.sorted { $0.key < $1.key }.map { name, entry in
            JSONValue.Member(
                name,
                .object([
                    .init("handled", .integer(entry.handled)), .init("started", entry.startedAt.map { .number($0) } ?? .null),
                    .init("ended", entry.endedAt.map { .number($0) } ?? .null),
                    .init("outcome", entry.outcome.map { .string($0) } ?? .null),
                    .init("success", entry.isSuccess.map { .bool($0) } ?? .null),
                ]))
        }
        return .object([.init("schema", .string(Self.schema)), .init("jobs", .object(jobs))])
    }
}

extension DropFolders {
    /// When the commands of the schedule ran last.
    package var schedulePath: String { state + "/schedule.json" }
}

extension JSONValue {
    /// The value of a number, whole or not; nil for every other kind.
    var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The value of a truth value, nil for every other kind.
    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }
}
