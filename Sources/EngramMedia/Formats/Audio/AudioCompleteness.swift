internal import EngramSystem

/// Whether a sound file is all there, by its header, the heads of its chunks, or its last unit.
enum AudioCompleteness {
    /// - Returns: nil where the header is not there yet.
    static func check<Failure>(_ file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        let head = file.head
        let reader = ByteReader(head)
        if reader.hasTag("caff", at: 0) { return try checkCAF(file) }
        if reader.hasTag("OggS", at: 0) { return FrameTail.ogg(try file.tail(FrameTail.longestOggPage)) }
        if reader.hasTag("fLaC", at: 0) { return FrameTail.flac(head: head, tail: try file.tail(FrameTail.longestFLACFrame)) }
        if let start = mpegStart(head) {
            guard start < file.byteCount else {
                return .incomplete(reason: "its ID3 tag promises \(start) bytes, there are \(file.byteCount)")
            }
            return FrameTail.mp3(
                head: try file.bytes(from: start, count: 64), start: start, byteCount: file.byteCount,
                tail: try file.tail(FrameTail.longestMPEGFrame + 128))
        }
        if isOfUnknownLength(reader) { return .unknown }
        guard let promised = promisedByteCount(reader) else { return nil }
        return promised == file.byteCount
            ? .complete : .incomplete(reason: "its header promises \(promised) bytes, there are \(file.byteCount)")
    }

    /// Whether an MPEG audio frame begins here, and not UTF-16 text, whose byte order mark looks like one.
    static func isMPEG(_ head: [UInt8]) -> Bool {
        head.count >= 2 && !ForeignContent.isUTF16(head) && head[0] == 0xff && head[1] & 0xe0 == 0xe0 && head[1] & 0x06 != 0
    }

    /// Of the whole file: the largest numbers, and what programs write whose data are to be as long as can be.
    private static let unfinishedSizes: Set<UInt64> = [0xffff_ffff, 0x7fff_ffff, 0x8000_0024, 0x7fff_f024]

    /// A recorder or a pipe that could not go back to its header leaves the largest number there.
    private static func isOfUnknownLength(_ reader: ByteReader) -> Bool {
        let isAU = reader.hasTag(".snd", at: 0) || reader.hasTag("dns.", at: 0)
        guard isAU || reader.hasTag("RIFF", at: 0) || reader.hasTag("RIFX", at: 0) else { return false }
        let isBigEndian = reader.hasTag(".snd", at: 0) || reader.hasTag("RIFX", at: 0)
        return reader.unsigned(at: isAU ? 8 : 4, byteCount: 4, isBigEndian: isBigEndian).map { Self.unfinishedSizes.contains($0) }
            ?? false
    }

    /// Where the first MPEG frame begins, after an ID3v2 tag; nil for what is not MP3.
    private static func mpegStart(_ head: [UInt8]) -> Int64? {
        guard head.count >= 10 else { return nil }
        if ByteReader(head).hasTag("ID3", at: 0) {
            // Four bytes of seven bits each, without the header of ten bytes (id3.org, ID3v2.4 section 3.1).
            return head[6..<10].reduce(Int64(0)) { $0 << 7 | Int64($1 & 0x7f) } + 10
        }
        return isMPEG(head) ? 0 : nil
    }

    /// Walks the chunks of a Core Audio file: they must end with the file, and one of them must be the data.
    private static func checkCAF<Failure>(_ file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness {
        var offset: Int64 = 8
        var hasData = false
        // A real file has a dozen chunks; a hostile one must not keep the daemon reading.
        for _ in 0..<1000 where offset < file.byteCount {
            let reader = ByteReader(try file.bytes(from: offset, count: 12))
            guard let stated = reader.unsigned(at: 4, byteCount: 8, isBigEndian: true) else {
                return .incomplete(reason: "it ends inside the head of a CAF chunk")
            }
            let isData = reader.hasTag("data", at: 0)
            let size = Int64(bitPattern: stated)
            // -1: the data runs to the end of the file, wherever that will be.
            if isData, size == -1 { return .unknown }
            let available = file.byteCount - offset - 12
            guard size >= 0, size <= available else {
                return .incomplete(reason: "its CAF chunk at byte \(offset) promises \(size) bytes, there are \(available)")
            }
            hasData = hasData || isData
            offset += 12 + size
        }
        return offset == file.byteCount && hasData
            ? .complete : .incomplete(reason: "its CAF chunks do not end with the file, or hold no data")
    }

    /// The first 16 bytes of a Wave64 file.
    private static let wave64: [UInt8] = [0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0]

    /// The whole size that the header of RIFF, RIFX, RF64, AIFF, AU or Wave64 promises, nil for other formats.
    private static func promisedByteCount(_ reader: ByteReader) -> Int64? {
        func integer(_ at: Int, _ count: Int = 4, big: Bool) -> Int64? {
            reader.unsigned(at: at, byteCount: count, isBigEndian: big).map { Int64(clamping: $0) }
        }
        if reader.bytes.starts(with: wave64) { return integer(16, 8, big: false) }
        if reader.hasTag(".snd", at: 0) || reader.hasTag("dns.", at: 0) {
            let isBig = reader.hasTag(".snd", at: 0)
            guard let start = integer(4, big: isBig), let size = integer(8, big: isBig) else { return nil }
            return start + size
        }
        switch reader.tag(at: 0) {
        case "RIFF": return integer(4, big: false).map { $0 + 8 }
        case "RIFX", "FORM": return integer(4, big: true).map { $0 + 8 }
        // The 64-bit size is in the ds64 chunk, which has to come first (EBU Tech 3306).
        case "RF64": return integer(20, 8, big: false).map { min($0, .max - 8) + 8 }
        default: return nil
        }
    }

    // MARK: Shape

    /// What a header says of a clip.
    struct ClipFacts: Equatable {
        var sampleRateHz: Int
        var channels: Int
        var frameCount: Int
    }

    /// Rate, channels and length, where the first bytes say them; the length is bounded by the file's.
    static func clipFacts<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> ClipFacts? {
        let reader = ByteReader(file.head)
        func integer(_ at: Int, _ count: Int, big: Bool) -> Int? {
            reader.unsigned(at: at, byteCount: count, isBigEndian: big).map { Int(clamping: $0) }
        }
        if reader.hasTag("RIFF", at: 0), reader.hasTag("fmt ", at: 12) {
            guard let channels = integer(22, 2, big: false), let rate = integer(24, 4, big: false),
                let frameBytes = integer(32, 2, big: false),
                channels > 0, rate > 0, frameBytes > 0
            else { return nil }
            return ClipFacts(sampleRateHz: rate, channels: channels, frameCount: max(1, Int(clamping: file.byteCount) / frameBytes))
        }
        if reader.hasTag("fLaC", at: 0), let packed = reader.unsigned(at: 18, byteCount: 8, isBigEndian: true) {
            // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples (RFC 9639, section 8.2).
            let rate = Int(packed >> 44)
            let frames = Int(packed & 0xf_ffff_ffff)
            guard rate > 0, frames > 0 else { return nil }
            return ClipFacts(sampleRateHz: rate, channels: Int(packed >> 41 & 7) + 1, frameCount: frames)
        }
        return nil
    }
}
