import EngramReports
import EngramSystem
import Foundation
import Synchronization
import Testing

@testable import EngramPipeline

/// Networks, probabilities, and attempts that are interrupted.
@Suite struct PredictCourseTests {
    private let work: PredictWork

    init() throws { work = try PredictWork() }

    /// Rows whose class is the sign of x·y.
    private static func table(_ count: Int) -> String {
        var text = "x,noise,y,class\n"
        for index in 0..<count {
            let (x, y) = (Double((index * 37) % 41) / 20 - 1, Double((index * 23) % 29) / 14 - 1)
            text += "\(x),\(Double((index * 17) % 13)),\(y),\(x * y > 0 ? "same" : "other")\n"
        }
        return text
    }

    @Test func aNetworkOfANamedFamilyIsTrainedStoredAndLookedInto() throws {
        let path = try work.write(Self.table(60), "signs.csv")
        let report = try work.process(
            path,
            ["network.family=fully-connected", "network.width=8", "network.depth=2", "training.epochs=40", "predict.folds=2"])
        #expect(report.prediction.model == "network" && report.prediction.chosen.layers == [8, 8])
        let layers = try #require(report.ansatz).layers
        #expect(layers.map(\.inputs) == [3, 8] && layers.map(\.units) == [8, 8])
        for layer in layers { #expect(layer.correlation.map { (-1...1).contains($0) } ?? true) }
        // Why is still told, by a feature machine.
        #expect(report.features != nil && report.features?.directions?.isEmpty == false)
        let question = try work.write("y,x,noise\n0.5,0.5,3\n-0.5,0.7,4\n", "new.csv")
        let told = try work.ask(question, of: "out", into: "answer")
        #expect(told.answers.predicted == 2)
        let stored = try StoredPredictor(decoding: work.folder.bytes("out/model.safetensors"), file: "model")
        #expect(stored.model == .network && stored.predictor.model is NetworkModel)
        let html = String(decoding: try work.folder.bytes("out/report.html"), as: UTF8.self)
        #expect(html.contains("id=\"ansatz\"") && html.contains("id=\"limit\""))
    }

    /// Two scores ±1, right in a share p: p′/(1 - p′) = e^(2·factor), with p′ the share that one more example of any class makes of it.
    @Test(arguments: [0.6, 0.9, 1])
    func theFactorOfProbabilitiesIsThatOfTheShareThatIsRight(share: Double) throws {
        let count = 200
        let scores = (0..<count).map { _ in [1.0, -1.0] }
        let labels = (0..<count).map { Double($0) < share * Double(count) ? 0 : 1 }
        let found = try #require(ScoreCalibration(scores: scores, labels: labels))
        let extra = 1 / Double(count + 1)
        let expected = (1 - extra) * share + extra / 2
        #expect(abs(found.factor - log(expected / (1 - expected)) / 2) < 1e-9, "\(found)")
        let probabilities = ScoreCalibration.probabilities([1, -1], factor: found.factor)
        #expect(abs(probabilities[0] - expected) < 1e-9 && abs(probabilities.reduce(0, +) - 1) < 1e-12)
        // Scores that mislead count for nothing.
        let misled = try #require(ScoreCalibration(scores: scores, labels: labels.map { 1 - $0 }))
        #expect(misled.factor == 0 && abs(misled.logLoss - log(2)) < 1e-12)
        #expect(ScoreCalibration(scores: [], labels: []) == nil)
    }

    @Test func predictionsHaveProbabilitiesHeldOutOnesToo() throws {
        let report = try work.process(work.write(Self.table(60), "signs.csv"), ["predict.model=laplace"])
        let lines = try work.lines("out/predictions.csv").dropFirst()
        let told = lines.compactMap { Double($0[4]) }
        #expect(told.count == 60 && told.allSatisfy { $0 >= 0.5 && $0 <= 1 })
        #expect(try #require(report.prediction.logLoss) < log(2))
        // What is said with more confidence is right more often.
        let right = lines.map { $0[1] == $0[2] }
        let order = told.indices.sorted { told[$0] > told[$1] }
        func share(_ part: ArraySlice<Int>) -> Int { part.count { right[right.startIndex + $0] } }
        #expect(share(order.prefix(30)) >= share(order.suffix(30)))
    }

    private final class Counter: Sendable {
        private let state = Mutex((asked: 0, limit: Int.max, fraction: 0.0))
        func cancel(after count: Int) { state.withLock { $0.limit = count } }
        func tell(_ fraction: Double?) { state.withLock { $0.fraction = max($0.fraction, fraction ?? 0) } }
        var fraction: Double { state.withLock { $0.fraction } }
        /// Once the second fold has begun, a few steps more.
        var isCancelled: Bool {
            state.withLock { state in
                if state.fraction >= 0.5 { state.asked += 1 }
                return state.asked > state.limit
            }
        }
    }

    @Test func anAttemptThatWasInterruptedGoesOnWithItsFoldsAndGivesTheSameBytes() throws {
        let path = try work.write(Self.table(60), "signs.csv")
        let settings = ["predict.model=features", "predict.rounds=2"]
        _ = try work.process(path, settings, into: "whole")
        let counter = Counter()
        counter.cancel(after: 3)
        let first = work.context(
            checkpoints: "kept", onProgress: { counter.tell($0.fraction) }, isCancelled: { counter.isCancelled })
        #expect(throws: CancellationError.self) { try work.process(path, settings, into: "cut", context: first) }
        let storage = CheckpointFile(folder: work.folder.path + "/kept")
        #expect(try storage.read(kind: PredictCheckpoint.kind) != nil)
        _ = try work.process(path, settings, into: "again", context: work.context(checkpoints: "kept"))
        for name in ["report.json", "predictions.csv", "model.safetensors", "features.csv", "M.png", "report.html"] {
            #expect(try work.folder.bytes("again/" + name) == work.folder.bytes("whole/" + name), "\(name)")
        }
        // The last round of the machine of all examples was kept, too.
        let drop = try work.contents(path, settings)
        let kept = PredictCheckpoint(storage: storage, identity: [drop.settings.yaml, "engram test", "1"])
        #expect(kept.folds.count == 2 && kept.start != nil && kept.notes.isEmpty, "\(kept.notes)")
        // With other settings it is another run: it is set aside, and that is said.
        let other = PredictCheckpoint(storage: storage, identity: ["other", "engram test", "1"])
        #expect(other.folds.isEmpty && other.start == nil && other.notes.count == 1)
    }

    @Test func largeTablesOfFewColumnsAreHeldWholeAndWideOnesInPart() {
        #expect(ModelSearch.machineCount(width: 6, outputs: 18, rounds: 4) == 50_000)
        #expect(ModelSearch.machineCount(width: 100, outputs: 1, rounds: 4) == 50_000)
        #expect(ModelSearch.machineCount(width: 784, outputs: 10, rounds: 4) == 20_000)
        #expect(ModelSearch.machineCount(width: 784, outputs: 10, rounds: 0) > 20_000)
    }
}
