/// What one of Slurm's job states means for a drop (slurm.schedmd.com/squeue.html, "Job state codes").
package enum SlurmState: Equatable, Sendable {
    /// In the queue.
    case waits
    /// On a node, or on its way to or from one.
    case works
    /// Over.
    case ended(Cause)

    /// Why a job is over.
    package enum Cause: String, CaseIterable, Sendable {
        case completed = "COMPLETED"
        case failed = "FAILED"
        case cancelled = "CANCELLED"
        case timeout = "TIMEOUT"
        case nodeFailure = "NODE_FAIL"
        case preempted = "PREEMPTED"
        case bootFailure = "BOOT_FAIL"
        case deadline = "DEADLINE"
        case outOfMemory = "OUT_OF_MEMORY"
        case launchFailure = "LAUNCH_FAILED"
        case reconfigurationFailure = "RECONFIG_FAIL"
    }

    /// States of jobs in the queue. Requeued ones are only put there by people: jobs are submitted with `--no-requeue`.
    static let waitingNames: Set<String> = [
        "PENDING", "CONFIGURING", "POWER_UP_NODE", "EXPEDITING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT",
    ]

    /// Reads a state as `squeue` and `sacct` write it, such as `CANCELLED by 1000`. A state of a later Slurm is one of a job that works: it
    /// is shown as it is, and the job is over when Slurm does not list it any more.
    package init(named name: String) {
        let word = String(name.prefix { $0 != " " && $0 != "+" })
        if let cause = Cause(rawValue: word) {
            self = .ended(cause)
        } else {
            self = Self.waitingNames.contains(word) ? .waits : .works
        }
    }
}

/// One job as Slurm lists it.
package struct SlurmSighting: Equatable, Sendable {
    /// The name it was submitted under.
    package var name: String
    /// Its place in an array; nil for a job of its own.
    package var index: Int?
    /// What `scancel` takes: `12`, or `12_3` in an array.
    package var id: String
    /// Slurm's word.
    package var stateName: String
    /// Where it runs; empty while it waits.
    package var nodes: String
    /// Why it waits, in Slurm's word.
    package var reason: String

    /// What that means.
    package var state: SlurmState { SlurmState(named: stateName) }
}

/// Reads what Slurm prints.
enum SlurmListing {
    /// The fields of `squeue --format`: the name first, which is ours and has no bar, and the reason last, which may have one.
    static let queueFormat = "%j|%i|%T|%N|%r"
    /// The fields of `sacct --format`.
    static let accountingFormat = "JobName,JobID,State,NodeList,Reason"

    /// Jobs whose names begin with `prefix`, from `squeue --array --noheader --format` or `sacct --allocations --parsable2 --noheader`.
    static func jobs(in lines: [String], prefix: String) -> [SlurmSighting] {
        lines.compactMap { line in
            let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5, fields[0].hasPrefix(prefix), fields[1].first?.isNumber == true, !fields[2].isEmpty else { return nil }
            let nodes = ["None assigned", "(null)", "n/a"].contains(fields[3]) ? "" : fields[3]
            return SlurmSighting(
                name: fields[0], index: index(inID: fields[1]), id: fields[1], stateName: fields[2], nodes: nodes, reason: fields[4])
        }
    }

    /// The place in its array: 3 of `12_3`.
    private static func index(inID id: String) -> Int? {
        let parts = id.split(separator: "_")
        return parts.count == 2 ? Int(parts[1]) : nil
    }

    /// What `sbatch --parsable` says: the job's number, then the cluster's name where there are several.
    static func submitted(_ lines: [String]) -> String? {
        guard let first = lines.first?.split(separator: ";").first, !first.isEmpty, first.allSatisfy(\.isNumber) else { return nil }
        return String(first)
    }

    /// The exit code of a job in the text of `scontrol show job --oneliner`: 93 of `ExitCode=93:0`.
    static func exitCode(in lines: [String]) -> Int? {
        for word in lines.joined(separator: " ").split(separator: " ") where word.hasPrefix("ExitCode=") {
            return word.dropFirst("ExitCode=".count).split(separator: ":").first.flatMap { Int($0) }
        }
        return nil
    }
}

/// Why a job waits, in words.
enum SlurmReason {
    /// Reasons that pass by themselves.
    private static let passing = [
        "None": "Slurm has not looked at it yet", "Priority": "other jobs come first", "Resources": "it waits for free nodes",
        "BeginTime": "its time to begin has not come", "Cleaning": "an earlier run is being cleaned up",
        "Dependency": "it waits for another job",
        "Licenses": "it waits for a licence", "Reservation": "it waits for its reservation", "NodeDown": "a node that it needs is down",
        "JobArrayTaskLimit": "as many of its array run as may", "Prolog": "its node is being prepared",
        "ReqNodeNotAvail": "nodes that it needs are down, drained or reserved", "BurstBufferResources": "it waits for burst buffers",
        "SchedDefer": "Slurm looks at it later",
    ]
    /// Reasons that somebody has to do something about.
    private static let lasting = [
        "PartitionDown": "the partition is down", "PartitionInactive": "the partition takes no jobs",
        "PartitionTimeLimit": "it asks for more time than the partition allows; lower slurm.time",
        "PartitionNodeLimit": "it asks for more than the partition has", "JobHeldUser": "it is held; `scontrol release` lets it go on",
        "JobHeldAdmin": "an administrator holds it", "BadConstraints": "no node has what it asks for; see slurm.gres and slurm.extra",
        "AccountNotAllowed": "the account may not use the partition; see slurm.account",
        "InvalidAccount": "the account is not known; see slurm.account",
        "InvalidQOS": "the quality of service is not known", "QOSNotAllowed": "the quality of service may not be used there",
        "DependencyNeverSatisfied": "the job that it waits for failed", "QOSUsageThreshold": "the quality of service is used up",
        "JobLaunchFailure": "it could not be launched",
    ]

    /// `Priority: other jobs come first`; a word that is not known stands alone.
    static func text(_ word: String) -> String {
        // Such as `ReqNodeNotAvail, UnavailableNodes:n[1-3]`.
        let head = String(word.prefix { $0 != "," && $0 != ":" && $0 != "(" }).trimmingSpaces
        if let words = passing[head] ?? lasting[head] { return "\(word): \(words)" }
        if head.hasPrefix("Assoc") || head.hasPrefix("QOS") || head.hasPrefix("Max") {
            return "\(word): a limit of the account or the quality of service is reached"
        }
        return word.isEmpty ? "Slurm gives no reason" : word
    }

    /// Whether somebody has to do something before the job can start.
    static func isLasting(_ word: String) -> Bool {
        lasting[String(word.prefix { $0 != "," && $0 != ":" && $0 != "(" }).trimmingSpaces] != nil
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
