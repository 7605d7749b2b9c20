internal import EngramSystem

/// Reads a cue, a file or a folder of files, and fits it to what a memory holds.
///
/// Sizes are never changed: a picture of another size is refused. Colour, bit depth, sample rate and channels are converted, and a note
/// says so. Missing entries are those that a mask beside the picture (`NAME_mask.png`, white is known) or alpha 0 says, or the code that
/// the options name.
public enum CueReader {
    /// - Parameters:
    ///   - path: A PNG, an audio file, an IDX file, or a folder of such. Links are refused.
    ///   - memory: What the memory holds; its samples are not looked at.
    ///   - options: Limits, and what counts as missing.
    /// - Throws: `MediaError`; `.unfitCue` where the cue cannot be one of this memory.
    public static func read(path: String, for memory: SampleSet, options: CueReadOptions = CueReadOptions()) throws(MediaError) -> CueMedia
    {
        var media = CueMedia()
        let fit = CueFit(memory: memory, options: options)
        switch try InputFile.kind(of: path) {
        case .other(let found): throw .notAFile(path: path, found: found)
        case .file: try read(path, name: lastComponent(of: path), maskPath: options.maskPath, fit, into: &media)
        case .folder:
            let listing = try FolderListing(path, label: "", limits: options.limits)
            media.notes += listing.notes
            if let folder = listing.folders.first {
                throw .mixedDrop(path: lastComponent(of: path), first: "files of one cue each", second: "the folder \(folder)")
            }
            let names = Set(listing.files.map { Array($0.name.utf8) })
            for file in listing.files where owner(ofMask: file.name, among: names) == nil {
                let mask = MaskName.of(file.name)
                let maskPath = names.contains(Array(mask.utf8)) ? "\(path)/\(mask)" : nil
                try read("\(path)/\(file.name)", name: file.name, maskPath: maskPath, fit, into: &media)
            }
        }
        guard !media.items.isEmpty || !media.clips.isEmpty else {
            throw .empty(path: lastComponent(of: path), found: "nothing that could be a cue")
        }
        return media
    }

    /// The picture that `name` is the mask of, where it is there.
    private static func owner(ofMask name: String, among names: Set<[UInt8]>) -> String? {
        guard name.hasSuffix(MaskName.suffix) else { return nil }
        let stem = String(name.dropLast(MaskName.suffix.count))
        return [stem + ".png", stem + ".PNG", stem].first { names.contains(Array($0.utf8)) }
    }

    private static func read(
        _ path: String, name: String, maskPath: String?, _ fit: CueFit, into media: inout CueMedia
    ) throws(MediaError) {
        let limits = fit.options.limits
        let bytes = try InputFile.read(path, limits: limits)
        switch try ContentKind.agreed(name: name, file: name, head: Array(bytes.prefix(64))) {
        case .png:
            let image = try PNGDecoder.decode(bytes, file: name, limits: limits)
            var item = try fit.item(image, name: name)
            if let maskPath {
                let mask = try PNGDecoder.decode(
                    try InputFile.read(maskPath, limits: limits), file: lastComponent(of: maskPath), limits: limits)
                try fit.apply(mask, named: lastComponent(of: maskPath), to: &item)
            }
            media.items.append(item)
        case .audio: media.clips.append(try fit.clip(try AudioDecoder.decode(bytes, file: name, limits: limits), name: name))
        case .idx, .unknown: media.items += try fit.items(try IDXCodec.decode(bytes, name: name, limits: limits), name: name)
        }
        guard media.items.count + media.clips.count <= limits.maxSampleCount else {
            throw .overLimit(file: name, quantity: "cue count", limit: limits.maxSampleCount, found: media.items.count)
        }
    }
}
