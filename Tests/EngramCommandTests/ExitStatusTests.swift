import EngramDrops
import EngramPipeline
import Foundation
import Glibc
import Testing

@testable import engram
import EngramSystem

@Suite struct ExitStatusTests {
    /// Rows of the table below a heading of a page.
    private func table(of path: String, below heading: String) throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        let section = try #require(text.components(separatedBy: heading).last)
        var rows: [String] = []
        for line in section.split(separator: "\n").prefix(while: { !$0.hasPrefix("#") }) where line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if let code = cells.first, Int(code) != nil { rows.append("\(code) \(cells[1])") }
        }
        return rows
    }

    /// What users read is the oracle: the page about failures has every code.
    @Test func theDocumentedTablesAreTheEnum() throws {
        let all = ExitStatus.allCases.map { "\($0.rawValue) \($0.meaning)" }
        #expect(all.count >= 10)
        #expect(try table(of: "Documentation/Troubleshooting.md", below: "## Exit codes") == all)
    }

    /// sysexits.h of the C library: EX_USAGE 64, EX_DATAERR 65, EX_NOINPUT 66, EX_SOFTWARE 70, EX_CANTCREAT 73, EX_IOERR 74,
    /// EX_TEMPFAIL 75, EX_CONFIG 78.
    @Test(
        arguments: [
            (DropError.outputNotEmpty(path: "/o"), 73), (.system(operation: "writing", path: "/o", code: EIO), 74),
            (.system(operation: "writing", path: "/o", code: ENOSPC), 75), (.alreadyRunning(lockPath: "/l", holder: "pid 1"), 75),
            (.lostLedger(path: "/l", trace: "/t"), 78), (.notAFolder(path: "/i"), 78), (.foreignLedger(path: "/l", applicationID: 3), 78),
            (.unexpectedEntry(path: "/x", kind: "fifo"), 65), (.inboxGone(path: "/i", reason: "r"), 72),
            (.damagedLedger(path: "/l", reason: "r"), 65), (.lockedByOtherHost(lockPath: "/l", holder: "h"), 75),
            (.staleAttempt(id: "a", expected: "b", found: "c"), 70),
        ] as [(DropError, Int32)])
    func errorsOfTheFoldersHaveTheirCodes(error: DropError, code: Int32) { #expect(ExitStatus(error).rawValue == code) }

    @Test(arguments: [(false, 65), (true, 75)] as [(Bool, Int32)])
    func failureOfAStageIsDataOrTemporary(isRetryable: Bool, code: Int32) {
        let failure = Failure(stage: .decode, code: "c", message: "m", isRetryable: isRetryable)
        #expect(CommandFailure(any: failure).status.rawValue == code)
    }

    @Test func wrongSettingIsUsageDataOrConfigurationByWhereItStands() throws {
        func status(_ body: () throws -> Void) throws -> Int32 {
            let error = try #require(throws: CommandFailure.self) { try body() }
            return error.status.rawValue
        }
        var input = DropInput(path: "/d", name: "d", settingsFile: nil)
        let pipeline = PipelineSettings()
        #expect(try status { _ = try input.settings(pipeline: pipeline, overrides: ["nonsense"]) } == 64)
        #expect(try status { _ = try input.settings(pipeline: pipeline, overrides: ["network.depth=none"]) } == 64)
        input.settingsFile = SettingsFile(source: "d.drop.yml", text: "network: 3")
        #expect(try status { _ = try input.settings(pipeline: pipeline) } == 65)
        let error = #expect(throws: SettingsError.self) { _ = try PipelineSettings(file: SettingsFile(source: "p.yml", text: "jobs: x")) }
        #expect(error.map { CommandFailure(any: $0).status.rawValue } == 78)
    }

    @Test func unknownErrorIsOneOfTheProgram() {
        struct Surprise: Error {}
        #expect(CommandFailure(any: Surprise()).status == .internalError)
    }

    /// `status --json > /dev/full` must not look as if the report had been written.
    @Test(.enabled(if: access("/dev/full", W_OK) == 0))
    func whatCannotBeWrittenIsNoSuccess() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "pipeline.yml")
        func code(_ words: String, _ target: String) async throws -> WorkerExit {
            let launch = WorkerProcess.Launch(
                executable: "/bin/sh", arguments: ["-c", "\"$0\" \(words) > \(target)", try BuiltProgram.path()],
                environment: ProcessInfo.processInfo.environment, workingFolder: folder.path, logPath: folder.path + "/log")
            return try await ChildCommand.run(launch, limitSeconds: 60).exit
        }
        for words in ["status --json", "status", "memories --json", "check --verbose"] {
            #expect(try await code(words, "/dev/full") == .exited(code: ExitStatus.inputOutputError.rawValue), "\(words)")
            #expect(try await code(words, "/dev/null") == .exited(code: 0), "\(words)")
        }
        #expect(try folder.text(of: "log").contains("standard output could not be written: No space left on device"))
    }
}
