internal import EngramSystem
import Glibc

/// A path of the settings that counts from the drop's folder and may not leave it.
enum InnerPath {
    /// Why a path leads nowhere.
    struct Refusal: Error, Equatable {
        /// What was found, in a few words.
        let found: String
    }

    /// Whether the text names something inside of a folder: relative, and no part of it is empty, `.` or `..`.
    static func isInner(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.isEmpty && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && !path.utf8.contains(0)
    }

    /// Returns where `path` leads: an absolute one, which only the operator can have given, to itself; any other into `folder`.
    /// - Throws: `Refusal` where the drop is no folder, or a part of the path is a link or not there.
    static func resolve(_ path: String, in folder: String) throws(Refusal) -> String {
        if path.hasPrefix("/") { return path }
        guard isInner(path) else { throw Refusal(found: "a path that leaves the drop's folder") }
        guard try kind(of: folder, named: "the drop") == S_IFDIR else {
            throw Refusal(found: "a drop that is one file and holds nothing else")
        }
        var place = folder
        for part in path.split(separator: "/") {
            place += "/" + part
            let kind = try kind(of: place, named: "'\(part)'")
            guard kind == S_IFDIR || kind == S_IFREG else {
                throw Refusal(found: "'\(part)', which is \(kind == S_IFLNK ? "a link" : "neither a file nor a folder")")
            }
        }
        return place
    }

    private static func kind(of path: String, named name: String) throws(Refusal) -> mode_t {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw Refusal(found: "\(name): \(SystemMessage.text(of: errno))") }
        return status.st_mode & S_IFMT
    }
}
