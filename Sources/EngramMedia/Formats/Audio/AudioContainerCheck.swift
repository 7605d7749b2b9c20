/// Walks an audio container before libsndfile sees it: every chunk must fit in the file.
///
/// libsndfile opens a truncated WAV without an error and with fewer frames; the walk names the chunk that was cut.
enum AudioContainerCheck {
    /// - Throws: `MediaError.malformed` for a chunk that promises more than the file holds, a cut header,
    ///   or WAV format fields that contradict each other.
    static func check(_ bytes: [UInt8], file: String) throws(MediaError) {
        let reader = ByteReader(bytes)
        if reader.hasTag("RIFF", at: 0) || reader.hasTag("RIFX", at: 0) || reader.hasTag("RF64", at: 0) {
            try checkRIFF(reader, file)
        } else if reader.hasTag("riff", at: 0) {
            try checkW64(reader, file)
        } else if reader.hasTag("FORM", at: 0) {
            try checkAIFF(reader, file)
        } else if reader.hasTag("caff", at: 0) {
            try checkCAF(reader, file)
        } else if reader.hasTag(".snd", at: 0) || reader.hasTag("dns.", at: 0) {
            try checkAU(reader, file)
        } else if reader.hasTag("OggS", at: 0) {
            try OggPageCheck.check(bytes, file: file)
        }
    }

    static func fault(
        _ file: String, _ chunk: String?, _ offset: Int, _ expected: String, _ found: String, _ remedy: String = copyAgain
    ) -> MediaError {
        .malformed(file: file, place: MediaPlace(chunk: chunk, byteOffset: offset), expected: expected, found: found, remedy: remedy)
    }

    /// Sizes that a recorder writes before it knows: read to the end of the file.
    private static func isUnknownSize(_ size: UInt64) -> Bool { size == 0xFFFF_FFFF || size == 0x7FFF_FFFF }

    private static func require(
        _ size: UInt64, of chunk: String, at offset: Int, dataAt: Int, in reader: ByteReader, _ file: String
    ) throws(MediaError) -> Int {
        let available = max(0, reader.bytes.count - dataAt)
        guard let count = Int(exactly: size), count <= available else {
            throw fault(file, chunk, offset, "\(size) bytes of data", "\(available) bytes in the file")
        }
        return count
    }

    private static func checkRIFF(_ reader: ByteReader, _ file: String) throws(MediaError) {
        let isBig = reader.hasTag("RIFX", at: 0)
        guard reader.hasTag("WAVE", at: 8) else { throw fault(file, nil, 8, "WAVE", reader.tag(at: 8)) }
        var offset = 12
        var longDataSize: UInt64?
        var hasFormat = false
        while true {
            guard let size = reader.unsigned(at: offset + 4, byteCount: 4, isBigEndian: isBig) else {
                throw fault(file, nil, min(offset, reader.bytes.count), "a 'data' chunk", "the end of the file")
            }
            let tag = reader.tag(at: offset)
            if tag == "data" {
                guard hasFormat else { throw fault(file, "data", offset, "the 'fmt ' chunk before the data", "none") }
                let stated = longDataSize ?? size
                if longDataSize == nil, isUnknownSize(size) { return }
                _ = try require(stated, of: "data", at: offset, dataAt: offset + 8, in: reader, file)
                return
            }
            let count = try require(size, of: tag, at: offset, dataAt: offset + 8, in: reader, file)
            if tag == "ds64" { longDataSize = reader.unsigned(at: offset + 16, byteCount: 8, isBigEndian: false) }
            if tag == "fmt " {
                try checkFormat(reader, at: offset, size: count, isBig: isBig, file)
                hasFormat = true
            }
            offset += 8 + count + count % 2
        }
    }

