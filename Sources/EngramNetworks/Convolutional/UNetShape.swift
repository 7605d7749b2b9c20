public import EngramDynamics
public import EngramNumerics

/// What a U-Net is, besides its weights: the pictures it maps, and its levels from fine to coarse.
///
/// Each level turns an image into a smaller one by a convolution with a stride. On the way back the image is upsampled to the size that
/// the level began with and convolved; a skip connection adds a convolution of what the encoder had at that size, which is the same as
/// joining the two images' channels before one convolution. Images are padded by zeros, so that a convolution of stride s makes ⌈h/s⌉ rows
/// of h; of an even kernel one more entry is padded after than before. Upsampling overshoots where a size is no multiple of the stride,
/// and what is beyond the size is cut off. Nothing depends on the batch: a map that is to be iterated must not.
public struct UNetShape: Sendable, Equatable {
    /// One step towards coarser images.
    public struct Level: Sendable, Equatable {
        /// Channels of the coarser image.
        public var channelCount: Int
        /// Pixels, in each direction, of which it makes one.
        public var stride: Int
        /// Side of the kernels of its convolutions.
        public var kernelSize: Int
        /// Channels that the decoder has at the size that the level began with; the outermost gives the picture's own.
        public var decoderChannelCount: Int

        /// A level from its parts.
        public init(channelCount: Int, stride: Int, kernelSize: Int, decoderChannelCount: Int) {
            self.channelCount = channelCount
            self.stride = stride
            self.kernelSize = kernelSize
            self.decoderChannelCount = decoderChannelCount
        }
    }

    /// How an image is made larger.
    public enum Upsampling: String, Sendable, CaseIterable {
        /// Each pixel repeated.
        case nearest
        /// Between pixels in proportion to the distance, corners not aligned, as PyTorch's `align_corners=False`.
        case bilinear
        /// A convolution of the smaller image gives all pixels of a cell as its channels (Shi et al. 2016): a transposed convolution.
        ///
        /// Its kernel is `UNetShape.subpixelKernelSize` on a side, whatever that of the level.
        case subpixel
    }

    /// The pictures, `[height, width, channels]`.
    public let raster: Raster
    /// From fine to coarse, at least one.
    public let levels: [Level]
    /// How images are made larger.
    public let upsampling: Upsampling
    /// Whether the decoder also reads what the encoder had at each size.
    public let hasSkips: Bool
    /// φ, after every convolution but the last.
    public let activation: Activation

    /// A shape from its parts; channels, strides and kernels are at least 1.
    public init(raster: Raster, levels: [Level], upsampling: Upsampling, hasSkips: Bool, activation: Activation) {
        precondition(
            !levels.isEmpty
                && levels.allSatisfy { min($0.channelCount, $0.decoderChannelCount, $0.stride, $0.kernelSize) >= 1 }
                && levels[0].decoderChannelCount == raster.channels,
            "A U-Net needs a level, and channels, strides and kernels of at least 1.")
        self.raster = raster
        self.levels = levels
        self.upsampling = upsampling
        self.hasSkips = hasSkips
        self.activation = activation
    }

    /// A cell and its neighbours.
    public static let subpixelKernelSize = 3
}

extension UNetShape {
    /// Rows and columns of an image.
    struct Grid: Equatable {
        let height: Int
        let width: Int
        var pixelCount: Int { height * width }
    }

    /// The images from the whole picture to the coarsest.
    var grids: [Grid] {
        var grids = [Grid(height: raster.height, width: raster.width)]
        for level in levels {
            let finer = grids[grids.count - 1]
            grids.append(
                Grid(
                    height: (finer.height + level.stride - 1) / level.stride, width: (finer.width + level.stride - 1) / level.stride))
        }
        return grids
    }

    /// Convolutions in the order in which they are computed: down, then up, each of those followed by its skip connection.
    enum Kind: Equatable {
        case down(Int)
        case up(Int)
        case skip(Int)
    }

    /// Every convolution.
    var kinds: [Kind] {
        levels.indices.map { .down($0) }
            + levels.indices.reversed().flatMap { level -> [Kind] in joins(level) ? [.up(level), .skip(level)] : [.up(level)] }
    }

    /// Whether the decoder also reads what the encoder had at the size that a level began with; the picture itself it never reads.
    func joins(_ level: Int) -> Bool { hasSkips && level > 0 }

    /// Channels that enter a level of the encoder.
    func encoderChannelCount(_ level: Int) -> Int { level == 0 ? raster.channels : levels[level - 1].channelCount }

    /// Channels of the image that the decoder makes larger at a level.
    func upsampledChannelCount(_ level: Int) -> Int {
        level + 1 < levels.count ? levels[level + 1].decoderChannelCount : levels[level].channelCount
    }

