internal import EngramSystem

extension InboxScanner {
    /// Those of the names that belong to another one of them.
    static func companions(among names: Set<[UInt8]>) -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        for raw in names {
            found.formUnion(
                Companion.names(of: String(decoding: raw, as: UTF8.self)) { names.contains(Array($0.utf8)) }.map { Array($0.utf8) })
        }
        return found
    }

    /// The files that lie beside the entry at `path` and belong to it, and what is known of them; settings and done marker are not among
    /// them.
    static func companions(of path: String, files: FileSystem) throws(DropError) -> [(name: String, facts: FileSystem.Facts)] {
        let (name, folder) = (DropJob.entryName(of: path), DropJob.folder(of: path))
        var found: [(name: String, facts: FileSystem.Facts)] = []
        _ = try Companion.names(of: name) { (candidate) throws(DropError) in
            guard let facts = try files.facts(of: folder + candidate), facts.kind == .file else { return false }
            found.append((candidate, facts))
            return true
        }
        return found
    }

    /// Why a file waits that is nothing without its drop.
    static func reasonOfLoneCompanion(_ role: String, _ drop: String) -> String {
        "this is \(role) \(drop.debugDescription), which is not here; put that here (again, if it was taken alone), or rename this if it is a "
            + "drop itself"
    }
}
