import EngramMedia
import EngramNetworks
import EngramNumerics
import EngramReports
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct TrainingPlanningTests {
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

    private func plan(_ overrides: [String], _ path: String, available: Double?) throws -> TrainingPlan {
        let processor = try processor(["kind=autoencoder"] + overrides)
        return try processor.planned(for: try processor.decode(path)) { available }
    }

    /// The least memory in which everything at once fits.
    private func wholeByteCount(_ processor: DropProcessor, _ drop: DecodedDrop) throws -> Double {
        var (failing, fitting) = (0.0, 1e12)
        while fitting - failing > 1e3 {
            let middle = (failing + fitting) / 2
            let plan = try? processor.planned(for: drop) { middle }
            if let plan, plan.notes.isEmpty { fitting = middle } else { failing = middle }
        }
        return fitting
    }

    @Test func whatDoesNotFitAtOnceTakesBatchesAndThenANarrowerNetwork() throws {
        let work = try TemporaryFolder()
        let path = try set(600, side: 2, in: work)
        let wide = try plan(["network.depth=4"], path, available: nil)
        #expect(wide.width == 2048 && wide.batchSize == nil && wide.notes.isEmpty && wide.narrowedWithin == nil)
        // From what suffices downwards: full batch, mini-batches, a narrower network, nothing.
        let processor = try processor(["kind=autoencoder", "network.depth=4"])
        let drop = try processor.decode(path)
        var seen: [String] = []
        var lastWidth = wide.width
        var available = try wholeByteCount(processor, drop)
        while available > 1e7 {
            defer { available *= 0.97 }
            let found = try? processor.planned(for: drop) { available }
            let kind = found.map { $0.narrowedWithin != nil ? "narrowed" : $0.batchSize != nil ? "batches" : "whole" } ?? "refused"
            if seen.last != kind { seen.append(kind) }
            guard let found else { continue }
            #expect(processor.fits(found, drop))
            #expect(found.width <= lastWidth && TrainingPlan.nextPowerOfTwo(found.width) == found.width)
            #expect(found.notes.count == (kind == "whole" ? 0 : 1))
            lastWidth = found.width
            // Twice the width would not have fitted.
            var wider = found
            wider.width *= 2
            #expect(found.narrowedWithin == nil || !processor.fits(wider, drop), "\(available)")
        }
        #expect(seen == ["whole", "batches", "narrowed", "refused"], "\(seen)")
    }

    @Test func largeSetsAndSingleLayersStartMatchedUnlessTheSettingsRuleItOut() throws {
        let work = try TemporaryFolder()
        let large = try set(300, side: 3, in: work)
        for overrides in [[], ["network.depth=1"], ["network.activation=sigmoid"], ["training.initializer=matched"], ["network.width=400"]]
        {
            let plan = try plan(overrides, large, available: nil)
            #expect(plan.startsFromMatchedFilters && plan.depth == 1 && plan.activation == .sigmoid && plan.noiseKind == .cues)
            #expect(plan.width == (overrides == ["network.width=400"] ? 400 : 300) && plan.conditioning == 1)
        }
        for overrides in [["network.depth=3"], ["network.activation=selu"], ["training.initializer=default"], ["preset=paper"]] {
            let plan = try plan(overrides, large, available: nil)
            #expect(!plan.startsFromMatchedFilters && plan.noiseKind == .coordinates, "\(overrides)")
        }
        let small = try set(30, side: 3, in: work)
        #expect(try !plan([], small, available: nil).startsFromMatchedFilters)
        #expect(try plan(["network.depth=1"], small, available: nil).startsFromMatchedFilters)
    }

    @Test func sequencesOfMoreStatesThanDimensionsAreTrainedWithLessNoise() throws {
        let work = try TemporaryFolder()
        #expect(try plan(["kind=sequence"], set(30, side: 3, in: work), available: nil).maximumNoise == 0.3)
        let roomy = try TemporaryFolder()
        #expect(try plan(["kind=sequence"], set(30, side: 6, in: roomy), available: nil).maximumNoise == 1)
    }

    @Test func deepNetworksStartWithSignalsThatKeepTheirSize() throws {
        let work = try TemporaryFolder()
        defer { withExtendedLifetime(work) {} }
        let small = try set(30, side: 3, in: work)
        func initializer(_ overrides: [String]) throws -> DropSettings.Initializer {
            try plan(overrides, small, available: nil).initializerName
        }
        #expect(try initializer(["network.depth=16"]) == .standard)
        #expect(try initializer(["network.depth=17"]) == .lecun)
        #expect(try initializer(["network.depth=31", "network.activation=relu"]) == .kaiming)
        #expect(try initializer(["network.depth=31", "network.activation=tanh"]) == .standard)
        #expect(try plan(["network.depth=16"], small, available: nil).learningRate == 1.5e-3)
        #expect(try plan(["network.depth=17"], small, available: nil).learningRate == 5e-4)
        // What is given, and what was published, stays.
        #expect(try initializer(["network.depth=31", "training.initializer=default"]) == .standard)
        #expect(try initializer(["network.depth=31", "preset=paper"]) == .standard)
    }

    @Test func whatTheSettingsGiveIsNeverChanged() throws {
        let work = try TemporaryFolder()
        let path = try set(600, side: 2, in: work)
        let given = try plan(["network.width=700", "training.batch_size=600"], path, available: nil)
        #expect(given.width == 700 && given.batchSize == 600)
        let failure = #expect(throws: StageFailure.self) {
            _ = try plan(["network.width=700", "training.batch_size=600"], path, available: 1e7)
        }
        #expect(failure?.code == "memory")
        let processor = try processor(["kind=autoencoder", "network.width=700"])
        let drop = try processor.decode(path)
        let least = try wholeByteCount(processor, drop)
        let batches = try processor.planned(for: drop) { 0.985 * least }
        #expect(batches.width == 700 && batches.batchSize == 256)
        #expect(batches.notes.count == 1)
    }

    @Test func anAutomaticWidthHoldsEveryExampleWhereMemoryDoes() throws {
        let work = try TemporaryFolder()
        let path = try set(4200, side: 2, in: work)
        #expect(try plan(["network.depth=4"], path, available: nil).width == 4224)
        let narrowed = try plan(["network.depth=4"], path, available: 4e9)
        #expect(narrowed.width < 4199)
    }

    @Test func aGivenWidthThatCannotHoldTheExamplesIsRefusedWithTheOneNeeded() throws {
        let work = try TemporaryFolder()
        let path = try set(40, side: 3, repeated: 10, in: work)
        let failure = #expect(throws: StageFailure.self) { _ = try plan(["network.width=28"], path, available: nil) }
        #expect(failure?.code == "too-narrow")
        // Thirty differ, and an output layer with its bias can fit one more than it has units.
        #expect(failure?.expected == "a network.width of at least 29, or auto")
        #expect(try plan(["network.width=29"], path, available: nil).width == 29)
        #expect(try plan(["network.width=8", "training.exact_output_layer=false"], path, available: nil).width == 8)
        #expect(try plan(["network.width=8", "preset=paper"], path, available: nil).width == 8)
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
        #expect(first.network.width < 299)
        #expect(first.notes.contains { $0.contains("the width was narrowed to \(first.network.width)") }, "\(first.notes)")
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
        let drop = try processor.decode(path)
        #expect(drop.trainingExamples == Array(0..<8))
        #expect(drop.trainingTask == .autoencoder(count: 8) && drop.trainingSamples.rowCount == 8)
        #expect(drop.notes.contains { $0.contains("kept once") && $0.hasSuffix("4 examples equal an earlier one.") }, "\(drop.notes)")
        // Which are left out changes nothing: the eight alone give the same network.
        let alone = try TemporaryFolder()
        let overrides = ["kind=autoencoder", "training.epochs=20", "network.width=32"]
        _ = try self.processor(overrides).process(inputPath: path, into: try work.folder("out"))
        _ = try self.processor(overrides).process(inputPath: try set(8, side: 3, in: alone), into: try alone.folder("out"))
        #expect(try work.bytes("out/network.safetensors") == alone.bytes("out/network.safetensors"))
    }
}
