/// k(x, z) = exp(-‖x - z‖_M²/(2L²)).
public struct GaussianKernel: RadialKernel {
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

    /// -δ²/(2L²).
    public func logarithm(ofSquaredDistance squared: Double) -> Double { -squared / (2 * bandwidth * bandwidth) }

    /// 1/L².
    public func logarithmicSlope(ofSquaredDistance squared: Double) -> Double { 1 / (bandwidth * bandwidth) }

    /// True.
    public var isSmoothOnDiagonal: Bool { true }

    /// `gaussian`; parameter `bandwidth`, and the metric.
    public var storedDescription: KernelDescription {
        KernelDescription(name: "gaussian", parameters: ["bandwidth": "\(bandwidth)"], metric: metric?.matrix)
    }
}
