/// The numbered files of a folder: `frame_0007.png` is number 7 of `frame_*.png`.
struct NumberedNames: Equatable, Sendable {
    /// The smallest and the largest number of each series.
    private var series: [[String]: ClosedRange<UInt64>] = [:]

    /// Reads the names of a folder's files; only those directly in it count.
    init(_ paths: some Sequence<String>) {
        for path in paths where !path.utf8.contains(UInt8(ascii: "/")) {
            let bytes = Array(path.utf8)
            let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
            guard let last = bytes.lastIndex(where: isDigit) else { continue }
            var first = last
            while first > 0, isDigit(bytes[first - 1]) { first -= 1 }
            guard let number = UInt64(String(decoding: bytes[first...last], as: UTF8.self)) else { continue }
            let key = [String(decoding: bytes[..<first], as: UTF8.self), String(decoding: bytes[(last + 1)...], as: UTF8.self)]
            let known = series[key] ?? number...number
            series[key] = min(known.lowerBound, number)...max(known.upperBound, number)
        }
    }

    /// Where a series of this folder goes on after that of `earlier`: the last number there and the first here; nil where none does.
    func continuation(of earlier: NumberedNames) -> (last: String, first: String)? {
        for (key, range) in series.sorted(by: { $0.key.joined() < $1.key.joined() }) {
            guard let before = earlier.series[key], range.lowerBound > before.upperBound else { continue }
            return ("\(key[0])\(before.upperBound)\(key[1])", "\(key[0])\(range.lowerBound)\(key[1])")
        }
        return nil
    }
}
