import EngramNetworks
import EngramNumerics
import EngramReports
import Foundation
import Testing

@testable import EngramPipeline
import EngramSystem

@Suite struct BasinTests {
    private let digits: String
    private let work: TemporaryFolder

    init() throws {
        digits = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
        work = try TemporaryFolder()
    }

    private func processor(_ overrides: [String]) throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(
                named: "digits", overrides: ["preset=closed-form", "recall.starts=3"] + overrides),
            context: .init(
                dropName: "digits", threadCount: 1, versions: ["engram": "test"], command: "engram process digits", monotonicSeconds: { 0 })
        )
    }

    private func process(_ overrides: [String], path: String? = nil, into folder: String = "out") throws -> DropReport {
        try processor(overrides).process(inputPath: path ?? digits, into: try work.folder(folder))
    }

    @Test func aDropOfOneImageHasTheoryBesideMeasurement() throws {
        // A 2 x 2 image; and one of zeros, which has no direction.
        func drop(_ values: [UInt8], _ name: String) throws -> DropReport {
            let path = try work.folder(name) + "/one-idx3-ubyte"
            let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2] + values
            _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
            return try process(
                [
                    "kind=autoencoder", "preset=fast", "network.width=8", "training.epochs=20", "analysis.recovery=none",
                    "analysis.census=0",
                ],
                path: path, into: name + "-out")
        }
        let theory = try #require(try drop([10, 200, 30, 90], "one").theory)
        // The values that [RBU20] prints.
        for (item, printed) in zip(theory.cases, [0.6, 0.28, 0.16, 0.263, 0.5, 0.25, 2]) {
            #expect(abs(item.theory - printed) < 5e-3 && abs((item.measured ?? .nan) - printed) < 5e-3, "\(item.name)")
            #expect(item.attractor == (printed < 1) && item.steps > 100)
        }
        // Where its units are linear an autoencoder leaves the example as it is in both directions.
        #expect(theory.cases.last?.name.hasPrefix("selu") == true)
        #expect(try drop([0, 0, 0, 0], "zero").theory == nil)
        #expect(try process(["kind=autoencoder", "analysis.recovery=none", "analysis.census=0"], into: "many").theory == nil)
        let page = try String(contentsOfFile: work.folder("one-out") + "/report.html", encoding: .utf8)
        #expect(page.contains("What does theory say?"))
    }

    @Test func ratesOfRecoveryKeepTheirOrderAndStandBesideTheirBaselines() throws {
        let report = try process(["kind=autoencoder", "analysis.recovery=quick", "analysis.census=0"])
        let method = try #require(report.recoveryMethod)
        #expect(method.examples == 20)
        #expect(
            Set(report.recovery.map(\.corruption)) == ["uniform noise", "square", "gaussian noise", "masked left half", "masked top half"])
        for row in report.recovery {
            #expect(row.total == 20 && row.recovered <= 20 && row.rightItem <= 20)
            let share = Double(row.recovered) / 20
            #expect(row.recoveredLow <= share && share <= row.recoveredHigh)
            // Digits are stored as bytes: their range is 1, and with it the criterion that of the paper.
            #expect(abs(row.criterionMSE / row.criterion - 1) < 1e-6)
        }
        for kind in Set(report.recovery.map(\.corruption)) {
            let rows = report.recovery.filter { $0.corruption == kind }
            for level in Set(rows.map(\.level)) {
                let byCriterion = rows.filter { $0.level == level }.sorted { $0.criterion < $1.criterion }
                #expect(byCriterion.map(\.criterion) == [1e-7, 1e-3, 5e-3])
                for counts in [byCriterion.map(\.recovered), byCriterion.map(\.baseline1NN), byCriterion.map(\.baselineHopfield)] {
                    #expect(counts == counts.sorted(), "\(kind) \(level): a looser criterion lost something, \(counts)")
                }
            }
        }
        // A tenth of the pixels wrong confuses neither this memory nor its baselines.
        let mild = try #require(report.recovery.first { $0.corruption == "uniform noise" && $0.level == 0.1 && $0.criterion == 1e-7 })
        #expect(mild.recovered == 20 && mild.rightItem == 20)
        #expect(mild.baseline1NN == 20 && mild.baselineHopfield == 20)
        #expect(report.spurious == nil)
        let csv = String(decoding: try work.bytes("out/recovery.csv"), as: UTF8.self).split(separator: "\r\n")
        #expect(csv.count == report.recovery.count + 1)
        #expect(
            csv[0]
                == "corruption,level,criterion,criterion_mse,total,recovered,recovered_low,recovered_high,right_item,baseline_1nn,baseline_hopfield"
        )
        #expect(try DropReport(json: Data(work.bytes("out/report.json"))).recovery == report.recovery)
        let examples = String(decoding: try work.bytes("out/examples.csv"), as: UTF8.self).split(separator: "\r\n")
        #expect(examples.count == 21)
        #expect(!(try work.bytes("out/from-cue.apng")).isEmpty)
        // The norm of a matrix is never below its radius.
        let norm = try #require(report.attractors.operatorNormMax)
        #expect(norm >= (report.attractors.spectralRadiusMax ?? .infinity) * (1 - 1e-9))
    }

    @Test func framesOfACycleComeBackInPhase() throws {
        let report = try process(["sequence_length=10", "analysis.recovery=quick", "analysis.census=4"])
        let mild = try #require(report.recovery.first { $0.corruption == "uniform noise" && $0.level == 0.1 && $0.criterion == 1e-7 })
        #expect(mild.recovered == 20 && mild.rightItem == 20 && mild.total == 20)
        for cycle in report.cycles {
            let norm = try #require(cycle.log10OperatorNorm)
            #expect(norm >= (cycle.log10SpectralRadius ?? .infinity) - 1e-9)
        }
        let census = try #require(report.spurious)
        #expect(census.starts == 8 && census.groups.map(\.starts) == [4, 4])
        // This memory is known to take every noise start to a cycle; see the recall from noise in the same report.
        #expect(census.groups[0].reachedStored == 4)
        #expect(census.distinctStored >= 1 && census.distinctStored <= 2)
    }

    @Test func everyStartOfACensusIsAccountedFor() throws {
        // Hardly trained, and so full of what is not stored.
        let settings = [
            "preset=paper", "kind=autoencoder", "network.width=40", "network.depth=1", "training.epochs=40", "recall.iterations=300",
        ]
        let report = try process(settings + ["analysis.recovery=none", "analysis.census=6", "analysis.foreign=\(digits)"])
        let census = try #require(report.spurious)
        #expect(census.groups.map(\.start) == ["uniform noise", "gaussian noise", "foreign examples"])
        #expect(census.groups.map(\.starts) == [6, 6, 6])
        #expect(census.reachedStored + census.reachedSpurious + census.unsettled + census.diverged == census.starts)
        #expect(census.groups.reduce(0) { $0 + $1.reachedStored } == census.reachedStored)
        #expect(census.clusters.reduce(0) { $0 + $1.starts } == census.reachedSpurious)
        #expect(census.reachedSpurious > 0, "an untrained network has one fixed point, which is no digit")
        for cluster in census.clusters {
            let picture = try #require(cluster.picture)
            #expect(!(try work.bytes("out/" + picture)).isEmpty)
        }
        #expect(report.recovery.isEmpty && report.recoveryMethod == nil)
    }

    @Test func theSameSeedGivesTheSameRatesWhateverElseIsTried() throws {
        let settings = ["kind=autoencoder", "analysis.recovery=quick"]
        let first = try process(settings + ["analysis.census=2"], into: "a")
        let second = try process(settings + ["analysis.census=0"], into: "b")
        #expect(first.recovery == second.recovery)
    }

    @Test func soundLosesStretchesAndHalves() throws {
        // A quarter of a second at 400 Hz in windows of 50 ms, each of another pitch.
        let samples = (0..<2000).map { (index: Int) -> Int16 in
            let pitch = 0.1 + 0.05 * Double(index / 400)
            return Int16(8000 * sin(Double(index) * pitch))
        }
        func bytes(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var wav = Array("RIFF".utf8) + bytes(36 + 4000, 4) + Array("WAVEfmt ".utf8) + bytes(16, 4) + bytes(1, 2) + bytes(1, 2)
        wav += bytes(8000, 4) + bytes(16_000, 4) + bytes(2, 2) + bytes(16, 2) + Array("data".utf8) + bytes(4000, 4)
        wav += samples.flatMap { bytes(Int($0), 2) }
        let path = try work.write(wav, "tones.wav")
        let report = try process(["audio.window=50ms", "analysis.recovery=quick", "analysis.census=0"], path: path)
        #expect(report.samples == 5)
        #expect(
            Set(report.recovery.map(\.corruption)) == [
                "uniform noise", "blank stretch", "gaussian noise", "masked first half", "masked second half",
            ])
        #expect(report.recovery.allSatisfy { $0.total == 5 })
    }

    @Test func foreignImagesOfAnotherSizeAreRefusedBeforeTraining() throws {
        let other = try work.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4], "small-idx3-ubyte")
        for (path, text) in [(other, "4 values"), (work.path + "/nowhere", "cannot be read")] {
            let failure = #expect(throws: Failure.self) {
                try process(["kind=autoencoder", "analysis.foreign=\(path)"], into: "out-\(text.count)")
            }
            #expect(failure?.code == "foreign" && failure?.message.contains(text) == true, "\(String(describing: failure))")
            #expect(failure?.expected != nil && failure?.found != nil && failure?.remedy != nil)
        }
    }
}
