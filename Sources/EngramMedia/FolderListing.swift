internal import EngramSystem

/// The media of one folder, in order, and what was passed over.
struct FolderListing {
    struct File {
        var name: String
        var format: any MediaFormat
    }

    var folders: [String] = []
    /// Names start with the label: the path within the drop.
    var files: [File] = []
    var notes: [String] = []
    /// The first file that was passed over though it is media of a format that is not read.
    private var foreign: (name: String, content: ForeignContent)?
    /// Texts: something beside media, or media where there is nothing else.
    private var texts: [String] = []

    /// Files that are passed over with their names.
    static let longestNoteCount = 8

    init(_ path: String, label: String, options: MediaReadOptions, formats: MediaFormats) throws(MediaError) {
        let names = try InputFile.names(in: path)
        let present = Set(names.map { Array($0.utf8) })
        // The drop's own settings are no media.
        for name in names where !SettingsName.isInside(name) {
            if let reason = try Self.reasonToPass(name, label: label, among: present, options) {
                if reason == Self.isNoMedia, formats.format(named: name)?.isToldByName == true, !Self.isAbout(name) { texts.append(name) }
                notes.append("\(label + name) passed over: \(reason)")
                continue
            }
            let full = "\(path)/\(name)"
            switch try InputFile.kind(of: full) {
            case .other(let found): throw .notAFile(path: label + name, found: found)
            case .folder: folders.append(label + name)
            case .file: try take(name, at: full, label: label, options, formats)
            }
        }
        if files.isEmpty, folders.isEmpty, foreign == nil {
            for name in texts {
                guard try InputFile.kind(of: "\(path)/\(name)") == .file else { continue }
                notes.removeAll { $0 == "\(label + name) passed over: \(Self.isNoMedia)" }
                try take(name, at: "\(path)/\(name)", label: label, options, formats)
            }
        }
        if let foreign, isSeriesWith(foreign.name) {
            throw .unsupported(
                file: foreign.name, feature: "\(foreign.content.name) among \(files[0].format.description.dropFirst(2))s of the same names",
                remedy: foreign.content.remedy(for: foreign.name))
        }
        passOverCompanionPictures()
        if options.rules != .first, let numbered = NumberedNames(files.map(\.name)) { files = numbered.order.map { files[$0] } }
        // A folder of a hundred thousand other files must not make a message that long.
        if notes.count > Self.longestNoteCount {
            notes[Self.longestNoteCount...] = ["\(notes.count - Self.longestNoteCount) more files passed over"]
        }
        guard files.count <= options.limits.maxSampleCount else {
            throw .overLimit(
                file: lastComponent(of: path), quantity: "file count", limit: options.limits.maxSampleCount, found: files.count)
        }
    }

    /// Why a file of this name is no sample; nil if it may be one.
    private static func reasonToPass(
        _ name: String, label: String, among present: Set<[UInt8]>, _ options: MediaReadOptions
    ) throws(MediaError) -> String? {
        let takesAll = options.rules == .first
        switch EntryName(name) {
        case .hidden: return "its name begins with a dot, so it is hidden"
        case .junk(let owner) where EntryName.junk[name.lowercased()] != nil: return "\(owner) left it"
        case .junk(let owner): return takesAll ? nil : "\(owner) left it"
        case .partial(let ending):
            throw .unsupported(
                file: label + name, feature: "a file that is still being written, as the ending \(ending) of its name says,",
                remedy: "Rename it when it is complete, and drop the whole again.")
        case .ordinary: break
        }
        if !takesAll, let original = EntryName.original(ofCopyNamed: name), present.contains(Array(original.utf8)) {
            return "a copy of \(original), by its name"
        }
        return isCompanion(name) ? isNoMedia : nil
    }

    private static let isNoMedia = "not media"

    /// A text that tells of what it lies beside, by its name.
    private static func isAbout(_ name: String) -> Bool {
        ["readme", "license", "licence", "copying", "notice", "credits", "changelog"].contains(stem(of: name.lowercased()))
    }

    /// A file that is a sample, or something that lies beside samples.
    private mutating func take(
        _ name: String, at path: String, label: String, _ options: MediaReadOptions, _ formats: MediaFormats
    ) throws(MediaError) {
        let head = try InputFile.read(path, limits: options.limits, prefix: MediaFormats.headByteCount)
        guard formats.format(named: name) == nil, formats.format(of: head) == nil else {
            files.append(File(name: label + name, format: try formats.agreed(name: name, file: label + name, head: head)))
            return
        }
        let content = ForeignContent(head: head)
        notes.append("\(label + name) passed over: \(head.isEmpty ? "empty" : content.map { $0.name + ", not read" } ?? "not media")")
        if foreign == nil, let content, content.isMedia { foreign = (label + name, content) }
    }

    /// Leaves out what is beside a film and no frame of it: pictures of another format than most, whose names end in no number where all of
    /// those do. A `poster.jpg` is none of the frames; among pictures without numbers it is one of them.
    private mutating func passOverCompanionPictures() {
        func ending(_ file: File) -> String { String(file.name[stem(of: file.name).endIndex...]).lowercased() }
        let counts = files.reduce(into: [String: Int]()) { $0[ending($1), default: 0] += 1 }
        guard counts.count > 1, let most = files.first(where: { 2 * counts[ending($0), default: 0] > files.count }) else { return }
        let usual = ending(most)
        let isNumbered = files.allSatisfy { ending($0) != usual || stemEndsInNumber($0.name) }
        guard isNumbered else { return }
        files.removeAll { file in
            guard file.format.samplesName == most.format.samplesName, file.format.description != most.format.description,
                ending(file) != usual, !stemEndsInNumber(file.name)
            else { return false }
            notes.append(
                "\(file.name) passed over: \(file.format.description) without a number, beside \(counts[usual] ?? 0) that have one")
            return true
        }
    }

    /// Whether a foreign file is numbered like the samples: one of them, and not something beside them.
    private func isSeriesWith(_ name: String) -> Bool {
        guard let first = files.first, stemEndsInNumber(name), stemEndsInNumber(first.name) else { return false }
        let ending = first.name[stem(of: first.name).endIndex...]
        return NumberedNames([first.name, String(stem(of: name)) + ending]) != nil
    }

    /// Nothing in the folder is a sample: names what there was, and the cure where there is one.
    func emptiness(of name: String) -> MediaError {
        if let foreign {
            return .unsupported(
                file: foreign.name, feature: foreign.content.name, remedy: foreign.content.remedy(for: foreign.name))
        }
        return .empty(path: name, found: notes.isEmpty ? "an empty folder" : "a folder without media (\(notes.joined(separator: "; ")))")
    }

    /// Files that lie beside media and say nothing to a network: passed over, with a note.
    private static func isCompanion(_ name: String) -> Bool {
        let end = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        return name.contains(".") && ["txt", "md", "tsv", "csv", "json", "yml", "yaml", "xml", "html", "log", "license"].contains(end)
    }
}
