import EngramDrops
import EngramPipeline
import Glibc

/// About how much of the disk a drop takes beside its source: what `min_free_space` is compared with before the drop is begun.
///
/// Nothing is decoded for it, so it is rough by design: a bound that is usually several times too high, and small beside any disk that is
/// worth worrying about. A worker that runs out of room all the same fails for a passing reason, and loses nothing.
enum RoomEstimate {
    /// Report, settings, manifest, CSV and log: 16 MiB.
    private static let baseByteCount = 16.0 * 1_048_576
    /// Source bytes that come back as recovered files, the animation and the pictures in the report.
    private static let outputFactor = 6.0
    /// The published network, and a checkpoint of weights and two moments.
    private static let networkCopyCount = 4.0

    /// - Parameters:
    ///   - sourcePath: A file or a folder.
    ///   - byteCount: Of all its files.
    ///   - settings: The drop's, resolved.
    static func byteCount(sourcePath: String, byteCount: Int64, settings: DropSettings) -> Int64 {
        let bytes = Double(byteCount)
        // An example is about one file of a folder; compressed pictures unpack to about four times as many values. One second of sound
        // and the pictures of usual IDX files are below the cap.
        let examples = Double(max(1, fileCount(sourcePath)))
        let dimension = min(4 * bytes / examples, 200_000)
        let width = Double(settings.network.width.given ?? 512)
        let depth = Double(settings.network.depth.given ?? 3)
        let network = 4 * (2 * dimension * width + max(0, depth - 1) * width * width)
        return Int64(min(baseByteCount + outputFactor * bytes + networkCopyCount * network, 9e18))
    }

    private static func fileCount(_ path: String) -> Int {
        ((try? TreeSnapshot.take(path, files: FileSystem())) ?? nil)?.files.count ?? 1
    }
}
