internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// The fully connected network and its training for one set: what the settings give, and for every `auto` a choice by kind and number of examples.
///
/// The choices were found by measurement on the sample drops; Documentation/Notebook.md has the figures.
public struct TrainingPlan: RecipePlan {
    var depth: Int
    var width: Int
    let activation: Activation
    let conditioning: Double
    /// In squares of the range of values.
    let noiseFloor: Double
    let maximumNoise: Double
    let noiseKind: MemorySettings.NoiseKind
    /// Epochs of each round; after a round the memory is verified and, if it does not hold, trained further.
    let roundEpochCount: Int
    let initializer: Initializer
    /// What the settings call it.
    let initializerName: MemorySettings.Initializer
    private(set) var startsFromMatchedFilters = false
    let optimizer: Optimizer
    let schedule: LearningRateSchedule.Shape
    var learningRate: Double
    /// The highest rate for a matched start from examples that crowd each other; nil where the settings give one.
    let crowdedLearningRate: Double?
    /// Examples in each step; nil for all at once.
    var batchSize: Int?
    /// Bytes that training and analysis may take; nil where nobody said.
    public var memoryLimit: Double?
    /// The bytes that the width was narrowed to fit in; nil where it was not.
    var narrowedWithin: Double?
    /// What users must be told about how the plan came to fit.
    public var notes: [String] = []
    /// What was written down instead of trained; nil for presets that train.
    var closedForm: ClosedFormMemory.Settings?

    /// - Parameter dimension: d, the length of an example.
    init(settings: MemorySettings, task: MemoryTask, dimension: Int) {
        let isLongSequence = !task.isAutoencoder && task.count > Self.longSequenceCount
        let isLargeSet = task.isAutoencoder && task.count > Self.largeSetCount
        // More states than dimensions: they have neighbours nearer than a standard deviation, which noise of that size would mix up.
        let isLowDimensional = !task.isAutoencoder && task.count > dimension
        let isSmallSet = task.isAutoencoder && !isLargeSet
        // Large sets, and single layers of any: drawn at random, those store few examples.
        let startsMatched =
            task.isAutoencoder && task.count > 1 && (isLargeSet || settings.network.depth.given == 1)
            && Self.canStartMatched(settings, task)
        depth = settings.network.depth.given ?? (startsMatched ? 1 : isLargeSet ? 4 : 3)
        // Twice as many features as examples leave the output layer free to contract after it interpolates; an autoencoder of more than
        // a few gains much from more. A few large photographs should fit the memory of an ordinary machine.
        let narrowest = task.count <= 4 ? 64 : task.isAutoencoder && task.count > 32 ? 1024 : 256
        width =
            settings.network.width.given
            ?? (startsMatched ? task.count : min(max(narrowest, Self.nextPowerOfTwo(2 * task.count)), 4096))
        let chosen: Activation = startsMatched ? .sigmoid : isLongSequence ? .relu : .selu
        activation = settings.network.activation.given.flatMap { Activation(rawValue: $0.rawValue) } ?? chosen
        // Whitening (p = 1) parts examples that crowd; p = 0.5 leaves wider basins where there is room. Long films have near-equal
        // neighbours, and there whitening slows the way from noise to the cycle.
        conditioning = settings.training.conditioning.given ?? (isSmallSet || isLongSequence ? 0.5 : 1)
        noiseKind = settings.preset == .fast ? settings.training.noiseKind.given ?? (startsMatched ? .cues : .coordinates) : .coordinates
        let largestNoise =
            noiseKind == .cues
            ? (startsMatched && isSmallSet ? Self.smallSetCueNoise : Self.largestCueNoise)
            : isLongSequence || isLowDimensional ? 0.3 : isLargeSet ? 0.6 : 1
        maximumNoise = settings.training.noise.given ?? largestNoise
        noiseFloor = settings.training.noiseFloor.given ?? (noiseKind == .cues ? Self.noiseFloor(ofCues: maximumNoise) : 0)
        let isDeepSmallSet = isSmallSet && depth > Self.deepestFastDepth
        roundEpochCount = startsMatched ? 150 : isLargeSet ? 600 : isLongSequence || isDeepSmallSet ? 400 : 300
        optimizer = settings.training.rule
        learningRate =
            settings.training.learningRate.given
            ?? (startsMatched ? 4e-3 : isSmallSet ? Self.smallSetRate(depth: depth) : 1e-3)
        crowdedLearningRate = settings.training.learningRate.given == nil ? Self.crowdedLearningRate(count: task.count) : nil
        batchSize = settings.training.batchSize.given
        schedule = settings.training.learningRateSchedule == .cosine ? .cosine : .constant
        let drawn = settings.preset == .fast ? Self.initializer(for: activation, depth: depth) : .standard
        initializerName = settings.training.initializer.given ?? (startsMatched ? .matched : drawn)
        switch initializerName {
        case .standard: initializer = .standard
        case .matched:
            initializer = .standard
            startsFromMatchedFilters = true
        case .uniform: initializer = .uniform(range: settings.training.uniformRange)
        case .xavier: initializer = .xavier
        case .kaiming: initializer = .kaiming
        case .lecun: initializer = .leCun
        case .ntk: initializer = .neuralTangent(biasScale: settings.training.biasScale)
        }
    }

