/// What decides how a set is memorized, verified and looked at. Every choice may be left to the recipe.
///
/// The names of the values are those of the settings file, so that a message of the library means the same to whoever wrote one.
public struct MemorySettings: Codable, Equatable, Sendable {
    /// How a network is trained.
    public enum Preset: String, Codable, Sendable, CaseIterable {
        /// Span coordinates, noise-augmented training, closed-form output layer.
        case fast
        /// Full space and plain optimisation, as published in [RBU20].
        case paper
        /// One hidden layer of matched sigmoid units, written down and not trained.
        case closedForm = "closed-form"
        /// A rectifier network that picks the item of the largest matched score, written down and not trained.
        case tournament
        /// One layer of exponential units behind a normalising step, solved in closed form.
        case normalised
        /// A tournament with a shortlist that is trained to tell damaged copies apart.
        case discriminative

        /// The preset of whoever names none.
        public static let standard = Self.discriminative

        /// Whether nothing is trained.
        var isWrittenDown: Bool { [.closedForm, .tournament, .normalised].contains(self) }
    }

    /// Activation names; the raw values are those of `EngramNumerics.Activation`.
    public enum ActivationName: String, Codable, Sendable, CaseIterable {
        case selu
        case relu
        case leakyReLU = "leaky_relu"
        case swish
        case cosid
        case sinusoidal
        case sigmoid
        case tanh
        case erf
        case exp
        case power2
        case power3
        case power4
        case power5
    }

    /// Optimisers: the five of [RBU20] Fig. 15.
    public enum Optimizer: String, Codable, Sendable, CaseIterable {
        case adam
        case rmsprop
        case gradientDescent = "gradient_descent"
        /// With `training.momentum`.
        case momentum
        /// With `training.momentum` and `training.weight_decay`.
        case momentumWeightDecay = "momentum_weight_decay"
    }

    /// How the learning rate goes over a round.
    public enum Schedule: String, Codable, Sendable, CaseIterable {
        case constant
        case cosine
    }

    /// Where the noise of training copies is made.
    public enum NoiseKind: String, Codable, CaseIterable, Sendable {
        /// In the coordinates of training.
        case coordinates
        /// In the examples themselves, as cues are damaged: replaced entries, and in pictures rectangles.
        case cues
    }

    /// Rules for the first weights.
    public enum Initializer: String, Codable, Sendable, CaseIterable {
        /// U[-1/√n, 1/√n] for a layer of n inputs, weights and biases.
        case standard = "default"
        /// U[-a, a] with a = `training.uniform_range`.
        case uniform
        /// U[-a, a] with a = √(6 / (inputs + outputs)); biases 0.
        case xavier
        /// N(0, 2/n); biases 0.
        case kaiming
        /// N(0, 1/n); biases 0.
        case lecun
        /// N(0, 1/n), biases N(0, `training.bias_scale`²), and steps on the weights times √n.
        case ntk
        /// Filters matched to the examples in the first hidden layer, as far as it has units; the rest as `standard`.
        case matched
    }

    /// Scores that the units of a closed-form memory take.
    public enum Filters: String, Codable, Sendable, CaseIterable {
        /// (X Xᵀ + λI)⁻¹ X.
        case inverse
        /// Centred, and whitened by the exponent `training.conditioning`.
        case whitened
    }

    /// What a closed-form memory puts out when no unit answers.
    public enum Silence: String, Codable, Sendable, CaseIterable {
        /// The first target, so that silence leads to something stored.
        case first
        /// The mean of the targets.
        case mean
        /// Zero.
        case zero
    }

    /// How much damage to the examples is tried.
    public enum Recovery: String, Codable, Sendable, CaseIterable {
        /// None.
        case none
        /// As `quick`, on as many examples as take a few seconds.
        case auto
        /// Up to 100 examples, a few levels of each kind of damage.
        case quick
        /// Up to 1,000 examples, all levels of each kind of damage.
        case full
    }

