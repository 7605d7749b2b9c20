public import EngramDynamics
public import EngramNetworks
internal import EngramNumerics
public import EngramSystem

/// The recipe of the family `unet`: a convolutional autoencoder of pictures, trained on noisy copies and finished in closed form.
///
/// Rounds go on until every picture is verified to be an attractor. [RBU20] Fig. 10 and 11 store pictures so.
public struct UNetRecipe: Recipe {
    /// `unet`.
    public static let name = "unet"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    private let threadCount: Int

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        self.threadCount = threadCount
    }

    /// The network for the pictures.
    /// - Throws: `Failure` of code `no-pictures` for sound and the like, `sequence` for films, `kernel-size` where tables would not fit, and
    ///   `memory`.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> UNetPlan {
        try requirePictures(set)
        var plan = UNetPlan(settings, for: set)
        guard plan.shape.tableEntryCount <= UNetShape.largestTableEntryCount else {
            throw Failure(
                stage: .train, code: "kernel-size",
                message: "A U-Net with these kernels reads \(plan.shape.tableEntryCount) places of each picture.",
                expected: "at most \(UNetShape.largestTableEntryCount)", found: "\(plan.shape.tableEntryCount)",
                remedy: "set unet.kernel lower, unet.stride higher, or make the pictures smaller")
        }
        plan.memoryLimit = settings.maxMemoryByteCount.given.map(Double.init) ?? byteCount
        if let warning = Self.fieldWarning(plan.shape) { plan.notes.append(warning) }
        guard let limit = plan.memoryLimit, self.byteCount(of: plan, for: set) > limit else { return plan }
        if settings.training.batchSize.given == nil, set.trainingTask.count > 8 {
            var smaller = plan
            smaller.batchSize = 8
            if self.byteCount(of: smaller, for: set) <= limit {
                smaller.notes.append("Memory holds steps of 8 pictures only.")
                return smaller
            }
        }
        let needed = self.byteCount(of: plan, for: set)
        throw Failure(
            stage: .train, code: "memory",
            message:
                "\(set.examples.rowCount) pictures of \(set.examples.columnCount) values with a U-Net of \(plan.shape.parameterCount) weights "
                + "would take about \(byteText(needed)) of memory; \(byteText(limit)) are "
                + (settings.maxMemoryByteCount.given == nil ? "available." : "allowed by limits.max_memory."),
            expected: "at most \(byteText(limit))", found: "about \(byteText(needed))",
            remedy: "set unet.channels below \(plan.shape.levels[0].channelCount); or \(set.sizeAdvice)")
    }

    private func requirePictures(_ set: TrainingSet) throws(Failure) {
        guard set.task.isAutoencoder else {
            throw Failure(
                stage: .train, code: "sequence", message: "The family unet stores pictures as fixed points, and this drop is a sequence.",
                expected: "kind: autoencoder", found: "kind: sequence",
                remedy: "set kind: autoencoder, or leave network.family out, which plays the sequence")
        }
        guard set.raster.height > 1, set.raster.width > 1 else {
            throw Failure(
                stage: .train, code: "no-pictures", message: "The family unet stores pictures, and these examples are not.",
                expected: "examples of at least two rows and columns: a folder of images, or IDX of rank 3 or 4",
                found: "\(set.raster.height) by \(set.raster.width) entries", remedy: "leave network.family out, which takes any examples")
        }
    }

    /// What is lost where the hidden units do not see the whole picture; nil where they do.
    static func fieldWarning(_ shape: UNetShape) -> String? {
        let field = shape.receptiveField
        guard !field.coversPicture else { return nil }
        return
            "The units of the coarsest image see \(field.height)×\(field.width) pixels each, not the whole picture of \(shape.raster.height)×\(shape.raster.width): "
            + "parts that lie farther apart are remembered without regard to each other, so that pictures may fail to be attractors, and cues may "
            + "end on mixtures. More unet.levels, a larger unet.stride or unet.kernel helps."
    }

    /// Weights and their copies, images on the way, the last convolution's system, and what analysis holds.
    public func byteCount(of plan: UNetPlan, for set: TrainingSet) -> Double {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let (weights, values) = (Double(plan.shape.parameterCount), Double(plan.shape.valueCount))
        let threads = Double(threadCount)
        let batch = Double(plan.batchSize ?? set.trainingTask.count)
        let training = 4 * ((5 + threads) * weights + batch * (5 * values + 4 * d) + 3 * n * d)
        let last = plan.shape.lastConvolution
        let rows = n * Double(last.cellCount)
        let width = Double(last.patchWidth)
        let finish = 8 * (2 * weights + n * 5 * values + 3 * rows * width + 4 * width * width + rows * rows + 6 * n * d)
        let starts = Double(2 * max(settings.recall.starts, 3 * (settings.analysis.census.given ?? 0) / 2)) + n
        let krylov = threads * 32 * 50 * d
        let analysis = 8 * (2 * weights + n * 2 * values + threads * 16 * 5 * values + starts * 6 * d + krylov + 4 * n * d + d * d)
        return max(training + finish, 4 * 5 * weights + analysis) + 8 * Double(plan.shape.tableEntryCount) + 64e6
    }

    /// A training at its beginning.
    public func makeTraining(_ plan: UNetPlan, for set: TrainingSet) throws -> UNetTraining {
        var training = UNetTraining.Settings(
            shape: plan.shape, learningRate: plan.learningRate, batchSize: plan.batchSize, maximumNoise: plan.maximumNoise,
            seed: UInt64(settings.seed))
        training.schedule = settings.training.learningRateSchedule == .cosine ? .cosine : .constant
        training.warmUpEpochCount = settings.training.warmUp
        training.optimizer = optimizer
        training.initializer = initializer
        training.solvesOutputLayer = settings.training.exactOutputLayer
        training.targetMeanSquaredError = plan.maximumNoise == 0 ? settings.training.targetMSE : 0
        return UNetTraining(samples: set.trainingSamples, settings: training)
    }

    private var optimizer: Optimizer {
        switch settings.training.optimizer {
        case .adam: .adam()
        case .rmsprop: .rmsProp()
        case .gradientDescent: .gradientDescent
        case .momentum: .momentum(settings.training.momentum)
        case .momentumWeightDecay: .momentum(settings.training.momentum, weightDecay: settings.training.weightDecay)
        }
    }

    /// Signals keep their size through the levels by default; filters matched to the examples are of fully connected layers.
    private var initializer: Initializer {
        switch settings.training.initializer.given {
        case .standard: .standard
        case .uniform: .uniform(range: settings.training.uniformRange)
        case .xavier: .xavier
        case .kaiming: .kaiming
        case .ntk: .neuralTangent(biasScale: settings.training.biasScale)
        case .lecun, .matched, nil: .leCun
        }
    }

    /// Later rounds are twice as long; without noise there is one, to the published error.
    public func roundEpochCount(_ plan: UNetPlan, networkRound: Int) -> Int? {
        plan.maximumNoise == 0 && !settings.training.exactOutputLayer ? nil : plan.roundEpochCount * (networkRound > 1 ? 2 : 1)
    }

    /// What the last step of a round is called.
    public var finishPhase: String { settings.training.exactOutputLayer ? "exact last convolution" : "stored network" }

    /// Last convolutions with more weight on the examples whose radius is large.
    public func improver(for set: TrainingSet, memory: Memory) -> (any MemoryImprover)? {
        guard settings.training.exactOutputLayer, settings.unet.upsampling == .subpixel else { return nil }
        return ContractiveSolves(exampleCount: set.examples.rowCount)
    }

    /// The network with the last convolution for weights of all examples.
    public func improvedMap(
        _ training: UNetTraining, for set: TrainingSet, weights: [Double], onStep: (Int) throws -> Void
    ) throws -> any StoredMap {
        try training.storedNetwork(exampleWeights: set.trainingExamples.map { weights[$0] }, onStep: onStep)
    }

    /// Once everything holds, or at the published error; without eigenvalues after one round.
    public func stopReason(after training: UNetTraining, held: String?) -> String? {
        if training.hasReachedTarget { return "the mean squared error reached the published \(settings.training.targetMSE)" }
        return settings.analysis.eigenvalues ? held : "one round was trained; without eigenvalues there is nothing to verify"
    }

    /// Complete spectra in as many dimensions as a picture has entries take hours: the largest eigenvalues decide.
    public var spectraOperationLimit: Double { 2e11 }

    /// How the network was trained.
    public func account(of memory: Memory, plan: UNetPlan, for set: TrainingSet) -> RecipeAccount {
        var optimizer = "\(settings.training.optimizer.rawValue) \(plan.learningRate) \(settings.training.learningRateSchedule.rawValue)"
        if let size = plan.batchSize, size < set.examples.rowCount { optimizer += ", batches of \(size)" }
        var account = RecipeAccount(
            recipe: Self.name, optimizer: optimizer, initializer: (settings.training.initializer.given ?? .lecun).rawValue)
        account.noise = plan.maximumNoise
        let field = plan.shape.receptiveField
        if field.coversPicture {
            account.notes.append(
                "Every unit of the coarsest image sees the whole picture: its receptive field has \(field.height)×\(field.width) pixels.")
        }
        let last = plan.shape.lastConvolution
        let count = set.trainingTask.count
        if settings.training.exactOutputLayer, plan.shape.upsampling == .subpixel, count * last.cellCount > last.patchWidth + 1 {
            account.notes.append(
                "\(count) pictures of \(last.cellCount) cells are more than the \(last.patchWidth + 1) that the last convolution can fit exactly: "
                    + "it fits them as well as it can.")
        }
        return account
    }

    /// Every choice of the plan.
    public func resolvedSettings(_ plan: UNetPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        resolved.network.family = .value(.unet)
        if let name = MemorySettings.ActivationName(rawValue: plan.shape.activation.rawValue) { resolved.network.activation = .value(name) }
        resolved.unet.levels = .value(plan.shape.levels.count)
        resolved.unet.channels = .value(plan.baseChannelCount)
        resolved.training.batchSize = .value(plan.batchSize ?? set.trainingTask.count)
        resolved.training.learningRate = .value(plan.learningRate)
        resolved.training.noise = .value(plan.maximumNoise)
        resolved.training.initializer = .value(settings.training.initializer.given ?? .lecun)
        return resolved
    }
}
