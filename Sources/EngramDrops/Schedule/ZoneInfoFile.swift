/// Reads a file of the time zone database: TZif of RFC 9636, versions 1 to 4.
struct ZoneInfoFile {
    private let bytes: [UInt8]
    private let path: String
    private var offset = 0
    private(set) var initialOffset: Int64 = 0
    private(set) var changes: [TimeZoneRules.Change] = []
    private(set) var rule: DaylightRule?

    /// More of anything than any zone has.
    private static let countLimit = 1 << 16

    private struct Header {
        var version: UInt8
        var utcIndicatorCount, standardIndicatorCount, leapCount, changeCount, typeCount, nameByteCount: Int
    }

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// Reads the whole file; the properties hold what it says then.
    mutating func read() throws(TimeZoneError) {
        let first = try header()
        guard first.version >= UInt8(ascii: "2") else { return try body(first, timeByteCount: 4) }
        // What follows the first header is for readers of 32 bits; the same comes again in 64.
        let skipped =
            first.changeCount * 5 + first.typeCount * 6 + first.nameByteCount + first.leapCount * 8 + first.standardIndicatorCount
            + first.utcIndicatorCount
        try skip(skipped)
        try body(try header(), timeByteCount: 8)
        guard offset < bytes.count, bytes[offset] == 0x0a else { throw damaged("the line with the rule is missing") }
        let line = bytes[(offset + 1)...].prefix { $0 != 0x0a }
        guard !line.isEmpty else { return }
        guard let rule = DaylightRule(String(decoding: line, as: UTF8.self)) else { throw damaged("the rule at its end cannot be read") }
        self.rule = rule
    }

    private mutating func header() throws(TimeZoneError) -> Header {
        guard offset + 44 <= bytes.count, Array(bytes[offset..<offset + 4]) == Array("TZif".utf8) else {
            throw damaged("it does not begin with TZif")
        }
        let version = bytes[offset + 4]
        offset += 20
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = Int(try integer(byteCount: 4))
            guard (0...Self.countLimit).contains(count) else { throw damaged("it promises \(count) entries") }
            counts.append(count)
        }
        return Header(
            version: version, utcIndicatorCount: counts[0], standardIndicatorCount: counts[1], leapCount: counts[2], changeCount: counts[3],
            typeCount: counts[4], nameByteCount: counts[5])
    }

    private mutating func body(_ header: Header, timeByteCount: Int) throws(TimeZoneError) {
        guard header.leapCount == 0 else { throw damaged("it counts leap seconds; name a zone that is not below right/") }
        var instants: [Int64] = []
        for _ in 0..<header.changeCount { instants.append(try integer(byteCount: timeByteCount)) }
        var types: [Int] = []
        for _ in 0..<header.changeCount { types.append(Int(try integer(byteCount: 1) & 0xff)) }
        var offsets: [Int64] = []
        for _ in 0..<header.typeCount {
            offsets.append(try integer(byteCount: 4))
            try skip(2)
        }
        try skip(header.nameByteCount + header.standardIndicatorCount + header.utcIndicatorCount)
        guard let first = offsets.first, types.allSatisfy({ $0 < offsets.count }) else { throw damaged("a change names a type it lacks") }
        guard zip(instants, instants.dropFirst()).allSatisfy({ $0 < $1 }) else { throw damaged("its changes are out of order") }
        initialOffset = first
        var before = first
        for (instant, type) in zip(instants, types) {
            changes.append(TimeZoneRules.Change(instant: instant, before: before, after: offsets[type]))
            before = offsets[type]
        }
    }

    /// Big-endian, with a sign.
    private mutating func integer(byteCount: Int) throws(TimeZoneError) -> Int64 {
        guard offset + byteCount <= bytes.count else { throw damaged("it ends at byte \(bytes.count), in the middle of its data") }
        var value: Int64 = bytes[offset] >= 0x80 ? -1 : 0
        for byte in bytes[offset..<offset + byteCount] { value = value << 8 | Int64(byte) }
        offset += byteCount
        return value
    }

    private mutating func skip(_ count: Int) throws(TimeZoneError) {
        guard offset + count <= bytes.count else { throw damaged("it ends at byte \(bytes.count), in the middle of its data") }
        offset += count
    }

    private func damaged(_ reason: String) -> TimeZoneError { .damaged(path: path, reason: reason) }
}
