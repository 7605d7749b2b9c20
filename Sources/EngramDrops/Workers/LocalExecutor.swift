internal import Glibc

/// Workers as child processes of the daemon.
///
/// A worker does not need its daemon: its progress goes to a file, and it writes its exit code down itself (`WorkerExitRecord`). So a daemon
/// that was killed leaves it at work, and the next one follows it by its process number and start, or reads the record where it has ended.
/// What names the attempt without doubt is `attemptVariable` in its environment.
package struct LocalExecutor: WorkerExecutor {
    /// Has the folder of the attempt's result as its value.
    static let attemptVariable = "ENGRAM_ATTEMPT"

    private let command: WorkerCommand
    private let folders: DropFolders
    private let files: FileSystem

    /// Starts workers with `command`, each in the work folder of its drop.
    package init(command: WorkerCommand, folders: DropFolders, files: FileSystem = FileSystem()) {
        self.command = command
        self.folders = folders
        self.files = files
    }

    /// Starts a child process.
    package func start(_ job: WorkerJob, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) -> any WorkerHandle {
        let work = folders.work(for: job.id)
        try files.willPerform(.startWorker, command.executable)
        var environment = command.environment
        environment[Self.attemptVariable] = work.output(token: job.token)
        var launch = WorkerProcess.Launch(
            executable: command.executable, arguments: command.arguments(job), environment: environment, workingFolder: work.root,
            logPath: work.log)
        launch.outputPath = work.workerOutput
        launch.threadCountLimit = command.threadCountLimit
        return try WorkerProcess(launch, onLine: onLine)
    }

    /// Follows the attempt's process, or takes what its record says.
    package func attach(to attempt: WorkerAttempt, onLine: @escaping @Sendable ([UInt8]) -> Void) -> (any WorkerHandle)? {
        let (work, files) = (folders.work(for: attempt.id), files)
        let output = work.output(token: attempt.token)
        if let (process, start) = process(of: attempt, output: output) {
            let worker = WorkerProcess(
                attachingTo: process, start: start, outputPath: work.workerOutput, threadCountLimit: command.threadCountLimit,
                exit: { WorkerExitRecord.read(token: attempt.token, in: work.checkpoint, files: files) }, onLine: onLine)
            if let worker { return worker }
            WorkerProcess.killOrphan(process: process, start: start)
        }
        return WorkerExitRecord.read(token: attempt.token, in: work.checkpoint, files: files).map {
            EndedWorker(processID: attempt.processID ?? 0, startTicks: attempt.startTicks ?? 0, exit: $0)
        }
    }

    /// The process of an attempt. One that the ledger names and that does not name the attempt is ended, as far as it is that process.
    private func process(of attempt: WorkerAttempt, output: String) -> (process: Int32, start: Int)? {
        if let process = attempt.processID, let start = attempt.startTicks {
            guard WorkerProcess.startTicks(of: process) == start else { return nil }
            if variable(of: process) == output { return (process, start) }
            WorkerProcess.killOrphan(process: process, start: start)
            return nil
        }
        // The daemon ended after it started the worker and before it wrote the number down.
        for process in leaders() where variable(of: process) == output {
            if let start = WorkerProcess.startTicks(of: process) { return (process, start) }
        }
        return nil
    }

    /// Ends every worker that writes into the drop's work folder.
    package func endWorkers(ofDrop id: String) {
        let prefix = folders.work(for: id).output + "/"
        for process in leaders() where variable(of: process)?.hasPrefix(prefix) == true { kill(-process, SIGKILL) }
    }

    /// All processes that lead a group, as workers do.
    private func leaders() -> [Int32] {
        let names = (try? FileSystem().rawNames(in: "/proc")) ?? []
        return names.compactMap { Int32(String(decoding: $0, as: UTF8.self)) }.filter { $0 > 1 && getpgid($0) == $0 }
    }

    /// Which attempt a process works at by its environment, which only its owner may read.
    private func variable(of process: Int32) -> String? {
        let name = Array((Self.attemptVariable + "=").utf8)
        let entry = FileSystem().readKernelFile("/proc/\(process)/environ")?.split(separator: 0).first { $0.starts(with: name) }
        return entry.map { String(decoding: $0.dropFirst(name.count), as: UTF8.self) }
    }
}

extension WorkerProcess: WorkerHandle {
    /// Asks the kernel's clock.
    package func secondsSinceStart() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return max(0, Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - Double(startTicks) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Waits, and says what else is known.
    package func wait() async -> WorkerEnd {
        let exit = await waitUntilExit()
        return WorkerEnd(exit: exit, overrun: overrun, isMemoryKillLikely: OutOfMemoryKills.count() > memoryKillCount)
    }
}

/// A worker that ended while no daemon ran, and said how.
private final class EndedWorker: WorkerHandle {
    let processID: Int32
    let startTicks: Int
    private let exit: WorkerExit

    init(processID: Int32, startTicks: Int, exit: WorkerExit) {
        self.processID = processID
        self.startTicks = startTicks
        self.exit = exit
    }

    func secondsSinceStart() -> Double { 0 }
    func send(signal: Int32) {}
    func end(for reason: WorkerProcess.Overrun, signal: Int32) {}
    func wait() async -> WorkerEnd { WorkerEnd(exit: exit) }
}
