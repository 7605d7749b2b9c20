import CEngramMedia

/// A clip as floats, channels interleaved, full scale 1.
struct DecodedAudio: Equatable {
    var sampleRateHz: Int
    var channels: Int
    var container: AudioContainer
    var subtype: AudioSubtype
    var byteOrder: AudioByteOrder
    var values: [Float]
    /// Samples that the 24 bits of a float did not hold.
    var roundedCount = 0
    /// See `AudioFormat`.
    var channelMask: UInt32?
    var validBitCount: Int?
    var notes: [String]

    var frameCount: Int { values.count / channels }
}

/// Audio bytes to floats, through libsndfile (native FLAC through libFLAC) behind a walk over the container.
enum AudioDecoder {
    /// - Throws: `MediaError.malformed`, `.unsupported`, `.overLimit`, `.empty`, or `.system` when memory ran out.
    static func decode(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedAudio {
        let audio: DecodedAudio
        if let start = flacStart(bytes) {
            audio = try FLACDecoder.decode(start == 0 ? bytes : Array(bytes[start...]), file: file, limits: limits)
        } else {
            audio = try decodeContainer(bytes, file: file, limits: limits)
        }
        guard !audio.values.isEmpty else { throw .empty(path: file, found: "an audio file of 0 frames") }
        if let bad = audio.values.firstIndex(where: { !$0.isFinite }) {
            throw .malformed(
                file: file, place: MediaPlace(chunk: "frame \(bad / audio.channels), channel \(bad % audio.channels)"),
                expected: "finite samples within the range of float32", found: "NaN, infinity or a larger number",
                remedy: "Repair the file in an audio editor and drop it again.")
        }
        return audio
    }

    private static func decodeContainer(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedAudio {
        let wav = WAVHeader(bytes)
        let settled = wav?.bytes ?? bytes
        try AudioContainerCheck.check(settled, file: file)
        var audio = try settled.withUnsafeBufferPointer { (buffer) throws(MediaError) in
            try decodeWithSndfile(buffer, file: file, limits: limits)
        }
        (audio.channelMask, audio.validBitCount) = (wav?.channelMask, wav?.validBitCount)
        audio.notes += wav?.notes ?? []
        if let aiff = AIFFHeader(bytes) {
            audio.notes += aiff.notes
            // libsndfile takes the pad byte behind an odd number of bytes for a sample, and what lies beyond the header's count.
            let beyond = audio.frameCount - aiff.frameCount
            if aiff.frameCount > 0, beyond > 0, audio.subtype.integerBitCount != nil {
                audio.values.removeLast(beyond * audio.channels)
                if beyond * audio.channels > 1 {
                    audio.notes.append("\(beyond) frames beyond the header's count of \(aiff.frameCount) not read")
                }
            }
        }
        return audio
    }

    /// Where a native FLAC stream starts: at 0, or after an ID3v2 tag, whose size is four bytes of 7 bits.
    private static func flacStart(_ bytes: [UInt8]) -> Int? {
        let reader = ByteReader(bytes)
        if reader.hasTag("fLaC", at: 0) { return 0 }
        guard reader.hasTag("ID3", at: 0), bytes.count >= 10 else { return nil }
        let start = 10 + bytes[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return reader.hasTag("fLaC", at: start) ? start : nil
    }

    static func checkChannels(_ channels: Int, file: String, limits: MediaLimits) throws(MediaError) {
        guard channels <= limits.maxChannelCount else {
            throw .overLimit(file: file, quantity: "channel count", limit: limits.maxChannelCount, found: channels)
        }
    }

    static func checkFrames(_ frames: Int, channels: Int, file: String, limits: MediaLimits) throws(MediaError) {
        let most = limits.maxDecodedByteCount / 4 / channels
        guard frames <= most else { throw .overLimit(file: file, quantity: "frame count", limit: most, found: frames) }
    }

    private static func decodeWithSndfile(
        _ bytes: UnsafeBufferPointer<UInt8>, file: String, limits: MediaLimits
    ) throws(MediaError) -> DecodedAudio {
        var info = engram_audio_info()
        var message = messageBuffer()
        guard let handle = engram_audio_open(bytes.baseAddress, bytes.count, &info, &message) else {
            throw .malformed(
                file: file, place: nil, expected: "audio that libsndfile opens", found: "\"\(text(message))\"",
                remedy: "Export it as 16-, 24- or 32-bit WAV, AIFF or FLAC and drop it again.")
        }
        defer { engram_audio_close(handle) }
        guard let container = AudioContainer(sndfileFormat: info.format), let subtype = AudioSubtype(sndfileFormat: info.format) else {
            throw .unsupported(
                file: file, feature: "audio format 0x\(String(info.format, radix: 16)) of libsndfile",
                remedy: "Convert it to WAV with: ffmpeg -i IN OUT.wav; then drop that.")
        }
        let channels = Int(info.channels)
        guard channels > 0, info.sample_rate > 0 else {
            throw AudioContainerCheck.fault(
                file, "header", 0, "channels and a sample rate above 0", "\(channels) channels, \(info.sample_rate) Hz")
        }
        try checkChannels(channels, file: file, limits: limits)
        var audio = DecodedAudio(
            sampleRateHz: Int(info.sample_rate), channels: channels, container: container, subtype: subtype,
            byteOrder: AudioByteOrder(sndfileFormat: info.format), values: [], notes: [])
        try readAll(handle, into: &audio, file: file, limits: limits)
        // Where libsndfile knows no length it states the largest; otherwise it must keep its word.
        guard info.frames == Int64.max || audio.frameCount == Int(info.frames) else {
            throw AudioContainerCheck.fault(file, "audio data", 0, "\(info.frames) frames", "\(audio.frameCount)")
        }
        let rounded = audio.roundedCount > 0 ? ": \(audio.roundedCount) of \(audio.values.count) samples rounded to 24 bits" : ""
        if subtype == .pcm32 { audio.notes.append("32-bit PCM held at float32 precision\(rounded)") }
        if subtype == .double { audio.notes.append("64-bit floats held at float32 precision\(rounded)") }
        if container == .mpeg { audio.notes.append("MP3 holds no checksum of the whole, so a cut file may pass") }
        return audio
    }

    /// Reads piece by piece, so that a header's promise costs nothing until the samples are there.
    private static func readAll(
        _ handle: OpaquePointer, into audio: inout DecodedAudio, file: String, limits: MediaLimits
    ) throws(MediaError) {
        let pieceFrames = max(1, 65536 / audio.channels)
        let isInteger = audio.subtype.integerBitCount != nil
        var codes = [Int32](repeating: 0, count: isInteger ? pieceFrames * audio.channels : 0)
        var doubles = [Double](repeating: 0, count: isInteger ? 0 : pieceFrames * audio.channels)
        var message = messageBuffer()
        while true {
            let read =
                isInteger
                ? engram_audio_read_int(handle, &codes, Int64(pieceFrames), &message)
                : engram_audio_read_double(handle, &doubles, Int64(pieceFrames), &message)
            guard read >= 0 else {
                throw AudioContainerCheck.fault(
                    file, "frame \(audio.frameCount)", 0, "intact audio data", "\"\(text(message))\" from libsndfile")
            }
            if read == 0 { return }
            // Bounded by `pieceFrames`.
            let count = Int(read) * audio.channels
            try checkFrames(audio.frameCount + Int(read), channels: audio.channels, file: file, limits: limits)
            if isInteger {
                // Codes are left-justified in 32 bits; one rounding for 32-bit codes, none below.
                audio.values.append(contentsOf: codes[..<count].lazy.map { Float($0) / 2_147_483_648 })
                if audio.subtype == .pcm32 { audio.roundedCount += codes[..<count].count { Int64(exactly: Float($0)) != Int64($0) } }
            } else {
                audio.values.append(contentsOf: doubles[..<count].lazy.map { Float($0) })
                if audio.subtype == .double { audio.roundedCount += doubles[..<count].count { Double(Float($0)) != $0 } }
            }
        }
    }
}
