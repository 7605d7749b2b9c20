/// How an experiment is to be repeated.
public struct ExperimentOptions: Sendable, Equatable {
    /// Which networks are trained.
    public enum Presets: String, Sendable, CaseIterable {
        /// As published.
        case paper
        /// As a drop is trained by default.
        case fast
        /// Networks of infinite width in place of trained ones, where an experiment has them.
        case kernel
        /// One beside the other.
        case both

        var includesPaper: Bool { self == .paper || self == .both }
        var includesFast: Bool { self == .fast || self == .both }
        var includesKernel: Bool { self == .kernel || self == .both }
    }

    /// Share of the published work, above 0 and at most 1; nil for the experiment's own default.
    public var scale: Double?
    /// Which networks are trained.
    public var presets = Presets.both
    /// The folder of data sets; nil for the samples that are shipped.
    public var dataFolder: String?
    /// Of every random number, 0 or more.
    public var seed = 1
    /// Cells of a table, or the network instead of the published one: `WIDTHxDEPTH`, `a:WIDTHxDEPTH` or `ROW:COLUMN`. Empty for the
    /// choice that the scale makes.
    public var cells: [String] = []
    /// Most epochs of each training as published; nil for what the scale gives.
    public var epochs: Int?
    /// Most epochs of each training by the fast preset.
    public var fastEpochs = 3000

    /// The defaults.
    public init() {}
}

/// Who runs an experiment: clock, progress, the wish to end.
public struct ExperimentContext: Sendable {
    /// How far an experiment is.
    public struct Progress: Sendable, Equatable {
        /// Share of the work that is done; a training that stops early makes it jump.
        public var fraction: Double
        /// Seconds so far.
        public var elapsedSeconds: Double
        /// Seconds to the end at this pace, an upper bound where trainings may stop early; nil before there is a pace.
        public var remainingSeconds: Double?
        /// What is being done.
        public var detail: String
        /// Epoch and error, in a training.
        public var epoch: Int?
        /// Mean squared error of the last epoch, in a training.
        public var loss: Double?
    }

    /// Threads for linear algebra; set once for the process by the caller.
    public var threadCount: Int
    /// Of the program and its libraries.
    public var versions: [String: String]
    /// The command that repeats this.
    public var command: String
    /// Seconds on a clock that never goes back.
    public var monotonicSeconds: @Sendable () -> Double
    /// Told a few times a second at most.
    public var onProgress: @Sendable (Progress) -> Void
    /// Asked once an epoch or step; true ends the run with `CancellationError`.
    public var isCancelled: @Sendable () -> Bool

    /// All parts at once.
    public init(
        threadCount: Int, versions: [String: String], command: String, monotonicSeconds: @escaping @Sendable () -> Double,
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.threadCount = threadCount
        self.versions = versions
        self.command = command
        self.monotonicSeconds = monotonicSeconds
        self.onProgress = onProgress
        self.isCancelled = isCancelled
    }
}
