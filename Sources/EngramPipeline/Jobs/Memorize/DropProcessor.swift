internal import EngramMemories

/// Turns one drop into the files of its result: decode, learn, analyse, render. What a worker does.
///
/// Each step is a value of its own: `DropDecoder`, `Learner`, `BasinStudy`, `ResultRendering`.
package struct DropProcessor: Sendable {
    /// What this run is, besides its settings.
    package struct Context: Sendable {
        /// The drop's name, without a path.
        package var dropName: String
        /// Threads for linear algebra; set once for the process by the caller.
        package var threadCount: Int
        /// Versions of the program and its libraries, for the report.
        package var versions: [String: String]
        /// The command that repeats this run, quoted for a shell.
        package var command: String
        /// Where training is saved and resumed from; nil saves nothing. The folder outlives the attempt and serves this drop alone.
        package var checkpointFolder: String?
        /// Seconds on a clock that never goes back.
        package var monotonicSeconds: @Sendable () -> Double
        /// Told of progress, a few times a second at most in long stages.
        package var onProgress: @Sendable (PipelineProgress) -> Void
        /// Asked once an epoch or step; true saves training and ends the run with `CancellationError`.
        package var isCancelled: @Sendable () -> Bool

        /// All parts at once.
        package init(
            dropName: String, threadCount: Int, versions: [String: String], command: String, checkpointFolder: String? = nil,
            monotonicSeconds: @escaping @Sendable () -> Double, onProgress: @escaping @Sendable (PipelineProgress) -> Void = { _ in },
            isCancelled: @escaping @Sendable () -> Bool = { false }
        ) {
            self.dropName = dropName
            self.threadCount = threadCount
            self.versions = versions
            self.command = command
            self.checkpointFolder = checkpointFolder
            self.monotonicSeconds = monotonicSeconds
            self.onProgress = onProgress
            self.isCancelled = isCancelled
        }
    }

    let settings: DropSettings
    var context: Context
    /// Called before each touch of the disk in saving; what it throws happens instead. For tests.
    var willPerformCheckpoint: @Sendable (CheckpointFile.Operation) throws -> Void = { _ in }

    /// Bytes that there are for training and analysis; nil where nobody knows. For tests.
    var availableMemory: @Sendable () -> Double? = { MemoryAvailability().byteCount }
    /// Bytes that there would be if nobody else took any; nil where nobody knows. For tests.
    var memoryCapacity: @Sendable () -> Double? = { MemoryAvailability().capacityByteCount }

    /// The same processor under other settings.
    init(_ other: DropProcessor, settings: DropSettings) {
        self.init(settings: settings, context: other.context)
        willPerformCheckpoint = other.willPerformCheckpoint
        (availableMemory, memoryCapacity) = (other.availableMemory, other.memoryCapacity)
    }

    /// A processor for one drop.
    package init(settings: DropSettings, context: Context) {
        self.settings = settings
        self.context = context
    }
}
