internal import EngramSystem
internal import Glibc

/// A drop that nobody has decoded yet, for the jobs to say whether it is theirs.
package struct DropContents: Sendable {
    /// The drop's name.
    package let name: String
    /// The file or folder.
    package let path: String
    /// The names of what lies beside it and belongs to it (`Companion`), the ones that are nothing alone first.
    package let companions: [String]
    /// What is said about it.
    package let settings: DropSettings

    /// A drop at `path`, whose companions lie beside it.
    package init(path: String, name: String, settings: DropSettings) {
        (self.path, self.name, self.settings) = (path, name, settings)
        companions = Self.companions(ofDropAt: path)
    }

    /// The names of the plain files that lie beside the drop at `path` and belong to it.
    package static func companions(ofDropAt path: String) -> [String] {
        Companion.names(of: name(of: path)) { (name) throws(Never) in kind(of: folder(of: path) + name) == S_IFREG }
    }

    /// The path of one of `companions`.
    package func path(ofCompanion name: String) -> String { Self.folder(of: path) + name }

    /// Whether the drop is a folder.
    package var isFolder: Bool { Self.kind(of: path) == S_IFDIR }

    /// The folder that holds what is at `path`, with a slash at its end; empty for a name alone.
    package static func folder(of path: String) -> String {
        String(decoding: path.utf8.dropLast(name(of: path).utf8.count), as: UTF8.self)
    }

    private static func name(of path: String) -> String {
        String(decoding: path.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }.reversed(), as: UTF8.self)
    }

    /// What is at a path, no link followed; nil where nothing is.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
