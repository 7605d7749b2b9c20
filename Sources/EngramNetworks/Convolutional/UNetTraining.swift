public import EngramDynamics
public import EngramNumerics

/// Training of a U-Net autoencoder: noisy copies first, then a last convolution in closed form.
///
/// The noise is that of `fast`, z + s·ε with s = s_max·u², u uniform for each example, with ε in two parts of equal energy: independent
/// in each entry, and along the differences of the examples. The second part is what shapes basins: examples differ in few directions,
/// and independent noise hardly ever lies in them.
public struct UNetTraining: MemoryTraining {
    /// What is trained and how.
    public struct Settings: Sendable, Equatable {
        /// The network.
        public var shape: UNetShape
        /// Peak of the schedule.
        public var learningRate: Double
        /// How the learning rate goes over each round.
        public var schedule: LearningRateSchedule.Shape = .cosine
        /// Epochs of each round over which the learning rate rises to its peak first.
        public var warmUpEpochCount = 0
        /// The rule for steps.
        public var optimizer: Optimizer = .adam()
        /// Examples in each step; nil for all at once.
        public var batchSize: Int?
        /// How parameters are drawn.
        public var initializer: Initializer = .leCun
        /// s_max, in units of the standard deviation of all values.
        public var maximumNoise: Double
        /// Whether the last convolution is solved in closed form after training; only that of `subpixel` is.
        public var solvesOutputLayer = true
        /// A round ends at or below this mean squared error of an epoch; 0 never ends it.
        public var targetMeanSquaredError = 0.0
        /// Of initialisation and noise.
        public var seed: UInt64

        /// Settings with the usual rule, schedule and initialiser.
        public init(shape: UNetShape, learningRate: Double, batchSize: Int? = nil, maximumNoise: Double, seed: UInt64) {
            self.shape = shape
            self.learningRate = learningRate
            self.batchSize = batchSize
            self.maximumNoise = maximumNoise
            self.seed = seed
        }
    }

    let settings: Settings
    let samples: Matrix<Float>
    private let centre: Double
    private let scale: Double
    /// Differences of the examples, times what makes their sum with normal factors have unit variance; shape `[m, d]`.
    private let directions: Matrix<Float>
    var trainer: EpochTrainer<UNet<Float>>
    /// Whether the last round ended because its target was reached.
    public internal(set) var hasReachedTarget = false

    /// A training at epoch 0.
    /// - Parameters:
    ///   - samples: Shape `[n, d]`, d that of the shape's raster.
    ///   - settings: The network and how it is trained.
    public init(samples: Matrix<Float>, settings: Settings) {
        precondition(
            samples.columnCount == settings.shape.raster.count,
            "Samples of \(samples.columnCount) values are no pictures of \(settings.shape.raster.count).")
        self.settings = settings
        self.samples = samples
        let precise = samples.converted(to: Double.self)
        let count = Double(max(precise.elements.count, 1))
        let mean = precise.elements.reduce(0, +) / count
        let variance = precise.elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        // Float32, as they are stored.
        centre = Double(Float(mean))
        scale = variance > 0 ? Double(Float(variance.squareRoot())) : 1
        var network = UNet<Float>(shape: settings.shape)
        (network.centre, network.scale) = (Float(centre), Float(scale))
        let coordinates = network.normalized(samples)
        (network.centre, network.scale) = (0, 1)
        directions = Self.directions(of: coordinates)
        var generator = SplitMix64(seed: settings.seed)
        settings.initializer.initialize(&network, using: &generator)
        trainer = EpochTrainer(
            network: network, samples: coordinates, targets: coordinates, maximumNoise: settings.maximumNoise,
            optimizer: settings.optimizer, parametrization: settings.initializer.parametrization, batchSize: settings.batchSize,
            seed: generator.next())
        trainer.noiseDirections = directions.rowCount > 0 ? directions : nil
        // What no closed form fits exactly afterwards has to be fitted by the last epochs.
        trainer.noiseFalls = !settings.solvesOutputLayer || settings.shape.upsampling != .subpixel
    }

    /// More would cost as much as a training step.
    private static var largestDirectionCount: Int { 256 }

