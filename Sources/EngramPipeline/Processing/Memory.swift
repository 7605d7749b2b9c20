internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// A trained network and how it came about.
struct Memory {
    /// What is stored: full-space float32.
    let network: FullyConnectedNetwork<Float>
    /// The same weights in float64, in which everything reported is computed.
    let precise: FullyConnectedNetwork<Double>
    /// An orthonormal basis that may hold the outputs in fewer dimensions than the last hidden layer; nil if none is known.
    let spanBasis: Matrix<Double>?
    /// Epochs trained.
    let epochCount: Int
    /// Mean squared error at the examples, in units of the medium.
    let meanSquaredError: Double
}

/// What was found out about a memory.
struct MemoryAnalysis {
    /// The spectrum at each example, or of each cycle; empty when not asked for.
    var spectra: [Spectrum] = []
    /// ‖f(x_i) - target‖² / d of each example, or the largest of each cycle.
    var residuals: [Double] = []
    /// log10 of the operator norm of each cycle's product on the subspace of outputs; empty for an autoencoder.
    var log10ImageNorms: [Double] = []
    /// Every recall that was tried.
    var recalls: [RecallRun] = []
    /// The network on the subspace of its outputs; states of recall are its coordinates.
    var restriction: ImageRestriction
    /// Mean squared error within which a state counts as an example.
    var tolerance: Double

    /// Whether each example of an autoencoder is a verified attractor: every eigenvalue inside the unit circle, and a fixed point.
    /// For a sequence: whether each cycle is a verified stable limit cycle. The eigenvalues alone say nothing: where f does not follow
    /// the cycle, their product belongs to no orbit.
    var verdicts: [Bool] {
        zip(spectra, residuals).map { $0.isContracting && $1 <= tolerance }
    }
}

/// What a recall begins with.
enum RecallStart: Equatable {
    case uniformNoise
    case gaussianNoise
    /// A stored example with this share of its entries replaced by noise.
    case corrupted(fraction: Double)

    /// As reports name it.
    var name: String {
        switch self {
        case .uniformNoise: "uniform noise"
        case .gaussianNoise: "gaussian noise"
        case .corrupted(let fraction): "corrupted \((100 * fraction).formatted) %"
        }
    }

    /// Whether it is noise and nothing else.
    var isNoise: Bool {
        switch self {
        case .uniformNoise, .gaussianNoise: true
        case .corrupted: false
        }
    }
}

/// A batch of starts of one kind.
struct RecallBatch {
    /// What they are.
    let start: RecallStart
    /// Shape `[m, d]`.
    let starts: Matrix<Double>
    /// For cues, the example each was made from; nil for noise.
    let sources: [Int]?
}

/// One batch of starts and how each ended.
struct RecallRun {
    /// The starts.
    let batch: RecallBatch
    /// How each ended.
    let outcomes: [Recall.Outcome]
    /// Whether each recalled exactly what is stored, after rounding to the codes of the drop's format.
    let isExact: [Bool]
    /// Largest mean squared error of each over all that it recalled.
    let meanSquaredErrors: [Double]
    /// Whether each reached something stored, and for a cue the right thing: its example, or the cycle that holds it.
    let isRecovered: [Bool]
    /// For each missed cue of a sequence, what the network plays from it for the length of the cycle, shape `[length, k]`.
    let missedRounds: [Int: Matrix<Double>]
}
