/// The header of a WAV, put right where its writer left it unfinished, and what people must be told of it.
///
/// A recorder that was killed and a program that writes into a pipe cannot go back to the sizes at the beginning; others count wrong or
/// leave out a pad byte. The samples are there all the same. libsndfile gets a header that says what the file holds.
struct WAVHeader {
    /// The file, with sizes that fit it.
    private(set) var bytes: [UInt8]
    private(set) var notes: [String] = []
    /// Speaker positions of WAVE_FORMAT_EXTENSIBLE; nil where the header has none.
    private(set) var channelMask: UInt32?
    /// Bits of a sample that count, where they are fewer than its container's.
    private(set) var validBitCount: Int?

    private let isBig: Bool
    private var formatAt: Int?
    private var frameByteCount = 1

    /// Sizes that stand for "not known": none, and the largest that programs dare to write, with and without the 36 bytes of the header.
    private static let unfinishedSizes: Set<UInt64> = [
        0, 0x7FFF_F000, 0x7FFF_FFFF, 0x7FFF_FFDB, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFDB, 0xFFFF_FFD3,
    ]

    /// - Returns: nil for what is no RIFF or RIFX WAV.
    init?(_ bytes: [UInt8]) {
        let reader = ByteReader(bytes)
        guard reader.hasTag("RIFF", at: 0) || reader.hasTag("RIFX", at: 0), reader.hasTag("WAVE", at: 8) else { return nil }
        self.bytes = bytes
        isBig = reader.hasTag("RIFX", at: 0)
        walk()
    }

    private func integer(_ at: Int, _ count: Int) -> Int? {
        ByteReader(bytes).unsigned(at: at, byteCount: count, isBigEndian: isBig).map { Int($0) }
    }

