import EngramDynamics
import EngramMemories
import EngramNumerics
import EngramReports
import Testing

@testable import EngramPipeline
import EngramSystem

/// Planning as a drop meets it: its settings, its notes, its failures.
@Suite struct DropPlanningTests {
    private func processor(_ overrides: [String]) throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "set", overrides: overrides),
            context: .init(dropName: "set", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }))
    }

    /// A set of `count` items of `side`×`side` random codes; with `repeated`, the last ones equal the first.
    private func set(_ count: Int, side: Int, repeated: Int = 0, in work: TemporaryFolder) throws -> String {
        var generator = SplitMix64(seed: 5)
        var items = (0..<count - repeated).map { _ in (0..<side * side).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
        items += items.prefix(repeated)
        func bigEndian(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }
        let header = [0, 0, 8, 3] + bigEndian(count) + bigEndian(side) + bigEndian(side)
        return try work.write(header + items.joined(), "set-idx3-ubyte")
    }

    @Test func publishedSettingsOfANarrowedRunRepeatIt() throws {
        let work = try TemporaryFolder()
        let path = try set(300, side: 3, in: work)
        let overrides = [
            "kind=autoencoder", "network.depth=4", "training.epochs=2", "recall.starts=2", "recall.iterations=5",
            "analysis.eigenvalues=false",
        ]
        let limit = "limits.max_memory=90000000"
        let first = try processor(overrides + [limit]).process(inputPath: path, into: try work.folder("a"))
        let width = try #require(first.network.width)
        #expect(width < 299)
        #expect(first.notes.contains { $0.contains("the width was narrowed to \(width)") }, "\(first.notes)")
        let settings = try DropSettings(file: SettingsFile(path: work.path + "/a/settings.yml"))
        let again = DropProcessor(
            settings: settings, context: .init(dropName: "set", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }))
        _ = try again.process(inputPath: path, into: try work.folder("b"))
        #expect(try work.bytes("a/network.safetensors") == work.bytes("b/network.safetensors"))
        #expect(try work.bytes("a/settings.yml") == work.bytes("b/settings.yml"))
    }

    @Test func equalExamplesAreTrainedOnOnce() throws {
        let work = try TemporaryFolder()
        let path = try set(12, side: 3, repeated: 4, in: work)
        let processor = try processor(["kind=autoencoder"])
        let drop = try DropDecoder(settings: processor.settings).decode(path)
        #expect(drop.set.trainingExamples == Array(0..<8))
        #expect(drop.set.trainingTask == .autoencoder(count: 8) && drop.set.trainingSamples.rowCount == 8)
        #expect(drop.notes.contains { $0.contains("kept once") && $0.hasSuffix("4 examples equal an earlier one.") }, "\(drop.notes)")
        // Which are left out changes nothing: the eight alone give the same network.
        let alone = try TemporaryFolder()
        let overrides = ["kind=autoencoder", "training.epochs=20", "network.width=32"]
        _ = try self.processor(overrides).process(inputPath: path, into: try work.folder("out"))
        _ = try self.processor(overrides).process(inputPath: try set(8, side: 3, in: alone), into: try alone.folder("out"))
        #expect(try work.bytes("out/network.safetensors") == alone.bytes("out/network.safetensors"))
    }

    @Test func aDropThatDoesNotFitIsRefusedInTheWordsOfItsStage() throws {
        let work = try TemporaryFolder()
        let path = try set(20, side: 28, in: work)
        func failure(_ overrides: [String], available: Double, capacity: Double) throws -> Failure? {
            var processor = try processor(overrides)
            processor.availableMemory = { available }
            processor.memoryCapacity = { capacity }
            let output = try work.folder("out")
            return #expect(throws: Failure.self) { _ = try processor.process(inputPath: path, into: output) }
        }
        let wide = try #require(try failure(["network.width=65536"], available: 8e9, capacity: 8e9))
        #expect(wide.stage == .train && wide.code == "memory" && !wide.isRetryable)
        #expect(wide.message.contains("width of 65536") && wide.message.hasSuffix("; 8.0 GB are available."))
        #expect(wide.expected == "at most 8.0 GB" && wide.found?.contains("20 examples of 784 values") == true)
        #expect(wide.remedy?.hasPrefix("set network.width to ") == true)
        #expect(wide.remedy?.contains("make the examples smaller or fewer") == true)
        let limited = try #require(try failure(["limits.max_memory=1000000"], available: 1e15, capacity: 1e15))
        #expect(limited.message.hasSuffix("1.0 MB are allowed by limits.max_memory."))
        let waiting = try #require(try failure(["network.width=65536"], available: 8e9, capacity: 1e15))
        #expect(waiting.stage == .train && waiting.code == "memory-now" && waiting.isRetryable)
        #expect(waiting.message.contains("8.0 GB are free now, of 1.0 PB"))
    }
}
