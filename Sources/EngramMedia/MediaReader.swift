internal import EngramSystem

/// Reads one drop, a file or a folder, into a `SampleSet`.
///
/// - One PNG is an autoencoder with one example. A folder of PNGs, in natural order, is a sequence if every name ends in a number and
///   the pictures follow one another as those of a film do (`OrderEvidence`), else a set for an autoencoder. A folder of folders of
///   PNGs holds one sequence each.
/// - An audio file is a sequence of windows; a folder of audio files of one format holds one cycle each.
/// - IDX of rank 2 or more, also .gz, is an autoencoder over the items of its first axis.
public enum MediaReader {
    /// - Parameters:
    ///   - path: A file or folder. Links are refused, in it and as it.
    ///   - options: Limits and how to read the drop.
    /// - Throws: `MediaError`; `isRetryable` tells the system's faults from the drop's.
    public static func read(path: String, options: MediaReadOptions = MediaReadOptions()) throws(MediaError) -> SampleSet {
        try check(options)
        switch try InputFile.kind(of: path) {
        case .other(let found): throw .notAFile(path: path, found: found)
        case .file: return try readFile(path, options)
        case .folder: return try readFolder(path, options)
        }
    }

    private static func check(_ options: MediaReadOptions) throws(MediaError) {
        guard options.audioWindowSeconds.isFinite, options.audioWindowSeconds > 0 else {
            throw .invalidOption(name: "audio.window", expected: "a length above 0 seconds", found: "\(options.audioWindowSeconds)")
        }
        if let length = options.sequenceLength {
            guard length > 0 else { throw .invalidOption(name: "sequence_length", expected: "1 or more", found: "\(length)") }
            guard options.kind != .autoencoder else {
                throw .invalidOption(name: "sequence_length", expected: "none for an autoencoder", found: "\(length)")
            }
        }
    }

    private static func readFile(_ path: String, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let name = lastComponent(of: path)
        let bytes = try InputFile.read(path, limits: options.limits)
        switch try ContentKind.agreed(name: name, file: name, head: Array(bytes.prefix(64))) {
        case .png: return try interpreted(try readImages([name], at: [path], options), as: .onePicture, options)
        case .audio: return try interpretedAudio(try readAudio([name], at: [path], options), options)
        case .idx, .unknown: return try interpreted(try readIDX(bytes, name: name, options), as: .items, options)
        }
    }

    private static func readFolder(_ path: String, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let listing = try FolderListing(path, label: "", limits: options.limits)
        if let folder = listing.folders.first, let file = listing.files.first {
            throw .mixedDrop(path: lastComponent(of: path), first: "the folder \(folder)", second: "the file \(file.name)")
        }
        if !listing.folders.isEmpty { return try readSequenceFolders(path, listing, options) }
        guard let first = listing.files.first else { throw .empty(path: lastComponent(of: path), found: listing.foundWhenEmpty) }
        if let other = listing.files.first(where: { $0.kind != first.kind }) {
            throw .mixedDrop(
                path: lastComponent(of: path), first: "\(first.kind.description) (\(first.name))",
                second: "\(other.kind.description) (\(other.name))")
        }
        let names = listing.files.map(\.name)
        let paths = names.map { "\(path)/\($0)" }
        var set: SampleSet
        switch first.kind {
        case .png: set = try interpretedPictures(try readImages(names, at: paths, options), options)
        case .audio: set = try interpretedAudio(try readAudio(names, at: paths, options), options)
        case .idx, .unknown:
            if names.count > 1 {
                throw .mixedDrop(path: lastComponent(of: path), first: names[0], second: "a second IDX file, \(names[1])")
            }
            let bytes = try InputFile.read(paths[0], limits: options.limits)
            set = try interpreted(try readIDX(bytes, name: names[0], options), as: .items, options)
        }
        set.notes = listing.notes + set.notes
        return set
    }

    /// A folder of folders: one sequence of images each.
    private static func readSequenceFolders(
        _ path: String, _ listing: FolderListing, _ options: MediaReadOptions
    ) throws(MediaError) -> SampleSet {
        var names: [String] = []
        var sequences: [Range<Int>] = []
        var notes = listing.notes
        for folder in listing.folders {
            let inner = try FolderListing("\(path)/\(folder)", label: "\(folder)/", limits: options.limits)
            if let deeper = inner.folders.first {
                throw .mixedDrop(path: folder, first: "a sequence folder", second: "the folder \(deeper) inside it")
            }
            guard !inner.files.isEmpty else { throw .empty(path: folder, found: inner.foundWhenEmpty) }
            if let other = inner.files.first(where: { $0.kind != .png }) {
                throw .mixedDrop(
                    path: folder, first: "a folder for the PNGs of one sequence", second: "\(other.kind.description) (\(other.name))")
            }
            sequences.append(names.count..<names.count + inner.files.count)
            names += inner.files.map(\.name)
            notes += inner.notes
        }
        var set = try interpreted(
            try readImages(names, at: names.map { "\(path)/\($0)" }, options), as: .pictureFolders(sequences), options)
        set.notes = notes + set.notes
        return set
    }
}

/// The media of one folder.
struct FolderListing {
    struct File: Equatable {
        var name: String
        var kind: ContentKind
    }

    var folders: [String] = []
    /// Names start with the label: the path within the drop.
    var files: [File] = []
    var notes: [String] = []

    /// Files that are passed over with their names.
    static let longestNoteCount = 8

    var foundWhenEmpty: String { notes.isEmpty ? "an empty folder" : "a folder without media (\(notes.joined(separator: "; ")))" }

    init(_ path: String, label: String, limits: MediaLimits) throws(MediaError) {
        // The drop's own settings are no media.
        for name in try InputFile.names(in: path) where !SettingsName.isInside(name) {
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
                if ContentKind.isCompanion(name) {
                    notes.append("\(label + name) passed over: not media")
                    continue
                }
                let head = try InputFile.read(full, limits: limits, prefix: 64)
                files.append(File(name: label + name, kind: try ContentKind.agreed(name: name, file: label + name, head: head)))
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
}
