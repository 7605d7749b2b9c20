import EngramDrops

/// The command line of `engram worker`, written by the daemon and read by the command.
enum WorkerArguments {
    /// Returns the arguments without the program's name. Each value is joined to its option, so that a name may begin with a dash.
    static func arguments(for job: WorkerJob, threadCount: Int, limits: WorkerLimits = WorkerLimits()) -> [String] {
        var arguments = [
            "worker", "--id=\(job.id)", "--name=\(job.name)", "--attempt=\(job.attempt)", "--token=\(job.token)",
            "--input=\(job.inputPath)", "--output=\(job.outputPath)", "--checkpoint=\(job.checkpointPath)", "--threads=\(threadCount)",
        ]
        if let path = job.settingsPath { arguments.append("--settings=\(path)") }
        if let path = job.configPath { arguments.append("--config=\(path)") }
        return arguments + limits.arguments
    }
}
