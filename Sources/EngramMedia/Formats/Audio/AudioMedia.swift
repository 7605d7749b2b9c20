internal import EngramSystem

/// Sound: whatever libsndfile and libFLAC read, cut into windows.
struct AudioMedia: MediaFormat {
    let description = "audio"

    func isBegun(by head: [UInt8]) -> Bool {
        let reader = ByteReader(head)
        // RIFF holds pictures and films, too.
        if reader.hasTag("RIFF", at: 0), head.count >= 12 { return reader.hasTag("WAVE", at: 8) || reader.tag(at: 8).hasPrefix("0x") }
        return Self.tags.contains { reader.hasTag($0, at: 0) } || AudioCompleteness.isMPEG(head)
    }

    private static let tags = ["RIFF", "RIFX", "RF64", "caff", "fLaC", "OggS", ".snd", "dns.", "riff", "FORM", "ID3"]

    func isMeant(by name: String) -> Bool {
        let lower = name.lowercased()
        return lower.contains(".") && Self.extensions.contains(lower.split(separator: ".").last.map(String.init) ?? "")
    }

    private static let extensions: Set<String> = [
        "wav", "wave", "rf64", "w64", "aif", "aiff", "aifc", "au", "snd", "caf", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1",
    ]

    let endings = [
        NameEnding(ending: ".wav", format: "a WAV", beginnings: ["RIFF", "RIFX", "RF64"]),
        NameEnding(ending: ".flac", format: "FLAC", beginnings: ["fLaC", "ID3"]),
        NameEnding(ending: ".ogg", format: "Ogg", beginnings: ["OggS"]), NameEnding(ending: ".oga", format: "Ogg", beginnings: ["OggS"]),
        NameEnding(ending: ".opus", format: "Ogg", beginnings: ["OggS"]), NameEnding(ending: ".caf", format: "CAF", beginnings: ["caff"]),
        NameEnding(ending: ".au", format: "AU", beginnings: [".snd", "dns."]),
        NameEnding(ending: ".aif", format: "AIFF", beginnings: ["FORM"]), NameEnding(ending: ".aiff", format: "AIFF", beginnings: ["FORM"]),
        NameEnding(ending: ".w64", format: "Wave64", beginnings: ["riff"]),
    ]

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        try AudioCompleteness.check(file)
    }

    /// Known for plain WAV and for FLAC; other headers do not say it in their first bytes.
    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? {
        guard let facts = try AudioCompleteness.clipFacts(of: file) else { return nil }
        let frames = windowFrames(options.audioWindowSeconds, rate: facts.sampleRateHz, longest: facts.frameCount)
        let (dimension, overflow) = frames.multipliedReportingOverflow(by: facts.channels)
        return MediaShape(sampleCount: max(1, (facts.frameCount - 1) / frames + 1), dimension: overflow ? .max : dimension)
    }

    /// A clip shorter than a window makes a window of its own length instead of one that is mostly padding.
    private func windowFrames(_ seconds: Double, rate: Int, longest: Int) -> Int {
        max(1, Int(saturating: min(seconds * Double(rate), Double(longest)).rounded()))
    }

    // MARK: Samples

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let set = try decodeAll(files.files, options)
        guard let audio = set.format.audio else { return set }
        // Clips are cycles of their own.
        return try set.interpreted(as: .recordings(audio.clips.map(\.samples)), options)
    }

    /// Clips of one format, each cut into windows; the last window of a clip is padded with zeros.
    private func decodeAll(_ files: [MediaSource], _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var decoded: [DecodedAudio] = []
        var byteCount = 0
        for file in files {
            let bytes = try InputFile.read(file.path, limits: options.limits)
            let audio = try AudioDecoder.decode(bytes, file: file.name, limits: options.limits)
            if let first = decoded.first { try requireSame(audio, first, file: file.name, reference: files[0].name) }
            byteCount += 4 * audio.values.count
            guard byteCount <= options.limits.maxDecodedByteCount else {
                throw .overLimit(
                    file: file.name, quantity: "decoded byte count", limit: options.limits.maxDecodedByteCount, found: byteCount)
            }
            decoded.append(audio)
        }
        guard let first = decoded.first, let longest = decoded.map(\.frameCount).max() else {
            throw .empty(path: "drop", found: "no audio")
        }
        var notes: [String] = []
        let windowFrames = windowFrames(options.audioWindowSeconds, rate: first.sampleRateHz, longest: longest)
        var values: [Float] = []
        var windowNames: [String] = []
        var clips: [AudioClip] = []
        for (file, audio) in zip(files, decoded) {
            let windows = (audio.frameCount + windowFrames - 1) / windowFrames
            let start = windowNames.count
            guard start + windows <= options.limits.maxSampleCount else {
                throw .overLimit(file: file.name, quantity: "window count", limit: options.limits.maxSampleCount, found: start + windows)
            }
            let padding = windows * windowFrames - audio.frameCount
            values += audio.values
            values += [Float](repeating: 0, count: padding * audio.channels)
            if padding > 0 { notes.append("last window of \(file.name) padded by \(padding) frames of silence") }
            windowNames += (1...windows).map { "\(file.name) window \($0) of \(windows)" }
            clips.append(AudioClip(name: file.name, frameCount: audio.frameCount, samples: start..<start + windows))
            for note in audio.notes where !notes.contains(note) { notes.append(note) }
        }
        let format = AudioFormat(
            sampleRateHz: first.sampleRateHz, channels: first.channels, container: first.container, subtype: first.subtype,
            byteOrder: first.byteOrder, windowFrameCount: windowFrames, clips: clips, channelMask: first.channelMask,
            validBitCount: first.validBitCount)
        if !format.isWrittenAsRead {
            notes.append("\(first.container.rawValue) with \(first.subtype.rawValue) is lossy: recovered as 16-bit WAV")
        }
        if let peak = values.map(abs).max(), peak > 100 {
            notes.append("samples reach \(peak) times full scale, where sound ends at 1: correct them if they are none of the recording")
        }
        if longest == 1 {
            notes.append(
                "a recording of a single frame: the memory is one fixed point of \(first.channels == 1 ? "one value" : "\(first.channels) values")"
            )
        }
        var set = SampleSet(
            values: values, count: windowNames.count, dimension: windowFrames * first.channels, names: windowNames, format: .audio(format),
            sequences: nil, notes: notes)
        set.isRounded = decoded.contains { $0.roundedCount > 0 }
        return set
    }

    private func requireSame(_ found: DecodedAudio, _ expected: DecodedAudio, file: String, reference: String) throws(MediaError) {
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

    func holds(_ format: SampleFormat) -> Bool {
        format.audio != nil
    }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard let format = set.format.audio else { return [] }
        var files: [MediaFile] = []
        for clip in format.clips {
            let start = clip.samples.lowerBound * set.dimension
            let samples = values[start..<start + clip.frameCount * format.channels]
            let bytes = try AudioEncoder.encode(values: samples, format: format, file: clip.name)
            try check(bytes, against: samples, format, name: clip.name)
            files.append(MediaFile(name: fileName(clip, format), bytes: bytes))
        }
        return files
    }

    /// What was written is read back: the samples, and what a player must know of them.
    private func check(_ bytes: [UInt8], against samples: ArraySlice<Float>, _ format: AudioFormat, name: String) throws(MediaError) {
        var limits = MediaLimits()
        (limits.maxDecodedByteCount, limits.maxChannelCount) = (.max, .max)
        let again = try AudioDecoder.decode(bytes, file: name, limits: limits)
        guard again.sampleRateHz == format.sampleRateHz, again.channels == format.channels, again.values.count == samples.count else {
            throw .notWritten(file: name, reason: "\(again.frameCount) frames at \(again.sampleRateHz) Hz when read again")
        }
        let isSame =
            if let quantizer = format.quantizer {
                try quantizer.rounds(again.values, to: quantizer.codes(of: samples)[...])
            } else {
                again.values.elementsEqual(samples)
            }
        guard isSame else { throw .notWritten(file: name, reason: "other samples when read again") }
    }

    /// A name of its own for each clip, even where `a.ogg` and `a.oga` lie side by side.
    private func fileName(_ clip: AudioClip, _ format: AudioFormat) -> String {
        guard !format.isWrittenAsRead, !clip.name.lowercased().hasSuffix(".wav") else { return clip.name }
        let isShared = format.clips.contains { $0.name != clip.name && stem(of: $0.name) == stem(of: clip.name) }
        return (isShared ? clip.name[...] : stem(of: clip.name)) + ".wav"
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        let limits = fit.options.limits
        let audio = try AudioDecoder.decode(try InputFile.read(cue.path, limits: limits), file: cue.name, limits: limits)
        media.clips.append(try fit.clip(audio, name: cue.name))
    }
}
