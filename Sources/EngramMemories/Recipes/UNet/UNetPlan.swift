internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// Which U-Net a set gets, and how it is trained.
public struct UNetPlan: RecipePlan {
    /// The network.
    let shape: UNetShape
    /// Channels of the finest hidden image, before it was widened.
    let baseChannelCount: Int
    /// s_max.
    let maximumNoise: Double
    /// Epochs of each round.
    let roundEpochCount: Int
    /// Peak of the schedule.
    var learningRate: Double
    /// Examples in each step; nil for all at once.
    var batchSize: Int?
    /// Bytes that training and analysis may take; nil where nobody said.
    public var memoryLimit: Double?
    /// What users must be told about how the plan came to fit.
    public var notes: [String] = []

    /// What may change while a set is learned, and with the memory of the machine.
    public var sizes: TrainingSizes {
        get { TrainingSizes(batchSize: batchSize, learningRate: learningRate) }
        set { (batchSize, learningRate) = (newValue.batchSize, newValue.learningRate) }
    }

    /// "a U-Net of 2 levels".
    public var shapeText: String { "a U-Net of \(shape.levels.count) \(shape.levels.count == 1 ? "level" : "levels")" }

    init(_ settings: MemorySettings, for set: TrainingSet) {
        let count = set.trainingTask.count
        shape = Self.shape(settings, raster: set.raster, count: count)
        baseChannelCount = settings.unet.channels.given ?? Self.usualChannelCount
        maximumNoise = settings.training.noise.given ?? 2
        learningRate = settings.training.learningRate.given ?? 1e-3
        let size = settings.training.batchSize.given ?? (count <= Self.largestWholeBatch ? nil : Self.usualBatch)
        batchSize = size
        let stepsAnEpoch = (count + (size ?? count) - 1) / max(size ?? count, 1)
        // Without a closed form the last epochs of a round have to fit what it would have.
        let isSolved = settings.training.exactOutputLayer && shape.upsampling == .subpixel
        roundEpochCount = max(Self.roundStepCount / max(stepsAnEpoch, 1), Self.fewestEpochs) * (isSolved ? 1 : 8)
    }

    /// Steps of a round.
    private static let roundStepCount = 400
    /// Every example has to be seen with much noise and with little.
    private static let fewestEpochs = 60
    /// So many examples are taken all at once.
    private static let largestWholeBatch = 32
    /// Otherwise a step takes so many: more of them cost more than they teach.
    private static let usualBatch = 25
}

extension UNetPlan {
    /// The network that the settings give, and for every `auto` what suits the pictures.
    static func shape(_ settings: MemorySettings, raster: Raster, count: Int) -> UNetShape {
        let given = settings.unet
        let activation = settings.network.activation.given.flatMap { Activation(rawValue: $0.rawValue) } ?? .selu
        let base = given.channels.given ?? usualChannelCount
        var levels: [UNetShape.Level] = []
        var side = max(raster.height, raster.width)
        func shape(_ levels: [UNetShape.Level]) -> UNetShape {
            UNetShape(
                raster: raster, levels: levels, upsampling: UNetShape.Upsampling(rawValue: given.upsampling.rawValue) ?? .subpixel,
                hasSkips: given.skips, activation: activation)
        }
        repeat {
            let stride = given.stride.given ?? (levels.isEmpty ? firstStride(side, count: count, base: base) : min(4, max(side, 1)))
            let level = levels.count
            levels.append(
                UNetShape.Level(
                    channelCount: min(base << min(level, 3), largestChannelCount), stride: stride,
                    kernelSize: given.kernel.given ?? max(2 * stride - 1, 3),
                    decoderChannelCount: level == 0 ? raster.channels : levels[level - 1].channelCount))
            side = (side + stride - 1) / stride
        } while given.levels.given.map { levels.count < $0 } ?? (levels.count < mostLevels && !shape(levels).receptiveField.coversPicture)
        widen(&levels, raster, count: count)
        return shape(levels)
    }

    /// A grid of four cells a side, or as many fewer as it takes for the last convolution to fit all examples exactly.
    private static func firstStride(_ side: Int, count: Int, base: Int) -> Int {
        for cells in [4, 2] where side >= cells {
            if patchesFit(cells * cells * count, channels: largestFeatureCount) { return powerOfTwo(atLeast: (side + cells - 1) / cells) }
        }
        return powerOfTwo(atLeast: side)
    }

    /// Makes the decoder's finest hidden image so wide that the last convolution can fit all examples and is left something to choose.
    private static func widen(_ levels: inout [UNetShape.Level], _ raster: Raster, count: Int) {
        let stride = levels[0].stride
        let cells = ((raster.height + stride - 1) / stride) * ((raster.width + stride - 1) / stride)
        // Twice as many as on the way there leave the last convolution much to choose among: that halves the largest eigenvalues.
        var channels = min(2 * (levels.count > 1 ? levels[1].decoderChannelCount : levels[0].channelCount), largestFeatureCount)
        while channels < largestFeatureCount, !patchesFit(cells * count, channels: channels) { channels *= 2 }
        if levels.count > 1 { levels[1].decoderChannelCount = channels } else { levels[0].channelCount = channels }
    }

    /// Whether a kernel over so many channels has a quarter more weights than patches ask for.
    private static func patchesFit(_ patchCount: Int, channels: Int) -> Bool {
        let side = UNetShape.subpixelKernelSize
        return 4 * (side * side * channels + 1) >= 5 * patchCount
    }

    private static func powerOfTwo(atLeast value: Int) -> Int {
        var result = 1
        while result < value { result *= 2 }
        return result
    }

    private static let usualChannelCount = 128
    private static let largestChannelCount = 1024
    /// Solving for more takes minutes.
    private static let largestFeatureCount = 512
    private static let mostLevels = 12
}
