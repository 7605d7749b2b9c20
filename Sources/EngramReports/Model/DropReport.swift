/// What one drop came to: the exact content of `report.json`, whose keys are these names in snake case.
///
/// It only states what was measured elsewhere. `Documentation/FileFormats.md` gives each field's unit and meaning.
package struct DropReport: Codable, Equatable, Sendable {
    /// The layout that this version writes.
    package static let currentSchema = "engram-report/1"

    /// What the network was trained to do.
    package enum Kind: String, Codable, Equatable, Sendable {
        /// f(x_i) = x_i: every example is to be a fixed point.
        case autoencoder
        /// f(x_i) = x_next(i): the examples are to form limit cycles.
        case sequence
    }

    /// Version of this layout; readers should refuse one they do not know.
    package var schema: String
    /// What was done with the drop: `memorize`; absent in reports from before there were other jobs.
    package var job: String? = "memorize"
    /// The drop's name in the outbox. It comes from a file name, so treat it as hostile text.
    package var name: String
    /// Whether each example maps to itself or to its successor.
    package var kind: Kind
    /// Number of training examples n.
    package var samples: Int
    /// Number of values d in one example.
    package var dimension: Int
    /// What the drop held.
    package var media: Media
    /// What the drop was taken for and why; absent from reports of earlier versions.
    package var interpretation: Interpretation?
    /// What verification came to; absent from reports of earlier versions.
    package var outcome: Outcome?
    /// The trained map.
    package var network: Network
    /// How it was trained and why training ended.
    package var training: Training
    /// Fixed-point verdicts; `total` is 0 for a sequence.
    package var attractors: Attractors
    /// One entry per stored cycle; empty for an autoencoder.
    package var cycles: [Cycle]
    /// One entry per kind of start, in the order it was tried.
    package var recall: [Recall]
    /// How damaged examples came back: one entry for each damage and criterion; empty when none were tried.
    package var recovery: [Recovery]
    /// What the entries of `recovery` depend on; absent when there are none.
    package var recoveryMethod: RecoveryMethod?
    /// What else the memory holds; absent when it was not looked for.
    package var spurious: Spurious?
    /// What theory says of a single example; absent for drops of more, and of sequences.
    package var theory: Theory?
    /// How eigenvalues change with the norm of the states; absent for families without such theory.
    package var normTransition: NormTransition?
    /// Wall-clock time of each stage.
    package var seconds: StageSeconds
    /// Seed that every generator of the drop was derived from.
    package var seed: UInt64
    /// Threads of the linear-algebra library; results are reproducible for the same count.
    package var threads: Int
    /// Version of the program and of each library, by name.
    package var versions: [String: String]
    /// What can be played of what came back; absent where nothing can, and in older reports.
    package var playable: [Playable]?
    /// Warnings and remarks in plain sentences, most important first.
    package var notes: [String]

    /// Takes every value as given; nothing is computed or checked.
    package init(
        schema: String = DropReport.currentSchema, name: String, kind: Kind, samples: Int, dimension: Int, media: Media,
        interpretation: Interpretation? = nil, network: Network, training: Training, attractors: Attractors = .init(), cycles: [Cycle] = [],
        recall: [Recall] = [],
        recovery: [Recovery] = [], recoveryMethod: RecoveryMethod? = nil, spurious: Spurious? = nil, theory: Theory? = nil,
        normTransition: NormTransition? = nil,
        seconds: StageSeconds = .init(), seed: UInt64, threads: Int, versions: [String: String] = [:], notes: [String] = []
    ) {
        self.schema = schema
        self.name = name
        self.kind = kind
        self.samples = samples
        self.dimension = dimension
        self.media = media
        self.interpretation = interpretation
        self.network = network
        self.training = training
        self.attractors = attractors
        self.cycles = cycles
        self.recall = recall
        self.recovery = recovery
        self.recoveryMethod = recoveryMethod
        self.spurious = spurious
        self.theory = theory
        self.normTransition = normTransition
        self.seconds = seconds
        self.seed = seed
        self.threads = threads
        self.versions = versions
        self.notes = notes
    }
}
