import Foundation

/// Paths as people read them.
enum PathText {
    /// Relative to the current folder where that is shorter.
    static func shown(_ path: String) -> String { shown(path, from: FileManager.default.currentDirectoryPath) }

    /// The path from the root; links and what does not exist stay as written.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Relative to `folder` where `path` lies in it.
    static func shown(_ path: String, from folder: String) -> String {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return path.hasPrefix(prefix) && path.count > prefix.count ? String(path.dropFirst(prefix.count)) : path
    }
}
