import ArgumentParser
import EngramPipeline
import EngramReports
import Foundation
import Testing

@testable import EngramDrops
@testable import engram
import EngramSystem

@Suite struct WorkCommandTests {
    @Test(arguments: ["steamboat", "--name=x", "-n", "a=b", "a b\nc", "größe"])
    func argumentsOfTheDaemonAreReadBack(name: String) throws {
        let job = WorkerJob(
            id: "20260131T120000250Z-9f3a", name: name, attempt: 2, token: "t", inputPath: "/w/input/" + name,
            settingsPath: "/w/input/\(name).drop.yml", configPath: nil, outputPath: "/w/out", checkpointPath: "/w/check")
        let command = try #require(Engram.parseAsRoot(WorkerArguments.arguments(for: job, threadCount: 3)) as? WorkCommand)
        #expect(command.id == job.id && command.name == name && command.attempt == 2 && command.token == "t")
        #expect(command.input == job.inputPath && command.settings == job.settingsPath && command.config == nil)
        #expect(command.output == "/w/out" && command.checkpoint == "/w/check" && command.threads == 3)
        #expect(command.job == .memorize && command.memoryFolder == nil)
        var cue = job
        cue.job = .recall(memory: name)
        let arguments = WorkerArguments.arguments(for: cue, threadCount: 3, outbox: "/o", memoryFolder: "/o/-m")
        let asked = try #require(Engram.parseAsRoot(arguments) as? WorkCommand)
        #expect(asked.job == .recall && asked.memoryName == name && asked.outbox == "/o" && asked.memoryFolder == "/o/-m")
    }

    @Test func progressCanBeLeftOut() throws {
        let command = try #require(Engram.parseAsRoot(["process", "a", "-o", "b", "-q"]) as? ProcessCommand)
        let shown = try #require(Engram.parseAsRoot(["recall", "a", "--memory", "m", "-o", "b"]) as? RecallCommand)
        #expect(command.displayOptions.quiet && !shown.displayOptions.quiet)
    }

    /// A kind of job is one line of `JobKind.all` and one of `JobWorks.all`; its name is what reports say.
    @Test func everyKindOfJobHasItsWorkAndItsReport() throws {
        #expect(JobWorks.all.map { $0.kind } == JobKind.all)
        #expect(JobKind.all.map(\.name) == [DropReport.jobName, RecallReport.jobName, PredictReport.jobName])
        #expect(Set(JobKind.all.map(\.name)).count == JobKind.all.count && JobKind.all.first == .memorize)
        // What settings can name is every kind but those that ask a memory, which a drop's place says.
        #expect(Set(DropSettings.Job.allCases.map(\.rawValue)) == Set(JobKind.all.filter { !$0.asksMemory }.map(\.name)))
        for kind in JobKind.all {
            let row = DropJob(ofEntryAt: kind.asksMemory ? "\(kind.name)/film/a.png" : "a.png", found: kind)
            #expect(row.kind == kind && row.memory == (kind.asksMemory ? "film" : nil))
        }
        let arguments = WorkerArguments.arguments(
            for: WorkerJob(
                id: "1", name: "a", attempt: 1, token: "t", inputPath: "/a", settingsPath: nil, configPath: nil, outputPath: "/o",
                checkpointPath: "/c"), threadCount: 1)
        #expect(throws: (any Error).self) { try Engram.parseAsRoot(arguments + ["--job=forget"]) }
    }

    @Test func onlyTheOperatorSaysWhatElseAWorkerReads() throws {
        let text = """
            defaults: {analysis.foreign: /srv/others}
            rules:
              - match: "*.idx"
                set: {analysis: {foreign: /srv/digits}}
              - match: "film*"
                set: {analysis: {foreign: beside/it}}
            """
        let pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: text), path: "pipeline.yml")
        #expect(WorkerArguments.readablePaths(forDropNamed: "a", pipeline) == ["/srv/others"])
        #expect(WorkerArguments.readablePaths(forDropNamed: "a.idx", pipeline) == ["/srv/digits"])
        // A path that depends on where a process was started is granted to none.
        #expect(WorkerArguments.readablePaths(forDropNamed: "film", pipeline) == [])
        #expect(WorkerArguments.readablePaths(forDropNamed: "a", PipelineSettings()) == [])
        let job = WorkerJob(
            id: "1", name: "-a", attempt: 1, token: "t", inputPath: "/w/-a", settingsPath: nil, configPath: nil, outputPath: "/w/out",
            checkpointPath: "/w/check")
        let arguments = WorkerArguments.arguments(for: job, threadCount: 1, readable: ["/srv/-o=1", "/srv/b"])
        #expect(try #require(Engram.parseAsRoot(arguments) as? WorkCommand).readable == ["/srv/-o=1", "/srv/b"])
    }

    @Test(arguments: [false, true])
    func failureIsLeftAsTheDaemonReadsIt(isRetryable: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.write("half a result", to: "recovered/1.png")
        let failure = Failure(
            stage: .decode, code: "malformed", file: "7.png", message: "7.png is cut short", expected: "IEND",
            found: "the end", remedy: "copy it again", isRetryable: isRetryable)
        try WorkCommand.leave(CommandFailure(failure), named: "film", in: folder.path, at: 0)
        // Foundation reads what any other program would.
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(folder.text(of: "failure.json").utf8)) as? [String: Any])
        #expect(object["schema"] as? String == "engram-error/1")
        #expect(object["stage"] as? String == "decode" && object["file"] as? String == "7.png")
        #expect(object["message"] as? String == "7.png is cut short" && object["remedy"] as? String == "copy it again")
        #expect(object["expected"] as? String == "IEND" && object["found"] as? String == "the end")
        #expect(object["retryable"] as? Bool == isRetryable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["failure.json"])
        // And the daemon itself.
        #expect(ErrorFile.left(in: folder.path, files: FileSystem())?.isRetryable == isRetryable)
    }

    @Test func failureSaysNothingTwiceOnATerminal() {
        let failure = CommandFailure(
            .unusableData, code: "c", message: "a.png: expected a PNG, found text. Export it again.", expected: "a PNG", found: "text",
            remedy: "Export it again.", file: "a.png")
        #expect(failure.description == failure.message)
        let other = CommandFailure(.unusableData, code: "c", message: "it is broken.", expected: "a PNG", remedy: "mend it", file: "a.png")
        #expect(other.description == "it is broken.\n  file:      a.png\n  expected:  a PNG\n  what next: mend it")
    }
}
