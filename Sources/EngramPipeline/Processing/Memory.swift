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
    /// ‖f(x) - x‖² / d at each example of an autoencoder.
    var residuals: [Double] = []
    /// Every recall that was tried.
    var recalls: [RecallRun] = []
    /// Iterations of one noise start, for the animation; coordinates of the restriction.
    var restriction: ImageRestriction

    /// Largest residual of an attractor, mean squared per entry: the published nearness to an example.
    static let residualTolerance = 1e-7

    /// Whether each example of an autoencoder is a verified attractor: every eigenvalue inside the unit circle, and a fixed point.
    var attractors: [Bool] {
        zip(spectra, residuals).map { $0.log10SpectralRadius < 0 && $1 <= Self.residualTolerance }
    }

    /// Whether each cycle is a stable limit cycle.
    var stableCycles: [Bool] { spectra.map { $0.log10SpectralRadius < 0 } }
}

/// One batch of starts and how each ended.
struct RecallRun {
    /// What the starts were, as reports name them.
    let start: String
    /// The starts, shape `[m, d]`.
    let starts: Matrix<Double>
    /// For cues, the example each was made from; nil for pure noise.
    let sources: [Int]?
    /// How each ended.
    let outcomes: [Recall.Outcome]
    /// Whether each recalled exactly what is stored, after rounding to the codes of the drop's format.
    let isExact: [Bool]
    /// Largest mean squared error of each over all that it recalled.
    let meanSquaredErrors: [Double]

    /// Whether each reached something stored, and for a cue the right thing: its example, or the cycle that holds it.
    let isRecovered: [Bool]

    /// Whether the starts were noise alone.
    var isNoise: Bool { sources == nil }
}