    /// Which eigenvalues are computed at each example.
    public enum Spectra: String, Codable, Sendable, CaseIterable {
        /// `all`, but `leading` where all would take much longer than making the memory.
        case auto
        /// All that are not zero.
        case all
        /// The largest few, by the Arnoldi method, with an error bound of the radius.
        case leading
    }

    /// Families of maps that can be memorized with.
    public enum Family: String, Codable, Sendable, CaseIterable {
        /// A fully connected network.
        case fullyConnected = "fully-connected"
        /// A kernel machine: a network of infinite width, or a radial kernel, solved in closed form.
        case kernel
        /// A recurrent network, which reads tokens one by one and carries a state.
        case recurrent
        /// A convolutional autoencoder of pictures.
        case unet
    }

    /// Kernels of the family `kernel`.
    public enum KernelName: String, Codable, Sendable, CaseIterable {
        /// exp(-‖z - z'‖²/2L²) on the common norm, rows normalized: smooth, recalls from noise. The default.
        case gaussian
        /// exp(-‖z - z'‖/L) likewise; it has a cusp at every item.
        case laplace
        /// The neural tangent kernel: an infinitely wide network, trained to the end.
        case ntk
        /// The kernel of an infinitely wide network of which only the output layer is trained.
        case nngp
    }

    /// Keys under `network:`.
    public struct Network: Codable, Equatable, Sendable {
        /// Which family of maps.
        public var family: AutoOr<Family> = .auto
        /// Which kernel, of the family `kernel`.
        public var kernel: AutoOr<KernelName> = .auto
        /// r, the norm on which a kernel machine keeps every state.
        public var norm: AutoOr<Double> = .auto
        /// L of the kernels gaussian and laplace, in units of the norm.
        public var bandwidth: AutoOr<Double> = .auto
        /// λ, added to the diagonal of the kernel matrix.
        public var ridge: AutoOr<Double> = .value(0)
        /// Number of hidden layers.
        public var depth: AutoOr<Int> = .auto
        /// Units in each hidden layer.
        public var width: AutoOr<Int> = .auto
        /// Non-linearity of the hidden layers.
        public var activation: AutoOr<ActivationName> = .auto

        /// What is given; everything else is `auto`.
        public init(depth: AutoOr<Int> = .auto, width: AutoOr<Int> = .auto, activation: AutoOr<ActivationName> = .auto) {
            self.depth = depth
            self.width = width
            self.activation = activation
        }
    }

    /// Keys under `training:`; the defaults are those of `fast`.
    public struct Training: Codable, Equatable, Sendable {
        /// Rule that changes the weights.
        public var optimizer: Optimizer = .adam
        /// Momentum μ of the rules that have one. 0.9 is what is usual; [RBU20] Fig. 9 names 0.009, the default of `paper`.
        public var momentum = 0.9
        /// Weight decay λ of the rule that has one; that of [RBU20] Fig. 9.
        public var weightDecay = 1e-4
        /// First step size; `auto` goes by kind and number of examples (Documentation/Training.md). 1e-3 suits coordinates of unit variance; [RBU20] uses 1e-4 on raw pixels, where 1e-3 diverges.
        public var learningRate: AutoOr<Double> = .auto
        /// How the learning rate goes over a round.
        public var learningRateSchedule: Schedule = .cosine
        /// Epochs over which the learning rate rises at the beginning of a round.
        public var warmUp = 0
        /// Examples in each step; `auto` takes all, unless memory does not hold that.
        public var batchSize: AutoOr<Int> = .auto
        /// Most passes over the examples. 600 were enough for the film and for 100 digits in the prototype.
        public var epochs = 6000
        /// Training may stop at this mean squared error; 1e-8 is the published rule.
        public var targetMSE = 1e-8
        /// Exponent p of the span coordinates.
        public var conditioning: AutoOr<Double> = .auto
        /// Variance v of the noise that cues are expected to have in each entry, for the span coordinates, in squares of the range of values.
        public var noiseFloor: AutoOr<Double> = .auto
        /// Largest standard deviation s_max of the noise, in units of the coordinates' own; of cues, the largest share that is replaced.
        public var noise: AutoOr<Double> = .auto
        /// Where the noise of training copies is made.
        public var noiseKind: AutoOr<NoiseKind> = .auto
        /// Longest training time.
        public var budget: Duration = .seconds(600)
        /// Whether the output layer is finished in closed form.
        public var exactOutputLayer = true
        /// First weights.
        public var initializer: AutoOr<Initializer> = .auto
        /// Bound a of the uniform initializer.
        public var uniformRange = 0.05
        /// σ_b of the ntk initializer: small, so that biases take a part in training and do not lead it.
        public var biasScale = 0.1

