internal import Glibc

/// A small file that tells the inbox from the empty folder that is left when its file system is not mounted.
///
/// The same text lies in the inbox (`.engram-inbox`) and in the state folder (`inbox-marker`). Without the first, or with another text in
/// it, nothing in the inbox is believed: neither that a drop left it nor that it is empty.
package struct InboxMarker: Equatable, Sendable {
    /// Whether a start may take an inbox without a marker for a new one.
    package enum Policy: String, Sendable, CaseIterable {
        /// The first start makes folder and marker.
        case create
        /// Only `engram init` makes them. For a state folder that lies on the inbox's own mount: both vanish together, so that a start
        /// would find nothing and begin anew below the mount point.
        case require
    }

    /// The file's name in the inbox; hidden, so no scan takes it for a drop.
    package static let fileName = ".engram-inbox"
    private static let schema = "engram-inbox/1"

    /// Names this inbox.
    let identifier: String

    private var text: String { "\(Self.schema) \(identifier)\nengram knows its inbox by this file; leave it here.\n" }

    /// Reads a marker; nil when there is none, or something that is not one.
    static func read(_ path: String, files: FileSystem) throws(DropError) -> InboxMarker? {
        guard try files.facts(of: path)?.kind == .file else { return nil }
        let text = String(decoding: try files.read(path, count: 256), as: UTF8.self)
        let words = text.prefix { $0 != "\n" }.split(separator: " ")
        guard words.count == 2, words[0] == Self.schema else { return nil }
        return InboxMarker(identifier: String(words[1]))
    }

    /// Checks that the inbox is there and carries `expected`; nil asks for any marker.
    /// - Throws: `DropError.inboxGone`.
    static func check(_ inbox: String, against expected: InboxMarker?, files: FileSystem) throws(DropError) {
        let path = inbox + "/" + fileName
        let found: InboxMarker?
        do throws(DropError) {
            // Through a link, as the daemon uses it.
            guard try files.facts(of: inbox + "/.") != nil else { throw DropError.inboxGone(path: inbox, reason: "it does not exist") }
            found = try read(path, files: files)
        } catch {
            // What a dead network mount or FUSE server answers.
            if case .system(_, _, let code) = error, [ENOTCONN, ESTALE, ENODEV, ENXIO, EHOSTDOWN].contains(code) {
                throw .inboxGone(path: inbox, reason: "\(error)")
            }
            throw error
        }
        guard let found else {
            throw .inboxGone(path: inbox, reason: "its marker \(fileName) is missing, as when its file system is not mounted")
        }
        guard let expected, found != expected else { return }
        throw .inboxGone(
            path: inbox,
            reason: "its marker \(fileName) is that of another inbox (expected \(expected.identifier), found \(found.identifier))")
    }

    /// Gives a new inbox its marker, and the state folder its copy. Whatever is there already stays.
    static func establish(in folders: DropFolders, files: FileSystem) throws(DropError) {
        let path = folders.inbox + "/" + fileName
        var marker = try read(path, files: files)
        if marker == nil {
            let new = InboxMarker(identifier: Stamp.hex(.random(in: .min ... .max), digits: 16))
            try new.write(into: folders.inbox, files: files)
            marker = new
        }
        guard let marker, try read(folders.markerPath, files: files) != marker else { return }
        try files.write(Array(marker.text.utf8), to: folders.markerPath)
        try files.synchronize(folders.state)
    }

    /// Writes the marker, in place of whatever file has its name.
    func write(into inbox: String, files: FileSystem) throws(DropError) {
        try files.write(Array(text.utf8), to: inbox + "/" + Self.fileName)
        // Through a link, which the inbox itself may be.
        try files.synchronize(inbox + "/.")
    }

    /// Makes the inbox at its place the one that the state folder knows, because its owner says so.
    /// - Throws: `DropError.system` or `.notAFolder`.
    package static func renew(in folders: DropFolders, files: FileSystem = FileSystem()) throws(DropError) {
        try files.createFolder(folders.state, mode: 0o700)
        try establish(in: folders, files: files)
    }
}
