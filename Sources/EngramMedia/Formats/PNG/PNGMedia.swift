internal import EngramSystem

/// PNG: pictures, one to a file.
struct PNGMedia: MediaFormat {
    let description = "a PNG image"
    let comesInFolders = true
    let endings = [NameEnding(ending: ".png", format: "a PNG", beginnings: [])]

    func isBegun(by head: [UInt8]) -> Bool { head.starts(with: PNGStructure.signature[..<4]) }

    func isMeant(by name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasSuffix(".png") && lower != ".png"
    }

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        guard file.head.starts(with: PNGStructure.signature) else { return nil }
        return try file.tail(Self.end.count) == Self.end ? .complete : .incomplete(reason: "the PNG does not end with its IEND chunk")
    }

    /// The whole chunk that ends a PNG.
    private static let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]

    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? {
        let reader = ByteReader(file.head)
        guard let width = reader.unsigned(at: 16, byteCount: 4, isBigEndian: true),
            let height = reader.unsigned(at: 20, byteCount: 4, isBigEndian: true), file.head.count >= 26
        else { return nil }
        let channels: UInt64 =
            switch PNGStructure.ColorType(rawValue: Int(file.head[25])) {
            case .gray: 1
            case .grayAlpha: 2
            case .rgb, .palette: 3
            case .rgba, nil: 4
            }
        // Two factors of 32 bits and 4 fit in 66: only a lie of a header does not fit in 63.
        let (area, overflow) = (width * height).multipliedReportingOverflow(by: channels)
        return MediaShape(sampleCount: 1, dimension: overflow ? .max : Int(clamping: area))
    }

    // MARK: Samples

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let set = try decodeAll(files.files, options)
        guard case .image(let format) = set.format else { return set }
        if let folders = files.folders { return try set.interpreted(as: .pictureFolders(folders), options) }
        guard set.count > 1 else { return try set.interpreted(as: .onePicture, options) }
        // Names say whether they are numbered, the pictures whether they are a film.
        guard set.names.allSatisfy(stemEndsInNumber) else { return try set.interpreted(as: .unnumberedPictures, options) }
        return try set.interpreted(as: .numberedPictures(OrderEvidence(values: set.values, format: format)), options)
    }

    /// Images of one format, in the order given.
    private func decodeAll(_ files: [MediaSource], _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var values: [Float] = []
        var format: ImageFormat?
        var notes: [String] = []
        for file in files {
            let bytes = try InputFile.read(file.path, limits: options.limits)
            let image = try PNGDecoder.decode(bytes, file: file.name, limits: options.limits)
            if let format {
                try requireSame(image.format, format, file: file.name, reference: files[0].name)
            } else {
                format = image.format
                // All images are the size of the first, so the whole is known now.
                let (total, overflow) = files.count.multipliedReportingOverflow(by: 4 * image.format.dimension)
                guard !overflow, total <= options.limits.maxDecodedByteCount else {
                    throw .overLimit(
                        file: file.name, quantity: "byte count of \(files.count) decoded images", limit: options.limits.maxDecodedByteCount,
                        found: overflow ? .max : total)
                }
                values.reserveCapacity(total / 4)
            }
            image.appendValues(to: &values)
            for note in image.notes where !notes.contains(note) { notes.append(note) }
        }
        guard let format else { throw .empty(path: "drop", found: "no image") }
        return SampleSet(
            values: values, count: files.count, dimension: format.dimension, names: files.map(\.name), format: .image(format),
            sequences: nil, notes: notes)
    }

    private func requireSame(
        _ found: ImageFormat, _ expected: ImageFormat, file: String, reference: String
    ) throws(MediaError) {
        func mismatch(_ property: String, _ expected: String, _ found: String) -> MediaError {
            .mismatch(file: file, property: property, expected: expected, reference: reference, found: found)
        }
        if found.width != expected.width || found.height != expected.height {
            throw mismatch("size", "\(expected.width) x \(expected.height)", "\(found.width) x \(found.height)")
        }
        if found.colorKind != expected.colorKind { throw mismatch("colour kind", expected.colorKind.rawValue, found.colorKind.rawValue) }
        if found.bitDepth != expected.bitDepth { throw mismatch("bit depth", "\(expected.bitDepth)", "\(found.bitDepth)") }
    }

    func holds(_ format: SampleFormat) -> Bool {
        if case .image = format { true } else { false }
    }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard case .image(let format) = set.format else { return [] }
        var files: [MediaFile] = []
        for index in 0..<set.count {
            let row = values[index * set.dimension..<(index + 1) * set.dimension]
            let bytes = try PNGEncoder.encode(values: row, format: format, file: set.names[index])
            files.append(MediaFile(name: fileName(set.names[index]), bytes: bytes))
        }
        return files
    }

    /// An image dropped without an extension gets one.
    private func fileName(_ name: String) -> String { name.lowercased().hasSuffix(".png") ? name : name + ".png" }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        let limits = fit.options.limits
        let image = try PNGDecoder.decode(try InputFile.read(cue.path, limits: limits), file: cue.name, limits: limits)
        var item = try fit.item(image, name: cue.name)
        if let mask {
            let decoded = try PNGDecoder.decode(try InputFile.read(mask.path, limits: limits), file: mask.name, limits: limits)
            try fit.apply(decoded, named: mask.name, to: &item)
        }
        media.items.append(item)
    }
}
