public import EngramDynamics
public import EngramNumerics

/// What was found out about a memory.
public struct Verification: Sendable {
    /// The spectrum at each example, or of each cycle; empty when not asked for.
    public var spectra: [Spectrum] = []
    /// ‖f(x_i) - target‖² / d of each example, or the largest of each cycle.
    public var residuals: [Double] = []
    /// log10 of the operator norm of each cycle's product on the subspace of outputs; empty for an autoencoder.
    public var log10ImageNorms: [Double] = []
    /// Every recall that was tried.
    public var recalls: [RecallRun] = []
    /// The map on the subspace of its outputs; states of recall are its coordinates.
    public var restriction: ImageRestriction
    /// Mean squared error within which a state counts as an example.
    public var tolerance: Double
    /// Seconds that it took.
    var seconds = 0.0

    init(restriction: ImageRestriction, tolerance: Double) {
        self.restriction = restriction
        self.tolerance = tolerance
    }

    /// Whether each example of an autoencoder is a verified attractor: every eigenvalue inside the unit circle, and a fixed point.
    /// For a sequence: whether each cycle is a verified stable limit cycle. The eigenvalues alone say nothing: where f does not follow
    /// the cycle, their product belongs to no orbit.
    public var verdicts: [Bool] {
        zip(spectra, residuals).map { $0.isContracting && $1 <= tolerance }
    }
}

/// What a recall begins with.
public enum RecallStart: Equatable, Sendable {
    case uniformNoise
    case gaussianNoise
    /// A stored example with this share of its entries replaced by noise.
    case corrupted(fraction: Double)

    /// As reports name it.
    public var name: String {
        switch self {
        case .uniformNoise: "uniform noise"
        case .gaussianNoise: "gaussian noise"
        case .corrupted(let fraction): "corrupted \(plainNumber(100 * fraction)) %"
        }
    }

    /// Whether it is noise and nothing else.
    public var isNoise: Bool {
        switch self {
        case .uniformNoise, .gaussianNoise: true
        case .corrupted: false
        }
    }
}

/// A batch of starts of one kind.
public struct RecallBatch: Sendable {
    /// What they are.
    public let start: RecallStart
    /// Shape `[m, d]`.
    public let starts: Matrix<Double>
    /// For cues, the example each was made from; nil for noise.
    public let sources: [Int]?
}

/// One batch of starts and how each ended.
public struct RecallRun: Sendable {
    /// The starts.
    public let batch: RecallBatch
    /// How each ended.
    public let outcomes: [Recall.Outcome]
    /// Whether each recalled exactly what is stored, after rounding to the codes of the drop's format.
    public let isExact: [Bool]
    /// Largest mean squared error of each over all that it recalled.
    public let meanSquaredErrors: [Double]
    /// Whether each reached something stored, and for a cue the right thing: its example, or the cycle that holds it.
    public let isRecovered: [Bool]
    /// For each missed cue of a sequence, what the map plays from it for the length of the cycle, shape `[length, k]`.
    public let missedRounds: [Int: Matrix<Double>]
}

/// Without a needless ".0": 30 and 0.5, not 30.0.
func plainNumber(_ value: Double) -> String {
    Int(exactly: value).flatMap { abs(value) < 1e15 ? String($0) : nil } ?? String(value)
}
