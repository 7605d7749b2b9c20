internal import Synchronization

/// Tells threads that read or write for long that the run is to end.
final class StopFlag: Sendable {
    /// How soon.
    enum Level: Int {
        /// What can be done again at the next start is given up.
        case drain = 1
        /// So is what was almost done.
        case abort = 2
    }

    private let level = Atomic<Int>(0)

    /// Raises the flag; it does not come down again.
    func raise(_ level: Level) { _ = self.level.max(level.rawValue, ordering: .relaxed) }

    /// The same disk, whose reading of whole files ends once the flag is at `level`.
    func watched(_ files: FileSystem, from level: Level) -> FileSystem {
        var files = files
        files.betweenPieces = { [self] () throws(DropError) in
            if self.level.load(ordering: .relaxed) >= level.rawValue { throw .interrupted(path: "a file") }
        }
        return files
    }
}
