internal import EngramKernels
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// What an attempt at a labelled drop has done, kept after each fold and each round of the last machine so that the next attempt goes on from
/// there. Nothing that goes wrong here ends the run.
final class PredictCheckpoint {
    /// Folds that are done, in order.
    private(set) var folds: [CrossValidation.Fold] = []
    /// The last round of the machine of all examples that was begun.
    private(set) var start: FeatureMachine.Start?
    /// What users must be told.
    private(set) var notes: [String] = []

    private let storage: (any CheckpointStorage)?
    /// What must agree for a checkpoint to be of this run.
    private let identity: [String]

    static let kind = "ENGRAM-P"
    /// Goes up with every change of the layout, and of what is measured or learned.
    private static let version: UInt64 = 1

    /// - Parameters:
    ///   - storage: The place; nil keeps nothing.
    ///   - identity: Settings and versions of the program: with others the same state may go on to other bytes.
    init(storage: (any CheckpointStorage)?, identity: [String]) {
        self.storage = storage
        self.identity = identity
        guard let storage else { return }
        storage.removeLeftovers()
        do {
            if let bytes = try storage.read(kind: Self.kind) { try restore(bytes) }
        } catch {
            (folds, start) = ([], nil)
            let place = storage.setAside() ? "it was set aside as \(storage.nameAside)" : "it could not be set aside"
            notes = ["The checkpoint of an earlier attempt was not used, because \(error); \(place), and learning started over."]
        }
    }

    /// Keeps the folds that are done.
    func keep(folds: [CrossValidation.Fold]) {
        self.folds = folds
        save()
    }

    /// Keeps the round that the machine of all examples has come to.
    func keep(start: FeatureMachine.Start?) {
        guard let start, start != self.start else { return }
        self.start = start
        save()
    }

    // MARK: Bytes

    private func save() {
        guard let storage else { return }
        var writer = CheckpointWriter(kind: Self.kind, version: Self.version)
        writer.append(identity.count)
        for part in identity { writer.append(part) }
        writer.append(folds.count)
        for fold in folds { fold.append(to: &writer) }
        writer.append(start != nil)
        if let start {
            writer.append(start.round)
            writer.append(start.metric.rowCount)
            writer.append(contentsOf: start.metric.elements)
        }
        do {
            try storage.write([writer.sealed()])
        } catch {
            let note = "A checkpoint could not be saved: \(error). Learning went on; had it been interrupted then, it would have lost time."
            if !notes.contains(note) { notes.append(note) }
        }
    }

    private func restore(_ bytes: [UInt8]) throws(CheckpointError) {
        var (reader, _) = try CheckpointReader.open(bytes[...], kind: Self.kind, version: Self.version)
        guard try reader.readCount() == identity.count else { throw .otherRun(what: "settings") }
        for part in identity { guard try reader.readString() == part else { throw .otherRun(what: "settings or program versions") } }
        var found: [CrossValidation.Fold] = []
        for _ in 0..<(try reader.readCount()) { found.append(try CrossValidation.Fold(from: &reader)) }
        var begun: FeatureMachine.Start?
        if try reader.readBool() {
            let (round, width) = (try reader.readCount(), try reader.readCount())
            let (count, overflows) = width.multipliedReportingOverflow(by: width)
            // A width that no file can hold is refused by the reader.
            let elements: [Double] = try reader.readValues(count: overflows ? -1 : count)
            begun = .init(round: round, metric: Matrix(rowCount: width, columnCount: width, elements: elements))
        }
        try reader.finish()
        (folds, start) = (found, begun)
    }
}

extension CrossValidation.Fold {
    fileprivate func append(to writer: inout CheckpointWriter) {
        writer.append(rows.count)
        writer.append(contentsOf: rows.map(Int64.init))
        for list in [predictions, margins, scores, rounds] {
            writer.append(list.count)
            writer.append(contentsOf: list)
        }
        for value in [model, majority, nearest, laplace] { writer.append(value) }
        writer.append(deep != nil)
        writer.append(deep ?? 0)
        writer.append(choice)
        writer.append(trainingCount)
    }

    fileprivate init(from reader: inout CheckpointReader) throws(CheckpointError) {
        let indices: [Int64] = try reader.readValues(count: try reader.readCount())
        rows = indices.map { Int(clamping: $0) }
        predictions = try reader.readValues(count: try reader.readCount())
        margins = try reader.readValues(count: try reader.readCount())
        scores = try reader.readValues(count: try reader.readCount())
        rounds = try reader.readValues(count: try reader.readCount())
        model = try reader.readDouble()
        majority = try reader.readDouble()
        nearest = try reader.readDouble()
        laplace = try reader.readDouble()
        let hasDeep = try reader.readBool()
        let value = try reader.readDouble()
        deep = hasDeep ? value : nil
        choice = try reader.readString()
        trainingCount = try reader.readCount()
    }
}
