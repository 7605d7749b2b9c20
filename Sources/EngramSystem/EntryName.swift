/// What a name alone says about an entry, in the inbox and in the folders of a drop.
package enum EntryName: Equatable, Sendable {
    /// Nothing special.
    case ordinary
    /// It begins with a dot.
    case hidden
    /// Somebody is still writing it, by the name's ending.
    case partial(ending: String)
    /// A file manager, a server or a file system left it.
    case junk(owner: String)

    /// Judges one name.
    package init(_ name: String) {
        let lowercased = name.lowercased()
        if name.hasPrefix(".") {
            self = .hidden
        } else if let owner = Self.junk[lowercased] {
            self = .junk(owner: owner)
        } else if name.hasPrefix("~$") {
            self = .junk(owner: "an office program")
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
