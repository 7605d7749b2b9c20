internal import EngramSystem

/// A picture of which some pixels are missing.
public struct MaskedPicture: Equatable, Sendable {
    /// The file's name.
    public let name: String
    /// Size, channels and depth.
    public let format: ImageFormat
    /// Codes over the largest code, `[height, width, channels]`, row-major.
    public let values: [Float]
    /// For each pixel.
    public let isKnown: [Bool]
    /// Whether missing pixels were told by alpha 0 and not by a mask: then their own alpha says nothing.
    public let isMaskedByAlpha: Bool
    /// What a user must be told about the reading.
    public let notes: [String]
    /// As the decoder gave them.
    private let codeBytes: [UInt8]

    /// Reads a picture, PNG or JPEG, with its mask: white is known, black is missing. Without a mask, pixels of alpha 0 are missing.
    ///
    /// - Parameters:
    ///   - picture: Its path.
    ///   - mask: That of its mask; nil: there is none.
    ///   - limits: Checked before memory is taken.
    /// - Throws: `MediaError`: what cannot be decoded; a mask of another size or with greys; no pixel known; no pixel missing.
    public init(picture: String, mask: String?, limits: MediaLimits) throws(MediaError) {
        let name = lastComponent(of: picture)
        let image = try PictureReader.image(try InputFile.read(picture, limits: limits), file: name, limits: limits)
        let format = image.format
        var values: [Float] = []
        values.reserveCapacity(format.dimension)
        image.appendValues(to: &values)
        let pixelCount = format.width * format.height
        var isKnown = [Bool](repeating: true, count: pixelCount)
        if let mask {
            isKnown = try Self.known(by: mask, for: format, limits: limits)
        } else if format.channels > format.colorKind.colorCount {
            for pixel in 0..<pixelCount where values[(pixel + 1) * format.channels - 1] == 0 { isKnown[pixel] = false }
        }
        let source = mask.map(lastComponent(of:)) ?? name
        guard isKnown.contains(true) else {
            throw Self.unusable(
                source, code: "nothing-known", expected: "some known pixels (\(mask == nil ? "alpha above 0" : "white"))", found: "none",
                remedy: mask == nil
                    ? "Give the pixels that are known an alpha above 0." : "White is known and black missing; invert the mask.")
        }
        guard isKnown.contains(false) else {
            throw Self.unusable(
                source, code: "nothing-missing", expected: "some missing pixels (\(mask == nil ? "alpha 0" : "black"))", found: "none",
                remedy: "Mark what is to be filled in: black in \(MaskName.of(name)), or alpha 0 in the picture itself.")
        }
        (self.name, self.format, self.values, self.isKnown) = (name, format, values, isKnown)
        isMaskedByAlpha = mask == nil
        codeBytes = image.codeBytes
        notes = image.notes.map { "\(name): \($0)" }
    }

    /// Channels that are to be filled: those of colour, and alpha where it is not what says which pixels are missing.
    public var filledChannelCount: Int { isMaskedByAlpha ? format.colorKind.colorCount : format.channels }

    /// The picture as a PNG, missing pixels from `filled` and the others with the codes that they had; filled pixels of a picture that was
    /// masked by alpha are opaque.
    ///
    /// - Parameter filled: Shape `[height·width, filledChannelCount]`, on the scale of `values`; clipped and rounded to codes.
    public func png(filled: [Float]) throws(MediaError) -> [UInt8] {
        let (channels, count) = (format.channels, filledChannelCount)
        precondition(
            filled.count == isKnown.count * count, "\(filled.count) values do not fill \(isKnown.count) pixels of \(count) channels.")
        var whole = values
        for pixel in isKnown.indices where !isKnown[pixel] {
            for channel in 0..<channels { whole[pixel * channels + channel] = channel < count ? filled[pixel * count + channel] : 1 }
        }
        var bytes = try PNGEncoder.codeBytes(of: whole, format: format)
        // Codes of known pixels are copied and not computed: a value of 24 bits holds them, but nothing has to be trusted.
        let size = channels * (format.bitDepth == 16 ? 2 : 1)
        for pixel in isKnown.indices where isKnown[pixel] {
            for offset in pixel * size..<(pixel + 1) * size { bytes[offset] = codeBytes[offset] }
        }
        return try PNGEncoder.encode(bytes, format: format, file: name)
    }

    /// Whether some pixel of the PNG at `path` has alpha 0; false for files that are no PNG with alpha.
    public static func hasTransparentPixels(_ path: String, limits: MediaLimits) throws(MediaError) -> Bool {
        let head = try InputFile.read(path, limits: limits, prefix: 64)
        guard PNGMedia().isBegun(by: head) else { return false }
        let bytes = try InputFile.read(path, limits: limits)
        let structure = try PNGStructure(walking: bytes, file: lastComponent(of: path))
        guard structure.format.channels > structure.format.colorKind.colorCount else { return false }
        let image = try PNGDecoder.decode(bytes, structure, file: lastComponent(of: path), limits: limits)
        let size = image.format.bitDepth == 16 ? 2 : 1
        let (step, last) = (image.format.channels * size, (image.format.channels - 1) * size)
        return stride(from: 0, to: image.codeBytes.count, by: step).contains { pixel in
            (0..<size).allSatisfy { image.codeBytes[pixel + last + $0] == 0 }
        }
    }

    /// Known pixels of a mask that fits a picture.
    private static func known(by path: String, for format: ImageFormat, limits: MediaLimits) throws(MediaError) -> [Bool] {
        let name = lastComponent(of: path)
        let mask = try PictureReader.image(try InputFile.read(path, limits: limits), file: name, limits: limits)
        guard mask.format.width == format.width, mask.format.height == format.height else {
            throw unusable(
                name, code: "mask-size", expected: "a mask as large as its picture, \(format.width) x \(format.height) pixels",
                found: "\(mask.format.width) x \(mask.format.height)", remedy: "Crop or scale the mask, without smoothing, to that size.")
        }
        var values: [Float] = []
        mask.appendValues(to: &values)
        let (channels, colors) = (mask.format.channels, mask.format.colorKind.colorCount)
        var grey = 0
        let known = (0..<format.width * format.height).map { pixel in
            let codes = values[pixel * channels..<pixel * channels + colors]
            let isWhite = codes.allSatisfy { $0 == 1 }
            if !isWhite, !codes.allSatisfy({ $0 == 0 }) { grey += 1 }
            return isWhite
        }
        guard grey == 0 else {
            throw unusable(
                name, code: "grey-mask", expected: "white (known) and black (missing) only", found: "\(grey) pixels of other values",
                remedy: "Threshold the mask, and store it as PNG: JPEG blurs it.")
        }
        return known
    }

    private static func unusable(_ file: String, code: String, expected: String, found: String, remedy: String) -> MediaError {
        .malformed(Failure(stage: .decode, code: code, file: file, expected: expected, found: found, remedy: remedy))
    }
}