    /// Side of a convolution's kernel.
    func kernelSize(of kind: Kind) -> Int {
        switch kind {
        case .down(let level), .skip(let level): levels[level].kernelSize
        case .up(let level): upsampling == .subpixel ? Self.subpixelKernelSize : levels[level].kernelSize
        }
    }

    /// Channels that a convolution reads, and gives.
    func channelCounts(of kind: Kind) -> (inputs: Int, outputs: Int) {
        switch kind {
        case .down(let level): return (encoderChannelCount(level), levels[level].channelCount)
        case .skip(let level): return (encoderChannelCount(level), levels[level].decoderChannelCount)
        case .up(let level):
            let cells = upsampling == .subpixel ? levels[level].stride * levels[level].stride : 1
            return (upsampledChannelCount(level), cells * levels[level].decoderChannelCount)
        }
    }

    /// Columns and rows of each convolution's block of weights: tap by tap the channels that are read; the channels that are given, of
    /// `subpixel` those of one pixel of a cell after those of another.
    public var layerSizes: [(inputCount: Int, outputCount: Int)] {
        kinds.map { kind in
            let (side, channels) = (kernelSize(of: kind), channelCounts(of: kind))
            return (side * side * channels.inputs, channels.outputs)
        }
    }

    /// Weights and biases.
    public var parameterCount: Int { layerSizes.reduce(0) { $0 + $1.outputCount * ($1.inputCount + 1) } }

    /// Cells of the image that the last convolution reads, and weights that each of its outputs has, without the bias.
    public var lastConvolution: (cellCount: Int, patchWidth: Int) {
        let side = kernelSize(of: .up(0))
        return (grids[upsampling == .subpixel ? 1 : 0].pixelCount, side * side * upsampledChannelCount(0))
    }

    /// Entries of the tables of what each convolution reads at each place.
    public var tableEntryCount: Int {
        let grids = grids
        return kinds.reduce(0) { sum, kind in
            let side = kernelSize(of: kind)
            return switch kind {
            case .down(let level): sum + grids[level + 1].pixelCount * side * side
            case .skip(let level): sum + grids[level].pixelCount * side * side
            case .up(let level): sum + grids[upsampling == .subpixel ? level + 1 : level].pixelCount * side * side
            }
        }
    }

    /// Values of the images that one picture is turned into, and of the larger ones in between.
    public var valueCount: Int {
        let grids = grids
        return levels.indices.reduce(0) { sum, level in
            let fine = grids[level].pixelCount
            let between =
                upsampling == .nearest ? 0 : upsampling == .bilinear ? upsampledChannelCount(level) : levels[level].decoderChannelCount
            return sum + grids[level + 1].pixelCount * levels[level].channelCount + fine * (levels[level].decoderChannelCount + between)
        }
    }
}

/// How much of a picture a unit of the coarsest image sees.
public struct ReceptiveField: Sendable, Equatable {
    /// Rows, if the picture had no end.
    public let height: Int
    /// Columns, if the picture had no end.
    public let width: Int
    /// Whether every unit of the coarsest image sees the whole picture.
    ///
    /// [RBU20] Fig. 10: examples become attractors where the hidden units do.
    public let coversPicture: Bool
}

extension UNetShape {
    /// What the units of the coarsest image see.
    public var receptiveField: ReceptiveField {
        let length = fieldLength
        func covers(_ sizes: [Int]) -> Bool {
            let hasGaps = levels.contains { $0.kernelSize < $0.stride }
            guard let size = sizes.first, let unitCount = sizes.last, !hasGaps else { return false }
            return [0, unitCount - 1].allSatisfy { placesRead(by: $0, sizes) == 0...size - 1 }
        }
        return ReceptiveField(
            height: length, width: length,
            coversPicture: covers(grids.map(\.height)) && covers(grids.map(\.width)))
    }

    /// The places of the picture, in one direction, that a unit of the coarsest image reads, by way of units that are there.
    private func placesRead(by unit: Int, _ sizes: [Int]) -> ClosedRange<Int> {
        var (first, last) = (unit, unit)
        for (index, level) in levels.enumerated().reversed() {
            let before = (level.kernelSize - 1) / 2
            first = max(first * level.stride - before, 0)
            last = min(last * level.stride - before + level.kernelSize - 1, sizes[index] - 1)
        }
        return first...max(first, last)
    }

    /// How many places a unit of the coarsest image reads where the picture has no border.
    private var fieldLength: Int {
        var (length, step) = (1, 1)
        for level in levels {
            length += (level.kernelSize - 1) * step
            step *= level.stride
        }
        return length
    }
}
