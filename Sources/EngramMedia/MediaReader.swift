internal import EngramSystem

/// Reads one drop, a file or a folder, into a `SampleSet`.
///
/// - One PNG or JPEG is an autoencoder with one example. A folder of them, in natural order, is a sequence if every name ends in a number and
///   the pictures follow one another as those of a film do (`OrderEvidence`), else a set for an autoencoder. A folder of folders of
///   pictures holds one sequence each.
/// - An audio file is a sequence of windows; a folder of audio files of one format holds one cycle each.
/// - A text is a sequence of windows of words; a folder of texts holds one cycle each.
/// - IDX of rank 2 or more, also .gz, is an autoencoder over the items of its first axis.
public enum MediaReader {
    /// - Parameters:
    ///   - path: A file or folder. Links are refused, in it and as it.
    ///   - options: Limits and how to read the drop.
    /// - Throws: `MediaError`; `isRetryable` tells the system's faults from the drop's.
    public static func read(path: String, options: MediaReadOptions = MediaReadOptions()) throws(MediaError) -> SampleSet {
        try MediaFormats.all.read(path: path, options: options)
    }
}

extension MediaFormats {
    /// Reads one drop in any of these formats; as `MediaReader.read`.
    package func read(path: String, options: MediaReadOptions = MediaReadOptions()) throws(MediaError) -> SampleSet {
        try check(options)
        let known = known(by: options.rules)
        switch try InputFile.kind(of: path) {
        case .other(let found): throw .notAFile(path: path, found: found)
        case .file: return try known.readFile(path, options).finished(options)
        case .folder: return try known.readFolder(path, options).finished(options)
        }
    }

    private func check(_ options: MediaReadOptions) throws(MediaError) {
        guard options.audioWindowSeconds.isFinite, options.audioWindowSeconds > 0 else {
            throw .invalidOption(name: "audio.window", expected: "a length above 0 seconds", found: "\(options.audioWindowSeconds)")
        }
        if let context = options.textContext, context < 1 {
            throw .invalidOption(name: "text.context", expected: "1 or more", found: "\(context)")
        }
        if let length = options.sequenceLength {
            guard length > 0 else { throw .invalidOption(name: "sequence_length", expected: "1 or more", found: "\(length)") }
            guard options.kind != .autoencoder else {
                throw .invalidOption(name: "sequence_length", expected: "none for an autoencoder", found: "\(length)")
            }
        }
    }

    private func readFile(_ path: String, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let name = lastComponent(of: path)
        let head = try InputFile.read(path, limits: options.limits, prefix: Self.headByteCount)
        let format = try agreed(name: name, file: name, head: head)
        return try format.decode(MediaGroup(name: name, files: [MediaSource(name: name, path: path)]), options: options)
    }

    private func readFolder(_ path: String, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let name = lastComponent(of: path)
        var label = ""
        var listing = try FolderListing(path, label: label, options: options, formats: self)
        var notes: [String] = []
        // A folder that holds one folder and nothing else is a wrapping: archives and downloads are unpacked into such.
        while listing.files.isEmpty, listing.folders.count == 1, label.utf8.count < Self.longestLabelByteCount {
            let inner = listing.folders[0]
            notes += listing.notes
            label = inner + "/"
            listing = try FolderListing("\(path)/\(inner)", label: label, options: options, formats: self)
        }
        listing.notes = notes + listing.notes
        if let folder = listing.folders.first, let file = listing.files.first {
            throw .mixedDrop(path: name, first: "the folder \(folder)", second: "the file \(file.name)")
        }
        if !listing.folders.isEmpty { return try readSequenceFolders(path, listing, options) }
        guard let first = listing.files.first else { throw listing.emptiness(of: name) }
        if let other = listing.files.first(where: { $0.format.samplesName != first.format.samplesName }) {
            throw .mixedDrop(
                path: name, first: "\(first.format.description) (\(first.name))", second: "\(other.format.description) (\(other.name))")
        }
        let files = listing.files.map { MediaSource(name: $0.name, path: "\(path)/\($0.name)") }
        var set = try first.format.decode(MediaGroup(name: name, files: files), options: options)
        set.notes = listing.notes + set.notes
        return set
    }

    /// Wrappings within wrappings end here.
    private static let longestLabelByteCount = 1024

    /// A folder of folders: one sequence of images each.
    private func readSequenceFolders(
        _ path: String, _ listing: FolderListing, _ options: MediaReadOptions
    ) throws(MediaError) -> SampleSet {
        var names: [String] = []
        var first: (any MediaFormat)?
        var sequences: [Range<Int>] = []
        var notes = listing.notes
        for folder in listing.folders {
            let inner = try FolderListing("\(path)/\(folder)", label: "\(folder)/", options: options, formats: self)
            if let deeper = inner.folders.first {
                throw .mixedDrop(path: folder, first: "a sequence folder", second: "the folder \(deeper) inside it")
            }
            guard !inner.files.isEmpty else { throw inner.emptiness(of: folder) }
            first = first ?? inner.files.first?.format
            if let other = inner.files.first(where: { !$0.format.comesInFolders || $0.format.samplesName != first?.samplesName }) {
                throw .mixedDrop(
                    path: folder, first: "a folder for the pictures of one sequence", second: "\(other.format.description) (\(other.name))")
            }
            sequences.append(names.count..<names.count + inner.files.count)
            names += inner.files.map(\.name)
            notes += inner.notes
        }
        let files = names.map { MediaSource(name: $0, path: "\(path)/\($0)") }
        guard let first else { throw listing.emptiness(of: lastComponent(of: path)) }
        var set = try first.decode(MediaGroup(name: lastComponent(of: path), files: files, folders: sequences), options: options)
        set.notes = notes + set.notes
        return set
    }
}

extension SampleSet {
    /// The set on its scale, with a mark of how it was read and a word on what stands out.
    fileprivate func finished(_ options: MediaReadOptions) -> SampleSet {
        var set = scaled(options.scaling)
        set.rules = options.rules
        if let note = outlierNote { set.notes.append(note) }
        return set
    }
}