    /// Whether the settings leave room for one hidden layer of steep units, one for each example, that starts as a memory already and is
    /// trained on damaged cues: the widest basins that were found for large sets.
    private static func canStartMatched(_ settings: MemorySettings, _ task: MemoryTask) -> Bool {
        func allows<Value: Equatable>(_ setting: AutoOr<Value>, _ value: Value) -> Bool { setting.given.map { $0 == value } ?? true }
        return settings.preset == .fast && task.count <= largestMatchedCount && allows(settings.network.depth, 1)
            && allows(settings.network.activation, .sigmoid) && allows(settings.training.initializer, .matched)
            && settings.network.width.given ?? task.count >= task.count
    }

    /// Weights of the usual size halve a signal in each layer, which widens basins and, through too many layers, leaves nothing to train.
    private static func initializer(for activation: Activation, depth: Int) -> MemorySettings.Initializer {
        guard depth > deepestPlainDepth else { return .standard }
        switch activation {
        case .selu: return .lecun
        case .relu, .leakyReLU: return .kaiming
        default: return .standard
        }
    }

    /// The rate for small sets, by depth: one that suits three layers throws thirty out of what they had learned.
    private static func smallSetRate(depth: Int) -> Double {
        depth <= deepestFastDepth ? 2.5e-3 : depth <= deepestPlainDepth ? 1.5e-3 : 5e-4
    }

    /// Up to so many hidden layers a high rate widens basins; deeper networks take smaller steps, and more of them.
    private static let deepestFastDepth = 4

    /// With more hidden layers than this, weights are drawn so that signals keep their size.
    static let deepestPlainDepth = 16

    /// The variance of uniform noise is a twelfth of the squared range; half of the largest share of entries has it.
    static func noiseFloor(ofCues largestShare: Double) -> Double { min(largestShare, 1) / 24 }

    /// Large steps let a unit drift towards the near doubles of its example, and more examples have nearer ones: at 1e-3 31 of 2,000
    /// digits were no attractors, at 5e-4 17 of 5,000 were none, and at 2e-4 all were.
    private static func crowdedLearningRate(count: Int) -> Double { 3e-4 * (1000 / Double(count)).squareRoot() }

    /// The copies of large sets have up to this share of their entries replaced.
    static let largestCueNoise = 0.8

    /// Single layers of small sets have few units more than examples, and more noise than this costs some of them.
    static let smallSetCueNoise = 0.4

    /// A layer with a unit for each of more examples takes more memory and time than a deep one.
    static let largestMatchedCount = 5000

    /// Sequences with more examples than this are films rather than a handful of states.
    static let longSequenceCount = 64

    /// Sets with more examples than this crowd their space: whitening parts them, and less noise keeps their basins apart.
    static let largeSetCount = 200

    static func nextPowerOfTwo(_ value: Int) -> Int {
        var result = 1
        while result < value { result *= 2 }
        return result
    }
}

extension TrainingPlan {
    /// What may change while a set is learned, and with the memory of the machine.
    public var sizes: TrainingSizes {
        get {
            TrainingSizes(
                depth: depth, width: width, batchSize: batchSize, learningRate: learningRate, narrowedWithin: narrowedWithin)
        }
        set {
            (depth, width, batchSize) = (newValue.depth, newValue.width, newValue.batchSize)
            (learningRate, narrowedWithin) = (newValue.learningRate, newValue.narrowedWithin)
        }
    }

    /// "3 hidden layers of 256 units".
    public var shapeText: String { "\(depth == 1 ? "one hidden layer" : "\(depth) hidden layers") of \(width) units" }
}

extension MemorySettings.Training {
    /// The rule that changes the weights.
    var rule: EngramNetworks.Optimizer {
        switch optimizer {
        case .adam: .adam()
        case .rmsprop: .rmsProp()
        case .gradientDescent: .gradientDescent
        case .momentum: .momentum(momentum)
        case .momentumWeightDecay: .momentum(momentum, weightDecay: weightDecay)
        }
    }
}
