import EngramReports
import EngramSystem
import EngramTestSupport
import Foundation
import Testing

@testable import EngramPipeline

/// A text is memorized by the default recipe and comes back byte for byte.
@Suite struct TextDropTests {
    private func process(_ text: String, _ overrides: [String] = [], in work: TemporaryFolder) throws -> DropReport {
        let input = try work.write(Array(text.utf8), "a.txt")
        return try DropProcessor(
            settings: try PipelineSettings().dropSettings(
                named: "a.txt", overrides: ["analysis.recovery=none", "analysis.census=0", "recall.starts=4"] + overrides),
            context: .init(dropName: "a.txt", threadCount: 1, versions: [:], command: "c", monotonicSeconds: { 0 })
        ).process(inputPath: input, into: try work.folder("out"))
    }

    /// Words that repeat, white space of all kinds, and a period shorter than the text.
    @Test(arguments: [
        ("a rose is a rose is a rose,\n  she said.\r\n", [] as [String], 10), ("aabaaabaab", [], 10), ("to be", ["text.unit=bytes"], 5),
        ("one ", ["text.unit=words"], 1), ("tick tock tick tock ", ["text.unit=words"], 4), ("word word word word end", [], 5),
    ])
    func aTextComesBackByteForByte(text: String, settings: [String], count: Int) throws {
        let work = try TemporaryFolder()
        let report = try process(text, settings, in: work)
        #expect(report.samples == count && report.media.type == .text && report.outcome?.grade == .exact, "\(report.notes)")
        let recovered = try work.bytes("out/recovered/a.txt")
        #expect(recovered == Array(text.utf8))
        #expect(report.cycles.allSatisfy { $0.stable })
        let playable = try #require(report.playable?.first)
        #expect(playable.kind == .text && playable.path == "recovered/a.txt" && playable.excerpt == text)
        let page = String(decoding: try work.bytes("out/report.html"), as: UTF8.self)
        #expect(page.contains("Read it"))
    }

    /// What a text says must not become a part of the page.
    @Test func aTextIsNoMarkup() throws {
        let work = try TemporaryFolder()
        _ = try process("<script>alert(1)</script> & <b>more</b> words here", in: work)
        let page = String(decoding: try work.bytes("out/report.html"), as: UTF8.self)
        #expect(!page.contains("<script>") && page.contains("&lt;script&gt;"))
    }

    /// From the memory's folder alone: a part of the text, with a word that is not in it, and what follows.
    @Test func aPartOfATextPlaysOn() throws {
        let work = try TemporaryFolder()
        let text = "the cat sat on the mat and the dog sat by the door "
        _ = try process(text, in: work)
        let cue = try work.write(Array("dog lay by".utf8), "cue.txt")
        let folder = work.path + "/out"
        let files = MemoryFiles(
            folder: folder,
            read: { name throws(Failure) in
                guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                    throw Failure(stage: .recall, code: "gone", message: name)
                }
                return Array(data)
            })
        let report = try RecallJob(
            context: .init(dropName: "cue.txt", threadCount: 1, versions: [:], command: "c", monotonicSeconds: { 0 })
        ).run(RecallJob.Request(cues: [.init(path: cue)]), open: { try OpenMemory(files, threadCount: 1) }, into: try work.folder("answer"))
        let answer = try #require(report.answers.first)
        #expect(answer.outcome == .exact && answer.notes.contains { $0.contains("\"lay \"") }, "\(answer)")
        #expect(
            String(decoding: try work.bytes("answer/recalled/a.txt"), as: UTF8.self)
                == "by the door the cat sat on the mat and the dog sat ")
    }
}
