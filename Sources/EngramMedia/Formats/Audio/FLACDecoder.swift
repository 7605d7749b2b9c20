import CEngramMedia

/// Native FLAC to samples through libFLAC, which checks each frame's CRC and the MD5 of the whole; RFC 9639.
enum FLACDecoder {
    struct StreamInfo: Equatable {
        var minimumBlock: Int
        var maximumBlock: Int
        var sampleRateHz: Int
        var channels: Int
        var bitsPerSample: Int
        /// 0 where the encoder did not know.
        var frameCount: Int
        var hasMD5: Bool
    }

    /// - Throws: `MediaError.malformed`, `.unsupported`, `.overLimit`, or `.system` when memory ran out.
    static func decode(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedAudio {
        let info = try readMetadata(bytes, file: file)
        guard info.bitsPerSample <= 24 else {
            throw .unsupported(file: file, feature: "FLAC of \(info.bitsPerSample) bits", remedy: "Convert it to 24 bits.")
        }
        try AudioDecoder.checkChannels(info.channels, file: file, limits: limits)
        // An 11-byte frame is the shortest that holds a block (RFC 9639, section 9).
        let mostFrames = (bytes.count / 9 + 1) * info.maximumBlock
        guard info.frameCount <= mostFrames else {
            throw fault(file, "STREAMINFO", 8, "at most \(mostFrames) samples in \(bytes.count) bytes", "a promise of \(info.frameCount)")
        }
        var frameCount = info.frameCount
        if frameCount == 0 {
            frameCount = try run(bytes, info, nil, limits.maxDecodedByteCount / (4 * info.channels), file)
        }
        try AudioDecoder.checkFrames(frameCount, channels: info.channels, file: file, limits: limits)
        var codes = [Int32](repeating: 0, count: frameCount * info.channels)
        let decoded = try codes.withUnsafeMutableBufferPointer { (buffer) throws(MediaError) in
            try run(bytes, info, buffer.baseAddress, frameCount, file)
        }
        guard decoded == frameCount else {
            throw fault(file, "STREAMINFO", 8, "\(frameCount) samples", "\(decoded) in the frames")
        }
        let containerBits = (info.bitsPerSample + 7) / 8 * 8
        let scale = Float(1 << (info.bitsPerSample - 1))
        var notes: [String] = []
        if containerBits != info.bitsPerSample {
            notes.append("\(info.bitsPerSample)-bit FLAC samples held in the high bits of \(containerBits)")
        }
        if !info.hasMD5 { notes.append("the FLAC stream holds no MD5, so only its frame checksums were verified") }
        return DecodedAudio(
            sampleRateHz: info.sampleRateHz, channels: info.channels, container: .flac,
            subtype: containerBits == 8 ? .pcmS8 : containerBits == 16 ? .pcm16 : .pcm24, byteOrder: .containerDefault,
            // At most 24 bits: exact in a float.
            values: codes.map { Float($0) / scale }, notes: notes)
    }

    private static func run(
        _ bytes: [UInt8], _ info: StreamInfo, _ output: UnsafeMutablePointer<Int32>?, _ capacity: Int, _ file: String
    ) throws(MediaError) -> Int {
        var state = engram_flac_info(
            frames: 0, sample_rate: UInt32(info.sampleRateHz), channels: UInt32(info.channels),
            bits_per_sample: UInt32(info.bitsPerSample), has_md5: info.hasMD5 ? 1 : 0)
        var message = messageBuffer()
        let status = bytes.withUnsafeBufferPointer {
            engram_flac_decode(
                $0.baseAddress, $0.count, &state, UInt32(info.minimumBlock), UInt32(info.maximumBlock), output, UInt64(capacity), &message)
        }
        guard status != ENGRAM_OUT_OF_MEMORY else { throw .system(path: file, call: "libFLAC", errorNumber: outOfMemoryErrorNumber) }
        guard status == ENGRAM_OK else {
            let place = MediaPlace(chunk: "FLAC frame after sample \(state.frames)")
            throw .malformed(file: file, place: place, expected: "an intact FLAC stream", found: "\"\(text(message))\"", remedy: copyAgain)
        }
        // Bounded by `capacity`, an Int.
        return Int(state.frames)
    }

    static func readMetadata(_ bytes: [UInt8], file: String) throws(MediaError) -> StreamInfo {
        let reader = ByteReader(bytes)
        var info: StreamInfo?
        var offset = 4
        while true {
            guard let head = reader.unsigned(at: offset, byteCount: 4, isBigEndian: true) else {
                throw fault(file, "metadata block", offset, "a block header of 4 bytes", "the end of the file")
            }
            let type = Int(head >> 24) & 0x7F
            let length = Int(head & 0xFF_FFFF)
            let data = offset + 4
            guard length <= bytes.count - data else {
                throw fault(file, "metadata block \(type)", offset, "\(length) bytes", "\(bytes.count - data) bytes in the file")
            }
            if info == nil {
                guard type == 0, length == 34 else {
                    throw fault(
                        file, "metadata block \(type)", offset, "STREAMINFO of 34 bytes as the first block",
                        "type \(type) of \(length) bytes")
                }
                info = try readStreamInfo(reader, at: data, file: file)
            } else if type == 0 || type == 127 {
                throw fault(file, "metadata block \(type)", offset, "one STREAMINFO and types 1 to 126 after it", "type \(type)")
            }
            if type == 4 { try checkVorbisComment(reader, from: data, to: data + length, file: file) }
            offset = data + length
            if head >> 31 == 1 { break }
        }
        guard let sync = reader.unsigned(at: offset, byteCount: 2, isBigEndian: true), sync & 0xFFFC == 0xFFF8 else {
            throw fault(file, "first frame", offset, "the sync code of a FLAC frame", "\(reader.tag(at: offset)) after the metadata")
        }
        guard let info else { throw fault(file, "STREAMINFO", 4, "a STREAMINFO block", "none") }
        return info
    }

    private static func readStreamInfo(_ reader: ByteReader, at data: Int, file: String) throws(MediaError) -> StreamInfo {
        let field = { (at: Int, count: Int) in
            Int(truncatingIfNeeded: reader.unsigned(at: data + at, byteCount: count, isBigEndian: true) ?? 0)
        }
        // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
        let packed = reader.unsigned(at: data + 10, byteCount: 8, isBigEndian: true) ?? 0
        let info = StreamInfo(
            minimumBlock: field(0, 2), maximumBlock: field(2, 2), sampleRateHz: Int(packed >> 44), channels: Int(packed >> 41 & 7) + 1,
            bitsPerSample: Int(packed >> 36 & 31) + 1, frameCount: Int(packed & 0xF_FFFF_FFFF),
            hasMD5: field(18, 8) != 0 || field(26, 8) != 0)
        guard info.minimumBlock >= 16, info.maximumBlock >= info.minimumBlock, info.sampleRateHz > 0, info.bitsPerSample >= 4 else {
            throw fault(
                file, "STREAMINFO", data, "block sizes from 16 up, a rate above 0 Hz and at least 4 bits",
                "blocks \(info.minimumBlock) to \(info.maximumBlock), \(info.sampleRateHz) Hz, \(info.bitsPerSample) bits")
        }
        return info
    }

    private static func checkVorbisComment(_ reader: ByteReader, from start: Int, to end: Int, file: String) throws(MediaError) {
        var offset = start
        func next() -> Int? {
            guard offset + 4 <= end, let value = reader.unsigned(at: offset, byteCount: 4, isBigEndian: false) else { return nil }
            offset += 4
            return Int(value)
        }
        func skipText() -> Bool {
            guard let length = next(), length <= end - offset else { return false }
            offset += length
            return true
        }
        let expected = "tags that fill \(end - start) bytes"
        guard skipText(), let count = next() else {
            throw fault(file, "VORBIS_COMMENT", start, expected, "fewer bytes than its vendor text needs")
        }
        var read = 0
        while read < count, skipText() { read += 1 }
        guard read == count, offset == end else {
            throw fault(file, "VORBIS_COMMENT", offset, expected, "\(read) of \(count) tags and \(end - offset) bytes left")
        }
    }

    private static func fault(_ file: String, _ chunk: String, _ offset: Int, _ expected: String, _ found: String) -> MediaError {
        AudioContainerCheck.fault(file, chunk, offset, expected, found)
    }
}
