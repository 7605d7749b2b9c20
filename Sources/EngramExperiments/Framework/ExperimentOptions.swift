/// How an experiment is to be repeated.
package struct ExperimentOptions: Sendable, Equatable {
    /// Which networks are trained.
    package enum Presets: String, Sendable, CaseIterable {
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
    package var scale: Double?
    /// Which networks are trained.
    package var presets = Presets.both
    /// The folder of data sets; nil for the samples that are shipped.
    package var dataFolder: String?
    /// Of every random number, 0 or more.
    package var seed = 1
    /// Cells of a table, or the network instead of the published one: `WIDTHxDEPTH`, `a:WIDTHxDEPTH` or `ROW:COLUMN`. Empty for the
    /// choice that the scale makes.
    package var cells: [String] = []
    /// Most epochs of each training as published; nil for what the scale gives.
    package var epochs: Int?
    /// Most epochs of each training by the fast preset.
    package var fastEpochs = 3000
    /// Whether only to look for attractors, from as many starts as published.
    package var isCensus = false

    /// The defaults.
    package init() {}
}

/// Who runs an experiment: clock, progress, the wish to end.
package struct ExperimentContext: Sendable {
    /// How far an experiment is.
    package struct Progress: Sendable, Equatable {
        /// Share of the work that is done; a training that stops early makes it jump.
        package var fraction: Double
        /// Seconds so far.
        package var elapsedSeconds: Double
        /// Seconds to the end at this pace, an upper bound where trainings may stop early; nil before there is a pace.
        package var remainingSeconds: Double?
        /// What is being done.
        package var detail: String
        /// Epoch and error, in a training.
        package var epoch: Int?
        /// Mean squared error of the last epoch, in a training.
        package var loss: Double?
    }

    /// Threads for linear algebra; set once for the process by the caller.
    package var threadCount: Int
    /// Of the program and its libraries.
    package var versions: [String: String]
    /// The command that repeats this.
    package var command: String
    /// Seconds on a clock that never goes back.
    package var monotonicSeconds: @Sendable () -> Double
    /// Told a few times a second at most.
    package var onProgress: @Sendable (Progress) -> Void
    /// Asked once an epoch or step; true ends the run with `CancellationError`.
    package var isCancelled: @Sendable () -> Bool

    /// All parts at once.
    package init(
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
