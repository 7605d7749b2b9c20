internal import EngramNetworks

/// Saves one run's training now and then, and finds what an earlier attempt saved. Nothing that goes wrong here ends the run.
struct CheckpointKeeper {
    /// When to save: whichever comes first of a minute and a twentieth of all epochs, but so that saving costs at most 2 % of the time.
    struct Pace: Equatable {
        static let longestSeconds = 60.0
        static let epochShare = 0.05
        /// Runs that are over sooner are not worth a write.
        static let shortestSeconds = 2.0
        /// The share of time that saving may take, by what the last save took.
        static let costShare = 0.02

        private let epochsBetween: Double
        private var lastSeconds: Double
        private var lastEpoch: Int
        private var lastCost = 0.0

        init(epochCount: Int, epoch: Int, seconds: Double) {
            epochsBetween = max(Self.epochShare * Double(epochCount), 1)
            lastSeconds = seconds
            lastEpoch = epoch
        }

        /// Whether saving would keep to its share of the time.
        func isAffordable(at seconds: Double) -> Bool {
            seconds - lastSeconds >= max(Self.shortestSeconds, lastCost / Self.costShare)
        }

        /// Whether it is time to save.
        func isDue(epoch: Int, at seconds: Double) -> Bool {
            isAffordable(at: seconds)
                && (seconds - lastSeconds >= Self.longestSeconds || Double(epoch - lastEpoch) >= epochsBetween)
        }

        mutating func didSave(epoch: Int, from start: Double, to end: Double) {
            lastSeconds = end
            lastEpoch = epoch
            lastCost = end - start
        }
    }

    /// Seconds of the run on the caller's clock are differences of this.
    let monotonicSeconds: @Sendable () -> Double
    private(set) var pace: Pace
    private let storage: any CheckpointStorage
    /// What must agree for a checkpoint to be of this run, under the names that a reader of notes knows.
    private let identity: [(name: String, value: String)]

    private static let kind = "ENGRAM-R"
    /// Goes up with every change of the layout, and of rounds or verification after which the same state would go on differently.
    private static let version: UInt64 = 3

    init(
        storage: any CheckpointStorage, identity: [(name: String, value: String)], epochCount: Int,
        monotonicSeconds: @escaping @Sendable () -> Double
    ) {
        self.storage = storage
        self.identity = identity
        self.monotonicSeconds = monotonicSeconds
        pace = Pace(epochCount: epochCount, epoch: 0, seconds: monotonicSeconds())
    }

    /// What the network was in an earlier attempt of this run; nil where nothing of this run was saved.
    func savedSizes() -> TrainingSizes? {
        guard let bytes = try? storage.read(kind: Self.kind), let (record, _) = try? read(bytes) else { return nil }
        return record.sizes
    }

    /// Brings `training` to where an earlier attempt saved it.
    /// - Returns: The record that goes with it; a fresh one where nothing usable was saved, with a note where something was.
    mutating func resume(_ training: inout some MemoryTraining) -> TrainingRecord {
        storage.removeLeftovers()
        var record = TrainingRecord()
        do {
            if let bytes = try storage.read(kind: Self.kind) { record = try restore(&training, from: bytes) }
        } catch {
            let place = storage.setAside() ? "it was set aside as \(storage.nameAside)" : "it could not be set aside"
            record.notes = ["The checkpoint of an earlier attempt was not used, because \(error); \(place), and training started over."]
        }
        let now = monotonicSeconds()
        pace.didSave(epoch: training.epochCount, from: now, to: now)
        return record
    }

    private func restore(_ training: inout some MemoryTraining, from bytes: [UInt8]) throws(CheckpointError) -> TrainingRecord {
        let (record, rest) = try read(bytes)
        try training.restore(rest)
        return record
    }

    private func read(_ bytes: [UInt8]) throws(CheckpointError) -> (record: TrainingRecord, training: ArraySlice<UInt8>) {
        var (reader, rest) = try CheckpointReader.open(bytes[...], kind: Self.kind, version: Self.version)
        guard try reader.readCount() == identity.count else { throw .otherRun(what: "settings") }
        for part in identity {
            guard try reader.readString() == part.value else { throw .otherRun(what: part.name) }
        }
        let record = try TrainingRecord(from: &reader)
        try reader.finish()
        return (record, rest)
    }

    /// Saves training and record; a failure is noted in the record once, and the run goes on.
    /// - Returns: The note, where saving failed.
    @discardableResult
    mutating func save(_ training: some MemoryTraining, _ record: inout TrainingRecord) -> String? {
        let start = monotonicSeconds()
        guard let state = training.encodeCheckpoint() else { return nil }
        var writer = CheckpointWriter(
            kind: Self.kind, version: Self.version,
            contentByteCount: 48 * record.losses.count + 16_384 + 4
                * (record.best?.parameters ?? []).reduce(0) { $0 + $1.outputCount * ($1.inputCount + 1) })
        writer.append(identity.count)
        for part in identity { writer.append(part.value) }
        record.append(to: &writer)
        var failure: String?
        do {
            try storage.write([writer.sealed(), state])
        } catch {
            let note = "A checkpoint could not be saved: \(error). Training went on; had it been interrupted then, it would have lost time."
            if !record.notes.contains(note) { record.notes.append(note) }
            failure = note
        }
        pace.didSave(epoch: training.epochCount, from: start, to: monotonicSeconds())
        return failure
    }
}

/// One place that holds the checkpoint of one run: whole at any moment, or not there.
public protocol CheckpointStorage: Sendable {
    /// The bytes that were written last; nil where there are none.
    /// - Parameter kind: What they must begin with, seen to before the rest is read.
    func read(kind: String) throws -> [UInt8]?
    /// Replaces what is there by `parts`, one after the other, durable on return; where it throws, the old bytes stand.
    func write(_ parts: [[UInt8]]) throws
    /// Puts what cannot be used out of the way; returns whether that worked.
    func setAside() -> Bool
    /// As users are told what was put out of the way is called.
    var nameAside: String { get }
    /// Removes what writers that were killed left half-written.
    func removeLeftovers()
}

/// Where a run is saved, and how its checkpoint is recognised.
public struct CheckpointSource: Sendable {
    /// The place.
    public var storage: any CheckpointStorage
    /// What must agree for a checkpoint to be of this run, besides the set and the settings, under names for people.
    public var identity: [(name: String, value: String)]

    /// A source from its parts.
    public init(storage: any CheckpointStorage, identity: [(name: String, value: String)]) {
        self.storage = storage
        self.identity = identity
    }
}