    private static func checkFormat(_ reader: ByteReader, at offset: Int, size: Int, isBig: Bool, _ file: String) throws(MediaError) {
        let field = { (at: Int, count: Int) in Int(reader.unsigned(at: offset + 8 + at, byteCount: count, isBigEndian: isBig) ?? 0) }
        guard size >= 16 else { throw fault(file, "fmt ", offset, "at least 16 bytes", "\(size)") }
        let channels = field(2, 2)
        guard channels > 0 else { throw fault(file, "fmt ", offset + 10, "at least 1 channel", "0") }
        guard field(4, 4) > 0 else { throw fault(file, "fmt ", offset + 12, "a sample rate above 0 Hz", "0") }
        // Only PCM and float frames have a size that follows from the other fields; 0xFFFE holds either.
        guard [1, 3, 0xFFFE].contains(field(0, 2)) else { return }
        let bits = field(14, 2)
        let expected = channels * ((bits + 7) / 8)
        guard field(12, 2) == expected else {
            throw fault(
                file, "fmt ", offset + 20, "\(expected) bytes a frame for \(channels) channels of \(bits) bits", "\(field(12, 2))",
                "The header contradicts itself; export the file again.")
        }
    }

    private static func checkW64(_ reader: ByteReader, _ file: String) throws(MediaError) {
        var offset = 40
        while true {
            guard let size = reader.unsigned(at: offset + 16, byteCount: 8, isBigEndian: false) else {
                throw fault(file, nil, min(offset, reader.bytes.count), "a 'data' chunk", "the end of the file")
            }
            let tag = reader.tag(at: offset)
            guard size >= 24 else { throw fault(file, tag, offset, "a size of at least 24", "\(size)") }
            let count = try require(size - 24, of: tag, at: offset, dataAt: offset + 24, in: reader, file)
            if tag == "data" { return }
            offset += (24 + count + 7) / 8 * 8
        }
    }

    private static func checkAIFF(_ reader: ByteReader, _ file: String) throws(MediaError) {
        guard reader.hasTag("AIFF", at: 8) || reader.hasTag("AIFC", at: 8) else {
            throw fault(file, nil, 8, "AIFF or AIFC", reader.tag(at: 8))
        }
        var offset = 12
        var seen: Set<String> = []
        while !seen.isSuperset(of: ["COMM", "SSND"]) {
            guard let size = reader.unsigned(at: offset + 4, byteCount: 4, isBigEndian: true) else {
                let missing = seen.contains("SSND") ? "COMM" : "SSND"
                throw fault(file, nil, min(offset, reader.bytes.count), "an '\(missing)' chunk", "the end of the file")
            }
            let tag = reader.tag(at: offset)
            let count = try require(size, of: tag, at: offset, dataAt: offset + 8, in: reader, file)
            seen.insert(tag)
            offset += 8 + count + count % 2
        }
    }

    private static func checkCAF(_ reader: ByteReader, _ file: String) throws(MediaError) {
        var offset = 8
        while true {
            guard let size = reader.unsigned(at: offset + 4, byteCount: 8, isBigEndian: true) else {
                throw fault(file, nil, min(offset, reader.bytes.count), "a 'data' chunk", "the end of the file")
            }
            let tag = reader.tag(at: offset)
            // -1: the data runs to the end of the file.
            if tag == "data", size == .max { return }
            let count = try require(size, of: tag, at: offset, dataAt: offset + 12, in: reader, file)
            if tag == "data" { return }
            offset += 12 + count
        }
    }

    private static func checkAU(_ reader: ByteReader, _ file: String) throws(MediaError) {
        let isBig = reader.hasTag(".snd", at: 0)
        guard let start = reader.unsigned(at: 4, byteCount: 4, isBigEndian: isBig),
            let size = reader.unsigned(at: 8, byteCount: 4, isBigEndian: isBig), reader.bytes.count >= 24
        else { throw fault(file, "AU header", 0, "24 bytes", "\(reader.bytes.count)") }
        if isUnknownSize(size) { return }
        _ = try require(size, of: "AU data", at: 8, dataAt: Int(start), in: reader, file)
    }
}
