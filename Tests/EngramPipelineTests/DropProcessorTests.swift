import EngramMedia
import EngramMemories
import EngramPipeline
import EngramReports
import Foundation
import Testing
import EngramSystem

/// A folder that is removed when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("engram-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))) }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}

@Suite struct DropProcessorTests {
    private let digits: String

    init() throws {
        digits = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
    }

    private func processor(
        _ overrides: [String] = [], name: String = "counting", isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(
                named: name, overrides: ["network.width=96", "analysis.recovery=none", "analysis.census=0"] + overrides),
            context: .init(
                dropName: name, threadCount: 1, versions: ["engram": "test"], command: "engram process counting",
                monotonicSeconds: { 0 }, isCancelled: isCancelled))
    }

    @Test func twoCyclesOfDigitsAreStableAndComeBackFromNoiseBitExact() throws {
        let work = try TemporaryFolder()
        let report = try processor(["sequence_length=10"]).process(inputPath: digits, into: try work.folder("out"))
        #expect(report.kind == .sequence)
        #expect(report.cycles.count == 2)
        #expect(report.cycles.allSatisfy { $0.stable })
        let uniform = try #require(report.recall.first { $0.start == "uniform noise" })
        #expect(uniform.starts == 20)
        #expect(uniform.recovered == 20)
        #expect(uniform.exact == 20)
        // What was recalled is the drop, byte for byte: 8-bit codes leave no room for an almost.
        #expect(try work.bytes("out/recovered/counting-idx3-ubyte") == Array(try Data(contentsOf: URL(fileURLWithPath: digits))))
        for file in [
            "report.html", "report.json", "eigenvalues.csv", "training.csv", "from-noise.apng", "network.safetensors", "settings.yml",
        ] {
            #expect(!(try work.bytes("out/\(file)")).isEmpty, "\(file)")
        }
    }

    @Test func aBlackImageIsAnAttractorOfTheClosedForm() throws {
        let work = try TemporaryFolder()
        let black = try work.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4] + Array(repeating: 0, count: 16), "black-idx3-ubyte")
        let report = try processor(["preset=closed-form"], name: "black").process(inputPath: black, into: try work.folder("out"))
        #expect(report.attractors.verified == 1)
    }

    @Test func aRefusedClosedFormNamesTheSettingThatHelps() throws {
        let work = try TemporaryFolder()
        // Two images and their sum.
        let images: [UInt8] = [10, 0, 0, 20, 10, 20]
        let dependent = try work.write([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2] + images, "sum-idx3-ubyte")
        let overrides = ["preset=closed-form", "kind=autoencoder", "closed_form.filters=inverse", "closed_form.ridge=0"]
        do {
            _ = try processor(overrides, name: "sum").process(inputPath: dependent, into: try work.folder("out"))
            Issue.record("dependent images were taken without a ridge")
        } catch let failure as Failure {
            #expect(failure.remedy?.contains("closed_form.ridge") == true, "\(failure)")
        }
    }

    @Test func digitsAsAnAutoencoderAreAttractors() throws {
        let work = try TemporaryFolder()
        let report = try processor(["kind=autoencoder", "network.width=160"]).process(inputPath: digits, into: try work.folder("out"))
        #expect(report.kind == .autoencoder)
        #expect(report.attractors.total == 20)
        #expect(report.attractors.verified == 20)
        let radius = try #require(report.attractors.spectralRadiusMax)
        #expect(radius < 1)
        #expect(report.training.stopped.contains("attractor"))
    }

    @Test func closedFormHoldsWithoutTrainingAndSaysSo() throws {
        let work = try TemporaryFolder()
        let cycles = try processor(["preset=closed-form", "sequence_length=10"]).process(inputPath: digits, into: try work.folder("out"))
        #expect(cycles.training.preset == "closed-form")
        #expect(cycles.training.epochs == 0)
        #expect(cycles.training.stopped.hasPrefix("the weights were written down"))
        #expect(cycles.network.depth == 1 && cycles.network.width == 20 && cycles.network.activation == "sigmoid")
        #expect(cycles.cycles.allSatisfy { $0.stable })
        let uniform = try #require(cycles.recall.first { $0.start == "uniform noise" })
        #expect(uniform.exact == 20)
        let items = try processor(["preset=closed-form", "kind=autoencoder", "recall.corruption=0.3"])
            .process(inputPath: digits, into: try work.folder("items"))
        #expect(items.attractors.verified == 20)
        let cued = try #require(items.recall.first { $0.start == "corrupted 30 %" })
        #expect(cued.exact >= 19, "\(cued.exact) of 20")
    }

    @Test func publishedSettingsOfAClosedFormRepeatIt() throws {
        let work = try TemporaryFolder()
        _ = try processor(["preset=closed-form", "kind=autoencoder"]).process(inputPath: digits, into: try work.folder("a"))
        let settings = try DropSettings(file: SettingsFile(path: work.path + "/a/settings.yml"))
        #expect(settings.closedForm.steepness != .auto && settings.closedForm.filters != .auto)
        let again = DropProcessor(
            settings: settings,
            context: .init(
                dropName: "counting", threadCount: 1, versions: ["engram": "test"], command: "engram process counting",
                monotonicSeconds: { 0 }))
        _ = try again.process(inputPath: digits, into: try work.folder("b"))
        #expect(try work.bytes("a/network.safetensors") == work.bytes("b/network.safetensors"))
        #expect(try work.bytes("a/settings.yml") == work.bytes("b/settings.yml"))
    }

    @Test func closedFormHasAnAnswerForOneAndForDependentExamples() throws {
        let work = try TemporaryFolder()
        let single = try work.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40], "one-idx3-ubyte")
        let one = try processor(["preset=closed-form"]).process(inputPath: single, into: try work.folder("single"))
        #expect(one.attractors.verified == 1)
        // Six points in a plane, the last a twin: no inverse of their Gram matrix exists.
        let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2]
        let path = try work.write(header + [0, 0, 250, 0, 0, 250, 250, 250, 120, 120, 250, 0], "plane-idx3-ubyte")
        let report = try processor(["preset=closed-form", "kind=autoencoder"]).process(inputPath: path, into: try work.folder("out"))
        #expect(report.training.epochs == 0)
        #expect(report.attractors.total == 6)
    }

    @Test func contractiveSolvesTurnABarelyTrainedMemoryIntoAttractors() throws {
        let work = try TemporaryFolder()
        let settings = ["kind=autoencoder", "network.width=160", "training.epochs=6", "training.conditioning=1"]
        let report = try processor(settings).process(inputPath: digits, into: try work.folder("out"))
        #expect(report.attractors.verified == 20)
        let phases = String(decoding: try work.bytes("out/training.csv"), as: UTF8.self)
        #expect(phases.contains("contractive output layer"))
    }

    @Test func sameDropSettingsAndSeedGiveTheSameBytes() throws {
        let work = try TemporaryFolder()
        for folder in ["a", "b"] {
            _ = try processor(["sequence_length=10", "training.epochs=30"]).process(inputPath: digits, into: try work.folder(folder))
        }
        for file in ["report.json", "report.html", "network.safetensors", "from-noise.apng", "settings.yml", "eigenvalues.csv"] {
            #expect(try work.bytes("a/\(file)") == work.bytes("b/\(file)"), "\(file)")
        }
        _ = try processor(["sequence_length=10", "training.epochs=30", "seed=2"]).process(inputPath: digits, into: try work.folder("c"))
        #expect(try work.bytes("a/network.safetensors") != work.bytes("c/network.safetensors"))
    }

    @Test func publishedSettingsRepeatTheRun() throws {
        let work = try TemporaryFolder()
        _ = try processor(["sequence_length=10", "training.epochs=30"]).process(inputPath: digits, into: try work.folder("a"))
        let again = DropProcessor(
            settings: try DropSettings(file: SettingsFile(path: work.path + "/a/settings.yml")),
            context: .init(
                dropName: "counting", threadCount: 1, versions: ["engram": "test"], command: "engram process counting",
                monotonicSeconds: { 0 }))
        _ = try again.process(inputPath: digits, into: try work.folder("b"))
        #expect(try work.bytes("a/network.safetensors") == work.bytes("b/network.safetensors"))
        #expect(try work.bytes("a/settings.yml") == work.bytes("b/settings.yml"))
    }

    @Test func aBudgetThatEndsTooSoonIsSaidHonestly() throws {
        let work = try TemporaryFolder()
        let report = try processor(["kind=autoencoder", "training.epochs=2"]).process(inputPath: digits, into: try work.folder("out"))
        #expect(report.training.epochs == 2)
        #expect(report.training.stopped.contains("all 2 epochs were used up"))
        #expect(report.attractors.verified < report.attractors.total)
    }

    @Test func damagedInputFailsInDecodingWithItsPlace() throws {
        let work = try TemporaryFolder()
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: digits)))
        let path = try work.write(Array(whole.dropLast(5)), "digits-idx3-ubyte")
        let failure = #expect(throws: Failure.self) { try processor().process(inputPath: path, into: try work.folder("out")) }
        #expect(failure?.stage == .decode)
        #expect(failure?.code == "malformed")
        #expect(failure?.isRetryable == false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: work.path + "/out").isEmpty)
    }

    @Test func cancellationEndsTheRun() throws {
        let work = try TemporaryFolder()
        #expect(throws: CancellationError.self) {
            try processor(["sequence_length=10"], isCancelled: { true }).process(inputPath: digits, into: try work.folder("out"))
        }
    }

    @Test func oneExampleAndEqualExamplesAreStillMemories() throws {
        let work = try TemporaryFolder()
        let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2]
        let path = try work.write(header + [10, 20, 30, 40, 200, 0, 9, 1, 10, 20, 30, 40], "twins-idx3-ubyte")
        let report = try processor(["network.width=32", "training.epochs=1200"]).process(inputPath: path, into: try work.folder("out"))
        #expect(report.attractors.verified == 3)
        #expect(report.notes.contains { $0.contains("equals") })
        let single = try work.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40], "one-idx3-ubyte")
        let one = try processor(["network.width=32"]).process(inputPath: single, into: try work.folder("single"))
        #expect(one.attractors.verified == 1)
    }

    @Test func equalExamplesAreAllGivenBack() throws {
        let work = try TemporaryFolder()
        let a: [UInt8] = [10, 20, 30, 40]
        let bytes = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2] + a + [200, 0, 9, 1] + a
        let path = try work.write(bytes, "twins-idx3-ubyte")
        _ = try processor(["network.width=32"]).process(inputPath: path, into: try work.folder("out"))
        #expect(try work.bytes("out/recovered/twins-idx3-ubyte") == bytes)
    }

    @Test func aSequenceThatRepeatsItselfIsRecalledWhole() throws {
        let work = try TemporaryFolder()
        let (a, b): ([UInt8], [UInt8]) = ([10, 220, 30, 140], [200, 0, 90, 1])
        for (name, settings) in [("once", "sequence_length=4"), ("twice", "sequence_length=2")] {
            let bytes = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2] + a + b + a + b
            let path = try work.write(bytes, "\(name)-idx3-ubyte")
            let report = try processor([settings, "network.width=64"]).process(inputPath: path, into: try work.folder(name))
            #expect(report.recall.allSatisfy { $0.recovered == $0.starts }, "\(name)")
            #expect(try work.bytes("\(name)/recovered/\(name)-idx3-ubyte") == bytes, "\(name)")
        }
    }

    @Test func aCycleThatTheMapDoesNotFollowIsNotCalledStable() throws {
        let work = try TemporaryFolder()
        let report = try processor(["sequence_length=10", "preset=paper", "training.epochs=1"]).process(
            inputPath: digits, into: try work.folder("out"))
        // An untrained network contracts: its radius is below 1, and yet it stores nothing.
        #expect(report.cycles.allSatisfy { ($0.log10SpectralRadius ?? 0) < 0 })
        #expect(report.cycles.allSatisfy { !$0.stable })
    }

    @Test func nothingIsSaidOfStartsThatWereNotTried() throws {
        let work = try TemporaryFolder()
        let report = try processor(["sequence_length=10", "recall.starts=0"]).process(inputPath: digits, into: try work.folder("out"))
        #expect(!report.training.stopped.contains("noise"))
        #expect(report.recall.allSatisfy { !$0.start.hasSuffix("noise") })
    }
}
