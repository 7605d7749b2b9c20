internal import EngramSystem
internal import Glibc

/// What a worker may take, in words.
package struct WorkerLimitTexts: Equatable, Sendable {
    /// Such as "11.2 GB (worker.memory)".
    package var memory = "what it may (worker.memory)"
    /// Such as "36h (worker.cpu_time)".
    package var cpuTime = "what it may (worker.cpu_time)"
    /// Such as "36h (worker.wall_time)".
    package var wallTime = "what it may (worker.wall_time)"
    /// Such as "16 GB (worker.largest_file)".
    package var largestFile = "what it may (worker.largest_file)"
    /// Such as "264".
    package var threads = "what it may"

    /// Creates texts without figures.
    package init() {}
}

/// What the end of a worker that left no reason itself means for its drop. Documentation/Security.md has the table.
struct WorkerDeath: Equatable, Sendable {
    /// How it ended.
    var exit: WorkerExit
    /// Why the daemon ended it, if it did.
    var overrun: WorkerProcess.Overrun?
    /// Whether the kernel ended some process for want of memory while this one ran.
    var isMemoryKillLikely = false
    /// For the messages.
    var limits = WorkerLimitTexts()

    /// Whether another attempt may do better. What a worker does to itself it would do again; what others did to it they may not.
    var isRetryable: Bool { failure.isRetryable }

    /// The reason for the ledger and for `error.json`.
    var failure: Failure {
        func verdict(_ code: String, _ message: String, expected: String, remedy: String, isRetryable: Bool = false) -> Failure {
            Failure(
                stage: .worker, code: code, message: message, expected: expected, found: "\(exit)", remedy: remedy,
                isRetryable: isRetryable)
        }
        switch overrun {
        case .wallTime:
            return verdict(
                "wall-time", "the worker ran for longer than \(limits.wallTime)", expected: "an end within \(limits.wallTime)",
                remedy: "lower training.budget, make the drop smaller, or raise worker.wall_time")
        case .output(let byteCount):
            return verdict(
                "output-flood", "the worker wrote \(byteCount) bytes to its standard output, which is for progress only",
                expected: "a few lines of progress a second", remedy: "read worker.log; the drop may be made to harm")
        case .threads(let count):
            return verdict(
                "threads", "the worker had \(count) threads, more than any computation takes", expected: "at most \(limits.threads)",
                remedy: "read worker.log; the drop may be made to harm")
        case nil: break
        }
        switch exit {
        case .unseen:
            return verdict(
                "killed", "\(exit)", expected: "exit code 0, or failure.json in the output folder",
                remedy: "find out who ended it; read worker.log", isRetryable: true)
        case .exited(WorkerExit.outOfMemoryCode):
            return verdict(
                "out-of-memory", "the worker needed more memory than \(limits.memory)", expected: "at most \(limits.memory)",
                remedy: "make the drop or the network smaller, or raise worker.memory")
        case .exited: break
        case .signalled(SIGXCPU):
            return verdict(
                "cpu-time", "the worker took more processor time than \(limits.cpuTime)", expected: "at most \(limits.cpuTime)",
                remedy: "lower training.budget, make the drop smaller, or raise worker.cpu_time")
        case .signalled(SIGXFSZ):
            return verdict(
                "file-size", "the worker wrote a file longer than \(limits.largestFile)", expected: "at most \(limits.largestFile)",
                remedy: "make the network smaller, or raise worker.largest_file")
        case .signalled(SIGSYS):
            return verdict(
                "forbidden-call", "the worker made a system call that is not of this processor's interface and was ended for it",
                expected: "none", remedy: "read worker.log; the drop may be made to harm")
        case .signalled(SIGKILL) where isMemoryKillLikely:
            return verdict(
                "killed-for-memory", "the worker was ended by SIGKILL while the kernel was out of memory", expected: "enough free memory",
                remedy: "make the drop or the network smaller, lower jobs, or leave the machine more memory", isRetryable: true)
        case .signalled(let number) where [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE].contains(number):
            return verdict(
                "crashed", "\(exit): it crashed", expected: "exit code 0, or failure.json in the output folder",
                remedy: "read worker.log and please report it with the drop, if it may be shown", isRetryable: true)
        case .signalled:
            return verdict(
                "killed", exit.description, expected: "exit code 0, or failure.json in the output folder",
                remedy: "find out who sent the signal", isRetryable: true)
        }
        return verdict(
            "worker-ended", "\(exit) and left no reason", expected: "exit code 0, or failure.json in the output folder",
            remedy: "read worker.log", isRetryable: exit == .exited(code: WorkerExit.temporaryFailureCode))
    }
}

/// Counts the processes that the kernel has ended for want of memory.
enum OutOfMemoryKills {
    /// The count since boot, of the whole machine; 0 where the kernel does not say.
    static func count() -> Int {
        let text = FileSystem().readKernelFile("/proc/vmstat") ?? []
        return count(in: String(decoding: text, as: UTF8.self))
    }

    /// Reads the line `oom_kill N` (proc(5), since Linux 4.13).
    static func count(in text: String) -> Int {
        for line in text.split(separator: "\n") where line.hasPrefix("oom_kill ") {
            return Int(line.dropFirst("oom_kill ".count)) ?? 0
        }
        return 0
    }
}
