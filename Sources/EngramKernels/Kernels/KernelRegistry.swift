/// Kernels by the names that files give them.
public enum KernelRegistry {
    private typealias Maker = @Sendable (KernelDescription) throws(KernelError) -> any Kernel
    private typealias DualMaker = @Sendable (KernelDescription) throws(KernelError) -> any DualActivation

    /// Returns the kernel that a description stands for.
    ///
    /// - Throws: `KernelError.unknownKernel`; `.unknownActivation`; `.missingParameter`; `.badParameter`; `.unexpectedMetric`; the errors of
    ///   `Metric`.
    public static func kernel(_ description: KernelDescription) throws(KernelError) -> any Kernel {
        guard let maker = makers[description.name] else { throw .unknownKernel(name: description.name, known: names) }
        return try maker(description)
    }

    /// All names of kernels, in order.
    public static var names: [String] { makers.keys.sorted() }

    /// All names of nonlinearities, in order.
    public static var activationNames: [String] { duals.keys.sorted() }

    /// Returns the nonlinearity that the parameters `activation` and those of its own stand for.
    /// - Throws: As `kernel(_:)`.
    static func activation(_ description: KernelDescription) throws(KernelError) -> any DualActivation {
        let name = try description.text("activation")
        guard let maker = duals[name] else { throw .unknownActivation(name: name, known: activationNames) }
        return try maker(description)
    }

    private static let makers: [String: Maker] = [
        "ntk": { description throws(KernelError) in try FullyConnectedKernel(.ntk, description) },
        "nngp": { description throws(KernelError) in try FullyConnectedKernel(.nngp, description) },
        "laplace": { description throws(KernelError) in try LaplaceKernel(description) },
        "gaussian": { description throws(KernelError) in try GaussianKernel(description) },
    ]

    private static let duals: [String: DualMaker] = [
        "relu": { _ throws(KernelError) in RectifierDual.relu },
        "leaky_relu": { description throws(KernelError) in RectifierDual(slope: try description.number("slope")) },
        "erf": { _ throws(KernelError) in ErrorFunctionDual.erf },
        "sigmoid_erf": { _ throws(KernelError) in ErrorFunctionDual.sigmoidOfErf },
        "tanh": { _ throws(KernelError) in ErrorFunctionDual.tanh },
        "sigmoid": { _ throws(KernelError) in ErrorFunctionDual.sigmoid },
        "sine": { description throws(KernelError) in SineDual(frequency: try description.number("frequency")) },
        "cosine": { description throws(KernelError) in SineDual(frequency: try description.number("frequency"), isCosine: true) },
        "hermite": { description throws(KernelError) in HermiteDual(coefficients: try coefficients(description)) },
    ]

    private static func coefficients(_ description: KernelDescription) throws(KernelError) -> [Double] {
        let text = try description.text("coefficients")
        let values = text.split(separator: " ").map { Double($0) ?? .nan }
        // Higher degrees would be of no use: their values overflow beyond 6 standard deviations.
        guard !values.isEmpty && values.count <= 65 && values.allSatisfy(\.isFinite) else {
            throw .badParameter(
                kernel: description.name, parameter: "coefficients", text: text, expected: "1 to 65 finite numbers parted by spaces")
        }
        return values
    }
}

extension FullyConnectedKernel {
    /// More layers than any kernel is computed with; the published ones end at 50,000.
    private static let mostLayers = 1_000_000

    /// Creates the kernel that a description stands for.
    init(_ kind: Kind, _ description: KernelDescription) throws(KernelError) {
        guard description.metric == nil else { throw .unexpectedMetric(kernel: description.name) }
        let activation = try KernelRegistry.activation(description)
        let depth = try description.integer("depth", in: 1...Self.mostLayers)
        let prior = NetworkPrior(
            inputScale: try description.number("input_scale", in: 0...Double.infinity),
            weightVariance: try description.number("weight_variance", in: 0...Double.infinity),
            biasVariance: try description.number("bias_variance", in: 0...Double.infinity))
        self.init(kind: kind, activation: activation, depth: depth, prior: prior)
    }

    /// `ntk` or `nngp`; parameters `activation` and its own, `depth`, `input_scale`, `weight_variance`, `bias_variance`.
    public var storedDescription: KernelDescription {
        var parameters = activation.parameters
        parameters["activation"] = activation.name
        parameters["depth"] = "\(depth)"
        parameters["input_scale"] = "\(prior.inputScale)"
        parameters["weight_variance"] = "\(prior.weightVariance)"
        parameters["bias_variance"] = "\(prior.biasVariance)"
        return KernelDescription(name: kind.rawValue, parameters: parameters)
    }
}

extension RectifierDual {
    /// max(0, u).
    public static let relu = RectifierDual(slope: 0)
}