    /// Examples less their mean, as many as there may be directions; none of one example.
    private static func directions(of samples: Matrix<Float>) -> Matrix<Float> {
        let count = min(samples.rowCount, largestDirectionCount)
        guard samples.rowCount > 1 else { return Matrix(rowCount: 0, columnCount: samples.columnCount) }
        var centred = samples
        centred.addToRows(samples.columnMeans(), scaledBy: -1)
        var kept = centred.rows(at: 0..<count)
        let energy = kept.squaredFrobeniusNorm
        if energy > 0 { kept.scale(by: Float((Double(samples.columnCount) / Double(energy)).squareRoot())) }
        return kept
    }

    /// Epochs done so far, over all rounds.
    public var epochCount: Int { trainer.epochCount }
    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { trainer.hasOpenRound }

    /// Trains one more round.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        trainer.beginRound(epochs: epochs)
        try continueRound(onEpoch: onEpoch)
    }

    /// Goes on with the open round, if there is one.
    ///
    /// The epoch that reaches the target ends the round even where `onEpoch` throws in it: whoever saves the training then must not find
    /// the round open.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        guard hasOpenRound else { return }
        let schedule = LearningRateSchedule(settings.schedule, peak: settings.learningRate, warmUpStepCount: settings.warmUpEpochCount)
        let target = settings.targetMeanSquaredError
        var isReached = false
        defer {
            hasReachedTarget = isReached
            if isReached { trainer.endRound() }
        }
        try trainer.continueRound(schedule: schedule) { progress in
            isReached = target > 0 && progress.loss <= target
            let decision = try onEpoch(progress)
            return isReached ? .stop : decision
        }
    }

    /// The network's blocks, as they stand.
    public var parameters: [DenseLayer<Float>]? { trainer.network.layers }

    /// Puts back what `parameters` gave earlier.
    public mutating func setParameters(_ parameters: [DenseLayer<Float>]) { trainer.setLayers(parameters) }

    /// The network as it stands, with its last convolution solved where it is to be.
    /// - Throws: `TrainingError.numerics`.
    public func storedMap() throws(TrainingError) -> any StoredMap {
        do {
            return try storedNetwork(exampleWeights: Array(repeating: 1, count: samples.rowCount)) { _ in }
        } catch let error as NumericsError {
            throw .numerics(error)
        } catch {
            preconditionFailure("Solving the last convolution throws nothing else: \(error)")
        }
    }
}

extension UNetTraining {
    /// The network as it stands, with its last convolution solved where it is to be.
    ///
    /// - Parameters:
    ///   - exampleWeights: How much contraction at each example counts, shape `[n]`.
    ///   - onStep: Called now and then; may throw to cancel.
    /// - Throws: `NumericsError`; whatever `onStep` throws.
    public func storedNetwork(exampleWeights: [Double], onStep: (Int) throws -> Void) throws -> UNet<Float> {
        var stored = trainer.network
        (stored.centre, stored.scale) = (Float(centre), Float(scale))
        guard settings.solvesOutputLayer, settings.shape.upsampling == .subpixel else { return stored }
        try stored.requireFinite()
        // From here on only the rounded hidden layers count: they are what the file holds.
        let precise = samples.converted(to: Double.self)
        let network = stored.converted(to: Double.self)
        var study = LastConvolutionStudy(network, at: precise)
        try study.addPerturbations(directions.converted(to: Double.self), exampleWeights: exampleWeights, seed: settings.seed, onStep)
        let last = stored.layers.count - 1
        var solved = try study.solvedLayer()
        for pass in 0..<Self.leadingDirectionCount {
            try onStep(pass)
            try study.addLeadingDirections(of: solved, exampleWeights: exampleWeights, onStep)
            solved = try study.solvedLayer()
        }
        stored.layers[last] = solved.converted(to: Float.self)
        return stored
    }

    /// After the perturbations that are taken for all, the direction that grows most at each example is taken so many times.
    private static var leadingDirectionCount: Int { 3 }
}

extension UNet {
    /// - Throws: `NumericsError.nonFinite` where a weight is no finite number.
    fileprivate func requireFinite() throws(NumericsError) {
        for layer in layers {
            try layer.weights.requireFinite(in: "Last convolution")
            if let place = layer.biases.firstIndex(where: { !$0.isFinite }) {
                throw .nonFinite(operation: "Last convolution", row: place, column: 0)
            }
        }
    }
}

