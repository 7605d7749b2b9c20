import EngramDrops

/// What is known about the soundness of published memories: `verification.json` in the state folder, from one check to the next.
struct VerificationRecord {
    /// One memory.
    struct Entry: Equatable {
        /// The drop's identifier.
        var id: String
        /// The drop's name.
        var name: String
        /// The folder in the outbox.
        var path: String
        /// When it was checked, seconds since the epoch.
        var at: Double
        /// `sound`, `unchecked` (its files are sound; recall could not be tried), `changed` (files are not those of the manifest), `worse`
        /// (recall is) or `gone` (the folder is not there).
        var state: String
        /// One line.
        var detail: String

        /// Whether somebody should look at it. A folder that is gone was most likely moved by its owner.
        var isDamaged: Bool { state == "changed" || state == "worse" }
    }

    static let schema = "engram-verification/1"

    /// By the drop's identifier.
    var entries: [String: Entry] = [:]

    /// Nothing checked yet.
    init() {}

    /// Reads the file; what cannot be read is nothing.
    init(path: String, files: FileSystem = FileSystem()) {
        guard let bytes = try? files.read(path, count: 64 << 20), let json = try? JSONValue.parse(bytes, path: path),
            json["schema"]?.string == Self.schema, case .array(let memories) = json["memories"]
        else { return }
        for memory in memories {
            guard let id = memory["id"]?.string, let name = memory["name"]?.string, let path = memory["path"]?.string,
                let at = memory["at"]?.integer, let state = memory["state"]?.string, let detail = memory["detail"]?.string
            else { continue }
            entries[id] = Entry(id: id, name: name, path: path, at: Double(at), state: state, detail: detail)
        }
    }

    /// The file's contents.
    var json: JSONValue {
        let memories = entries.values.sorted { $0.id < $1.id }.map { entry in
            JSONValue.object([
                .init("id", .string(entry.id)), .init("name", .string(entry.name)), .init("path", .string(entry.path)),
                .init("at", .integer(Int64(saturating: entry.at))), .init("state", .string(entry.state)),
                .init("detail", .string(entry.detail)),
            ])
        }
        return .object([.init("schema", .string(Self.schema)), .init("memories", .array(memories))])
    }

    /// Writes the file.
    func write(to path: String) throws(DropError) { try FileSystem().write(json.encoded(), to: path) }
}

extension DropFolders {
    /// What the last checks of stored memories found.
    var verificationPath: String { state + "/verification.json" }
}
