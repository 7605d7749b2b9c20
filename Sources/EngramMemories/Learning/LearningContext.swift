public import EngramSystem

/// What learning has to do with the world: a clock, whoever watches, and somewhere to save.
public struct LearningContext: Sendable {
    /// Threads for linear algebra; set once for the process by the caller.
    public var threadCount: Int
    /// Seconds on a clock that never goes back.
    public var monotonicSeconds: @Sendable () -> Double
    /// Told of progress, a few times a second at most in long stages.
    public var onProgress: @Sendable (LearningProgress) -> Void
    /// Asked once an epoch or step; true saves training and ends the run with `CancellationError`.
    public var isCancelled: @Sendable () -> Bool
    /// Where training is saved and resumed from; nil saves nothing.
    public var checkpoints: CheckpointSource?
    /// Bytes that are free now, and those there would be if nobody else took any; nil where nobody knows.
    public var memory: @Sendable () -> (available: Double?, capacity: Double?)
    /// Shown what is recalled while training goes on; nil shows nothing.
    public var preview: MemoryPreview?

    /// A context; without anything it measures no time, tells nobody and saves nothing.
    public init(
        threadCount: Int = 1, monotonicSeconds: @escaping @Sendable () -> Double = { 0 },
        onProgress: @escaping @Sendable (LearningProgress) -> Void = { _ in }, isCancelled: @escaping @Sendable () -> Bool = { false },
        checkpoints: CheckpointSource? = nil,
        memory: @escaping @Sendable () -> (available: Double?, capacity: Double?) = { (nil, nil) }
    ) {
        self.threadCount = threadCount
        self.monotonicSeconds = monotonicSeconds
        self.onProgress = onProgress
        self.isCancelled = isCancelled
        self.checkpoints = checkpoints
        self.memory = memory
    }

    /// - Throws: `CancellationError` once the context says so.
    public func checkCancellation() throws {
        if isCancelled() { throw CancellationError() }
    }
}

/// How far learning is.
public struct LearningProgress: Equatable, Sendable {
    /// The part under way.
    public var stage: Failure.Stage
    /// Seconds since training was begun, what earlier attempts took included.
    public var elapsedSeconds: Double
    /// Epochs done; nil outside training.
    public var epoch: Int?
    /// Epochs planned by the end of this round; nil outside training.
    public var plannedEpochCount: Int?
    /// Mean squared error of the last epoch in training coordinates; nil outside training.
    public var loss: Double?
    /// Learning rate of the last epoch; nil outside training.
    public var learningRate: Double?
    /// Share of the stage that is done, 0 to 1, where it is known.
    public var fraction: Double?
    /// Seconds until the stage ends at the present pace, where that can be said.
    public var remainingSeconds: Double?
    /// What is being done, in a few words.
    public var detail: String

    init(
        stage: Failure.Stage, elapsedSeconds: Double, epoch: Int? = nil, plannedEpochCount: Int? = nil, loss: Double? = nil,
        learningRate: Double? = nil, fraction: Double? = nil, remainingSeconds: Double? = nil, detail: String
    ) {
        self.stage = stage
        self.elapsedSeconds = elapsedSeconds
        self.epoch = epoch
        self.plannedEpochCount = plannedEpochCount
        self.loss = loss
        self.learningRate = learningRate
        self.fraction = fraction
        self.remainingSeconds = remainingSeconds
        self.detail = detail
    }
}

/// Paces reports and measures the pace of what is reported.
struct RateMeter {
    private var lastReport = -Double.infinity
    private var firstCount: Int?
    private let start: Double
    private var now: Double

    init(startingAt start: Double) {
        self.start = start
        now = start
    }

    /// Whether a quarter of a second has passed since the last report; if so this is one.
    mutating func isDue(at time: Double) -> Bool {
        now = time
        guard time - lastReport >= 0.25 else { return false }
        lastReport = time
        return true
    }

    /// Seconds for each unit so far; nil before there is a second measurement.
    mutating func count(_ units: Int) -> Double? {
        guard let firstCount else {
            firstCount = units
            return nil
        }
        return units > firstCount ? (now - start) / Double(units - firstCount + 1) : nil
    }
}
