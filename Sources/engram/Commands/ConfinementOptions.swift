import ArgumentParser
import EngramPipeline

/// The limits of a worker on its command line; the other side of `WorkerLimits.arguments`.
struct ConfinementOptions: ParsableArguments {
    @Option(help: "Most bytes of private memory beyond the program's own.") var memory: Int?
    @Option(help: "Most seconds of processor time.") var cpuSeconds: Int?
    @Option(help: "Most open files.") var openFiles: Int?
    @Option(help: "Most bytes of one file.") var largestFile: Int?
    @Option(help: "Most threads.") var mostThreads: Int?
    @Option(help: "auto, require or off.", transform: Self.sandbox(named:)) var sandbox: PipelineSettings.Worker.Sandbox?

    /// As values; what is not given is not limited.
    var limits: WorkerLimits { limits(over: WorkerLimits()) }

    /// As values; what is not given is as in `others`.
    func limits(over others: WorkerLimits) -> WorkerLimits {
        var limits = others
        limits.memoryByteCount = memory ?? others.memoryByteCount
        limits.cpuSeconds = cpuSeconds ?? others.cpuSeconds
        limits.openFileCount = openFiles ?? others.openFileCount
        limits.largestFileByteCount = largestFile ?? others.largestFileByteCount
        limits.threadCount = mostThreads ?? others.threadCount
        limits.sandbox = sandbox ?? others.sandbox
        return limits
    }

    func validate() throws {
        let numbers = [
            ("memory", memory), ("cpu-seconds", cpuSeconds), ("open-files", openFiles), ("largest-file", largestFile),
            ("most-threads", mostThreads),
        ]
        for (name, value) in numbers {
            if let value, value < 1 { throw ValidationError("--\(name) must be at least 1, found \(value).") }
        }
    }

    private static func sandbox(named name: String) throws -> PipelineSettings.Worker.Sandbox {
        guard let sandbox = PipelineSettings.Worker.Sandbox(rawValue: name) else {
            throw ValidationError("expected auto, require or off, found \(name.debugDescription).")
        }
        return sandbox
    }
}
