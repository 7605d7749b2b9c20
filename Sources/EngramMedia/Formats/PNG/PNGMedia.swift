internal import EngramSystem

/// PNG: pictures, one to a file.
struct PNGMedia: MediaFormat {
    let description = "a PNG image"
    let samplesName = PictureReader.samplesName
    let comesInFolders = true
    let endings = [
        NameEnding(ending: ".png", format: "a PNG", beginnings: []), NameEnding(ending: ".apng", format: "a PNG", beginnings: []),
    ]

    func isBegun(by head: [UInt8]) -> Bool { head.starts(with: PNGStructure.signature[..<4]) }

    func isMeant(by name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasSuffix(".png") && lower != ".png" || lower.hasSuffix(".apng")
    }

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        guard file.head.starts(with: PNGStructure.signature) else { return nil }
        if try file.tail(Self.end.count) == Self.end { return .complete }
        return try endsBeforeItsEnd(file) ? .complete : .incomplete(reason: "the PNG does not end with its IEND chunk")
    }

    /// Whether bytes follow the whole picture, as programs that restore files leave them.
    private func endsBeforeItsEnd<Failure>(_ file: GrowingFile<Failure>) throws(Failure) -> Bool {
        var offset: Int64 = 8
        // A picture of 16 million pixels has some thousand chunks; a hostile one must not keep the daemon reading.
        for _ in 0..<4096 where offset <= file.byteCount - 12 {
            let reader = ByteReader(try file.bytes(from: offset, count: 8))
            guard let length = reader.unsigned(at: 0, byteCount: 4, isBigEndian: true) else { return false }
            if reader.hasTag("IEND", at: 4) { return length == 0 }
            offset += 12 + Int64(length)
        }
        return false
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
        // The number of frames of an animation stands in the chunk after the header.
        let frames = reader.hasTag("acTL", at: 37) ? reader.unsigned(at: 41, byteCount: 4, isBigEndian: true) ?? 1 : 1
        return MediaShape(sampleCount: max(1, Int(frames)), dimension: overflow ? .max : Int(clamping: area))
    }

    // MARK: Samples

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        try PictureReader.read(files, options: options)
    }

    func holds(_ format: SampleFormat) -> Bool {
        format.image != nil
    }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard let format = set.format.image else { return [] }
        var files: [MediaFile] = []
        for index in 0..<set.count {
            let row = values[index * set.dimension..<(index + 1) * set.dimension]
            let codes = try PNGEncoder.codeBytes(of: row, format: format)
            let bytes = try PNGEncoder.encode(codes, format: format, file: set.names[index])
            try check(bytes, against: codes, format, name: set.names[index])
            files.append(MediaFile(name: fileName(set.names[index]), bytes: bytes))
        }
        return files
    }

    /// What was written is read back.
    private func check(_ bytes: [UInt8], against codes: [UInt8], _ format: ImageFormat, name: String) throws(MediaError) {
        var limits = MediaLimits()
        (limits.maxImageSide, limits.maxPixelCount, limits.maxDecodedByteCount) = (.max, .max, .max)
        let image = try PNGDecoder.decode(bytes, file: name, limits: limits)
        guard image.format == format, image.codeBytes == codes else {
            throw .notWritten(file: name, reason: "another picture when read again")
        }
    }

    /// An image dropped without an extension gets one.
    private func fileName(_ name: String) -> String { name.lowercased().hasSuffix(".png") ? name : name + ".png" }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        try PictureReader.addCue(cue, mask: mask, fit: fit, to: &media)
    }
}
