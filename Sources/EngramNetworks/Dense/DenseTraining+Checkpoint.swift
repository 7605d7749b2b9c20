internal import EngramNumerics

/// The version of what trainings write. It goes up with every change of the layout, and with every change of training itself after
/// which the same state would go on differently.
private let formatVersion: UInt64 = 1

extension FastTraining {
    private static let checkpointKind = "ENGRAM-F"

    /// All that further training depends on: parameters, moments, generator, epoch and place in the round, bit by bit, with what
    /// recognises the settings, examples and task.
    public func encodeCheckpoint() -> [UInt8]? {
        var writer = CheckpointWriter(kind: Self.checkpointKind, version: formatVersion, contentByteCount: trainer.stateByteCount + 4096)
        writer.append(String(reflecting: settings))
        writer.append(Checksum64.of(samples.elements))
        trainer.appendState(to: &writer)
        return writer.sealed()
    }

    /// Becomes the training that `checkpoint` was made of, if that was made from the same samples, task and settings.
    /// - Throws: `CheckpointError`, case by case; then nothing is changed.
    public mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError) {
        var reader = try CheckpointReader.openWhole(checkpoint, kind: Self.checkpointKind, version: formatVersion)
        guard try reader.readString() == String(reflecting: settings) else { throw .otherRun(what: "training settings") }
        guard try reader.readUInt64() == Checksum64.of(samples.elements) else { throw .otherRun(what: "examples") }
        var restored = trainer
        try restored.restoreState(from: &reader)
        try reader.finish()
        trainer = restored
    }
}

extension PaperTraining {
    private static let checkpointKind = "ENGRAM-P"

    /// All that further training depends on: parameters, moments, epoch and place in the round, bit by bit, with what recognises the
    /// settings, examples and task.
    public func encodeCheckpoint() -> [UInt8]? {
        var writer = CheckpointWriter(kind: Self.checkpointKind, version: formatVersion, contentByteCount: trainer.stateByteCount + 4096)
        writer.append(String(reflecting: settings))
        writer.append(hasReachedTarget)
        trainer.appendState(to: &writer)
        return writer.sealed()
    }

    /// Becomes the training that `checkpoint` was made of, if that was made from the same samples, task and settings.
    /// - Throws: `CheckpointError`, case by case; then nothing is changed.
    public mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError) {
        var reader = try CheckpointReader.openWhole(checkpoint, kind: Self.checkpointKind, version: formatVersion)
        guard try reader.readString() == String(reflecting: settings) else { throw .otherRun(what: "training settings") }
        let isReached = try reader.readBool()
        var restored = trainer
        try restored.restoreState(from: &reader)
        try reader.finish()
        trainer = restored
        hasReachedTarget = isReached
    }
}