    private mutating func set(_ value: Int, at: Int, byteCount: Int) {
        for index in 0..<byteCount { bytes[at + (isBig ? byteCount - 1 - index : index)] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// Whether a chunk can begin here: four printable characters.
    private func isTag(_ at: Int) -> Bool {
        at + 8 <= bytes.count && bytes[at..<at + 4].allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Whether a whole chunk begins here, as samples seldom look.
    private func isChunk(_ at: Int) -> Bool { isTag(at) && integer(at + 4, 4).map { $0 <= bytes.count - at - 8 } ?? false }

    /// Chunk by chunk up to the data. What does not add up is left to the check that refuses it.
    private mutating func walk() {
        var offset = 12
        // Any real header has a dozen chunks before the data.
        for _ in 0..<1000 {
            guard let size = integer(offset + 4, 4) else { return }
            let tag = ByteReader(bytes).tag(at: offset)
            if tag == "data" { return settleData(at: offset, stated: size) }
            guard size <= bytes.count - offset - 8 else { return }
            if tag == "fmt " { settleFormat(at: offset, size: size) }
            offset += 8 + size
            if size % 2 == 1 {
                if !isTag(offset + 1), isTag(offset) {
                    bytes.insert(0, at: offset)
                    notes.append("chunk \(tag) has an odd length and no pad byte after it; read as if there were one")
                    finishSize()
                }
                offset += 1
            }
        }
    }

    private mutating func settleFormat(at offset: Int, size: Int) {
        guard size >= 16, let code = integer(offset + 8, 2), let channels = integer(offset + 10, 2), channels > 0,
            let frame = integer(offset + 20, 2), let bits = integer(offset + 22, 2)
        else { return }
        formatAt = offset
        frameByteCount = max(1, frame)
        let containerBits = frame / channels * 8
        if code == 0xFFFE, size >= 24, let valid = integer(offset + 26, 2), let mask = integer(offset + 28, 4) {
            channelMask = UInt32(truncatingIfNeeded: mask)
            if valid >= 1, valid < bits { validBitCount = valid }
        } else if code == 1, frame % channels == 0, (8...32).contains(containerBits), (1..<containerBits).contains(bits) {
            validBitCount = bits
            // libsndfile takes the bytes of a sample from its bits.
            if (bits + 7) / 8 * 8 != containerBits { set(containerBits, at: offset + 22, byteCount: 2) }
        }
        if let validBitCount {
            notes.append("\(validBitCount) bits in containers of \(containerBits): held and written with all bits of the container")
        }
    }

    private mutating func settleData(at offset: Int, stated: Int) {
        let start = offset + 8
        let available = bytes.count - start
        // "The whole file" is what some recorders write in place of the data alone.
        let whole = integer(4, 4)
        let isWhole = stated == bytes.count && (whole == bytes.count - 8 || whole == bytes.count)
        let isUnfinished = Self.unfinishedSizes.contains(UInt64(stated)) && (stated > available || stated == 0 && !isChunk(start))
        if (isUnfinished || isWhole) && available >= frameByteCount {
            set(available, at: offset + 4, byteCount: 4)
            finishSize()
            let size = stated == 0 ? "0" : "0x\(String(stated, radix: 16))"
            notes.append("the header was not finished (data size \(size)); read to the end of the file")
            noteHalfFrame(available)
            return
        }
        guard stated <= available else { return }
        noteHalfFrame(stated)
        let next = start + stated + stated % 2
        let beyond = bytes.count - next
        if beyond >= frameByteCount, !isChunk(next) {
            notes.append("\(beyond / frameByteCount) frames beyond the header's count of \(stated / frameByteCount) not read")
        }
    }

    private mutating func noteHalfFrame(_ byteCount: Int) {
        let rest = byteCount % frameByteCount
        if rest > 0 { notes.append("half a frame at the end (\(rest) of \(frameByteCount) bytes) not read") }
    }

    /// The size of the whole, which has to fit in 32 bits; the largest stands for more.
    private mutating func finishSize() { set(min(bytes.count - 8, 0xFFFF_FFFF), at: 4, byteCount: 4) }
}

/// What the COMM chunk of an AIFF says that libsndfile does not pass on.
struct AIFFHeader {
    let frameCount: Int
    let bitCount: Int
    let sampleRateHz: Double

    /// - Returns: nil for what is no AIFF, or has no whole COMM.
    init?(_ bytes: [UInt8]) {
        let reader = ByteReader(bytes)
        guard reader.hasTag("FORM", at: 0), reader.hasTag("AIFF", at: 8) || reader.hasTag("AIFC", at: 8) else { return nil }
        var offset = 12
        for _ in 0..<1000 {
            guard let size = reader.unsigned(at: offset + 4, byteCount: 4, isBigEndian: true) else { return nil }
            if reader.hasTag("COMM", at: offset), size >= 18 {
                let field = { (at: Int, count: Int) in reader.unsigned(at: offset + 8 + at, byteCount: count, isBigEndian: true) }
                guard let frames = field(2, 4), let bits = field(6, 2), let exponent = field(8, 2), let mantissa = field(10, 8) else {
                    return nil
                }
                (frameCount, bitCount) = (Int(frames), Int(bits))
                // 80 bits: a sign and an exponent of 15 with bias 16383, then a mantissa of 64 with its point after the first.
                sampleRateHz = Double(sign: .plus, exponent: Int(exponent & 0x7FFF) - 16383 - 63, significand: Double(mantissa))
                return
            }
            // A size of 32 bits fits in an Int.
            offset += 8 + Int(size) + Int(size % 2)
        }
        return nil
    }

    var notes: [String] {
        var notes: [String] = []
        if bitCount % 8 != 0 { notes.append("\(bitCount)-bit samples held and written in \((bitCount + 7) / 8 * 8) bits") }
        if sampleRateHz.isFinite, sampleRateHz != sampleRateHz.rounded(.down) {
            notes.append("a sample rate of \(sampleRateHz) Hz, written as whole Hz")
        }
        return notes
    }
}
