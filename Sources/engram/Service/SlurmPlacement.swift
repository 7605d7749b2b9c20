import EngramDrops
import EngramMemories
import EngramPipeline
import Foundation

/// What `executor` and `slurm` in `pipeline.yml` mean for the daemon.
enum SlurmPlacement {
    /// Where the workers of a drop of this name run.
    /// - Parameter threadCount: Threads of a worker on this machine.
    static func place(forDropNamed name: String, _ pipeline: PipelineSettings, threadCount: Int) -> WorkerPlace {
        let placed = pipeline.placed(forDropNamed: name)
        return placed.executor == .slurm ? .slurm(request(placed, threadCount: threadCount)) : .machine
    }

    /// What is asked for by settings that were resolved for a drop.
    static func request(_ placed: PipelineSettings, threadCount: Int) -> SlurmRequest {
        let slurm = placed.slurm
        let seconds = (slurm.time.given ?? placed.worker.wallTime) / .seconds(1)
        let memory = slurm.memoryByteCount.given ?? placed.worker.memoryByteCount.given
        var request = SlurmRequest(seconds: seconds, memoryByteCount: memory, cpuCount: slurm.cpuCount.given ?? threadCount)
        request.bounds = .init(
            memoryByteCount: slurm.largestMemoryByteCount.given
                ?? memory.map { $0.multipliedReportingOverflow(by: 4) }.map { $1 ? Int.max : $0 },
            seconds: slurm.largestTime.given.map { $0 / .seconds(1) } ?? 4 * seconds)
        (request.partition, request.account, request.program) = (slurm.partition.given, slurm.account.given, slurm.program.given)
        if slurm.gres != "none" { request.gres = slurm.gres }
        request.extraArguments = placed.extraSlurmArguments
        return request
    }

    /// How the daemon talks to Slurm.
    static func settings(_ pipeline: PipelineSettings) -> SlurmSettings {
        var settings = SlurmSettings()
        settings.jobCount = pipeline.slurm.jobs
        settings.arrayCount = pipeline.slurm.array
        settings.pollSeconds = pipeline.slurm.poll / .seconds(1)
        settings.lookSeconds = min(0.5, settings.pollSeconds / 2)
        return settings
    }

    /// What a worker may take that Slurm gave so much to. A tenth is left to the program itself and to the pages of files that count as well.
    static func limits(_ limits: WorkerLimits, grant: WorkerGrant, _ pipeline: PipelineSettings) -> WorkerLimits {
        var granted = limits
        granted.memoryByteCount = grant.memoryByteCount.map { $0 - $0 / 10 }
        granted.threadCount = WorkerLimits.threadCount(of: grant.threadCount)
        if pipeline.worker.cpuTime.given == nil {
            granted.cpuSeconds =
                Int(saturating: grant.wallSeconds.rounded(.up)).multipliedReportingOverflow(by: grant.threadCount).partialValue
        }
        return granted
    }

    /// What the worker of a job finds in its environment over what `sbatch` passes on. Kernels that the daemon chose for its own processor are
    /// not those of a node.
    static func environment(threadCount: Int) -> [String: String?] {
        var variables: [String: String?] = ["OPENBLAS_NUM_THREADS": "\(threadCount)"]
        if ProcessInfo.processInfo.environment[KernelSelection.guardVariable] != nil {
            for name in [KernelSelection.variable, KernelSelection.guardVariable] { variables[name] = .some(nil) }
        }
        return variables
    }
}
