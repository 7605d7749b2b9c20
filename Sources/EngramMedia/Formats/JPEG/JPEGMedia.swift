internal import EngramSystem

/// JPEG: pictures, one to a file, which come back as PNGs of the pixels that they decode to.
struct JPEGMedia: MediaFormat {
    let description = "a JPEG image"
    let samplesName = PictureReader.samplesName
    let comesInFolders = true
    let firstRules = ReadingRules.third
    let endings = Self.names.map { NameEnding(ending: $0, format: "a JPEG", beginnings: []) }

    private static let names = [".jpg", ".jpeg", ".jpe", ".jfif"]

    func isBegun(by head: [UInt8]) -> Bool { JPEGDecoder.isBegun(by: head) }

    func isMeant(by name: String) -> Bool {
        let lower = name.lowercased()
        return Self.names.contains { lower.hasSuffix($0) && lower != $0 }
    }

    /// Bytes that are looked at, at most, for the end of a picture behind which others follow, as films in telephones' pictures do.
    private static let longestSearch: Int64 = 64 << 20
    private static let pieceByteCount = 1 << 16

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        guard isBegun(by: file.head) else { return nil }
        if try file.tail(2) == [0xFF, 0xD9] { return .complete }
        let incomplete = FileCompleteness.incomplete(reason: "the JPEG does not end with its EOI marker")
        guard let scan = try segments(of: file, until: { $0 == 0xDA }) else { return incomplete }
        var end = JPEGEnd(scanOffset: scan.content + Int64(scan.length))
        let limit = min(file.byteCount, end.offset + Self.longestSearch)
        while end.end == nil, end.offset < limit {
            let piece = try file.bytes(from: end.offset, count: Self.pieceByteCount)
            let offset = end.offset
            end.advance(over: piece)
            // What is left is less than the beginning of a segment.
            guard end.end != nil || end.offset > offset else { return incomplete }
        }
        return end.end != nil ? .complete : end.offset < file.byteCount ? .unknown : incomplete
    }

    /// A segment of a file that is read a few bytes at a time.
    private struct Segment {
        /// Where its length stands.
        var content: Int64
        /// With the two bytes of itself.
        var length: Int
    }

    /// The first segment whose marker `isWanted`; nil where the file ends before, or has no such in its first thousand.
    private func segments<Failure>(of file: GrowingFile<Failure>, until isWanted: (UInt8) -> Bool) throws(Failure) -> Segment? {
        var offset: Int64 = 2
        for _ in 0..<1024 where offset < file.byteCount {
            let bytes = try file.bytes(from: offset, count: 4)
            guard bytes.count == 4, bytes[0] == 0xFF else { return nil }
            if bytes[1] == 0xFF {
                offset += 1
                continue
            }
            let length = Int(bytes[2]) << 8 | Int(bytes[3])
            guard bytes[1] >= 0xC0, !(0xD0...0xD9).contains(bytes[1]), length >= 2 else { return nil }
            if isWanted(bytes[1]) { return Segment(content: offset + 2, length: length) }
            offset += 2 + Int64(length)
        }
        return nil
    }

    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? {
        let frame = try segments(of: file) { (0xC0...0xCF).contains($0) && ![0xC4, 0xC8, 0xCC].contains($0) }
        guard let frame else { return nil }
        let reader = ByteReader(try file.bytes(from: frame.content, count: 8))
        guard let height = reader.unsigned(at: 3, byteCount: 2, isBigEndian: true),
            let width = reader.unsigned(at: 5, byteCount: 2, isBigEndian: true),
            let components = reader.unsigned(at: 7, byteCount: 1, isBigEndian: true)
        else { return nil }
        // Two factors of 16 bits and one of 8.
        return MediaShape(sampleCount: 1, dimension: Int(width * height * components))
    }

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        try PictureReader.read(files, options: options)
    }

    /// Pixels are written losslessly, as PNG.
    func holds(_ format: SampleFormat) -> Bool { false }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        throw .notWritten(file: set.names.first ?? "drop", reason: "decoded pixels are written as PNG")
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        try PictureReader.addCue(cue, mask: mask, fit: fit, to: &media)
    }
}
