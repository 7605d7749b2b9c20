/// Reads the inbox: which entries are drops, which are not, and why. It opens nothing and follows no link.
package struct InboxScanner: Sendable {
    /// What an entry is.
    package enum Kind: Equatable, Sendable {
        /// A drop, with what lies beside it.
        case drop(hasSettings: Bool, isMarkedDone: Bool)
        /// Something that stays where it is until somebody changes it.
        case waiting(reason: String)
        /// A link, a pipe, a socket or a device: it waits as well, and is rejected in the end.
        case unreadable(reason: String)

        var isMarkedDone: Bool {
            guard case .drop(_, let isMarkedDone) = self else { return false }
            return isMarkedDone
        }
    }

    /// One entry.
    package struct Entry: Equatable, Sendable {
        /// Its path below the inbox; for a name that is not UTF-8 a spelling for people.
        package var name: String
        /// What it is.
        package var kind: Kind
    }

    /// Beside the drop `NAME`, the file `NAME.drop.yml` holds its settings.
    package static let settingsSuffix = ".drop.yml"
    /// Beside the drop `NAME`, the file `NAME.done` says that it is all there.
    package static let doneSuffix = ".done"

    private let inbox: String
    private let files: FileSystem

    /// Names the inbox.
    package init(inbox: String, files: FileSystem = FileSystem()) {
        self.inbox = inbox
        self.files = files
    }

    /// Why an entry of this name gets no row in the ledger, nil if it gets one.
    package static func reasonToIgnore(_ name: String) -> String? { EntryName(name).reason }

    /// Returns the entries in natural order.
    package func scan() throws(DropError) -> [Entry] {
        var names: Set<[UInt8]> = []
        var entries: [Entry] = []
        for raw in try files.rawNames(in: inbox) {
            if let name = String(validating: raw, as: UTF8.self) {
                if Self.reasonToIgnore(name) == nil {
                    names.insert(raw)
                } else if name.hasPrefix("..") {
                    // One dot hides a file by custom; who puts two there has most likely not meant it.
                    entries.append(Entry(name: name, kind: .waiting(reason: "its name begins with dots, so it is hidden; rename it")))
                }
            } else {
                entries.append(Entry(name: FileSystem.display(raw), kind: .waiting(reason: "its name is not UTF-8 text; rename it")))
            }
        }
        let companions = Self.companions(among: names)
        for raw in names where !companions.contains(raw) {
            let name = String(decoding: raw, as: UTF8.self)
            if let kind = JobKind.kind(inFolder: name) {
                entries += try cues(kind)
            } else if let kind = try kind(of: name, among: names, in: inbox) {
                entries.append(Entry(name: name, kind: kind))
            }
        }
        return Self.distinct(Self.holdingMisnamedSettings(entries)).sorted { NaturalOrder.precedes($0.name, $1.name) }
    }

    /// The ledger has one row for each name. What is only shown under a name that another entry has, since its own is not text, is told
    /// apart by question marks; a drop keeps its name.
    private static func distinct(_ entries: [Entry]) -> [Entry] {
        var seen: Set<[UInt8]> = []
        func isDrop(_ entry: Entry) -> Bool { if case .drop = entry.kind { true } else { false } }
        return (entries.filter(isDrop) + entries.filter { !isDrop($0) }).map { entry in
            var entry = entry
            while !seen.insert(Array(entry.name.utf8)).inserted { entry.name += "?" }
            return entry
        }
    }

    /// nil for what only accompanies a drop, and for what vanished since the listing.
    private func kind(of name: String, among names: Set<[UInt8]>, in folder: String) throws(DropError) -> Kind? {
        for (suffix, role) in [(Self.settingsSuffix, "settings for"), (Self.doneSuffix, "the done marker of")]
        where name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix) {
            let owner = String(name.dropLast(suffix.count))
            if names.contains(Array(owner.utf8)) { return nil }
            return .waiting(reason: "these are \(role) \(owner.debugDescription), which is not here")
        }
        guard let facts = try files.facts(of: folder + "/" + name) else { return nil }
        if let (role, drop) = Companion.ownership(of: name), facts.kind == .file {
            return .waiting(reason: Self.reasonOfLoneCompanion(role, drop))
        }
        if let reason = Self.reasonToRefuse(facts.kind) {
            // A mount cannot be moved out of the way.
            return facts.kind == .mountPoint ? .waiting(reason: reason) : .unreadable(reason: reason)
        }
        return .drop(
            hasSettings: names.contains(Array((name + Self.settingsSuffix).utf8)),
            isMarkedDone: names.contains(Array((name + Self.doneSuffix).utf8)))
    }

    /// What lies beside the entry at `path` under the name `NAME` + `suffix`; nil if nothing does.
    /// - Throws: `DropError.companionNotAFile` if it is no plain file.
    static func companion(_ suffix: String, of path: String, files: FileSystem) throws(DropError) -> FileSystem.Facts? {
        let name = path.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }
        // No file can have a longer name.
        guard name.count + suffix.utf8.count <= 255, let facts = try files.facts(of: path + suffix) else { return nil }
        guard facts.kind == .file else { throw .companionNotAFile(path: path + suffix, kind: facts.kind.rawValue) }
        return facts
    }

    private static func reasonToRefuse(_ kind: FileSystem.Kind) -> String? {
        switch kind {
        case .file, .folder: nil
        case .symlink: "symbolic links are not followed; put the file itself here"
        case .mountPoint: "another file system is mounted here; put the files themselves here"
        case .fifo, .socket, .device: "a \(kind.rawValue) is not read; put a file here"
        }
    }

    /// What lies in the folder of a job that asks memories.
    private func cues(_ job: JobKind) throws(DropError) -> [Entry] {
        let root = inbox + "/" + job.name
        guard let facts = try files.facts(of: root), facts.kind == .folder else {
            let reason = "\"\(job.name)\" is the folder for \(job.dropsName); give this drop another name"
            return [Entry(name: job.name, kind: .waiting(reason: reason))]
        }
        var entries: [Entry] = []
        for memory in listed(root, under: job.name, &entries) where Self.reasonToIgnore(memory) == nil {
            guard let facts = try files.facts(of: root + "/" + memory) else { continue }
            let path = job.name + "/" + memory
            guard facts.kind == .folder else {
                let reason = "put it into \(job.name)/MEMORY/, where MEMORY names a stored memory"
                entries.append(Entry(name: path, kind: .waiting(reason: reason)))
                continue
            }
            let cues = listed(root + "/" + memory, under: path, &entries).filter { Self.reasonToIgnore($0) == nil }
            let names = Set(cues.map { Array($0.utf8) })
            let companions = Self.companions(among: names)
            for cue in cues where !companions.contains(Array(cue.utf8)) {
                guard let kind = try kind(of: cue, among: names, in: inbox + "/" + path) else { continue }
                entries.append(Entry(name: path + "/" + cue, kind: kind))
            }
        }
        return entries
    }

    /// The names in a folder of cues. What cannot be listed or named is an entry with its reason: anybody may have put it there, and it must
    /// not keep others from being looked at.
    private func listed(_ folder: String, under path: String, _ entries: inout [Entry]) -> [String] {
        let raws: [[UInt8]]
        do throws(DropError) {
            raws = try files.rawNames(in: folder)
        } catch {
            entries.append(Entry(name: path, kind: .waiting(reason: "\(error)")))
            return []
        }
        var names: [String] = []
        for raw in raws {
            if let name = String(validating: raw, as: UTF8.self) {
                names.append(name)
            } else {
                let shown = path + "/" + FileSystem.display(raw)
                entries.append(Entry(name: shown, kind: .waiting(reason: "its name is not UTF-8 text; rename it")))
            }
        }
        // A name that looks like the spelling of another is still one row for each.
        return names.sorted(by: NaturalOrder.precedes)
    }
}
