import EngramDrops
import EngramMemories
import EngramPipeline

/// The command line of `engram worker`, written by the daemon and read by the command.
enum WorkerArguments {
    /// Returns the arguments without the program's name. Each value is joined to its option, so that a name may begin with a dash.
    /// - Parameters:
    ///   - outbox: Where memories are.
    ///   - memoryFolder: The memory that is asked; nil for other jobs, and where there is none of that name.
    ///   - readable: What the worker may read besides its drop, its settings, the configuration and the memory.
    static func arguments(
        for job: WorkerJob, threadCount: Int, limits: WorkerLimits = WorkerLimits(), outbox: String? = nil, memoryFolder: String? = nil,
        readable: [String] = []
    ) -> [String] {
        var arguments = [
            "worker", "--id=\(job.id)", "--name=\(job.name)", "--attempt=\(job.attempt)", "--token=\(job.token)",
            "--input=\(job.inputPath)", "--output=\(job.outputPath)", "--checkpoint=\(job.checkpointPath)", "--threads=\(threadCount)",
        ]
        if let memory = job.job.memory {
            arguments += ["--job=\(job.job.name)", "--memory=\(memory)"]
            if let outbox { arguments.append("--outbox=\(outbox)") }
            if let memoryFolder { arguments.append("--memory-folder=\(memoryFolder)") }
        }
        if let path = job.settingsPath { arguments.append("--settings=\(path)") }
        if let path = job.configPath { arguments.append("--config=\(path)") }
        return arguments + limits.arguments + readable.map { "--readable=\($0)" }
    }

    /// What the operator names for a worker to read: `analysis.foreign` as `pipeline` has it for drops of that name.
    ///
    /// The drop's own settings have no part in this, else whoever drops a file could have any other read. A path that does not begin
    /// with / names nothing that is sure: workers start in a folder of their own.
    static func readablePaths(forDropNamed name: String, _ pipeline: PipelineSettings) -> [String] {
        let path = (try? pipeline.dropSettings(named: name))?.analysis.foreign.given
        return path.map { $0.hasPrefix("/") ? [$0] : [] } ?? []
    }
}
