/// Whether a file is all there, judged by its name and a few of its bytes; decoding it is the worker's work.
package enum FormatCompleteness: Equatable, Sendable {
    /// The format says where it ends, and the file ends there.
    case complete
    /// The format does not say; a stable size has to do.
    case unknown
    /// The format says that there is more to come, or less than there is.
    case incomplete(reason: String)
    /// There is nothing yet that could be judged, or its owner calls it unfinished: it is waited for however long it takes.
    case awaited(reason: String)

    /// Looks at the file's first and last bytes, and at the heads of its chunks where the format has them.
    package static func check(_ path: String, name: String, byteCount: Int64, files: FileSystem) throws(DropError) -> FormatCompleteness {
        guard byteCount > 0 else { return .incomplete(reason: "the file is empty") }
        let head = try files.read(path, count: 64)
        func tail(_ count: Int) throws(DropError) -> [UInt8] {
            try files.read(path, from: max(0, byteCount - Int64(count)), count: count)
        }
        if head.starts(with: Array("caff".utf8)) { return try checkCAF(path, byteCount: byteCount, files: files) }
        if head.starts(with: Array("OggS".utf8)) { return FrameTail.ogg(try tail(FrameTail.longestOggPage)) }
        if head.starts(with: Array("fLaC".utf8)) { return FrameTail.flac(head: head, tail: try tail(FrameTail.longestFLACFrame)) }
        if let start = mpegStart(head) {
            guard start < byteCount else { return .incomplete(reason: "its ID3 tag promises \(start) bytes, there are \(byteCount)") }
            return FrameTail.mp3(
                head: try files.read(path, from: start, count: 64), start: start, byteCount: byteCount,
                tail: try tail(FrameTail.longestMPEGFrame + 128))
        }
        return check(name: name, byteCount: byteCount, head: head, tail: try tail(12))
    }

    /// The rule itself.
    /// - Parameters:
    ///   - name: The file's name; it decides only where the bytes do not.
    ///   - byteCount: The file's size.
    ///   - head: Its first bytes, up to 64.
    ///   - tail: Its last bytes, up to 12.
    package static func check(name: String, byteCount: Int64, head: [UInt8], tail: [UInt8]) -> FormatCompleteness {
        let lowercased = name.lowercased()
        if head.starts(with: pngSignature) {
            return tail == pngEnd ? .complete : .incomplete(reason: "the PNG does not end with its IEND chunk")
        }
        if isOfUnknownLength(head) { return .unknown }
        if let promised = promisedByteCount(head) {
            return promised == byteCount
                ? .complete : .incomplete(reason: "its header promises \(promised) bytes, there are \(byteCount)")
        }
        if head.starts(with: [0x1f, 0x8b]) { return checkGzip(byteCount: byteCount, tail: tail) }
        if let promised = idxByteCount(head) {
            return promised == byteCount
                ? .complete : .incomplete(reason: "its IDX header promises \(promised) bytes, there are \(byteCount)")
        }
        // A downloader that reserves the room first leaves zeros at the place of the header.
        for (suffix, format, beginnings) in formatsByName where lowercased.hasSuffix(suffix) {
            // Twelve bytes hold the heads of all of them.
            if byteCount < 12 { return .incomplete(reason: "it is too short for \(format)") }
            if !beginnings.contains(where: { head.starts(with: Array($0.utf8)) }) {
                return .incomplete(reason: "it does not begin as \(format)")
            }
        }
        return .unknown
    }

    /// Formats whose names are plain, for files whose bytes are not yet those of any format.
    private static let formatsByName: [(suffix: String, format: String, beginnings: [String])] = [
        (".png", "a PNG", []), (".wav", "a WAV", ["RIFF", "RIFX", "RF64"]), (".gz", "gzip", []), (".flac", "FLAC", ["fLaC", "ID3"]),
        (".ogg", "Ogg", ["OggS"]), (".oga", "Ogg", ["OggS"]), (".opus", "Ogg", ["OggS"]), (".caf", "CAF", ["caff"]),
        (".au", "AU", [".snd", "dns."]), (".aif", "AIFF", ["FORM"]), (".aiff", "AIFF", ["FORM"]), (".w64", "Wave64", ["riff"]),
    ]

    /// A recorder or a pipe that could not go back to its header leaves the largest number there.
    private static func isOfUnknownLength(_ head: [UInt8]) -> Bool {
        let isAU = head.starts(with: Array(".snd".utf8)) || head.starts(with: Array("dns.".utf8))
        let isRIFF = head.starts(with: Array("RIFF".utf8)) || head.starts(with: Array("RIFX".utf8))
        let offset = isAU ? 8 : 4
        guard isAU || isRIFF, head.count >= offset + 4 else { return false }
        let isBigEndian = head.starts(with: Array(".snd".utf8)) || head.starts(with: Array("RIFX".utf8))
        return [0xffff_ffff, 0x7fff_ffff].contains(integer(head, at: offset, count: 4, isBigEndian: isBigEndian))
    }

    /// Where the first MPEG frame begins, after an ID3v2 tag; nil for what is not MP3.
    private static func mpegStart(_ head: [UInt8]) -> Int64? {
        guard head.count >= 10 else { return nil }
        if head.starts(with: Array("ID3".utf8)) {
            // Four bytes of seven bits each, without the header of ten bytes (id3.org, ID3v2.4 section 3.1).
            return head[6..<10].reduce(Int64(0)) { $0 << 7 | Int64($1 & 0x7f) } + 10
        }
        return head[0] == 0xff && head[1] & 0xe0 == 0xe0 && head[1] & 0x06 != 0 ? 0 : nil
    }

    /// Walks the chunks of a Core Audio file: they must end with the file, and one of them must be the data.
    private static func checkCAF(_ path: String, byteCount: Int64, files: FileSystem) throws(DropError) -> FormatCompleteness {
        var offset: Int64 = 8
        var hasData = false
        // A real file has a dozen chunks; a hostile one must not keep the daemon reading.
        for _ in 0..<1000 where offset < byteCount {
            let head = try files.read(path, from: offset, count: 12)
            guard head.count >= 12 else { return .incomplete(reason: "it ends inside the head of a CAF chunk") }
            let isData = head.starts(with: Array("data".utf8))
            let size = Int64(bitPattern: integer(head, at: 4, count: 8, isBigEndian: true))
            // -1: the data runs to the end of the file, wherever that will be.
            if isData, size == -1 { return .unknown }
            guard size >= 0, size <= byteCount - offset - 12 else {
                return .incomplete(reason: "its CAF chunk at byte \(offset) promises \(size) bytes, there are \(byteCount - offset - 12)")
            }
            hasData = hasData || isData
            offset += 12 + size
        }
        return offset == byteCount && hasData ? .complete : .incomplete(reason: "its CAF chunks do not end with the file, or hold no data")
    }

    private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    private static let pngEnd: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]
    /// The first 16 bytes of a Wave64 file.
    private static let wave64: [UInt8] = [0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0]

    /// The whole size that the header of RIFF, RIFX, RF64, AIFF or Wave64 promises, nil for other formats.
    private static func promisedByteCount(_ head: [UInt8]) -> Int64? {
        if head.count >= 24, head.starts(with: wave64) { return Int64(clamping: integer(head, at: 16, count: 8, isBigEndian: false)) }
        if head.count >= 12, head.starts(with: Array(".snd".utf8)) || head.starts(with: Array("dns.".utf8)) {
            let isBigEndian = head[0] == 0x2e
            return Int64(integer(head, at: 4, count: 4, isBigEndian: isBigEndian))
                + Int64(integer(head, at: 8, count: 4, isBigEndian: isBigEndian))
        }
        guard head.count >= 8 else { return nil }
        switch String(decoding: head[0..<4], as: UTF8.self) {
        case "RIFF": return Int64(integer(head, at: 4, count: 4, isBigEndian: false)) + 8
        case "RIFX", "FORM": return Int64(integer(head, at: 4, count: 4, isBigEndian: true)) + 8
        case "RF64":
            // The 64-bit size is in the ds64 chunk, which has to come first (EBU Tech 3306).
            guard head.count >= 28 else { return nil }
            return min(Int64(clamping: integer(head, at: 20, count: 8, isBigEndian: false)), .max - 8) + 8
        default: return nil
        }
    }

    /// The whole size of an IDX file by its header, nil if `head` is not one.
    private static func idxByteCount(_ head: [UInt8]) -> Int64? {
        let widths: [UInt8: Int64] = [0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8]
        guard head.count >= 4, head[0] == 0, head[1] == 0, var byteCount = widths[head[2]], head[3] > 0 else { return nil }
        let rank = Int(head[3])
        guard head.count >= 4 + 4 * rank else { return nil }
        for axis in 0..<rank {
            let length = Int64(integer(head, at: 4 + 4 * axis, count: 4, isBigEndian: true))
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
            byteCount = overflow ? .max / 2 : product
        }
        return byteCount &+ Int64(4 + 4 * rank)
    }

    /// The last four bytes of gzip are the unpacked size modulo 2³² (RFC 1952). Deflate packs at most 1032 to 1 and adds at most
    /// about 5 bytes in 16 KiB, so a file cut at a random place seldom has a believable size there.
    private static func checkGzip(byteCount: Int64, tail: [UInt8]) -> FormatCompleteness {
        guard byteCount >= 18, tail.count >= 4 else { return .incomplete(reason: "it is too short for gzip") }
        let unpacked = Int64(integer(tail, at: tail.count - 4, count: 4, isBigEndian: false))
        let wraps = byteCount > 1 << 22
        guard wraps || unpacked <= 1032 * byteCount, wraps || unpacked + unpacked / 1000 + 1024 >= byteCount else {
            return .incomplete(reason: "it does not end as gzip does")
        }
        return .complete
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, count: Int, isBigEndian: Bool) -> UInt64 {
        let slice = bytes[offset..<offset + count]
        return isBigEndian ? slice.reduce(0) { $0 << 8 | UInt64($1) } : slice.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
