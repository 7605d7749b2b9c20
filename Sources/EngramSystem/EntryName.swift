/// What a name alone says about an entry, in the inbox and in the folders of a drop.
package enum EntryName: Equatable, Sendable {
    /// Nothing special.
    case ordinary
    /// It begins with a dot.
    case hidden
    /// Somebody is still writing it, by the name's ending.
    case partial(ending: String)
    /// A file manager, an editor, a server or a file system left it.
    case junk(owner: String)

    /// Judges one name.
    package init(_ name: String) {
        let lowercased = name.lowercased()
        if name.hasPrefix(".") {
            self = .hidden
        } else if let owner = Self.junk[lowercased] ?? Self.owner(byMarksIn: lowercased) {
            self = .junk(owner: owner)
        } else if let ending = Self.partialEndings.first(where: { lowercased.hasSuffix($0) && lowercased != $0 }) {
            self = .partial(ending: ending)
        } else {
            self = .ordinary
        }
    }

    /// Whether somebody is still writing it.
    package var isPartial: Bool {
        if case .partial = self { true } else { false }
    }

    /// Why an entry of this name is left alone, nil if it is not.
    package var reason: String? {
        switch self {
        case .ordinary: nil
        case .hidden: "hidden names are left alone"
        case .partial(let ending): "names ending in \(ending) are being written; rename it when it is complete"
        case .junk(let owner): "\(owner) left it"
        }
    }

    /// Who leaves files of such names beside those of others; the mark and the name it was put on must both be there.
    private static func owner(byMarksIn lowercased: String) -> String? {
        if lowercased.hasPrefix("~$") { return "an office program" }
        if lowercased.hasSuffix(":zone.identifier") { return "Windows" }
        let endings = ["~": "an editor", ".bak": "an editor", ".orig": "a program that changed the original", ".swp": "an editor"]
        if let ending = endings.keys.first(where: { lowercased.hasSuffix($0) && lowercased != $0 }) { return endings[ending] }
        if lowercased.hasPrefix("#"), lowercased.hasSuffix("#"), lowercased.count > 2 { return "an editor" }
        if lowercased.contains(".sync-conflict-") { return "Syncthing, for a change that it could not join," }
        if lowercased.contains("conflicted copy") { return "a service that could not join two changes" }
        return nil
    }

    /// The name of the file that this one is a copy of, by the mark that a file manager put there; nil without such a mark.
    ///
    /// The mark alone proves nothing (cameras and browsers number files so, too): it counts where the original lies beside.
    package static func original(ofCopyNamed name: String) -> String? {
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        let (stem, ending) = (name[..<dot], name[dot...])
        for prefix in ["Copy of ", "Kopie von "] where stem.hasPrefix(prefix) { return "\(stem.dropFirst(prefix.count))\(ending)" }
        for mark in [" (copy)", " (Copy)", " - Copy", " copy", " - Kopie", " (Kopie)"] where stem.hasSuffix(mark) {
            return "\(stem.dropLast(mark.count))\(ending)"
        }
        guard let numbered = withoutNumber(stem) else { return nil }
        for mark in [" - Copy", " - Kopie"] where numbered.hasSuffix(mark) { return "\(numbered.dropLast(mark.count))\(ending)" }
        // "download (1).png" beside "download.png" is another download; "frame_4 (1).png" beside "frame_4.png" is no frame of its own.
        guard let last = numbered.utf8.last, (0x30...0x39).contains(last) else { return nil }
        return "\(numbered)\(ending)"
    }

    /// What stands before " (3)".
    private static func withoutNumber(_ stem: Substring) -> Substring? {
        guard stem.hasSuffix(")"), let open = stem.lastIndex(of: "("), open != stem.startIndex else { return nil }
        let (before, digits) = (stem[..<open], stem[stem.index(after: open)...].dropLast())
        guard before.hasSuffix(" "), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return before.dropLast()
    }

    /// Browsers, downloaders and copiers (rsync and Syncthing hide theirs behind a dot).
    package static let partialEndings = [
        ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".opdownload", ".aria2",
    ]

    /// The names, in lower case, and who leaves them.
    package static let junk: [String: String] = [
        "thumbs.db": "Windows", "ehthumbs.db": "Windows", "desktop.ini": "Windows", "$recycle.bin": "Windows",
        "system volume information": "Windows", "icon\r": "macOS", "__macosx": "macOS", "lost+found": "the file system's check",
        "@eadir": "a Synology server", "#recycle": "a Synology server", "@tmp": "a Synology server", "@recycle": "a QNAP server",
        "#snapshot": "a Synology server", "@recently-snapshot": "a QNAP server",
    ]
}
