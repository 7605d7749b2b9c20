/// What a name alone says about an entry of a folder.
enum FolderEntry {
    /// What operating systems, servers, office programs and Engram itself leave in folders: passed over in silence.
    static func isJunk(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("~$") || junkNames.contains(name.lowercased())
    }

    /// The ending by which browsers, downloaders and copiers call a file that is still being written; nil for other names.
    static func partialEnding(of name: String) -> String? {
        let lowercased = name.lowercased()
        return partialEndings.first { lowercased.hasSuffix($0) && lowercased != $0 }
    }

    static let junkNames: Set<String> = [
        "drop.yml", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "icon\r", "__macosx",
        "lost+found", "@eadir", "#recycle", "@tmp", "@recycle", "#snapshot", "@recently-snapshot",
    ]

    static let partialEndings: Set<String> = [
        ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".opdownload", ".aria2",
    ]
}
