internal import EngramSystem

/// Reads a cue, a file or a folder of files, and fits it to what a memory holds.
///
/// Sizes are never changed: a picture of another size is refused. Colour, bit depth, sample rate and channels are converted, and a note
/// says so. Missing entries are those that a mask beside the picture (`NAME_mask.png`, white is known) or alpha 0 says, or the code that
/// the options name.
public enum CueReader {
    /// - Parameters:
    ///   - path: A PNG, a JPEG, an audio file, an IDX file, or a folder of such. Links are refused.
    ///   - memory: What the memory holds; its samples are not looked at.
    ///   - options: Limits, and what counts as missing.
    /// - Throws: `MediaError`; `.unfitCue` where the cue cannot be one of this memory.
    public static func read(path: String, for memory: SampleSet, options: CueReadOptions = CueReadOptions()) throws(MediaError) -> CueMedia
    {
        try MediaFormats.all.readCue(path: path, fit: CueFit(memory: memory, options: options))
    }
}

extension MediaFormats {
    /// Reads a cue in any of these formats; as `CueReader.read`.
    package func readCue(path: String, fit: CueFit) throws(MediaError) -> CueMedia {
        var media = CueMedia()
        let options = fit.options
        switch try InputFile.kind(of: path) {
        case .other(let found): throw .notAFile(path: path, found: found)
        case .file:
            let mask = options.maskPath.map { MediaSource(name: lastComponent(of: $0), path: $0) }
            try readCue(MediaSource(name: lastComponent(of: path), path: path), mask: mask, fit, into: &media)
        case .folder:
            var reading = MediaReadOptions()
            reading.limits = options.limits
            let listing = try FolderListing(path, label: "", options: reading, formats: self)
            media.notes += listing.notes
            if let folder = listing.folders.first {
                throw .mixedDrop(path: lastComponent(of: path), first: "files of one cue each", second: "the folder \(folder)")
            }
            let names = Set(listing.files.map { Array($0.name.utf8) })
            for file in listing.files where owner(ofMask: file.name, among: names) == nil {
                let name = MaskName.of(file.name)
                let mask = names.contains(Array(name.utf8)) ? MediaSource(name: name, path: "\(path)/\(name)") : nil
                try readCue(MediaSource(name: file.name, path: "\(path)/\(file.name)"), mask: mask, fit, into: &media)
            }
        }
        guard !media.items.isEmpty || !media.clips.isEmpty else {
            throw .empty(path: lastComponent(of: path), found: "nothing that could be a cue")
        }
        return media
    }

    /// The picture that `name` is the mask of, where it is there.
    private func owner(ofMask name: String, among names: Set<[UInt8]>) -> String? {
        guard name.hasSuffix(MaskName.suffix) else { return nil }
        let stem = String(name.dropLast(MaskName.suffix.count))
        return ["", ".png", ".PNG", ".jpg", ".JPG", ".jpeg"].map { stem + $0 }.first { names.contains(Array($0.utf8)) }
    }

    private func readCue(
        _ cue: MediaSource, mask: MediaSource?, _ fit: CueFit, into media: inout CueMedia
    ) throws(MediaError) {
        let limits = fit.options.limits
        let head = try InputFile.read(cue.path, limits: limits, prefix: Self.headByteCount)
        try agreed(name: cue.name, file: cue.name, head: head).addCue(cue, mask: mask, fit: fit, to: &media)
        guard media.items.count + media.clips.count <= limits.maxSampleCount else {
            throw .overLimit(file: cue.name, quantity: "cue count", limit: limits.maxSampleCount, found: media.items.count)
        }
    }
}
