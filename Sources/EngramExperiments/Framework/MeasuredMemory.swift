internal import EngramDynamics
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// A trained map and what its eigenvalues say of the examples.
struct MeasuredMemory {
    /// The stored parameters in float64.
    let map: any IterableMap
    let task: MemoryTask
    /// At each example, or of each cycle.
    let spectra: [Spectrum]
    /// Which examples, or which cycles, count as stored.
    let verdicts: [Bool]
    let meanSquaredError: Double
    let epochCount: Int
    /// Whether training reached what the experiment asks for; where not, the paper would print NA.
    let isTrained: Bool
    /// Whether weights ran off to infinity: then there is no spectrum.
    let hasDiverged: Bool

    /// Examples in what is stored: attractors, or all states of stable cycles.
    var storedCount: Int {
        task.isAutoencoder
            ? verdicts.count { $0 } : zip(task.cycles, verdicts).reduce(0) { $0 + ($1.1 ? $1.0.count : 0) }
    }

    /// log10 of the largest radius; NaN without spectra.
    var log10LargestRadius: Double { spectra.map(\.log10SpectralRadius).max() ?? .nan }

    /// The count for a table. A `paper` network that missed its error is NA, as the paper prints it, with its error.
    func cell(published: Int?, of comparable: Bool = true) -> ExperimentTable.Cell {
        if hasDiverged { return .init("diverged") }
        guard isTrained else {
            return .init(
                "NA (MSE \(Text.scientific(meanSquaredError)), \(storedCount)/\(task.count))", value: Double(storedCount), tone: .warn)
        }
        let text = "\(storedCount)/\(task.count)"
        guard let published, comparable else { return .init(text, value: Double(storedCount)) }
        return .init(text, value: Double(storedCount), tone: storedCount >= published ? .good : .bad)
    }
}

/// Numbers in tables.
enum Text {
    /// Two digits and an exponent: 3.4e-09; 0 as it is.
    static func scientific(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        return String(format: "%.1e", value)
    }

    /// Significant digits, without an exponent where that is short.
    static func significant(_ value: Double, digits: Int = 3) -> String {
        // %g writes 1000 as 1e+03.
        if value == value.rounded(), abs(value) < 1e6 { return String(Int(saturating: value)) }
        return String(format: "%.\(digits)g", value)
    }

    /// A share as per cent.
    static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}

extension ExperimentRun {
    /// Trains as published and analyses.
    ///
    /// - Parameter label: For progress.
    /// - Throws: `ExperimentError`; `CancellationError`.
    func paperMemory(
        _ samples: Matrix<Float>, task: MemoryTask, settings: PaperTraining.Settings, label: String, work: Double = 1
    ) throws -> MeasuredMemory {
        try piece(label, work: work) {
            var training = PaperTraining(samples: samples, task: task, settings: settings)
            var hasDiverged = false
            do {
                try training.trainRound(epochs: epochLimit) { progress in
                    try step(
                        0.9 * Double(progress.epoch) / Double(epochLimit), "training", epoch: progress.epoch, loss: progress.loss)
                    return .proceed
                }
            } catch is TrainingError {
                hasDiverged = true
            }
            let precise = training.storedNetwork().converted(to: Double.self)
            let examples = samples.converted(to: Double.self)
            let error = precise.outputs(of: examples).meanSquaredDifference(to: examples.rows(at: task.successors))
            let spectra = hasDiverged || !error.isFinite ? [] : try spectra(of: precise, at: examples, task: task, label: label)
            return MeasuredMemory(
                map: precise, task: task, spectra: spectra, verdicts: spectra.map { $0.log10SpectralRadius < 0 },
                meanSquaredError: error, epochCount: training.epochCount, isTrained: training.hasReachedTarget,
                hasDiverged: hasDiverged || !error.isFinite)
        }
    }

    /// Trains by the preset `fast`, with what the cell of a table fixes.
    ///
    /// - Parameters:
    ///   - size: nil for the automatic choice.
    ///   - activation: nil for the automatic choice.
    func fastMemory(
        _ samples: Matrix<Float>, task: MemoryTask, size: NetworkSize? = nil, activation: Activation? = nil, label: String, work: Double = 1
    ) throws -> MeasuredMemory {
        try piece(label, work: work) {
            var settings = MemorySettings(preset: .fast)
            settings.seed = options.seed
            if let size { (settings.network.width, settings.network.depth) = (.value(size.width), .value(size.depth)) }
            if let activation, let name = MemorySettings.ActivationName(rawValue: activation.rawValue) {
                settings.network.activation = .value(name)
            }
            // Recall decides nothing in the training of an autoencoder, so none is tried; that of a sequence goes on until noise is recalled.
            if task.isAutoencoder { (settings.recall.starts, settings.recall.iterations) = (0, .value(1)) }
            return try learned(TrainingSet(examples: samples, task: task), settings: settings, label: label)
        }
    }

    /// Learns a set as a drop is learned.
    ///
    /// - Parameters:
    ///   - set: What is stored.
    ///   - settings: Which recipe, and what it is told; `--fast-epochs` bounds its epochs, and its seed is that of the run.
    ///   - label: For progress.
    ///   - work: What it is of the whole.
    /// - Throws: `ExperimentError`; `CancellationError`.
    func memory(of set: TrainingSet, settings: MemorySettings, label: String, work: Double) throws -> MeasuredMemory {
        try piece(label, work: work) {
            var settings = settings
            settings.seed = options.seed
            return try learned(set, settings: settings, label: label)
        }
    }

    private func learned(_ set: TrainingSet, settings: MemorySettings, label: String) throws -> MeasuredMemory {
        var settings = settings
        settings.training.epochs = min(settings.training.epochs, options.fastEpochs)
        let epochs = settings.training.epochs
        let learner = Learner(
            settings: settings,
            context: .init(
                threadCount: context.threadCount, monotonicSeconds: context.monotonicSeconds,
                onProgress: { progress in
                    self.tell(
                        Double(progress.epoch ?? epochs) / Double(epochs), progress.detail, epoch: progress.epoch, loss: progress.loss)
                }, isCancelled: context.isCancelled))
        do {
            let learned = try learner.learn(set)
            return MeasuredMemory(
                map: learned.memory.map, task: set.task, spectra: learned.verification.spectra, verdicts: learned.verification.verdicts,
                meanSquaredError: learned.memory.meanSquaredError, epochCount: learned.memory.epochCount, isTrained: true,
                hasDiverged: false)
        } catch let failure as Failure {
            throw ExperimentError.failed(what: label, reason: failure.message)
        }
    }

    /// The spectra at every example, or round every cycle, as published: of the whole Jacobian.
    func spectra(
        of map: any IterableMap, at examples: Matrix<Double>, task: MemoryTask, label: String
    ) throws -> [Spectrum] {
        do {
            let restriction = try ImageRestriction(of: map)
            let points = restriction.coordinates(of: examples)
            if task.isAutoencoder {
                return try restriction.map.spectra(at: points) { example in
                    try step(0.9 + 0.1 * Double(example) / Double(points.rowCount), "eigenvalues at example \(example + 1)")
                }
            }
            return try task.cycles.map { cycle in
                try CycleProduct(of: restriction.map, along: points.rows(at: cycle)) { factor in
                    try step(0.9 + 0.1 * Double(cycle.lowerBound + factor) / Double(points.rowCount), "eigenvalues round the cycles")
                }.spectrum()
            }
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: label, reason: "\(error)")
        }
    }
}
