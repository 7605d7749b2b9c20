/// k(x, z) = exp(-‖x - z‖_M/L). Source: [R23] chapter 5.
///
/// It has a cusp at x = z: the gradient there is returned as 0, the mean from opposite sides, which is also what leaves a point's own term out
/// of the gradient of a kernel machine at that point.
public struct LaplaceKernel: RadialKernel {
    /// L > 0, in the unit of the distances.
    public let bandwidth: Double
    /// M; nil is the identity.
    public let metric: Metric?

    /// Creates a kernel.
    /// - Parameters:
    ///   - bandwidth: L, finite, above 0.
    ///   - metric: M; nil is the identity.
    public init(bandwidth: Double, metric: Metric? = nil) {
        precondition(bandwidth.isFinite && bandwidth > 0, "A bandwidth must be finite and above 0, got \(bandwidth).")
        self.bandwidth = bandwidth
        self.metric = metric
    }

    /// Creates the kernel that a description stands for.
    init(_ description: KernelDescription) throws(KernelError) {
        let bandwidth = try description.number("bandwidth", in: .leastNonzeroMagnitude...Double.infinity)
        let metric: Metric? = if let matrix = description.metric { try Metric(matrix) } else { nil }
        self.init(bandwidth: bandwidth, metric: metric)
    }

    /// -δ/L.
    public func logarithm(ofSquaredDistance squared: Double) -> Double { -squared.squareRoot() / bandwidth }

    /// 1/(L δ), and 0 at 0.
    public func logarithmicSlope(ofSquaredDistance squared: Double) -> Double {
        squared > 0 ? 1 / (bandwidth * squared.squareRoot()) : 0
    }

    /// False.
    public var isSmoothOnDiagonal: Bool { false }

    /// `laplace`; parameter `bandwidth`, and the metric.
    public var storedDescription: KernelDescription {
        KernelDescription(name: "laplace", parameters: ["bandwidth": "\(bandwidth)"], metric: metric?.matrix)
    }
}
