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
        switch set.format {
        case .image(let format):
            var files: [MediaFile] = []
            for index in 0..<set.count {
                let row = values[index * set.dimension..<(index + 1) * set.dimension]
                let bytes = try PNGEncoder.encode(values: row, format: format, file: set.names[index])
                files.append(MediaFile(name: pngName(set.names[index]), bytes: bytes))
            }
            return files
        case .audio(let format):
            var files: [MediaFile] = []
            for clip in format.clips {
                let start = clip.samples.lowerBound * set.dimension
                let samples = values[start..<start + clip.frameCount * format.channels]
                let bytes = try AudioEncoder.encode(values: samples, format: format, file: clip.name)
                files.append(MediaFile(name: audioName(clip, format), bytes: bytes))
            }
            return files
        case .idx(let format):
            return [MediaFile(name: format.fileName, bytes: try IDXCodec.encode(values: values, itemCount: set.count, format: format))]
        }
    }

    /// A name of its own for each clip, even where `a.ogg` and `a.oga` lie side by side.
    private static func audioName(_ clip: AudioClip, _ format: AudioFormat) -> String {
        guard !format.isWrittenAsRead, !clip.name.lowercased().hasSuffix(".wav") else { return clip.name }
        let isShared = format.clips.contains { $0.name != clip.name && stem(of: $0.name) == stem(of: clip.name) }
        return (isShared ? clip.name[...] : stem(of: clip.name)) + ".wav"
    }

    /// An image dropped without an extension gets one.
    private static func pngName(_ name: String) -> String {
        name.lowercased().hasSuffix(".png") ? name : name + ".png"
    }
}
