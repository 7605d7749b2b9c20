internal import EngramNumerics

extension UNetTraining {
    private static let checkpointKind = "ENGRAM-U"
    /// Goes up with every change of the layout, and of training after which the same state would go on differently.
    private static let version: UInt64 = 1

    /// All that further training depends on: parameters, moments, generator, epoch and place in the round, bit by bit, with what
    /// recognises the settings and examples.
    public func encodeCheckpoint() -> [UInt8]? {
        var writer = CheckpointWriter(kind: Self.checkpointKind, version: Self.version, contentByteCount: trainer.stateByteCount + 4096)
        writer.append(String(reflecting: settings))
        writer.append(Checksum64.of(samples.elements))
        writer.append(hasReachedTarget)
        trainer.appendState(to: &writer)
        return writer.sealed()
    }

    /// Becomes the training that `checkpoint` was made of, if that was made from the same samples and settings.
    /// - Throws: `CheckpointError`, case by case; then nothing is changed.
    public mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError) {
        var reader = try CheckpointReader.openWhole(checkpoint, kind: Self.checkpointKind, version: Self.version)
        guard try reader.readString() == String(reflecting: settings) else { throw .otherRun(what: "training settings") }
        guard try reader.readUInt64() == Checksum64.of(samples.elements) else { throw .otherRun(what: "examples") }
        let isReached = try reader.readBool()
        var restored = trainer
        try restored.restoreState(from: &reader)
        try reader.finish()
        trainer = restored
        hasReachedTarget = isReached
    }
}
