internal import EngramSystem

/// The media of one folder.
struct FolderListing {
    struct File {
        var name: String
        var format: any MediaFormat
    }

    var folders: [String] = []
    /// Names start with the label: the path within the drop.
    var files: [File] = []
    var notes: [String] = []

    /// Files that are passed over with their names.
    static let longestNoteCount = 8

    var foundWhenEmpty: String { notes.isEmpty ? "an empty folder" : "a folder without media (\(notes.joined(separator: "; ")))" }

    init(_ path: String, label: String, limits: MediaLimits, formats: MediaFormats) throws(MediaError) {
        // The drop's own settings are no media.
        for name in try InputFile.names(in: path) where name.lowercased() != "drop.yml" {
            switch EntryName(name) {
            case .hidden, .junk: continue
            case .partial(let ending):
                throw .unsupported(
                    file: label + name, feature: "a file that is still being written, as the ending \(ending) of its name says,",
                    remedy: "Rename it when it is complete, and drop the whole again.")
            case .ordinary: break
            }
            let full = "\(path)/\(name)"
            switch try InputFile.kind(of: full) {
            case .other(let found): throw .notAFile(path: label + name, found: found)
            case .folder: folders.append(label + name)
            case .file:
                if Self.isCompanion(name) {
                    notes.append("\(label + name) passed over: not media")
                    continue
                }
                let head = try InputFile.read(full, limits: limits, prefix: 64)
                files.append(File(name: label + name, format: try formats.agreed(name: name, file: label + name, head: head)))
            }
        }
        // A folder of a hundred thousand other files must not make a message that long.
        if notes.count > Self.longestNoteCount {
            notes[Self.longestNoteCount...] = ["\(notes.count - Self.longestNoteCount) more files passed over: not media"]
        }
        guard files.count <= limits.maxSampleCount else {
            throw .overLimit(file: lastComponent(of: path), quantity: "file count", limit: limits.maxSampleCount, found: files.count)
        }
    }
    /// Files that lie beside media and say nothing to a network: passed over, with a note.
    private static func isCompanion(_ name: String) -> Bool {
        let end = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        return name.contains(".") && ["txt", "md", "tsv", "csv", "json", "yml", "yaml", "xml", "html", "log", "license"].contains(end)
    }
}
