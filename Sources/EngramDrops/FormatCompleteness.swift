/// Whether a file is all there, judged by its name and a few of its bytes; decoding it is the worker's work.
public enum FormatCompleteness: Equatable, Sendable {
    /// The format says where it ends, and the file ends there.
    case complete
    /// The format does not say; a stable size has to do.
    case unknown
    /// The format says that there is more to come, or less than there is.
    case incomplete(reason: String)

    /// Looks at the first 64 and the last 12 bytes of the file.
    public static func check(_ path: String, name: String, byteCount: Int64, files: FileSystem) throws(DropError) -> FormatCompleteness {
        guard byteCount > 0 else { return .incomplete(reason: "the file is empty") }
        let head = try files.read(path, count: 64)
        let tail = try files.read(path, from: max(0, byteCount - 12), count: 12)
        return check(name: name, byteCount: byteCount, head: head, tail: tail)
    }

    /// The rule itself.
    /// - Parameters:
    ///   - name: The file's name; it decides only where the bytes do not.
    ///   - byteCount: The file's size.
    ///   - head: Its first bytes, up to 64.
    ///   - tail: Its last bytes, up to 12.
    public static func check(name: String, byteCount: Int64, head: [UInt8], tail: [UInt8]) -> FormatCompleteness {
        let lowercased = name.lowercased()
        if head.starts(with: pngSignature) {
            return tail == pngEnd ? .complete : .incomplete(reason: "the PNG does not end with its IEND chunk")
        }
        if let promised = promisedByteCount(head) {
            return promised == byteCount
                ? .complete : .incomplete(reason: "its header promises \(promised) bytes, there are \(byteCount)")
        }
        if head.starts(with: [0x1f, 0x8b]) { return checkGzip(byteCount: byteCount, tail: tail) }
        if let promised = idxByteCount(head) {
            return promised == byteCount
                ? .complete : .incomplete(reason: "its IDX header promises \(promised) bytes, there are \(byteCount)")
        }
        if lowercased.hasSuffix(".png") { return .incomplete(reason: "it does not begin as a PNG") }
        if lowercased.hasSuffix(".wav") { return .incomplete(reason: "it does not begin as a WAV") }
        if lowercased.hasSuffix(".gz") { return .incomplete(reason: "it does not begin as gzip") }
        return .unknown
    }

    private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    private static let pngEnd: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]
    /// The first 16 bytes of a Wave64 file.
    private static let wave64: [UInt8] = [0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0]

    /// The whole size that the header of RIFF, RIFX, RF64, AIFF or Wave64 promises, nil for other formats.
    private static func promisedByteCount(_ head: [UInt8]) -> Int64? {
        if head.count >= 24, head.starts(with: wave64) { return Int64(clamping: integer(head, at: 16, count: 8, isBigEndian: false)) }
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
