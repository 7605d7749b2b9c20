import EngramDynamics
import EngramMemories
import EngramNumerics
import EngramReports
import EngramSystem
import Foundation
import Testing

@testable import EngramPipeline

/// Sequences whose samples repeat, from the drop to the memory that is read back.
@Suite struct RepeatTests {
    private func processor(_ overrides: [String]) throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "states", overrides: overrides),
            context: .init(dropName: "states", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }))
    }

    @Test func equalSamplesThatGoOnDifferentlyAreStored() throws {
        let work = try TemporaryFolder()
        // Items A B A A C: A goes to B, to itself, and to C.
        let (a, b, c): ([UInt8], [UInt8], [UInt8]) = ([10, 220, 30, 140], [200, 0, 90, 1], [60, 70, 255, 40])
        let bytes = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 2] + a + b + a + a + c
        let path = try work.write(bytes, "states-idx3-ubyte")
        let report = try processor(["kind=sequence", "network.width=128"]).process(inputPath: path, into: try work.folder("out"))
        #expect(report.recall.allSatisfy { $0.recovered == $0.starts && $0.exact == $0.starts }, "\(report.recall)")
        #expect(try work.bytes("out/recovered/states-idx3-ubyte") == bytes)
        #expect(
            report.notes.contains { $0.contains("which no map can follow") && $0.hasSuffix("2 samples are such repeats.") },
            "\(report.notes)")
        let repeats = try #require(report.media.repeats)
        #expect(repeats.entries == 64 && repeats.samples == [2, 3] && repeats.numbers == [1, 2])
        #expect(report.dimension == 4 + 64 && report.cycles.map(\.stable) == [true])
        // What is published says which marks the memory has; nothing is found out anew.
        let memory = try StoredMemory(
            folder: { () throws in
                _ = try work.write(Array("{}".utf8), "out/manifest.json")
                return work.path + "/out"
            }())
        let again = try DropDecoder(settings: memory.settings).decode(work.path + "/out/recovered", of: memory.report)
        #expect(again.set.marks?.numbers == [0, 0, 1, 2, 0] && again.set.examples.columnCount == memory.map.inputDimension)
        var damaged = memory.report
        damaged.media.repeats?.samples = [2, 5]
        let failure = #expect(throws: Failure.self) {
            _ = try DropDecoder(settings: memory.settings.reading(as: damaged)).decode(work.path + "/out/recovered", of: damaged)
        }
        #expect(failure?.code == "repeats" && failure?.remedy != nil)
    }

    @Test func cyclesAreReadBackWithoutTheirEigenvalues() throws {
        let work = try TemporaryFolder()
        var generator = SplitMix64(seed: 5)
        let codes = (0..<40).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let path = try work.write([0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 2] + codes, "states-idx3-ubyte")
        let report = try processor(["sequence_length=5", "analysis.eigenvalues=false", "training.epochs=2"]).process(
            inputPath: path, into: try work.folder("out"))
        #expect(report.cycles.isEmpty && report.media.cycleLengths.map { Set($0) } == [5])
        #expect(report.cycleRanges(tiling: report.samples)?.first == 0..<5)
        #expect(report.cycleRanges(tiling: report.samples)?.count == report.samples / 5)
        #expect(report.cycleRanges(tiling: report.samples + 1) == nil)
    }
}