        /// The defaults.
        public init() {}
    }

    /// Keys under `closed_form:`; what is left to `auto` is chosen by trying it on the drop.
    public struct ClosedForm: Codable, Equatable, Sendable {
        /// The linear scores.
        public var filters: AutoOr<Filters> = .auto
        /// g.
        public var steepness: AutoOr<Double> = .auto
        /// θ.
        public var threshold: AutoOr<Double> = .auto
        /// α.
        public var inhibition: AutoOr<Double> = .auto
        /// λ, in units of X Xᵀ.
        public var ridge: AutoOr<Double> = .auto
        /// y_0.
        public var silence: AutoOr<Silence> = .auto

        /// The defaults.
        public init() {}
    }

    /// Keys under `recall:`.
    public struct Recall: Codable, Equatable, Sendable {
        /// Starts from each kind of noise.
        public var starts = 20
        /// Most iterations from each start.
        public var iterations: AutoOr<Int> = .auto
        /// Fraction of an autoencoder's cue that is replaced by noise.
        public var corruption = 0.1

        /// The defaults.
        public init() {}
    }

    /// Keys under `analysis:`.
    public struct Analysis: Codable, Equatable, Sendable {
        /// Whether eigenvalues are computed.
        public var eigenvalues = true
        /// How many of them at each example; round a cycle always all.
        public var spectra: Spectra = .auto
        /// Which damaged examples are given back as cues.
        public var recovery: Recovery = .auto
        /// Starts of each kind that the census of spurious attractors iterates from; `auto` takes what a few seconds allow, up to 100.
        public var census: AutoOr<Int> = .auto
        /// Images that are no examples, which the census starts from too; `auto` for none.
        public var foreign: AutoOr<String> = .auto

        /// The defaults.
        public init() {}
    }

    /// How the network is trained.
    public var preset = Preset.standard
    /// Seed of every random number.
    public var seed = 1
    /// Size and non-linearity.
    public var network = Network()
    /// Optimisation.
    public var training = Training()
    /// The family unet.
    public var unet = UNet()
    /// The preset closed-form.
    public var closedForm = ClosedForm()
    /// Recall from noise.
    public var recall = Recall()
    /// What is computed about the trained map.
    public var analysis = Analysis()
    /// Most bytes that learning and analysis may take; `auto` is what the machine has left.
    public var maxMemoryByteCount: AutoOr<Int> = .auto

    /// The built-in defaults of a preset, the weakest layer.
    ///
    /// `closed-form` trains for no epoch. `paper` differs where the publication does: full pixel space (no conditioning, no noise, no closed form), Adam at
    /// 1e-4, and as many epochs and hours as that takes.
    public init(preset: Preset = .standard) {
        self.preset = preset
        if preset.isWrittenDown { training.epochs = 0 }
        // Later epochs change little, and the step has gone to nothing by then.
        if preset == .discriminative { training.epochs = 20 }
        guard preset == .paper else { return }
        training.momentum = 0.009
        training.learningRate = .value(1e-4)
        training.initializer = .value(.standard)
        training.learningRateSchedule = .constant
        training.epochs = 1_000_000
        training.conditioning = .value(0)
        training.noiseFloor = .value(0)
        training.noise = .value(0)
        training.budget = .seconds(86_400)
        training.exactOutputLayer = false
    }
}
