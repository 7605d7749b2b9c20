/// One frame of an animation.
public struct APNGFrame: Equatable, Sendable {
    /// 8-bit codes, `[height, width, channels]`, row-major.
    public var codes: [UInt8]
    /// Shown for `delayNumerator / delayDenominator` seconds.
    public var delayNumerator: UInt16
    /// 0 means hundredths of a second, as in the specification.
    public var delayDenominator: UInt16

    /// A frame with its delay as a fraction of seconds.
    public init(codes: [UInt8], delayNumerator: UInt16, delayDenominator: UInt16) {
        self.codes = codes
        self.delayNumerator = delayNumerator
        self.delayDenominator = delayDenominator
    }
}

/// Writes animated PNG: acTL, fcTL and fdAT chunks around what libpng makes of each frame.
///
/// Source: PNG Third Edition, section 11.3.4 (animation information). fcTL and fdAT share one sequence counter from 0.
public struct APNGEncoder: Equatable, Sendable {
    /// Size and colour of every frame; `bitDepth` is 8.
    public let format: ImageFormat
    /// How often the animation plays; 0 is for ever.
    public let loopCount: UInt32

    /// An encoder for frames of one size.
    public init(width: Int, height: Int, colorKind: ColorKind, loopCount: UInt32 = 0) {
        format = ImageFormat(width: width, height: height, colorKind: colorKind, bitDepth: 8)
        self.loopCount = loopCount
    }

    /// The bytes of the animation; its first frame is also the picture that a plain PNG reader shows.
    /// - Throws: `MediaError.notWritten` for no frames, a frame of the wrong size, or a failure of libpng.
    public func encode(_ frames: [APNGFrame], file: String = "animation") throws(MediaError) -> [UInt8] {
        var pictures: [Picture] = []
        for (index, frame) in frames.enumerated() {
            guard frame.codes.count == format.dimension else {
                throw .notWritten(file: file, reason: "frame \(index) has \(frame.codes.count) codes, expected \(format.dimension)")
            }
            pictures.append(
                Picture(
                    png: try PNGEncoder.encode(frame.codes, format: format, file: file), delayNumerator: frame.delayNumerator,
                    delayDenominator: frame.delayDenominator))
        }
        return try join(pictures, file: file)
    }

    /// A frame that is compressed already.
    struct Picture {
        /// A PNG of the encoder's format that `PNGEncoder` wrote.
        var png: [UInt8]
        var delayNumerator: UInt16
        var delayDenominator: UInt16
    }

    /// The bytes of an animation of pictures that are compressed already.
    /// - Throws: `MediaError.notWritten` for no frames.
    func join(_ pictures: [Picture], file: String) throws(MediaError) -> [UInt8] {
        guard !pictures.isEmpty, let frameCount = UInt32(exactly: pictures.count) else {
            throw .notWritten(file: file, reason: "an animation needs at least one frame")
        }
        var bytes: [UInt8] = []
        var sequenceNumber: UInt32 = 0
        for (index, picture) in pictures.enumerated() {
            let png = picture.png
            if index == 0 {
                bytes += png[..<Self.headerEnd]
                var control: [UInt8] = []
                control.appendBigEndian(UInt64(frameCount), byteCount: 4)
                control.appendBigEndian(UInt64(loopCount), byteCount: 4)
                Self.appendChunk("acTL", control, to: &bytes)
            }
            Self.appendChunk("fcTL", frameControl(picture, sequenceNumber), to: &bytes)
            sequenceNumber += 1
            for data in Self.imageData(of: png) {
                if index == 0 {
                    Self.appendChunk("IDAT", data, to: &bytes)
                } else {
                    var numbered: [UInt8] = []
                    numbered.appendBigEndian(UInt64(sequenceNumber), byteCount: 4)
                    Self.appendChunk("fdAT", numbered + data, to: &bytes)
                    sequenceNumber += 1
                }
            }
        }
        Self.appendChunk("IEND", [], to: &bytes)
        return bytes
    }

    /// The animation of picture files that `MediaWriter` wrote for samples like `set`, which so are not compressed a second time; nil where
    /// they are of another format than an animation's frames.
    /// - Throws: `MediaError.notWritten` for no files.
    public static func joined(
        _ files: [MediaFile], like set: SampleSet, delayNumerator: UInt16, delayDenominator: UInt16
    ) throws(MediaError) -> [UInt8]? {
        guard let format = set.format.image, let shown = set.previewFormat else { return nil }
        let encoder = APNGEncoder(width: shown.width, height: shown.height, colorKind: shown.colorKind)
        guard encoder.format == format else { return nil }
        return try encoder.join(
            files.map { Picture(png: $0.bytes, delayNumerator: delayNumerator, delayDenominator: delayDenominator) }, file: "animation")
    }

    private func frameControl(_ frame: Picture, _ sequenceNumber: UInt32) -> [UInt8] {
        var data: [UInt8] = []
        data.appendBigEndian(UInt64(sequenceNumber), byteCount: 4)
        // The PNG encoder checked that both fit in 31 bits.
        data.appendBigEndian(UInt64(format.width), byteCount: 4)
        data.appendBigEndian(UInt64(format.height), byteCount: 4)
        data.appendBigEndian(0, byteCount: 8)  // x and y offset
        data.appendBigEndian(UInt64(frame.delayNumerator), byteCount: 2)
        data.appendBigEndian(UInt64(frame.delayDenominator), byteCount: 2)
        return data + [0, 0]  // dispose: none; blend: source
    }

    /// Signature (8) and IHDR (4 + 4 + 13 + 4).
    private static let headerEnd = 33

    /// The data of each IDAT chunk of a PNG that we wrote.
    private static func imageData(of png: [UInt8]) -> [[UInt8]] {
        var reader = ByteReader(png, offset: 8)
        var parts: [[UInt8]] = []
        while let length = reader.next(4) {
            if reader.hasTag("IDAT", at: reader.offset) { parts.append(Array(png[reader.offset + 4..<reader.offset + 4 + length])) }
            reader.offset += 8 + length
        }
        return parts
    }

    static func appendChunk(_ name: String, _ data: [UInt8], to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt64(data.count), byteCount: 4)
        let body = Array(name.utf8) + data
        bytes += body
        bytes.appendBigEndian(UInt64(crc32(body)), byteCount: 4)
    }
}
