import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramReports
import Foundation

/// `engram compare`: two reports side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Put the reports of two results side by side.",
        discussion: """
            Shows every figure of two reports beside each other, what differs first: outcome, sizes, recall, times, settings and
            versions. A and B are results, by their folder or their name in the outbox, or report.json
            files; they may be of different drops, settings or versions, but must be of one job.

            Exit code 0 whether they differ or not; 65 where a report cannot be read or they are of different jobs.

            Examples:
              engram compare photos photos-2
              engram compare outbox/film ../before/outbox/film --html comparison.html
              engram compare photos photos-2 --json | jq '.figures[] | select(.differs)'
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Argument(help: ArgumentHelp("The one result.", valueName: "a")) var first: String
    @Argument(help: ArgumentHelp("The other one.", valueName: "b")) var second: String

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Show what is equal too.")
    var all = false

    @Option(help: ArgumentHelp("Also write a page that opens offline.", valueName: "file"))
    var html: String?

    func run() throws {
        let (a, b) = (try side(first), try side(second))
        let comparison: ReportComparison
        do {
            comparison = try ReportComparison(a, b)
        } catch {
            throw CommandFailure(
                .unusableData, stage: .report, code: "not-comparable", message: "\(error)",
                remedy: "name two results of one job; engram status lists them")
        }
        if let html { try FileSystem().write(Array(comparison.html.utf8), to: html) }
        if json {
            StandardStreams.printBytes(Array(comparison.json()))
        } else {
            StandardStreams.print(ComparisonText(comparison: comparison, showsAll: all).lines.joined(separator: "\n"))
        }
    }

    /// The report of a folder, a name in the outbox, or a file.
    private func side(_ name: String) throws -> ReportComparison.Side {
        let files = FileSystem()
        let path: String
        if try files.facts(of: name)?.kind == .file {
            path = name
        } else if try files.facts(of: name + "/.") != nil {
            path = name + "/report.json"
        } else {
            guard !name.contains("/") else {
                throw CommandFailure(
                    .noInput, stage: .files, code: "no-input", message: "there is no result \(name).", remedy: "name a folder or a result")
            }
            path = try configuration.load().outbox + "/" + name + "/report.json"
        }
        guard try files.facts(of: path)?.kind == .file else {
            throw CommandFailure(
                .noInput, stage: .files, code: "no-input", message: "there is no report \(path).",
                remedy: "name a result by its folder or its name in the outbox")
        }
        return ReportComparison.Side(label: name, json: Data(try files.read(path, count: 256 << 20)))
    }
}
