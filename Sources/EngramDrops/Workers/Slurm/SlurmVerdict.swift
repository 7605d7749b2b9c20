internal import EngramSystem

/// What the end of a job means for its drop. Documentation/Cluster.md has the table.
struct SlurmVerdict: Equatable, Sendable {
    /// How the worker ended, as far as anybody saw it.
    var exit: WorkerExit
    /// Why, where Slurm knows it better than the worker's exit does.
    var failure: Failure?
    /// What the next attempt asks for; nil: the same.
    var larger: SlurmRequest?

    /// The code in a shell of an end: 128 and more stands for a signal.
    static func exit(ofCode code: Int) -> WorkerExit {
        code > 128 && code < 128 + 65 ? .signalled(number: Int32(code - 128)) : .exited(code: Int32(truncatingIfNeeded: code))
    }

    /// The job left the record of its worker's end.
    /// - Parameter left: What the worker said of its failure itself.
    init(end: SlurmAttempt.End, request: SlurmRequest, left: Failure?, id: String) {
        exit = Self.exit(ofCode: end.code)
        guard end.code != 0 else { return }
        if end.isOutOfTime, left == nil {
            self = .outOfTime(exit: exit, request: request, id: id)
        } else if exit == .exited(code: WorkerExit.outOfMemoryCode) || left.map({ Self.memoryCodes.contains($0.code) }) == true {
            // A refusal names what it needs, so it stands where no more may be asked for.
            let verdict = SlurmVerdict.outOfMemory(exit: exit, request: request, id: id)
            if left == nil || verdict.larger != nil { self = verdict }
        }
    }

    /// The job is over by Slurm's word, and there is no record: the node, the job's shell or the worker was ended from outside.
    init(cause: SlurmState.Cause, sighting: SlurmSighting, request: SlurmRequest, exitCode: Int? = nil) {
        exit = .unseen
        let id = sighting.id
        let place = sighting.nodes.isEmpty ? "" : " on \(sighting.nodes)"
        switch cause {
        case .timeout: self = .outOfTime(exit: exit, request: request, id: id)
        case .outOfMemory: self = .outOfMemory(exit: exit, request: request, id: id)
        case .nodeFailure:
            failure = Self.failure(
                "node-failed", "the node of Slurm job \(id) failed\(place)", remedy: "look at `sacct -j \(id)` and at the node")
        case .cancelled:
            failure = Self.failure(
                "job-cancelled", "somebody cancelled Slurm job \(id)\(place)", remedy: "find out who ended it (`sacct -j \(id)`)")
        case .preempted:
            failure = Self.failure(
                Failure.clusterCode, "Slurm job \(id) gave way to another job\(place)", remedy: "nothing: it goes on from its checkpoint")
        case .bootFailure, .reconfigurationFailure:
            failure = Self.failure(Failure.clusterCode, "the node of Slurm job \(id) did not start\(place)", remedy: "look at the node")
        case .deadline:
            failure = Self.failure(
                "deadline", "Slurm job \(id) could not end before its deadline",
                remedy: "take the deadline out of slurm.extra, or lower slurm.time")
        case .completed, .failed, .launchFailure:
            failure = Self.withoutRecord(cause, id: id, place: place, exitCode: exitCode)
        }
    }

    private init(exit: WorkerExit, failure: Failure, larger: SlurmRequest?) {
        (self.exit, self.failure, self.larger) = (exit, failure, larger)
    }

    /// Slurm does not know the job any more, and it left no record.
    static func gone(id: String?) -> SlurmVerdict {
        let job = id.map { "Slurm job \($0)" } ?? "the job of this attempt"
        return SlurmVerdict(
            exit: .unseen,
            failure: failure(
                "job-gone", "\(job) is over, it left no record, and Slurm does not say how it ended",
                remedy: "read worker.log; Slurm's accounting (slurmdbd) would know"), larger: nil)
    }

