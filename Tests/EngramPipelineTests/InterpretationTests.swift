import EngramMemories
import EngramReports
import EngramSystem
import Foundation
import Synchronization
import Testing

@testable import EngramMedia
@testable import EngramPipeline

/// What a drop was taken for goes from the reader to progress and report, and a published memory is read as it was published.
@Suite struct InterpretationTests {
    private let work: TemporaryFolder
    /// Twelve pictures of 4 × 4 pixels whose brightness rises in one order and jumps in the other, each with a spot of its own so that
    /// they are linearly independent.
    private let (film, photographs): (String, String)

    init() throws {
        work = try TemporaryFolder()
        (film, photographs) = (try work.folder("film"), try work.folder("photographs"))
        let format = ImageFormat(width: 4, height: 4, colorKind: .gray, bitDepth: 8)
        for index in 0..<12 {
            for (name, brightness) in [("film", index), ("photographs", index * 5 % 12)] {
                let codes = (0..<16).map { UInt8(15 * brightness + ($0 == index ? 40 : 0)) }
                let picture = try PNGEncoder.encode(codes, format: format, file: "test")
                _ = try work.write(picture, "\(name)/p_\(index).png")
            }
        }
    }

    private func processor(
        _ overrides: [String] = [], onProgress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
    ) throws -> DropProcessor {
        let quick = ["preset=closed-form", "analysis.recovery=none", "analysis.census=0", "recall.starts=2", "report.animation=false"]
        return DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "pictures", overrides: quick + overrides),
            context: .init(
                dropName: "pictures", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }, onProgress: onProgress))
    }

    @Test func reportAndProgressSayWhatNumberedPicturesWereTakenFor() throws {
        let told = Mutex<[PipelineProgress]>([])
        let set = try processor(onProgress: { progress in told.withLock { $0.append(progress) } })
            .process(inputPath: photographs, into: try work.folder("set"))
        #expect(set.kind == .autoencoder)
        let interpretation = try #require(set.interpretation)
        #expect(interpretation.takenFor == "a set of 12 pictures" && interpretation.setting == "kind: sequence makes it a film")
        #expect(interpretation.because.contains("pictures at random"))
        // Nothing is known before the drop is decoded; afterwards every line says it, since others see the latest alone.
        let lines = told.withLock { $0 }
        #expect(lines.first?.interpretation == nil && lines.count > 2)
        #expect(lines.dropFirst().allSatisfy { $0.interpretation == interpretation.sentence })
        #expect(lines.dropFirst().first?.stage == .decode)

        let sequence = try processor().process(inputPath: film, into: try work.folder("sequence"))
        #expect(sequence.kind == .sequence && sequence.interpretation?.takenFor == "a film of 12 pictures")
        let page = String(decoding: try work.bytes("sequence/report.html"), as: UTF8.self)
        #expect(page.contains("Taken for a film of 12 pictures: "))
    }

    /// The frames of two animations, written back as a picture each, would be read as one film.
    @Test func framesOfSeveralAnimationsAreTheCyclesThatWerePublished() throws {
        let drop = try work.folder("films")
        let encoder = APNGEncoder(width: 4, height: 4, colorKind: .gray)
        for (name, indices) in [("a.png", 0..<3), ("b.png", 3..<8)] {
            let frames = indices.map { index in
                APNGFrame(
                    codes: (0..<16).map { UInt8(15 * index + ($0 == index ? 40 : 0)) }, delayNumerator: 1, delayDenominator: 10)
            }
            _ = try work.write(try encoder.encode(frames), "films/" + name)
        }
        let folder = try work.folder("memory")
        let report = try processor().process(inputPath: drop, into: folder)
        #expect(report.cycles.map(\.length) == [3, 5])
        _ = try work.write(Array("{}".utf8), "memory/manifest.json")
        let memory = try StoredMemory(folder: folder)
        let media = try MediaReader.read(path: drop)
        let again = try work.folder("again")
        for file in try MediaWriter.files(values: media.values, like: media) { _ = try work.write(file.bytes, "again/" + file.name) }
        let decoder = DropDecoder(settings: memory.settings)
        #expect(try decoder.decode(again).media.sequences == [0..<8])
        #expect(try decoder.decode(again, of: memory.report).media.sequences == [0..<3, 3..<8])
        let context = DropProcessor.Context(dropName: "films", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 })
        let figures = try DropProcessor(settings: memory.settings, context: context).recheck(memory, examplesPath: again)
        #expect(figures.count > 2 && figures.allSatisfy(\.agrees), "\(figures.filter { !$0.agrees })")
        // Cycles that do not cover the items say nothing.
        #expect(memory.report.cycleRanges(tiling: 7) == nil)
    }

    /// Versions before this one took every numbered folder for a film. Settings by hand may leave the kind open.
    @Test(arguments: ["sequence", "autoencoder"])
    func aMemoryIsReadAsItWasPublished(kind: String) throws {
        // Each drop suggests the other kind by itself.
        let drop = kind == "sequence" ? photographs : film
        let folder = try work.folder("memory")
        _ = try processor(["kind=\(kind)"]).process(inputPath: drop, into: folder)
        _ = try work.write(Array("{}".utf8), "memory/manifest.json")
        let written = String(decoding: try work.bytes("memory/settings.yml"), as: UTF8.self)
        let open = written.replacing("kind: \(kind)", with: "kind: auto", maxReplacements: 1)
        try #require(open != written)
        _ = try work.write(Array(open.utf8), "memory/settings.yml")

        let memory = try StoredMemory(folder: folder)
        #expect(memory.settings.kind == .value(try #require(DropSettings.Kind(rawValue: kind))))
        let context = DropProcessor.Context(dropName: "pictures", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 })
        let figures = try DropProcessor(settings: memory.settings, context: context).recheck(memory, examplesPath: drop)
        #expect(figures.count > 2 && figures.allSatisfy(\.agrees), "\(figures.filter { !$0.agrees })")
    }
}
