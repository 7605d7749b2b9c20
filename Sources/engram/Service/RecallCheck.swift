import EngramDrops
import EngramPipeline
import EngramReports
import Foundation

/// Whether a stored network still recalls what its report says; decodes what anybody may have made, so it runs confined.
struct RecallCheck {
    /// What was found; one line between two processes.
    struct Verdict: Equatable {
        /// As in `VerificationRecord.Entry`; what files are is not judged here.
        enum State: String {
            case sound, worse, unchecked
        }

        var state: State
        /// For people.
        var detail: String

        /// The state, a space, the detail.
        var line: String { state.rawValue + " " + TerminalText.printable(detail) }

        init(state: State, detail: String) { (self.state, self.detail) = (state, detail) }

        /// Reads `line`; nil for any other text.
        init?(line: String) {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let state = State(rawValue: String(words[0])) else { return nil }
            self.init(state: state, detail: String(words[1]))
        }
    }

    /// The drop's name.
    var name: String
    /// The archived source.
    var inputPath: String
    /// The result.
    var folder: String
    /// Threads for linear algebra.
    var threadCount: Int
    /// The longest that recall may take.
    var seconds: Double

    static func tooLong(_ seconds: Double) -> Verdict {
        Verdict(state: .unchecked, detail: "its files are sound; recall takes longer than \(Int(saturating: seconds)) s")
    }

    func verdict() -> Verdict {
        guard let promised = Self.recall(inReportOf: folder) else {
            return Verdict(state: .unchecked, detail: "its files are sound; its report names no recall")
        }
        do {
            let found = try recall()
            for (kind, counts) in promised {
                guard let again = found.first(where: { $0.start == kind }) else { continue }
                // Another processor or library rounds differently, and a start near a border may end elsewhere; one in ten is no damage.
                let allowed = max(1, counts.starts / 10)
                guard again.starts == counts.starts, again.recovered >= counts.recovered - allowed else {
                    let said = "the report says \(counts.recovered) of \(counts.starts)"
                    return Verdict(state: .worse, detail: "\(kind): \(again.recovered) of \(again.starts) recalled, \(said)")
                }
            }
            let all = found.map { "\($0.recovered) of \($0.starts) from \($0.start)" }.joined(separator: ", ")
            return Verdict(state: .sound, detail: "its files and its recall: \(all)")
        } catch is CancellationError {
            return Self.tooLong(seconds)
        } catch {
            return Verdict(state: .unchecked, detail: "its files are sound; recall was not checked: \(CommandFailure(any: error).message)")
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

    /// What the memory was published with; nil where no report can be read.
    private static func report(of folder: String) -> DropReport? {
        let bytes = try? FileSystem().read(folder + "/report.json", count: 64 << 20)
        return bytes.flatMap { try? DropReport(json: Data($0)) }
    }

    private func recall() throws -> [RecheckedRecall] {
        let written = try PipelineSettings().dropSettings(named: name, chosenFile: SettingsFile(path: folder + "/settings.yml"))
        let settings = Self.report(of: folder).map(written.reading(as:)) ?? written
        let clock = SystemDropClock()
        let deadline = clock.monotonicSeconds() + seconds
        let context = DropProcessor.Context(
            dropName: name, threadCount: threadCount, versions: [:], command: "", monotonicSeconds: { clock.monotonicSeconds() },
            isCancelled: { clock.monotonicSeconds() > deadline })
        return try DropProcessor(settings: settings, context: context)
            .recheckRecall(inputPath: inputPath, networkPath: folder + "/network.safetensors")
    }
}
