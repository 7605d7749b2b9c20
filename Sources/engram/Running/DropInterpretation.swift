import EngramDrops
import EngramService

/// What a drop was taken for, from wherever it is said: its worker's progress, later its report.
enum DropInterpretation {
    /// nil where neither says it, as before a drop is decoded.
    static func known(of row: DropRow, folders: DropFolders, files: FileSystem = FileSystem()) -> String? {
        guard row.state == .running else { return PublishedReport(of: row, files: files)?.interpretation }
        return (try? files.read(folders.work(for: row.id).progress, count: 64 << 10)).flatMap { ProgressMessage(line: $0) }?.interpretation
    }
}
