/// What a worker has to know about its drop.
package struct WorkerJob: Equatable, Sendable {
    /// The drop's identifier.
    package var id: String
    /// What is to be done with it.
    package var job = DropJob.memorize
    /// The drop's name, without a path.
    package var name: String
    /// 1 for the first worker of this drop.
    package var attempt: Int
    /// Names this attempt.
    package var token: String
    /// The source: a file or a folder. To be read only.
    package var inputPath: String
    /// The settings that lay beside it (`NAME.drop.yml`), nil if there were none.
    package var settingsPath: String?
    /// The daemon's configuration, nil if it has none.
    package var configPath: String?
    /// An empty folder for the result, or for `failure.json`.
    package var outputPath: String
    /// A folder that outlives the attempt; what is there was left by an earlier one. Written by temporary file and rename.
    package var checkpointPath: String
    /// What a batch system gives the worker; nil: its share of this machine.
    package var grant: WorkerGrant?
}

/// What a worker may take where a batch system says it.
package struct WorkerGrant: Equatable, Sendable {
    /// Threads, one for each processor.
    package var threadCount: Int
    /// Bytes; nil where only the batch system knows.
    package var memoryByteCount: Int?
    /// The longest run.
    package var wallSeconds: Double
}

/// How a worker is started. The contract:
/// - It writes the result into `outputPath` and ends with code 0, or writes `failure.json` there and ends with another code.
/// - Code 75, or `"retryable": true` in `failure.json`, says that another attempt may do better; so does its death by a signal.
/// - Each line on its standard output is a JSON text about its progress; its standard error is its log.
/// - Its standard output is a file, and its daemon may be gone: last of all it writes its exit code into `checkpointPath`
///   (`WorkerExitRecord`), for a daemon that is not its parent.
/// - SIGTERM asks it to write its checkpoint and end, with code 75.
package struct WorkerCommand: Sendable {
    /// The program, by its absolute path.
    package var executable: String
    /// Its arguments, without its name.
    package var arguments: @Sendable (WorkerJob) -> [String]
    /// Its whole environment.
    package var environment: [String: String]
    /// Threads after which a worker is ended; nil: any number.
    package var threadCountLimit: Int?
    /// Where the workers of a drop of this name run.
    package var place: @Sendable (_ name: String) -> WorkerPlace = { _ in .machine }
    /// Variables of a worker that computes with so many threads on another machine, over the daemon's own; nil takes one away.
    package var remoteEnvironment: @Sendable (_ threadCount: Int) -> [String: String?] = { _ in [:] }

    /// Creates a command.
    package init(executable: String, environment: [String: String], arguments: @escaping @Sendable (WorkerJob) -> [String]) {
        self.executable = executable
        self.environment = environment
        self.arguments = arguments
    }
}
