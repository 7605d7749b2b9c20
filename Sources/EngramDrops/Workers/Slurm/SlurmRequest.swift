package import EngramSystem

/// What is asked of Slurm for the job of one attempt.
package struct SlurmRequest: Hashable, Sendable {
    /// nil: the cluster's default.
    package var partition: String?
    /// nil: the user's default.
    package var account: String?
    /// The longest run of the job; Slurm counts in minutes.
    package var seconds: Double
    /// nil: the cluster's default for the processors.
    package var memoryByteCount: Int?
    /// Processors, which are the worker's threads.
    package var cpuCount: Int
    /// Generic resources, such as `gpu:1`; nil for none.
    package var gres: String?
    /// Further options of `sbatch`.
    package var extraArguments: [String]
    /// The program on the nodes; nil: where the daemon's own is.
    package var program: String?
    /// How far a request may grow.
    package var bounds: Bounds

    /// The most that is asked for after an attempt that needed more than it got.
    package struct Bounds: Hashable, Sendable {
        /// nil: memory is never raised.
        package var memoryByteCount: Int?
        /// nil: time is never raised.
        package var seconds: Double?

        /// Nothing grows, unless it is said.
        package init(memoryByteCount: Int? = nil, seconds: Double? = nil) {
            self.memoryByteCount = memoryByteCount
            self.seconds = seconds
        }
    }

    /// Creates a request of the cluster's defaults.
    package init(seconds: Double, memoryByteCount: Int? = nil, cpuCount: Int = 1, bounds: Bounds = Bounds()) {
        self.seconds = seconds
        self.memoryByteCount = memoryByteCount
        self.cpuCount = cpuCount
        self.bounds = bounds
        extraArguments = []
    }

    /// A larger request after too little memory; nil where memory may not grow, or is all that may be asked for already.
    package var withMoreMemory: SlurmRequest? {
        guard let memory = memoryByteCount, let most = bounds.memoryByteCount, memory < most else { return nil }
        var larger = self
        larger.memoryByteCount = min(most, memory > most / 2 ? most : 2 * memory)
        return larger
    }

    /// A larger request after too little time; nil where time may not grow, or is all that may be asked for already.
    package var withMoreTime: SlurmRequest? {
        guard let most = bounds.seconds, seconds < most else { return nil }
        var larger = self
        larger.seconds = min(most, 2 * seconds)
        return larger
    }

    /// How long before its time is over the job's shell is told, so that the worker can write its checkpoint; Slurm may be a minute early.
    var warningSeconds: Int { seconds >= 600 ? 120 : (seconds >= 180 ? 60 : 15) }

    /// The options of `sbatch`. What an operator adds comes last and so is stronger.
    var arguments: [String] {
        var arguments = ["--ntasks=1", "--cpus-per-task=\(cpuCount)", "--time=\(max(1, Int(saturating: (seconds / 60).rounded(.up))))"]
        if let memoryByteCount { arguments.append("--mem=\(max(1, memoryByteCount >> 20))M") }
        if let partition { arguments.append("--partition=\(partition)") }
        if let account { arguments.append("--account=\(account)") }
        if let gres { arguments.append("--gres=\(gres)") }
        // To the shell alone: it passes on what the worker has to know.
        return arguments + ["--signal=B:USR1@\(warningSeconds)"] + extraArguments
    }

    /// For files and `status`.
    package var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return .object([
            .init("partition", text(partition)), .init("account", text(account)),
            .init("seconds", .integer(Int64(saturating: seconds.rounded(.up)))),
            .init("memory_bytes", memoryByteCount.map { .integer(Int64($0)) } ?? .null), .init("cpus", .integer(Int64(cpuCount))),
            .init("gres", text(gres)), .init("extra", .array(extraArguments.map { .string($0) })), .init("program", text(program)),
            .init("largest_memory_bytes", bounds.memoryByteCount.map { .integer(Int64($0)) } ?? .null),
            .init("largest_seconds", bounds.seconds.map { .integer(Int64(saturating: $0.rounded(.up))) } ?? .null),
        ])
    }

    /// Reads what `json` wrote.
    init?(_ json: JSONValue) {
        guard let seconds = json["seconds"]?.integer, let cpuCount = json["cpus"]?.integer else { return nil }
        self.init(
            seconds: Double(seconds), memoryByteCount: json["memory_bytes"]?.integer.map { Int($0) }, cpuCount: Int(cpuCount),
            bounds: Bounds(
                memoryByteCount: json["largest_memory_bytes"]?.integer.map { Int($0) },
                seconds: json["largest_seconds"]?.integer.map { Double($0) }))
        (partition, account, gres) = (json["partition"]?.string, json["account"]?.string, json["gres"]?.string)
        program = json["program"]?.string
        if case .array(let values) = json["extra"] { extraArguments = values.compactMap(\.string) }
    }
}

/// How the daemon talks to Slurm.
package struct SlurmSettings: Equatable, Sendable {
    /// Jobs in Slurm's hands at once.
    package var jobCount = 100
    /// Most drops that one `sbatch` submits as an array; 1: no arrays.
    package var arrayCount = 100
    /// Between two questions to Slurm while something changes; longer while nothing does.
    package var pollSeconds = 5.0
    /// Between looks at the files of jobs: their progress, and whether they have ended.
    package var lookSeconds = 0.5
    /// How long a file that a node wrote may take to be seen here; nil goes by the file system: a client of NFS may hold what it knows of a folder
    /// for a minute (acdirmax), and nodes of one machine see everything at once.
    package var visibilitySeconds: Double?
    /// The longest that one command of Slurm's may take.
    package var commandSeconds = 60.0

    /// Creates the defaults.
    package init() {}
}
