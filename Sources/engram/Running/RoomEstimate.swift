import EngramDrops
import EngramMemories
import EngramPipeline
import Glibc

/// About how much of the disk a drop takes beside its source: what `min_free_space` is compared with before the drop is begun.
///
/// Nothing is decoded for it, so it is rough by design: a bound that is usually several times too high, and small beside any disk that is
/// worth worrying about. A worker that runs out of room all the same fails for a passing reason, and loses nothing.
enum RoomEstimate {
    /// Report, tables and log of a small drop.
    private static let baseByteCount = 4.0 * 1_048_576
    /// Source bytes that come back as recovered files, the animation and the pictures in the report.
    private static let outputFactor = 6.0
    /// The published network, and a checkpoint of weights and two moments.
    private static let networkCopyCount = 4.0

    /// What a byte of packed sound becomes at usual rates: 44,100 values for each of two channels from 16 kB.
    private static let packedValuesPerByte = 6.0

    /// - Parameters:
    ///   - sourcePath: A file or a folder.
    ///   - byteCount: Of all its files.
    ///   - settings: The drop's, resolved.
    ///   - memoryByteCount: What the machine could give to training; nil where nobody knows.
    ///   - files: The disk; one that follows no links where others may change the drop.
    static func byteCount(
        sourcePath: String, byteCount: Int64, settings: DropSettings, memoryByteCount: Double? = nil, files: FileSystem = FileSystem()
    ) -> Int64 {
        let (examples, dimension) = shape(
            sourcePath, byteCount: Double(byteCount), windowSeconds: settings.audio.window.seconds, files: files)
        // The rule of the plan that training makes, which knows the numbers.
        let usualWidth = min(max(64, 4 * examples), 4096)
        let width = settings.network.width.given.map { Double($0) } ?? usualWidth
        let depth = settings.network.depth.given.map { Double($0) } ?? 3
        let network = 4 * (2 * dimension * width + max(0, depth - 1) * width * width)
        // Training holds more than these copies in memory, so that what is larger is refused or narrowed before it is written.
        let copies = min(networkCopyCount * network, memoryByteCount ?? .infinity)
        return Int64(min(baseByteCount + outputFactor * Double(byteCount) + copies, 9e18))
    }

    /// Examples, and values in one, from the first file's head; for sound and packed files, which do not say it, a guess on the large side.
    private static func shape(
        _ path: String, byteCount: Double, windowSeconds: Double, files: FileSystem
    ) -> (examples: Double, dimension: Double) {
        let all = ((try? TreeSnapshot.take(path, files: files)) ?? nil)?.files ?? []
        let media = all.filter { $0.relativePath.isEmpty || !$0.relativePath.hasSuffix(".yml") }
        let first = media.first.map { $0.relativePath.isEmpty ? path : path + "/" + $0.relativePath } ?? path
        let head = (try? files.read(first, count: 64)) ?? []
        func integer(_ offset: Int) -> Double { head[offset..<offset + 4].reduce(0) { $0 * 256 + Double($1) } }
        if head.count >= 26, head.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
            let channels: [UInt8: Double] = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4]
            return (Double(max(1, media.count)), integer(16) * integer(20) * (channels[head[25]] ?? 4))
        }
        if head.count >= 8, head[0] == 0, head[1] == 0, (2...15).contains(head[3]), head.count >= 4 + 4 * Int(head[3]) {
            return (integer(4), (1..<Int(head[3])).reduce(1) { $0 * integer(4 + 4 * $1) })
        }
        if let sound = uncompressedSound(head), sound.valueRate > 0 {
            let dimension = min(sound.valueRate * windowSeconds, byteCount / sound.bytesPerValue)
            return (max(1, byteCount / sound.bytesPerValue / max(1, dimension)).rounded(.up) + Double(media.count), dimension)
        }
        // All examples together have no more values than there are.
        let values = packedValuesPerByte * byteCount
        let dimension = max(1, min(values, 100_000))
        return (min(60 * Double(max(1, media.count)), max(1, (values / dimension).rounded(.up))), dimension)
    }

    /// Values in a second and bytes of one, where a WAV begins with the chunk that says it, as nearly all do.
    private static func uncompressedSound(_ head: [UInt8]) -> (valueRate: Double, bytesPerValue: Double)? {
        guard head.count >= 36, head.starts(with: Array("RIFF".utf8)), Array(head[12..<16]) == Array("fmt ".utf8) else { return nil }
        func integer(_ offset: Int, _ count: Int) -> Double { head[offset..<offset + count].reversed().reduce(0) { $0 * 256 + Double($1) } }
        let (channels, rate, frame) = (integer(22, 2), integer(24, 4), integer(32, 2))
        guard channels > 0, frame > 0 else { return nil }
        return (channels * rate, frame / channels)
    }
}
