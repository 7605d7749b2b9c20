import EngramDrops
import EngramMedia
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
        var options = MediaReadOptions()
        options.audioWindowSeconds = settings.audio.window.seconds
        let (examples, dimension) = shape(sourcePath, byteCount: Double(byteCount), options: options, files: files)
        // The rule of the plan that training makes, which knows the numbers.
        let usualWidth = min(max(64, 4 * examples), 4096)
        let width = settings.network.width.given.map { Double($0) } ?? usualWidth
        let depth = settings.network.depth.given.map { Double($0) } ?? 3
        let network = 4 * (2 * dimension * width + max(0, depth - 1) * width * width)
        // Training holds more than these copies in memory, so that what is larger is refused or narrowed before it is written.
        let copies = min(networkCopyCount * network, memoryByteCount ?? .infinity)
        return Int64(saturating: min(baseByteCount + outputFactor * Double(byteCount) + copies, 9e18))
    }

    /// Examples, and values in one, from the first file's head; for those that do not say it, as packed ones, a guess on the large side.
    private static func shape(
        _ path: String, byteCount: Double, options: MediaReadOptions, files: FileSystem
    ) -> (examples: Double, dimension: Double) {
        let all = ((try? TreeSnapshot.take(path, files: files)) ?? nil)?.files ?? []
        let media = all.filter { $0.relativePath.isEmpty || !$0.relativePath.hasSuffix(".yml") }
        let first = media.first.map { $0.relativePath.isEmpty ? path : path + "/" + $0.relativePath } ?? path
        let size = media.first?.byteCount ?? 0
        let file = try? GrowingFile(name: first, byteCount: size) { (offset, count) throws(DropError) in
            try files.read(first, from: offset, count: count)
        }
        if let file, let shape = (try? MediaFormats.all.shape(of: file, options: options)) ?? nil {
            return (Double(shape.sampleCount) * Double(max(1, media.count)), Double(shape.dimension))
        }
        // All examples together have no more values than there are.
        let values = packedValuesPerByte * byteCount
        let dimension = max(1, min(values, 100_000))
        return (min(60 * Double(max(1, media.count)), max(1, (values / dimension).rounded(.up))), dimension)
    }
}