/// What the last convolution of a network has to give at examples, and how its patches change around them.
private struct LastConvolutionStudy {
    private var network: UNet<Double>
    private let points: Matrix<Double>
    private var pass: UNetPass<Double>
    private var problem: ContractiveConvolution
    private let columns: [Int]
    /// Squared length of a perturbation, the same for all: as many as entries.
    private var dimension: Int { points.columnCount }

    init(_ network: UNet<Double>, at samples: Matrix<Double>) {
        self.network = network
        points = network.normalized(samples)
        pass = UNetPass(network, count: points.rowCount)
        _ = pass.evaluate(network, points, needsDerivatives: true)
        let unit = network.graph.units[network.graph.units.count - 1]
        columns = unit.convolution.patchColumns
        var cells = Matrix<Double>(rowCount: points.rowCount * unit.convolution.pixelCount, columnCount: unit.convolution.channelCount)
        let (pixels, channels) = network.graph.images[0]
        unit.shuffle?.addPullBack(
            of: Matrix(rowCount: points.rowCount * pixels, columnCount: channels, elements: points.elements), into: &cells)
        problem = ContractiveConvolution(patches: pass.lastPatches(), targets: cells)
    }

    /// Perturbations of every example: independent ones, and along directions, or combinations where those are many.
    mutating func addPerturbations(
        _ directions: Matrix<Double>, exampleWeights: [Double], seed: UInt64, _ onStep: (Int) throws -> Void
    ) throws {
        let count = max(4, 800 / max(points.rowCount, 1))
        var generator = CounterBasedGenerator(seed: seed, stream: 0x5EED)
        let along = directions.rowCount == 0 ? 0 : min(count / 2, directions.rowCount)
        for index in 0..<count {
            try onStep(index)
            var tangents = Matrix<Double>(
                rowCount: points.rowCount, columnCount: dimension, elements: generator.normals(count: points.rowCount * dimension))
            if index < along {
                let factors = Matrix<Double>(
                    rowCount: points.rowCount, columnCount: directions.rowCount,
                    elements: generator.normals(count: points.rowCount * directions.rowCount))
                tangents.setToProduct(factors, directions)
            }
            add(tangents, exampleWeights)
        }
    }

    /// The direction that grows most under iteration at each example, once the last convolution is `layer`.
    mutating func addLeadingDirections(
        of layer: DenseLayer<Double>, exampleWeights: [Double], _ onStep: (Int) throws -> Void
    ) throws {
        let last = network.layers.count - 1
        network.layers[last] = layer
        var generator = CounterBasedGenerator(seed: 1, stream: 0x1EAD)
        var tangents = Matrix<Double>(
            rowCount: points.rowCount, columnCount: dimension, elements: generator.normals(count: points.rowCount * dimension))
        for step in 0..<Self.powerStepCount {
            try onStep(step)
            tangents = pass.pushForward(network, tangents)
            tangents.scaleRows(
                by: (0..<tangents.rowCount).map { row in
                    let norm = tangents.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
                    return norm > 0 ? Double(dimension).squareRoot() / norm : 0
                })
        }
        add(tangents, exampleWeights.map { $0 * Self.leadingWeight })
    }

    /// Steps of the power method, which need not end on the eigenvector: whatever grows is worth suppressing.
    private static let powerStepCount = 10
    /// One direction that grows counts as so many perturbations drawn at random.
    private static let leadingWeight = 100.0

    private mutating func add(_ tangents: Matrix<Double>, _ weights: [Double]) {
        var weighted = tangents
        weighted.scaleRows(by: weights.map { $0.squareRoot() })
        _ = pass.pushForward(network, weighted)
        problem.add(pass.lastPatches(), weight: 1)
    }

    /// The last convolution; weights of taps that read nothing are 0.
    func solvedLayer() throws -> DenseLayer<Double> {
        let solved = try problem.solved()
        let layer = network.layers[network.layers.count - 1]
        var weights = Matrix<Double>(rowCount: layer.outputCount, columnCount: layer.inputCount)
        for row in 0..<layer.outputCount {
            for (place, column) in columns.enumerated() { weights[row, column] = solved[row, place] }
        }
        return DenseLayer(weights: weights, biases: solved.column(columns.count))
    }
}