    /// `sbatch` was refused. It is the operator's settings or the cluster's limits that are to blame, not the drop, so the drop waits; unless
    /// it was only refused because it had grown.
    static func refused(_ reason: String, request: SlurmRequest, hasGrown: Bool) -> SlurmVerdict {
        var refusal = failure(
            Failure.clusterCode, "Slurm does not take the job: \(reason)",
            remedy: "see slurm: in pipeline.yml, and `sinfo` and `sacctmgr show assoc` for what the cluster allows")
        if hasGrown {
            refusal.code = "request-too-large"
            refusal.isRetryable = false
            refusal.message = "the drop needs more than it got, and Slurm does not take a job that asks for more: \(reason)"
            refusal.remedy = "make the drop or the network smaller, or name a partition with larger nodes (slurm.partition)"
        }
        return SlurmVerdict(exit: .exited(code: WorkerExit.temporaryFailureCode), failure: refusal, larger: nil)
    }

    /// Codes of failures that say that memory was too little.
    private static let memoryCodes: Set<String> = ["memory", "out-of-memory", Failure.waitingCode]

    private static func outOfMemory(exit: WorkerExit, request: SlurmRequest, id: String) -> SlurmVerdict {
        let had = request.memoryByteCount.map { DiskAdmission.text(Int64($0)) } ?? "the cluster's default"
        let larger = request.withMoreMemory
        var failure = failure("out-of-memory", "Slurm job \(id) needed more memory than it got (\(had))", remedy: nil)
        failure.expected = "at most \(had)"
        if let memory = larger?.memoryByteCount {
            failure.message += "; the next attempt asks for \(DiskAdmission.text(Int64(memory)))"
        } else {
            failure.isRetryable = false
            failure.remedy =
                request.memoryByteCount == nil
                ? "set slurm.memory, and slurm.largest_memory above it"
                : "raise slurm.largest_memory, or make the drop or the network smaller"
        }
        return SlurmVerdict(exit: exit, failure: failure, larger: larger)
    }

    private static func outOfTime(exit: WorkerExit, request: SlurmRequest, id: String) -> SlurmVerdict {
        let minutes = Int(saturating: (request.seconds / 60).rounded(.up))
        let larger = request.withMoreTime
        var failure = failure(
            "wall-time", "Slurm job \(id) ran for longer than it may (\(minutes) min)",
            remedy: "raise slurm.time or slurm.largest_time, or lower training.budget")
        // It goes on from its checkpoint, so that the same time again is not the same attempt again.
        failure.message += larger.map { "; the next attempt asks for \(Int(saturating: ($0.seconds / 60).rounded(.up))) min" } ?? ""
        return SlurmVerdict(exit: exit, failure: failure, larger: larger)
    }

    private static func withoutRecord(_ cause: SlurmState.Cause, id: String, place: String, exitCode: Int?) -> Failure {
        switch exitCode {
        case SlurmScript.notSeenCode:
            failure(
                "not-shared", "Slurm job \(id) does not see the state folder at its path\(place)",
                remedy: "put inbox, outbox and state on a file system that every node mounts at the same path")
        case SlurmScript.noProgramCode:
            failure(
                Failure.clusterCode, "Slurm job \(id) does not find the program\(place)",
                remedy: "install engram on every node, or set slurm.program to a copy that all see")
        case SlurmScript.begunCode:
            failure(
                "killed", "Slurm job \(id) found its attempt begun, and whoever began it left no record\(place)", remedy: "read worker.log")
        default:
            failure(
                "killed",
                "Slurm job \(id) ended (\(cause.rawValue)\(exitCode.map { ", exit code \($0)" } ?? "")) and left no record of its worker\(place)",
                remedy: "read worker.log and `scontrol show job \(id)`")
        }
    }

    private static func failure(_ code: String, _ message: String, remedy: String?) -> Failure {
        Failure(stage: .worker, code: code, message: message, remedy: remedy, isRetryable: true)
    }
}
