import EngramDynamics
import EngramNetworks
import EngramNumerics
import Synchronization
import Testing

@testable import EngramMemories

/// A checkpoint in memory, read as one on a disk is.
final class HeldCheckpoint: CheckpointStorage {
    private let state = Mutex((bytes: [UInt8]?.none, aside: [UInt8]?.none, removals: 0))

    /// What is saved.
    var bytes: [UInt8]? {
        get { state.withLock { $0.bytes } }
        set { state.withLock { $0.bytes = newValue } }
    }
    /// What was set aside last.
    var aside: [UInt8]? { state.withLock { $0.aside } }
    /// How often leftovers were looked for.
    var removals: Int { state.withLock { $0.removals } }

    let nameAside = "the one aside"

    func read(kind: String) throws -> [UInt8]? {
        guard let bytes else { return nil }
        guard bytes.starts(with: kind.utf8) else { throw CheckpointError.notACheckpoint }
        return bytes
    }

    func write(_ parts: [[UInt8]]) throws { bytes = Array(parts.joined()) }

    func setAside() -> Bool {
        state.withLock {
            guard $0.bytes != nil else { return false }
            ($0.aside, $0.bytes) = ($0.bytes, nil)
            return true
        }
    }

    func removeLeftovers() { state.withLock { $0.removals += 1 } }
}

@Suite struct CheckpointKeeperTests {
    private func training() throws -> FastTraining {
        try FastTraining(
            samples: Matrix(rows: [[0, 1, 2], [2, 1, 0.5]]), task: .autoencoder(count: 2),
            settings: .init(depth: 1, width: 3, activation: .tanh, conditioning: 1, maximumNoise: 0.1, seed: 1))
    }

    private func keeper(_ storage: HeldCheckpoint, settings: String = "a: 1") -> CheckpointKeeper {
        CheckpointKeeper(storage: storage, identity: [("settings", settings)], epochCount: 100, monotonicSeconds: { 0 })
    }

    private let record = TrainingRecord(
        round: 2, ranOutOfTime: true, elapsedSeconds: 0.1 + 0.2, analyseSeconds: 1e-300,
        losses: [
            LossPoint(epoch: 1, mse: 0.1, learningRate: 1e-3, seconds: 0.5, phase: "training"),
            LossPoint(epoch: 2, mse: -.infinity, learningRate: .leastNonzeroMagnitude, seconds: 1, phase: "training"),
            LossPoint(epoch: 2, mse: 1e-17, learningRate: nil, seconds: 1.5, phase: "exact output layer"),
            LossPoint(epoch: 3, mse: .greatestFiniteMagnitude, learningRate: 0, seconds: 2, phase: "training, round 2"),
        ], notes: ["ünïcode", ""])

    @Test func everythingSavedComesBackBitByBit() throws {
        let storage = HeldCheckpoint()
        var saved = try training()
        try saved.trainRound(epochs: 5) { $0.epoch == 3 ? .pause : .proceed }
        var written = record
        var keeper = keeper(storage)
        #expect(keeper.save(saved, &written) == nil)
        var fresh = try training()
        #expect(keeper.resume(&fresh) == record)
        #expect(fresh.encodeCheckpoint() == saved.encodeCheckpoint())
        #expect(storage.removals == 1 && storage.aside == nil)
    }

    @Test func bytesCutShortAnywhereOrChangedStartTrainingOver() throws {
        let storage = HeldCheckpoint()
        var written = record
        var keeper = keeper(storage)
        var saved = try training()
        try saved.trainRound(epochs: 5) { $0.epoch == 3 ? .pause : .proceed }
        keeper.save(saved, &written)
        let bytes = try #require(storage.bytes)
        var fresh = try training()
        let untouched = fresh.encodeCheckpoint()
        for length in 0..<bytes.count {
            storage.bytes = Array(bytes[..<length])
            let found = keeper.resume(&fresh)
            #expect(found.round == 0 && found.losses.isEmpty && found.notes.count == 1, "\(length) bytes")
            #expect(storage.bytes == nil && storage.aside?.count == length, "\(length) bytes")
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            storage.bytes = damaged
            let found = keeper.resume(&fresh)
            #expect(found.round == 0 && found.notes.count == 1, "byte \(index)")
            #expect(storage.bytes == nil && storage.aside == damaged, "byte \(index)")
        }
        #expect(fresh.encodeCheckpoint() == untouched)
    }

    @Test func whatIsOfAnotherRunIsSetAsideAndSaid() throws {
        let storage = HeldCheckpoint()
        var written = record
        var first = keeper(storage)
        #expect(first.save(try training(), &written) == nil)
        let bytes = storage.bytes
        var other = keeper(storage, settings: "a: 2")
        #expect(other.savedSizes() == nil)
        var fresh = try training()
        let found = other.resume(&fresh)
        #expect(
            found.notes == [
                "The checkpoint of an earlier attempt was not used, because it belongs to a run with other settings; "
                    + "it was set aside as the one aside, and training started over."
            ])
        #expect(storage.bytes == nil && storage.aside == bytes)
    }

    @Test func nothingSavedIsNothingToSay() throws {
        let storage = HeldCheckpoint()
        var fresh = try training()
        var keeper = keeper(storage)
        #expect(keeper.savedSizes() == nil)
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
