public import EngramDynamics
public import EngramMedia
public import EngramNetworks
public import EngramNumerics

/// A memory that was trained and verified as a drop would be, without files.
public struct LearnedMemory: Sendable {
    /// Full-space float32.
    public let network: FullyConnectedNetwork<Float>
    /// An orthonormal basis that may hold the outputs in fewer dimensions than the last hidden layer; nil if none is known.
    public let spanBasis: Matrix<Double>?
    /// At each example of an autoencoder, or of each cycle.
    public let spectra: [Spectrum]
    /// ‖f(x_i) - target‖² / d of each example, or the largest of each cycle.
    public let residuals: [Double]
    /// Which examples are verified attractors, or which cycles verified stable limit cycles.
    public let verdicts: [Bool]
    /// Mean squared error at the examples.
    public let meanSquaredError: Double
    /// Epochs trained.
    public let epochCount: Int
    /// Completes "training ended because …".
    public let stopReason: String
}

extension DropProcessor {
    /// Trains and verifies a memory of `samples` by the settings of this processor: every automatic choice, every further round and
    /// every closed-form solve is what a drop of them would get.
    ///
    /// - Parameter samples: Their `sequences` say what is learned; nil for an autoencoder.
    /// - Throws: `StageFailure`; `CancellationError` once the context says so.
    public func learn(_ samples: SampleSet) throws -> LearnedMemory {
        let matrix = Matrix(rowCount: samples.count, columnCount: samples.dimension, elements: samples.values)
        let range = Double(samples.values.max() ?? 0) - Double(samples.values.min() ?? 0)
        let drop = DecodedDrop(
            media: samples, samples: matrix, task: samples.sequences.map { MemoryTask.sequences($0) } ?? .autoencoder(count: samples.count),
            codes: nil, notes: [], equalExamples: matrix.equalRowGroups(),
            recoveryTolerance: DecodedDrop.recoveryTolerance(valueRange: range))
        // Basins belong to a report; whoever asks for a memory measures its own.
        var processor = self
        processor.settings.analysis.recovery = .none
        processor.settings.analysis.census = .value(0)
        let plan = try processor.planned(for: drop, available: availableMemory, capacity: memoryCapacity)
        let trained = try processor.train(drop, plan, foreign: nil)
        return LearnedMemory(
            network: trained.memory.network, spanBasis: trained.memory.spanBasis, spectra: trained.analysis.spectra,
            residuals: trained.analysis.residuals, verdicts: trained.analysis.verdicts,
            meanSquaredError: trained.memory.meanSquaredError, epochCount: trained.memory.epochCount, stopReason: trained.stopReason)
    }
}
