/// One layer of an infinitely wide convolutional network on pictures.
///
/// Convolutions have 3×3 filters and circular padding. Source: [R23] section 3.4 and SI K.
public enum ConvolutionalLayer: Sendable, Equatable {
    /// A 3×3 convolution with normal weights.
    case convolution
    /// The network's nonlinearity, applied to every pixel.
    case activation
    /// Every second pixel of each axis, from the first: what a convolution of stride 2 keeps.
    case downsampling
    /// Twice as many pixels on each axis.
    case upsampling(Upsampling)

    /// How a picture is doubled.
    public enum Upsampling: String, Sendable, Equatable, CaseIterable {
        /// Pixel i of the result is pixel ⌊i/2⌋.
        case nearest
        /// Linear between pixel centres, circular: pixel 2i is ¾ of pixel i and ¼ of pixel i - 1, pixel 2i + 1 is ¾ of i and ¼ of i + 1.
        /// It treats all pixels of a parity alike, and so has a kernel by phase and displacement.
        case bilinear
        /// Linear, corners on corners: pixel i of the result lies at i(d - 1)/(2d - 1). No two pixels are treated alike, so only
        /// `DenseConvolutionalKernel` computes it.
        case cornerAligned

        /// The pixels that pixel i of the result is made of, and their weights, for one axis of d pixels.
        func taps(_ i: Int, count d: Int) -> [(pixel: Int, weight: Double)] {
            switch self {
            case .nearest: return [(i / 2, 1)]
            case .bilinear:
                let (near, far) = (i / 2, i % 2 == 0 ? i / 2 - 1 : i / 2 + 1)
                return [(near, 0.75), ((far + d) % d, 0.25)]
            case .cornerAligned:
                // In whole numbers i(d - 1) = c(2d - 1) + r, so the place is c + r/(2d - 1).
                let (c, r) = (i * (d - 1) / (2 * d - 1), i * (d - 1) % (2 * d - 1))
                let share = Double(r) / Double(2 * d - 1)
                return r == 0 ? [(c, 1)] : [(c, 1 - share), (c + 1, share)]
            }
        }
    }
}

/// An infinitely wide convolutional network from a random picture to a picture: its layers in order and its nonlinearity.
public struct ConvolutionalNetwork: Sendable {
    /// The layers, first to last; the first and the last are convolutions, and an activation follows a convolution.
    public let layers: [ConvolutionalLayer]
    /// The nonlinearity.
    public let activation: any DualActivation
    /// 1/E φ(u)² at variance 1: the weight variance, times the number of weights, that keeps the scale.
    public let gain: Double

    /// A network.
    ///
    /// - Parameters:
    ///   - layers: As in `layers`.
    ///   - activation: Default: leaky ReLU of slope 0.01, as [R23] section 3.4 uses.
    /// - Throws: `ConvolutionalKernelError.badLayers` if the layers do not start and end with a convolution, or an activation follows
    ///   anything but a convolution, or layers go up further than they went down.
    public init(
        layers: [ConvolutionalLayer], activation: any DualActivation = RectifierDual(slope: 0.01)
    ) throws(ConvolutionalKernelError) {
        guard layers.first == .convolution, layers.last == .convolution else {
            throw .badLayers(reason: "the first and the last layer are convolutions")
        }
        for (layer, next) in zip(layers, layers.dropFirst()) {
            if next == .activation, layer != .convolution { throw .badLayers(reason: "an activation follows a convolution") }
            if layer == .convolution, next != .activation {
                throw .badLayers(reason: "an activation follows every convolution but the last")
            }
        }
        var depth = 0
        for layer in layers {
            switch layer {
            case .downsampling: depth += 1
            case .upsampling: depth -= 1
            case .convolution, .activation: break
            }
            guard depth >= 0 else { throw .badLayers(reason: "layers go up only where layers before went down") }
        }
        guard depth == 0 else { throw .badLayers(reason: "layers go up as often as they go down") }
        self.layers = layers
        self.activation = activation
        gain = 1 / activation.variance(1)
    }

