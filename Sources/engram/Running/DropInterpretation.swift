import EngramDrops
import EngramReports
import Foundation

/// What a drop was taken for, from wherever it is said: its worker's progress, later its report.
enum DropInterpretation {
    /// nil where neither says it, as before a drop is decoded.
    static func known(of row: DropRow, folders: DropFolders, files: FileSystem = FileSystem()) -> String? {
        guard row.state == .running else { return published(row, files: files) }
        return (try? files.read(folders.work(for: row.id).progress, count: 64 << 10)).flatMap { ProgressMessage(line: $0) }?.interpretation
    }

    /// What the report of a finished drop says; nil without one, or for one of a version that did not say it.
    static func published(_ row: DropRow, files: FileSystem = FileSystem()) -> String? {
        guard row.state == .archived, let folder = row.resultPath,
            let bytes = try? files.read(folder + "/report.json", count: 16 << 20),
            let report = try? DropReport(json: Data(bytes))
        else { return nil }
        return report.interpretation?.sentence
    }
}
