import EngramDrops
import EngramPipeline
import Foundation

/// Checks one published memory: its files against the manifest, its recall against the report.
struct MemoryCheck {
    /// Threads for linear algebra.
    var threadCount: Int
    /// A memory whose recall takes longer is left at what its files say.
    var secondsForRecall: Double
    /// Asked whether to go on.
    var isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - row: A drop with a result of its own.
    ///   - now: Seconds since the epoch.
    func entry(for row: DropRow, at now: Double) throws -> VerificationRecord.Entry {
        let folder = row.resultPath ?? ""
        func entry(_ state: String, _ detail: String) -> VerificationRecord.Entry {
            .init(id: row.id, name: row.name, path: folder, at: now, state: state, detail: detail)
        }
        let files = FileSystem()
        guard try files.facts(of: folder) != nil else { return entry("gone", "the folder is not there any more") }
        do {
            let findings = try ManifestVerifier().findings(in: folder)
            if let first = findings.first {
                return entry("changed", findings.count == 1 ? "\(first)" : "\(first) And \(findings.count - 1) more.")
            }
        } catch {
            return entry("changed", "\(error)")
        }
        guard let promised = Self.recall(inReportOf: folder) else { return entry("sound", "its files; its report names no recall") }
        guard try files.facts(of: row.path) != nil else { return entry("sound", "its files; the archived source is gone") }
        do {
            let found = try recall(row, folder: folder)
            for (kind, counts) in promised {
                guard let again = found.first(where: { $0.start == kind }) else { continue }
                // Another processor or library rounds differently, and a start near a border may end elsewhere; one in ten is no damage.
                let allowed = max(1, counts.starts / 10)
                guard again.starts == counts.starts, again.recovered >= counts.recovered - allowed else {
                    return entry(
                        "worse",
                        "\(kind): \(again.recovered) of \(again.starts) recalled, the report says \(counts.recovered) of \(counts.starts)")
                }
            }
            let all = found.map { "\($0.recovered) of \($0.starts) from \($0.start)" }.joined(separator: ", ")
            return entry("sound", "its files and its recall: \(all)")
        } catch is CancellationError {
            if isCancelled() { throw CancellationError() }
            return entry("sound", "its files; recall takes longer than \(Int(secondsForRecall)) s")
        } catch {
            return entry("sound", "its files; recall was not checked: \(CommandFailure(any: error).message)")
        }
    }

    /// Recall by kind of start, as `report.json` has it.
    static func recall(inReportOf folder: String) -> [(kind: String, counts: (starts: Int, recovered: Int))]? {
        let path = folder + "/report.json"
        guard let bytes = try? FileSystem().read(path, count: 64 << 20), let json = try? JSONValue.parse(bytes, path: path),
            case .array(let rows) = json["recall"]
        else { return nil }
        let counts = rows.compactMap { row -> (kind: String, counts: (starts: Int, recovered: Int))? in
            guard let kind = row["start"]?.string, let starts = row["starts"]?.integer, let recovered = row["recovered"]?.integer else {
                return nil
            }
            return (kind, (Int(starts), Int(recovered)))
        }
        return counts.isEmpty ? nil : counts
    }

    private func recall(_ row: DropRow, folder: String) throws -> [RecheckedRecall] {
        let settings = try PipelineSettings().dropSettings(named: row.name, dropFile: SettingsFile(path: folder + "/settings.yml"))
        let clock = SystemDropClock()
        let deadline = clock.monotonicSeconds() + secondsForRecall
        let isCancelled = isCancelled
        let context = DropProcessor.Context(
            dropName: row.name, threadCount: threadCount, versions: [:], command: "", monotonicSeconds: { clock.monotonicSeconds() },
            isCancelled: { isCancelled() || clock.monotonicSeconds() > deadline })
        return try DropProcessor(settings: settings, context: context)
            .recheckRecall(inputPath: row.path, networkPath: folder + "/network.safetensors")
    }
}
