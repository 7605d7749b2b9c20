import EngramService
import EngramPipeline
import EngramReports
import Foundation
import Testing

@testable import EngramDrops
@testable import engram
import EngramSystem

@Suite struct RunTextTests {
    @Test func summaryHasALineForEveryDrop() {
        var summary = RunSummary()
        summary.published = [.init(name: "film", detail: "/o/film")]
        summary.failed = [.init(name: "talk", detail: "no space")]
        summary.blocked = [.init(name: "album", detail: "mode g+w")]
        summary.waiting = [.init(name: "new.wav", detail: "it still changes")]
        let rejections = [RunJournal.RejectedDrop(name: "bad\u{1b}.png", path: "/o/rejected/bad", reason: "it is text")]
        #expect(
            RunSummaryText.text(summary, rejections: rejections, shownPath: { $0 }) == """
                published   film      /o/film/report.html
                rejected    bad?.png  it is text
                                      see /o/rejected/bad/error.json
                unfinished  talk      no space
                                      the next run goes on with it
                blocked     album     mode g+w
                waiting     new.wav   it still changes

                1 published, 1 rejected, 1 unfinished, 1 blocked, 1 waiting
                """)
        #expect(RunSummaryText.text(RunSummary(), rejections: []) == "The inbox is empty.")
    }

    @Test func statusTellsStateProgressAndWhetherTheDaemonRuns() throws {
        let folders = DropFolders(inbox: "/i", outbox: "/o", state: "/s")
        func row(_ name: String, _ state: DropState, result: String? = nil) -> DropRow {
            DropRow(
                id: name, name: name, path: "/i/" + name, state: state, reason: "because", attempt: 1, failureCount: 0, resultPath: result,
                createdAt: 0, updatedAt: 100)
        }
        let progress = ProgressMessage(PipelineProgress(stage: .train, elapsedSeconds: 5, epoch: 3, loss: 0.5, detail: ""))
        var report = StatusReport(
            daemonProcess: 42, counts: [.running: 1, .archived: 1],
            drops: [.init(row: row("film", .running), progress: progress), .init(row: row("talk", .archived, result: "/o/talk"))],
            folders: folders)
        let text = report.text(now: 160, shownPath: { $0 })
        #expect(
            text == """
                engram is running (process 42).
                1 running, 1 done

                running     film  1:00 ago      train, epoch 3, loss 5.00e-01, 5 s so far
                done        talk  1:00 ago      /o/talk/report.html
                """)
        let object = try #require(JSONSerialization.jsonObject(with: Data(report.json.encoded())) as? [String: Any])
        let drops = try #require(object["drops"] as? [[String: Any]])
        #expect((drops.first?["progress"] as? [String: Any])?["epoch"] as? Int == 3)
        #expect((object["counts"] as? [String: Int])?["archived"] == 1)
        report.daemonProcess = nil
        #expect(report.text(now: 160, shownPath: { $0 }).contains("its daemon ended; it goes on at the next start"))
    }

    /// While a drop is at work its worker says what it was taken for, afterwards its report.
    @Test func statusAndExplainSayWhatADropWasTakenFor() throws {
        let folder = try TemporaryFolder()
        let folders = DropFolders(inbox: folder.path + "/i", outbox: folder.path + "/o", state: folder.path + "/s")
        var row = DropRow(
            id: "1", name: "film", path: "/i/film", state: .running, reason: "at work", attempt: 1, failureCount: 0, resultPath: nil,
            createdAt: 0, updatedAt: 100)
        #expect(DropInterpretation.known(of: row, folders: folders) == nil)
        let sentence = "taken for a film of 2 pictures: they move on"
        let progress = ProgressMessage(PipelineProgress(stage: .train, elapsedSeconds: 5, detail: "", interpretation: sentence))
        let progressPath = String(folders.work(for: row.id).progress.dropFirst(folder.path.count + 1))
        try folder.write(String(decoding: progress.line, as: UTF8.self), to: progressPath)
        #expect(DropInterpretation.known(of: row, folders: folders) == sentence)
        var report = StatusReport(
            daemonProcess: 1, counts: [:], drops: [.init(row: row, progress: progress, interpretation: sentence)], folders: folders)
        #expect(report.text(now: 100).hasSuffix("train, 5 s so far; " + sentence))

        (row.state, row.resultPath) = (.archived, folder.path + "/o/film")
        #expect(DropInterpretation.known(of: row, folders: folders) == nil)
        let published = DropReport(
            name: "film", kind: .sequence, samples: 2, dimension: 1, media: .init(type: .image),
            network: .init(family: "fully-connected", depth: 1, width: 1, activation: "relu", parameters: 1),
            training: .init(
                preset: "fast", optimizer: "adam", initializer: "default", epochs: 1, mse: 0, seconds: 0, stopped: "", conditioning: 1,
                noise: 0, seed: 1), seed: 1, threads: 1,
            sections: [DropReport.Interpretation(takenFor: "a film of 2 pictures", because: "they move on")])
        try folder.write(String(decoding: published.json(), as: UTF8.self), to: "o/film/report.json")
        let known = try #require(DropInterpretation.known(of: row, folders: folders))
        #expect(known == sentence)
        report.drops = [.init(row: row, interpretation: known)]
        #expect(report.text(now: 100, shownPath: { $0 }).hasSuffix("/o/film/report.html; " + sentence))
        let object = try #require(JSONSerialization.jsonObject(with: Data(report.json.encoded())) as? [String: Any])
        #expect(((object["drops"] as? [[String: Any]])?.first)?["interpretation"] as? String == sentence)
        #expect(DropBiography.text(row, transitions: [], interpretation: known).contains("\n  \(sentence)"))
    }

    @Test(arguments: [("/a/b/c", "/a", "b/c"), ("/a/b/c", "/a/", "b/c"), ("/ab/c", "/a", "/ab/c"), ("/a", "/a", "/a"), ("/x", "/", "x")])
    func pathsAreShownFromTheCurrentFolder(path: String, folder: String, shown: String) {
        #expect(PathText.shown(path, from: folder) == shown)
    }
}
