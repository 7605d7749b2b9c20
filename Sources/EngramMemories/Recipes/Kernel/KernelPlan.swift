internal import EngramKernels
internal import EngramNumerics
internal import RealModule

/// Which kernel machine a set gets.
public struct KernelPlan: RecipePlan {
    /// The kernel.
    let kernel: MemorySettings.KernelName
    /// φ of the kernels of networks.
    let activation: MemorySettings.ActivationName?
    /// Hidden layers of those.
    let depth: Int
    /// λ; nil where it is to be chosen, before the examples were looked at.
    var ridge: Double?
    /// How steep the kernel is: 1/L² of gaussian, 1/L of laplace, r of the others; nil before the examples were looked at.
    var strength: Double?
    /// The machine that is to be solved, from when the examples were looked at.
    var machine: KernelMachine?
    /// Bytes that learning and analysis may take; nil where nobody said.
    public var memoryLimit: Double?
    /// Nothing had to be fitted.
    public var notes: [String] { [] }
    /// Nothing of a kernel machine changes with the memory of the machine.
    public var sizes: TrainingSizes {
        get { TrainingSizes() }
        set {}
    }
    /// "a gaussian kernel".
    public var shapeText: String { "a kernel machine (\(kernel.rawValue))" }

    init(_ settings: MemorySettings, memoryLimit: Double?) {
        kernel = settings.network.kernel.given ?? .gaussian
        activation = settings.network.activation.given
        depth = settings.network.depth.given ?? 1
        ridge = settings.network.ridge.given
        self.memoryLimit = memoryLimit
    }

    /// Whether rows are normalized and features lifted: for kernels that fall off exponentially.
    var isRadial: Bool { kernel == .gaussian || kernel == .laplace }

    /// The kernel of this steepness and the norm it is used on, for states of `dimension` entries.
    func kernel(strength: Double, dimension: Int) -> (kernel: any Kernel, norm: Double) {
        switch kernel {
        case .gaussian: (GaussianKernel(bandwidth: 1 / strength.squareRoot()), 1)
        case .laplace: (LaplaceKernel(bandwidth: 1 / strength), 1)
        case .ntk: (network(.ntk, dimension), strength)
        case .nngp: (network(.nngp, dimension), strength)
        }
    }

    private func network(_ kind: FullyConnectedKernel.Kind, _ dimension: Int) -> FullyConnectedKernel {
        // [JP20] scale inputs by the root of their number.
        let prior = NetworkPrior(inputScale: 1 / Double(dimension))
        func kernel(_ dual: some DualActivation) -> FullyConnectedKernel {
            FullyConnectedKernel(kind: kind, activation: dual, depth: depth, prior: prior)
        }
        return switch activation {
        case .relu: kernel(RectifierDual.relu)
        case .leakyReLU: kernel(RectifierDual(slope: 0.01))
        case .erf: kernel(ErrorFunctionDual.erf)
        case .tanh: kernel(ErrorFunctionDual.tanh)
        case .sigmoid: kernel(ErrorFunctionDual.sigmoid)
        case .sinusoidal: kernel(SineDual(frequency: 1))
        default: kernel(ErrorFunctionDual.sigmoidOfErf)
        }
    }

    /// Nonlinearities that network kernels know; without one it is the sigmoid (1 + erf(u/2))/2 of [JP20] Eq. (6).
    static let activations: [MemorySettings.ActivationName] = [.relu, .leakyReLU, .erf, .tanh, .sigmoid, .sinusoidal]
}

extension KernelPlan {
    /// How steep a kernel has to be for a set of n items in d entries whose nearest two directions are `gap` apart.
    ///
    /// Off-diagonal kernel values are then below e^-8/n, so that every item decides alone at its place; and scores of noise starts, which
    /// lie about 1/√d apart, are told apart too. Found by measurement: the curves are flat from a hundredth of it to ten times as much.
    func usualStrength(gap: Double, count: Int, dimension: Int) -> Double {
        let separation = 8 + Double.log(Double(count))
        let root = Double(dimension).squareRoot()
        return switch kernel {
        case .gaussian: max(32 * root, separation / gap)
        case .laplace: max(45 * root, separation / (2 * gap).squareRoot())
        case .ntk, .nngp: 1000
        }
    }
}
