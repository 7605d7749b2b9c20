import EngramDrops

/// Makes folders with all that lies above them.
enum FolderCreation {
    /// Returns whether the folder is new.
    /// - Throws: `DropError.notAFolder` if something else has its name, `.system` if it cannot be made.
    @discardableResult
    static func create(_ path: String, files: FileSystem) throws(DropError) -> Bool {
        if try files.facts(of: path + "/.") != nil { return false }
        let parent = self.parent(of: path)
        if parent != path, parent != "." { try create(parent, files: files) }
        try files.createFolder(path)
        return true
    }

    /// The folder that `path` lies in, as far as its text says.
    static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// The last part of `path`, as far as its text says.
    static func lastPart(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
