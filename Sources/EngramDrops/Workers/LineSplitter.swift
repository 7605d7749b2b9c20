/// Cuts a stream into lines.
struct LineSplitter {
    /// Longer lines are dropped: a progress line is short, and a worker gone wild must not fill the daemon's memory.
    static let longestLine = 64 << 10

    private var pending: [UInt8] = []
    private var isTooLong = false

    mutating func add(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == 0x0a {
                if !isTooLong, !pending.isEmpty { lines.append(pending) }
                pending = []
                isTooLong = false
            } else if pending.count < Self.longestLine {
                pending.append(byte)
            } else {
                isTooLong = true
            }
        }
        return lines
    }
}
