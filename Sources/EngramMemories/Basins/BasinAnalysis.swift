public import EngramDynamics

/// What was measured of a finished memory besides its spectra: how far it bends small errors at once, how much damage it repairs, and what
/// else it holds.
public struct BasinAnalysis: Sendable {
    /// ‖J‖₂ at each example of an autoencoder; log10 of that of each cycle's product for a sequence. Empty when not asked for.
    public var operatorNorms: [Double] = []
    /// For each example a distance within which every state leads exactly where the example leads; empty where the family knows none.
    public var certifiedRadii: [Double] = []
    /// How damaged examples came back; nil when none were tried.
    public var recovery: RecoveryMeasurement?
    /// What simpler methods make of the same cues; nil when none were tried.
    public var baselines: BaselineMeasurement?
    /// What noise and foreign images led to; nil when not looked for.
    public var census: CensusMeasurement?
    /// Networks that theory solves for one example; empty for drops of more.
    public var theory: [OneExampleCase.Comparison] = []
    /// How the eigenvalues change with the norm of the states, for kernels that have theory for it; nil elsewhere.
    public var normStudy: NormStudy?
    /// What some examples teach of the others, for kernel machines; nil elsewhere.
    public var learnabilityStudy: LearnabilityStudy?
    /// Whatever of the above was left out, and why.
    public var notes: [String] = []
    /// Seconds that all of it took.
    public var seconds = 0.0

    init() {}
}

/// Rates of recovery with what they depend on.
public struct RecoveryMeasurement: Sendable {
    /// One kind and level of damage.
    public struct Damage: Sendable {
        /// As reports name it.
        public let name: String
        /// Share of the entries or of the area; for Gaussian noise the radius, in units of the medium.
        public let level: Double
        /// What was done.
        public let corruption: Corruption
    }

    /// Every damage with its rates, one for each criterion.
    public var rates: [(damage: Damage, rates: [RecoveryExperiment.Rate])] = []
    /// The examples that were damaged.
    public let sources: [Int]
    /// Of the generator that the starts were drawn with.
    public let seed: UInt64
    /// Applications of the map: at most for an autoencoder, exactly for a sequence.
    public let iterationCount: Int
    /// β of the Hopfield baseline.
    public let inverseTemperature: Double
}

/// What simpler methods make of the cues of a recovery measurement.
public struct BaselineMeasurement: Sendable {
    /// For each method its best number and, for each kind and level of damage in the order of `RecoveryMeasurement.rates`, the cues whose
    /// item it names; nil where it does not apply.
    public let methods: [(variant: RecallBaselines.Variant, rightCounts: [Int?])]
}

/// The census with what it depends on.
public struct CensusMeasurement: Sendable {
    /// Kinds of start with the rows of the census they take, in order.
    public let groups: [(name: String, rows: Range<Int>)]
    /// What was reached.
    public let census: AttractorCensus
    /// log10 of the spectral radius at each cluster's fixed point or round its cycle, for as many as were looked at.
    public let log10Radii: [Double]
    /// Of the generator that the starts were drawn with.
    public let seed: UInt64
    /// Most applications of the map.
    public let iterationCount: Int
}