    /// The network of [R23] section 3.5: convolution; s times (down, convolution); s - 1 times (up, convolution); up, convolution.
    ///
    /// - Parameters:
    ///   - levels: s ≥ 0, how often the picture is halved; 0 is two convolutions.
    ///   - upsampling: How it is doubled again.
    ///   - smoothing: Further convolutions with activation after each doubling, ≥ 0. With one or more, the kernel of nearest upsampling
    ///     is no longer singular.
    public static func hourglass(
        levels: Int, upsampling: ConvolutionalLayer.Upsampling = .nearest, smoothing: Int = 0
    ) throws(ConvolutionalKernelError) -> ConvolutionalNetwork {
        precondition(levels >= 0 && smoothing >= 0, "A network has no \(levels) levels and \(smoothing) convolutions more.")
        let block: [ConvolutionalLayer] = [.convolution, .activation]
        var layers = block
        for _ in 0..<levels { layers += [.downsampling] + block }
        for level in 0..<levels {
            layers.append(.upsampling(upsampling))
            for _ in 0..<smoothing { layers += block }
            if level < levels - 1 { layers += block }
        }
        return try ConvolutionalNetwork(layers: layers + [.convolution])
    }

    /// s: how often the picture is halved.
    public var levelCount: Int { layers.count { $0 == .downsampling } }

    /// p: pixels p apart on an axis are treated alike; the kernel is the same if both are moved by p.
    public var period: Int { 1 << levelCount }

    /// The least displacement on one axis from which on the kernel of the default prior is flat: pixels as far apart share no
    /// random number. Convolutions do not widen it, since both pixels move together.
    public var reach: Int { Self.reach(through: layers[...]) }

    /// The same at the resolution before the last doubling.
    var reachBeforeLastUpsampling: Int { Self.reach(through: layers.dropLast(2)) }

    private static func reach(through layers: ArraySlice<ConvolutionalLayer>) -> Int {
        var radius = 0
        for layer in layers {
            switch layer {
            case .convolution, .activation: break
            case .downsampling: radius /= 2
            case .upsampling(.nearest): radius = 2 * radius + 1
            case .upsampling(.bilinear), .upsampling(.cornerAligned): radius = 2 * radius + 3
            }
        }
        return radius + 1
    }

    /// The side of the smallest circular picture that shows all of the kernel: the reach on both sides and, where doubling is not by the
    /// nearest pixel and so the flat part differs from phase to phase, one period beyond them.
    public var windowSide: Int {
        let p = period
        let isUniform = layers.allSatisfy { $0 != .upsampling(.bilinear) && $0 != .upsampling(.cornerAligned) }
        return max(3, (2 * reach + (isUniform ? 0 : p) + p - 1) / p * p)
    }
}

/// What can be wrong with a convolutional network or the picture that it is to see.
public enum ConvolutionalKernelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The layers do not make a network.
    case badLayers(reason: String)
    /// A picture's side is not a multiple of the period.
    case badSide(side: Int, period: Int)
    /// The layer has no kernel by phase and displacement.
    case notPeriodic(layer: String)
    /// A prior does not have the picture's shape.
    case badPrior(found: Int, expected: Int)

    /// Where, what was expected and found, and what to do.
    public var description: String {
        switch self {
        case .badLayers(let reason): "Layers of a convolutional network: \(reason); change the list of layers."
        case .badSide(let side, let period):
            "A picture of side \(side) cannot be halved as often as the network does; use a multiple of \(period)."
        case .notPeriodic(let layer):
            "Upsampling \"\(layer)\" treats every pixel differently and has no periodic kernel; use nearest or bilinear, or the dense kernel."
        case .badPrior(let found, let expected):
            "A prior needs one covariance for each pair of pixels, \(expected) in all, found \(found)."
        }
    }
}
