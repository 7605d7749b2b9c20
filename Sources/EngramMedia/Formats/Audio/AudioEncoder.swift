import CEngramMedia

/// Floats to audio bytes through libsndfile, with codes rounded here: libsndfile floors or loses a code step.
enum AudioEncoder {
    /// Writes interleaved `values` in the drop's own container and subtype; lossy drops become 16-bit WAV.
    /// - Parameter values: Shape `[frames, channels]`, row-major, full scale 1.
    /// - Throws: `MediaError.nonFiniteValue`, `.notWritten`.
    static func encode(values: some Collection<Float>, format: AudioFormat, file: String) throws(MediaError) -> [UInt8] {
        precondition(values.count % format.channels == 0, "\(values.count) values for \(format.channels) channels")
        let frames = values.count / format.channels
        let info = engram_audio_info(
            frames: Int64(frames), sample_rate: Int32(clamping: format.sampleRateHz), channels: Int32(clamping: format.channels),
            format: format.writtenSndfileFormat)
        var codes: [Int32]?
        var doubles: [Double]?
        if let bitCount = format.writtenBitCount {
            let shift = Int32(32 - bitCount)
            codes = try Quantizer.signed(bitCount: bitCount).codes(of: values).map { $0 << shift }
        } else {
            if let bad = values.enumerated().first(where: { !$0.element.isFinite }) { throw .nonFiniteValue(index: bad.offset) }
            doubles = values.map { Double($0) }
        }
        // Samples, an eighth for FLAC's frame headers around incompressible blocks, and any header.
        let sampleBytes = values.count * (doubles == nil ? 4 : 8)
        let capacity = sampleBytes + sampleBytes / 8 + 65536
        var produced = 0
        var message = messageBuffer()
        var status = ENGRAM_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, initializedCount in
            status = codes.withPointer { codes in
                doubles.withPointer { doubles in
                    engram_audio_write(info, codes, doubles, output.baseAddress, capacity, &produced, &message)
                }
            }
            initializedCount = produced
        }
        guard status == ENGRAM_OK else { throw .notWritten(file: file, reason: "libsndfile: \(text(message))") }
        guard format.isWrittenAsRead else { return bytes }
        return format.container == .aiff ? withFrameCount(bytes, frames) : withSpeakers(bytes, format)
    }

    /// libsndfile counts the pad byte behind an odd number of bytes as a frame.
    private static func withFrameCount(_ bytes: [UInt8], _ frames: Int) -> [UInt8] {
        let reader = ByteReader(bytes)
        // It writes COMM among the first chunks.
        guard let common = (12..<min(256, bytes.count)).first(where: { reader.hasTag("COMM", at: $0) }), common + 14 <= bytes.count else {
            return bytes
        }
        var bytes = bytes
        for index in 0..<4 { bytes[common + 13 - index] = UInt8(truncatingIfNeeded: frames >> (8 * index)) }
        return bytes
    }

    /// libsndfile writes speaker positions of its own choice, and every bit as valid.
    private static func withSpeakers(_ bytes: [UInt8], _ format: AudioFormat) -> [UInt8] {
        let reader = ByteReader(bytes)
        // It writes the format first, of 40 bytes where it has speakers at all.
        guard let mask = format.channelMask, reader.hasTag("RIFF", at: 0), reader.hasTag("fmt ", at: 12),
            reader.unsigned(at: 16, byteCount: 4, isBigEndian: false) == 40
        else { return bytes }
        var bytes = bytes
        for index in 0..<4 { bytes[40 + index] = UInt8(truncatingIfNeeded: mask >> (8 * UInt32(index))) }
        if let valid = format.validBitCount { (bytes[38], bytes[39]) = (UInt8(truncatingIfNeeded: valid), 0) }
        return bytes
    }
}

extension Optional {
    /// The elements as a C pointer, NULL for nil.
    fileprivate func withPointer<Element, Result>(_ body: (UnsafePointer<Element>?) -> Result) -> Result where Wrapped == [Element] {
        guard let array = self else { return body(nil) }
        return array.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

// Codes of <sndfile.h>: container in 0x0FFF0000, subtype in 0xFFFF, byte order in 0x30000000.

extension AudioContainer {
    var sndfileCode: Int32 {
        switch self {
        case .wav: 0x01_0000
        case .aiff: 0x02_0000
        case .au: 0x03_0000
        case .w64: 0x0B_0000
        case .wavex: 0x13_0000
        case .flac: 0x17_0000
        case .caf: 0x18_0000
        case .ogg: 0x20_0000
        case .rf64: 0x22_0000
        case .mpeg: 0x23_0000
        }
    }

    init?(sndfileFormat: Int32) {
        guard let match = Self.allCases.first(where: { $0.sndfileCode == sndfileFormat & 0x0FFF_0000 }) else { return nil }
        self = match
    }
}

extension AudioSubtype {
    var sndfileCode: Int32 {
        switch self {
        case .pcmS8: 0x01
        case .pcm16: 0x02
        case .pcm24: 0x03
        case .pcm32: 0x04
        case .pcmU8: 0x05
        case .float: 0x06
        case .double: 0x07
        case .ulaw: 0x10
        case .alaw: 0x11
        case .imaADPCM: 0x12
        case .msADPCM: 0x13
        case .vorbis: 0x60
        case .opus: 0x64
        case .mpegLayer1: 0x80
        case .mpegLayer2: 0x81
        case .mpegLayer3: 0x82
        }
    }

    init?(sndfileFormat: Int32) {
        guard let match = Self.allCases.first(where: { $0.sndfileCode == sndfileFormat & 0xFFFF }) else { return nil }
        self = match
    }
}

extension AudioByteOrder {
    var sndfileCode: Int32 {
        switch self {
        case .containerDefault: 0
        case .little: 0x1000_0000
        case .big: 0x2000_0000
        }
    }

    init(sndfileFormat: Int32) {
        switch sndfileFormat & 0x3000_0000 {
        case 0x1000_0000: self = .little
        case 0x2000_0000: self = .big
        default: self = .containerDefault
        }
    }
}

extension AudioFormat {
    /// What the recovered file is written as.
    var writtenSndfileFormat: Int32 {
        guard isWrittenAsRead else { return AudioContainer.wav.sndfileCode | AudioSubtype.pcm16.sndfileCode }
        // libsndfile reads big-endian WAVEX but writes RIFX with a plain header only.
        let written = container == .wavex && byteOrder == .big ? .wav : container
        return written.sndfileCode | subtype.sndfileCode | byteOrder.sndfileCode
    }
}
