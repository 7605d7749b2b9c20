internal import EngramNumerics

/// The covariance of the random picture that a convolutional network sees, channels independent and alike: one number for equal pixels and
/// one for different pixels, or one for each displacement.
public struct PixelPrior: Sendable, Equatable {
    /// E z² for a pixel of a channel.
    public let equal: Double
    /// E z z' for two pixels.
    public let different: Double

    /// Channels that are uniform on [0, 0.1]: [R23] section 3.5.
    public static let uniform = PixelPrior(equal: 1.0 / 300, different: 1.0 / 400)

    /// - Parameters:
    ///   - equal: > 0.
    ///   - different: From -equal/(number of pixels - 1) to equal; with less than `equal` the kernel tells pixels apart.
    public init(equal: Double, different: Double) {
        precondition(
            equal > 0 && different.magnitude <= equal, "A prior needs 0 < equal and |different| ≤ equal, got \(equal), \(different).")
        self.equal = equal
        self.different = different
    }
}

/// The neural tangent kernel of a convolutional network for completing a picture (CNTK), by phase and displacement.
///
/// With S = Σ over 3×3 shifts of Σ: Σ and Σ̇ follow from S by the dual activation, over 9; the first convolution gives K = S, each later
/// one K ← Σ over 3×3 shifts of (Σ + Σ̇∘K); down- and upsampling act on Σ and on Σ + Σ̇∘K, exactly. Source: [R23] section 3.4 and SI K;
/// the corollary on bilinear layers there transforms Σ̇ and K apart, which is not the kernel of any network.
public struct ConvolutionalKernel: Sendable {
    /// The network.
    public let network: ConvolutionalNetwork
    /// The prior.
    public let prior: PixelPrior
    /// Side of the circular picture that it was computed on.
    public let side: Int
    /// Σ + Σ̇∘K before the last convolution and, where the layer before it is an upsampling, before that.
    public let core: PhaseTensor
    /// The upsampling between `core` and the last convolution; nil: there is none.
    public let lastUpsampling: ConvolutionalLayer.Upsampling?

    /// Computes the kernel on a circular picture.
    ///
    /// - Parameters:
    ///   - network: Without corner-aligned upsampling.
    ///   - prior: Default: `PixelPrior.uniform`.
    ///   - side: d, a multiple of the period; nil: `windowSide`, the smallest that shows all of the kernel.
    /// - Throws: `ConvolutionalKernelError.badSide`; `.notPeriodic`.
    /// - Complexity: O(p² d²) for the core, whose p and d are half of the network's where an upsampling precedes the last convolution.
    public init(
        _ network: ConvolutionalNetwork, prior: PixelPrior = .uniform, side: Int? = nil
    ) throws(ConvolutionalKernelError) {
        let d = side ?? network.windowSide
        guard d > 0, d % network.period == 0 else { throw .badSide(side: d, period: network.period) }
        if network.layers.contains(.upsampling(.cornerAligned)) {
            throw .notPeriodic(layer: ConvolutionalLayer.Upsampling.cornerAligned.rawValue)
        }
        var values = [Double](repeating: prior.different, count: d * d)
        values[0] = prior.equal
        var covariance = PhaseTensor(period: 1, side: d, values: values)
        // Σ + Σ̇∘K; before the first convolution there is no K.
        var tangent: PhaseTensor?
        for (index, layer) in network.layers.enumerated() where index < network.layers.count - 1 {
            switch layer {
            case .convolution:
                let sum = covariance.patchSum()
                let kernel = tangent?.patchSum() ?? sum
                (covariance, tangent) = (sum, kernel)
            case .activation:
                let (image, derivative) = Self.activated(covariance, network.activation, gain: network.gain)
                tangent = image.adding(tangent ?? covariance, times: derivative)
                covariance = image
            case .downsampling:
                covariance = covariance.downsampled()
                tangent = tangent?.downsampled()
            case .upsampling(let upsampling):
                if index == network.layers.count - 2 { break }
                covariance = covariance.upsampled(upsampling)
                tangent = tangent?.upsampled(upsampling)
            }
        }
        self.network = network
        self.prior = prior
        self.side = d
        core = tangent ?? covariance
        if case .upsampling(let upsampling)? = network.layers.dropLast().last {
            lastUpsampling = upsampling
        } else {
            lastUpsampling = nil
        }
    }

    /// Opens the existential once for a whole tensor.
    private static func activated(
        _ covariance: PhaseTensor, _ activation: any DualActivation, gain: Double
    ) -> (covariance: PhaseTensor, derivative: PhaseTensor) {
        // The rectifier's loop is compiled for it; others pay a call for each entry.
        if let rectifier = activation as? RectifierDual { return covariance.activated(rectifier, gain: gain) }
        return covariance.activated(activation, gain: gain)
    }

    /// K by phase and displacement at the picture's own resolution.
    ///
    /// - Complexity: p²·d² numbers, 540 MB for 128² pixels and six levels.
    public func tensor() -> PhaseTensor {
        guard let lastUpsampling else { return core.patchSum() }
        return core.upsampledPatchSum(lastUpsampling)
    }
}
