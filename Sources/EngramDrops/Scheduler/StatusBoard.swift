internal import Glibc
internal import Synchronization

/// What the daemon tells other processes about itself: one JSON file in the state folder, one member for each part that has something to
/// say (`watch`, `intake`, …), replaced in one step at each change.
///
/// It is news, not a record: nothing depends on it, so a failed write costs nothing but the look, and a file whose `pid` does not hold the
/// lock was left by a daemon that is gone.
package final class StatusBoard: Sendable {
    /// The value of `schema`.
    package static let schema = "engram-daemon/1"

    private let path: String
    private let head: [JSONValue.Member]
    private let parts = Mutex<[JSONValue.Member]>([])

    /// Names the file; nothing is written yet.
    package init(path: String, startedAt secondsSinceEpoch: Double) {
        self.path = path
        head = [
            .init("schema", .string(Self.schema)), .init("pid", .integer(Int64(getpid()))),
            .init("started", .string(Stamp.iso8601(secondsSinceEpoch))),
        ]
    }

    /// Says something new about one part; nothing is written when it is nothing new.
    package func set(_ part: String, _ value: JSONValue) {
        // The lock is held while writing, so that an older text cannot come after a newer one.
        parts.withLock { parts in
            if let index = parts.firstIndex(where: { $0.name == part }) {
                if parts[index].value == value { return }
                parts[index].value = value
            } else {
                parts.append(.init(part, value))
            }
            try? FileSystem().write(JSONValue.object(head + parts).encoded(), to: path, isDurable: false)
        }
    }

    /// Takes the file away at the end of the daemon.
    package func remove() { unlink(path) }

    /// Reads what the daemon `process` said; nil if it said nothing.
    package static func read(_ path: String, ofProcess process: Int32) -> JSONValue? {
        guard let bytes = try? FileSystem().read(path, count: 1 << 20), let json = try? JSONValue.parse(bytes, path: path),
            json["schema"]?.string == schema, json["pid"]?.integer == Int64(process)
        else { return nil }
        return json
    }
}
