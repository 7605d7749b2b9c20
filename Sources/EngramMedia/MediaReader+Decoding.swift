extension MediaReader {
    /// Images of one format, in the order given.
    static func readImages(_ names: [String], at paths: [String], _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var values: [Float] = []
        var format: ImageFormat?
        var notes: [String] = []
        for (name, path) in zip(names, paths) {
            let bytes = try InputFile.read(path, limits: options.limits)
            let image = try PNGDecoder.decode(bytes, file: name, limits: options.limits)
            if let format {
                try requireSame(image.format, format, file: name, reference: names[0])
            } else {
                format = image.format
                // All images are the size of the first, so the whole is known now.
                let (total, overflow) = names.count.multipliedReportingOverflow(by: 4 * image.format.dimension)
                guard !overflow, total <= options.limits.maxDecodedByteCount else {
                    throw .overLimit(
                        file: name, quantity: "byte count of \(names.count) decoded images", limit: options.limits.maxDecodedByteCount,
                        found: overflow ? .max : total)
                }
                values.reserveCapacity(total / 4)
            }
            image.appendValues(to: &values)
            for note in image.notes where !notes.contains(note) { notes.append(note) }
        }
        guard let format else { throw .empty(path: "drop", found: "no image") }
        return SampleSet(
            values: values, count: names.count, dimension: format.dimension, names: names, format: .image(format), sequences: nil,
            notes: notes)
    }

    private static func requireSame(
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

    /// Clips of one format, each cut into windows; the last window of a clip is padded with zeros.
    static func readAudio(_ names: [String], at paths: [String], _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var decoded: [DecodedAudio] = []
        var byteCount = 0
        for (name, path) in zip(names, paths) {
            let bytes = try InputFile.read(path, limits: options.limits)
            let audio = try AudioDecoder.decode(bytes, file: name, limits: options.limits)
            if let first = decoded.first { try requireSame(audio, first, file: name, reference: names[0]) }
            byteCount += 4 * audio.values.count
            guard byteCount <= options.limits.maxDecodedByteCount else {
                throw .overLimit(file: name, quantity: "decoded byte count", limit: options.limits.maxDecodedByteCount, found: byteCount)
            }
            decoded.append(audio)
        }
        guard let first = decoded.first, let longest = decoded.map(\.frameCount).max() else {
            throw .empty(path: "drop", found: "no audio")
        }
        var notes: [String] = []
        // A clip shorter than a window makes a window of its own length instead of one that is mostly padding.
        let asked = min(options.audioWindowSeconds * Double(first.sampleRateHz), Double(longest)).rounded()
        let windowFrames = max(1, Int(asked))
        var values: [Float] = []
        var windowNames: [String] = []
        var clips: [AudioClip] = []
        for (name, audio) in zip(names, decoded) {
            let windows = (audio.frameCount + windowFrames - 1) / windowFrames
            let start = windowNames.count
            guard start + windows <= options.limits.maxSampleCount else {
                throw .overLimit(file: name, quantity: "window count", limit: options.limits.maxSampleCount, found: start + windows)
            }
            let padding = windows * windowFrames - audio.frameCount
            values += audio.values
            values += [Float](repeating: 0, count: padding * audio.channels)
            if padding > 0 { notes.append("last window of \(name) padded by \(padding) frames of silence") }
            windowNames += (1...windows).map { "\(name) window \($0) of \(windows)" }
            clips.append(AudioClip(name: name, frameCount: audio.frameCount, samples: start..<start + windows))
            for note in audio.notes where !notes.contains(note) { notes.append(note) }
        }
        let format = AudioFormat(
            sampleRateHz: first.sampleRateHz, channels: first.channels, container: first.container, subtype: first.subtype,
            byteOrder: first.byteOrder, windowFrameCount: windowFrames, clips: clips)
        if !format.isWrittenAsRead {
            notes.append("\(first.container.rawValue) with \(first.subtype.rawValue) is lossy: recovered as 16-bit WAV")
        }
        return SampleSet(
            values: values, count: windowNames.count, dimension: windowFrames * first.channels, names: windowNames, format: .audio(format),
            sequences: nil, notes: notes)
    }

    private static func requireSame(_ found: DecodedAudio, _ expected: DecodedAudio, file: String, reference: String) throws(MediaError) {
        func mismatch(_ property: String, _ expected: String, _ found: String) -> MediaError {
            .mismatch(file: file, property: property, expected: expected, reference: reference, found: found)
        }
        if found.sampleRateHz != expected.sampleRateHz {
            throw mismatch("sample rate", "\(expected.sampleRateHz) Hz", "\(found.sampleRateHz) Hz")
        }
        if found.channels != expected.channels { throw mismatch("channel count", "\(expected.channels)", "\(found.channels)") }
        if found.container != expected.container { throw mismatch("container", expected.container.rawValue, found.container.rawValue) }
        if found.subtype != expected.subtype || found.byteOrder != expected.byteOrder {
            throw mismatch("sample format", expected.subtype.rawValue, found.subtype.rawValue)
        }
    }

    /// The items of an IDX file.
    static func readIDX(_ bytes: [UInt8], name: String, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let decoded = try IDXCodec.decode(bytes, name: name, limits: options.limits)
        let count = decoded.header.dimensions[0]
        let format = IDXFormat(
            fileName: name, elementType: decoded.header.elementType, itemDimensions: Array(decoded.header.dimensions.dropFirst()),
            isGzipped: decoded.isGzipped)
        return SampleSet(
            values: decoded.values, count: count, dimension: decoded.header.itemDimension, names: (0..<count).map { "\(name) item \($0)" },
            format: .idx(format), sequences: nil, notes: decoded.notes)
    }
}
