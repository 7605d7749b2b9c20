/// A file to publish.
public struct MediaFile: Equatable, Sendable {
    /// Path within the drop, `/` between folders.
    public var name: String
    /// Its bytes.
    public var bytes: [UInt8]

    /// A file from its parts.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// Writes recalled samples as files of the drop's own format.
public enum MediaWriter {
    /// One PNG for each image, with the drop's names; one audio file of the true length for each clip; one IDX file.
    ///
    /// Palettes come back as RGB or RGBA of 8 bits, lossy audio as 16-bit WAV. The same values give the same bytes.
    /// - Parameters:
    ///   - values: Shape `[set.count, set.dimension]`, row-major, on the scale of `set.values`.
    ///   - set: The drop that the values stand for.
    /// - Throws: `MediaError.nonFiniteValue`, `.notWritten`.
    public static func files(values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        precondition(values.count == set.count * set.dimension, "\(values.count) values for \(set.count) x \(set.dimension)")
        guard let format = MediaFormats.all.format(holding: set.format) else {
            throw .notWritten(file: set.names.first ?? "drop", reason: "no format holds such samples")
        }
        return try format.encode(set.medium(of: values), like: set)
    }
}
