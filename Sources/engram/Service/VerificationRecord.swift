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
        /// Versions of the program and its libraries that checked it; empty in records from before they were kept.
        var versions: [String: String] = [:]
        /// Whether recall was tried and is what the report says.
        var recalls = false
        /// The last check that found it sound, where this one did not.
        var lastSound: Sound?

        /// A check that found a memory sound.
        struct Sound: Equatable {
            /// Seconds since the epoch.
            var at: Double
            /// One line.
            var detail: String
            /// Of what checked it.
            var versions: [String: String]
        }

        /// The same with what an earlier check found.
        func following(_ earlier: Entry?) -> Entry {
            guard state != "sound", let earlier else { return self }
            var entry = self
            entry.lastSound =
                earlier.state == "sound" ? Sound(at: earlier.at, detail: earlier.detail, versions: earlier.versions) : earlier.lastSound
            return entry
        }

        /// What is other than when it was sound, in a few sentences; nil where it never was, as far as is known.
        /// - Parameter moment: Writes a moment.
        func change(_ moment: (Double) -> String) -> String? {
            guard let lastSound else { return nil }
            let names = Set(versions.keys).union(lastSound.versions.keys).sorted()
            let other = names.filter { !versions.isEmpty && !lastSound.versions.isEmpty && versions[$0] != lastSound.versions[$0] }
            let changed = other.map { "\($0) \(lastSound.versions[$0] ?? "none") → \(versions[$0] ?? "none")" }
            let since =
                changed.isEmpty
                ? (versions.isEmpty || lastSound.versions.isEmpty ? "" : "; the program and its libraries are the same since")
                : "; since then \(changed.joined(separator: ", "))"
            return "sound on \(moment(lastSound.at)) (\(lastSound.detail))\(since)"
        }

        /// Whether somebody should look at it. A folder that is gone was most likely moved by its owner.
        var isDamaged: Bool { state == "changed" || state == "worse" }
    }

    /// What one run of checks came to, over all memories.
    struct Night: Equatable {
        /// Seconds since the epoch.
        var at: Double
        /// Memories in each kind of state after it.
        var sound, damaged, unchecked: Int
    }

    static let schema = "engram-verification/1"
    /// Runs that are kept.
    static let keptNightCount = 60

    /// By the drop's identifier.
    var entries: [String: Entry] = [:]
    /// The latest runs, oldest first.
    var nights: [Night] = []

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
            var entry = Entry(id: id, name: name, path: path, at: Double(at), state: state, detail: detail)
            entry.versions = Self.versions(memory["versions"])
            entry.recalls = memory["recalls"] == .bool(true)
            if let sound = memory["last_sound"], let at = sound["at"]?.integer, let detail = sound["detail"]?.string {
                entry.lastSound = .init(at: Double(at), detail: detail, versions: Self.versions(sound["versions"]))
            }
            entries[id] = entry
        }
        guard case .array(let kept) = json["nights"] else { return }
        nights = kept.compactMap { night in
            guard let at = night["at"]?.integer, let sound = night["sound"]?.integer, let damaged = night["damaged"]?.integer,
                let unchecked = night["unchecked"]?.integer
            else { return nil }
            return Night(
                at: Double(at), sound: Int(saturating: Double(sound)), damaged: Int(saturating: Double(damaged)),
                unchecked: Int(saturating: Double(unchecked)))
        }
    }

    /// Takes note of what a run of checks came to.
    mutating func endNight(at moment: Double) {
        let states = entries.values
        nights.append(
            Night(
                at: moment, sound: states.count { $0.state == "sound" }, damaged: states.count(where: \.isDamaged),
                unchecked: states.count { $0.state == "unchecked" }))
        nights = Array(nights.suffix(Self.keptNightCount))
    }

    private static func versions(_ json: JSONValue?) -> [String: String] {
        guard case .object(let members) = json else { return [:] }
        return Dictionary(members.compactMap { member in member.value.string.map { (member.name, $0) } }) { first, _ in first }
    }

    private static func json(_ versions: [String: String]) -> JSONValue {
        .object(versions.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }

    /// The file's contents.
    var json: JSONValue {
        let memories = entries.values.sorted { $0.id < $1.id }.map { entry in
            var members: [JSONValue.Member] = [
                .init("id", .string(entry.id)), .init("name", .string(entry.name)), .init("path", .string(entry.path)),
                .init("at", .integer(Int64(saturating: entry.at))), .init("state", .string(entry.state)),
                .init("detail", .string(entry.detail)),
            ]
            if entry.recalls { members.append(.init("recalls", .bool(true))) }
            if !entry.versions.isEmpty { members.append(.init("versions", Self.json(entry.versions))) }
            if let sound = entry.lastSound {
                members.append(
                    .init(
                        "last_sound",
                        .object([
                            .init("at", .integer(Int64(saturating: sound.at))), .init("detail", .string(sound.detail)),
                            .init("versions", Self.json(sound.versions)),
                        ])))
            }
            return JSONValue.object(members)
        }
        let nights = nights.map { night in
            JSONValue.object([
                .init("at", .integer(Int64(saturating: night.at))), .init("sound", .integer(Int64(night.sound))),
                .init("damaged", .integer(Int64(night.damaged))), .init("unchecked", .integer(Int64(night.unchecked))),
            ])
        }
        return .object([.init("schema", .string(Self.schema)), .init("memories", .array(memories)), .init("nights", .array(nights))])
    }

    /// Writes the file.
    func write(to path: String) throws(DropError) { try FileSystem().write(json.encoded(), to: path) }
}

extension DropFolders {
    /// What the last checks of stored memories found.
    var verificationPath: String { state + "/verification.json" }
}
