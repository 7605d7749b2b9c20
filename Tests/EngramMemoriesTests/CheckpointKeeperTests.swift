import EngramNetworks
import EngramNumerics
import EngramReports
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct CheckpointKeeperTests {
    private func training() throws -> any MemoryTraining {
        try FastTraining(
            samples: Matrix(rows: [[0, 1, 2], [2, 1, 0.5]]), task: .autoencoder(count: 2),
            settings: .init(depth: 1, width: 3, activation: .tanh, conditioning: 1, maximumNoise: 0.1, seed: 1))
    }

    private func keeper(_ folder: String, settings: String = "a: 1") -> CheckpointKeeper {
        CheckpointKeeper(
            file: CheckpointFile(folder: folder), identity: [("settings", settings)], epochCount: 100, monotonicSeconds: { 0 })
    }

    private let record = TrainingRecord(
        round: 2, ranOutOfTime: true, elapsedSeconds: 0.1 + 0.2, analyseSeconds: 1e-300,
        losses: [
            LossRow(epoch: 1, mse: 0.1, learningRate: 1e-3, seconds: 0.5, phase: "training"),
            LossRow(epoch: 2, mse: -.infinity, learningRate: .leastNonzeroMagnitude, seconds: 1, phase: "training"),
            LossRow(epoch: 2, mse: 1e-17, learningRate: nil, seconds: 1.5, phase: "exact output layer"),
            LossRow(epoch: 3, mse: .greatestFiniteMagnitude, learningRate: 0, seconds: 2, phase: "training, round 2"),
        ], notes: ["ünïcode", ""])

    @Test func everythingSavedComesBackBitByBit() throws {
        let work = try TemporaryFolder()
        var saved = try training()
        try saved.trainRound(epochs: 5) { $0.epoch == 3 ? .pause : .proceed }
        var written = record
        var keeper = keeper(work.path)
        #expect(keeper.save(saved, &written) == nil)
        var fresh = try training()
        #expect(keeper.resume(&fresh) == record)
        #expect(fresh.encodeCheckpoint() == saved.encodeCheckpoint())
    }

    @Test func aFileCutShortAnywhereStartsTrainingOver() throws {
        let work = try TemporaryFolder()
        var written = record
        var keeper = keeper(work.path)
        var saved = try training()
        try saved.trainRound(epochs: 5) { $0.epoch == 3 ? .pause : .proceed }
        keeper.save(saved, &written)
        let bytes = try work.bytes(CheckpointFile.name)
        var fresh = try training()
        let untouched = fresh.encodeCheckpoint()
        for length in 0..<bytes.count {
            _ = try work.write(Array(bytes[..<length]), CheckpointFile.name)
            let found = keeper.resume(&fresh)
            #expect(found.round == 0 && found.losses.isEmpty && found.notes.count == 1, "\(length) bytes")
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            _ = try work.write(damaged, CheckpointFile.name)
            let found = keeper.resume(&fresh)
            #expect(found.round == 0 && found.notes.count == 1, "byte \(index)")
        }
        #expect(fresh.encodeCheckpoint() == untouched)
        #expect(try work.bytes(CheckpointFile.nameAside).count == bytes.count)
        #expect(!FileManager.default.fileExists(atPath: work.path + "/" + CheckpointFile.name))
    }

    @Test func nothingSavedIsNothingToSay() throws {
        let work = try TemporaryFolder()
        var fresh = try training()
        var keeper = keeper(work.path + "/not yet")
        #expect(keeper.resume(&fresh) == TrainingRecord())
        var written = record
        #expect(keeper.save(fresh, &written) == nil)
        #expect(keeper.resume(&fresh) == record)
    }

    @Test func savesComeEveryMinuteOrTwentiethButKeepToTheirShareOfTheTime() {
        typealias Pace = CheckpointKeeper.Pace
        var pace = Pace(epochCount: 1000, epoch: 0, seconds: 10)
        // A minute alone, a twentieth alone, neither; and never within two seconds.
        #expect(pace.isDue(epoch: 1, at: 70))
        #expect(!pace.isDue(epoch: 49, at: 69.9))
        #expect(pace.isDue(epoch: 50, at: 12))
        #expect(!pace.isDue(epoch: 500, at: 11.9))
        // A save that took 3 s is followed by one after 150 s at the soonest: 2 %.
        pace.didSave(epoch: 50, from: 12, to: 15)
        #expect(!pace.isDue(epoch: 1000, at: 164.9))
        #expect(!pace.isAffordable(at: 164.9))
        #expect(pace.isDue(epoch: 51, at: 165.1))
        // A cheap one changes nothing.
        pace.didSave(epoch: 60, from: 200, to: 200.001)
        #expect(pace.isDue(epoch: 110, at: 202.1))
        #expect(!pace.isDue(epoch: 109, at: 260))
        #expect(pace.isDue(epoch: 61, at: 260.1))
        // A run of few epochs is saved at every epoch at most.
        #expect(!Pace(epochCount: 5, epoch: 3, seconds: 0).isDue(epoch: 3, at: 5))
        #expect(Pace(epochCount: 5, epoch: 3, seconds: 0).isDue(epoch: 4, at: 5))
    }
}
