/// Turns one drop into the files of its result: decode, train, analyse, render. What a worker does.
public struct DropProcessor: Sendable {
    /// What this run is, besides its settings.
    public struct Context: Sendable {
        /// The drop's name, without a path.
        public var dropName: String
        /// Threads for linear algebra; set once for the process by the caller.
        public var threadCount: Int
        /// Versions of the program and its libraries, for the report.
        public var versions: [String: String]
        /// The command that repeats this run, quoted for a shell.
        public var command: String
        /// Seconds on a clock that never goes back.
        public var monotonicSeconds: @Sendable () -> Double
        /// Told of progress, a few times a second at most in long stages.
        public var onProgress: @Sendable (PipelineProgress) -> Void
        /// Asked once an epoch or step; true ends the run with `CancellationError`.
        public var isCancelled: @Sendable () -> Bool

        /// All parts at once.
        public init(
            dropName: String, threadCount: Int, versions: [String: String], command: String,
            monotonicSeconds: @escaping @Sendable () -> Double, onProgress: @escaping @Sendable (PipelineProgress) -> Void = { _ in },
            isCancelled: @escaping @Sendable () -> Bool = { false }
        ) {
            self.dropName = dropName
            self.threadCount = threadCount
            self.versions = versions
            self.command = command
            self.monotonicSeconds = monotonicSeconds
            self.onProgress = onProgress
            self.isCancelled = isCancelled
        }
    }

    let settings: DropSettings
    let context: Context

    /// A processor for one drop.
    public init(settings: DropSettings, context: Context) {
        self.settings = settings
        self.context = context
    }
}
