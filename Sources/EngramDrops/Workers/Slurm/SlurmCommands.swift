internal import EngramSystem
internal import Glibc
internal import Synchronization

/// Slurm's programs, as the daemon's user has them.
struct SlurmCommands: Sendable {
    /// What one of them said.
    struct Answer: Equatable, Sendable {
        var exit: WorkerExit
        /// Its standard output.
        var lines: [String]
        /// Its standard error, or why it could not be run; without newlines.
        var complaint: String
        /// It took too long and was ended.
        var isOverLimit = false

        var isGood: Bool { exit == .exited(code: 0) }
    }

    /// Tells the submissions of one state folder from all others, in the environment of `sbatch`.
    static let submissionVariable = "ENGRAM_SUBMISSION"

    /// Where the programs' standard error lies while they run.
    let folder: String
    /// Theirs; `sbatch` passes it on to the job.
    let environment: [String: String]

    private static let counter = Atomic<Int>(0)

    /// - Parameters:
    ///   - folder: Of this daemon's own.
    ///   - environment: The daemon's. What Slurm told the daemon of a job that the daemon itself may be is not for other jobs.
    init(folder: String, environment: [String: String]) {
        self.folder = folder
        var own = environment.filter { !$0.key.hasPrefix("SLURM_") || $0.key == "SLURM_CONF" }
        own[Self.submissionVariable] = folder
        // Dates and numbers as they are read here.
        own["LC_ALL"] = "C"
        self.environment = own
    }

    /// Runs one of the programs, found in the search path.
    func run(_ name: String, _ arguments: [String], limitSeconds: Double) async -> Answer {
        guard let program = Self.find(name, in: environment["PATH"] ?? "/usr/bin:/bin") else {
            return Answer(exit: .exited(code: 127), lines: [], complaint: "\(name) is not in the search path (PATH)")
        }
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let log = "\(folder)/\(name)-\(number).err"
        unlink(log)
        defer { unlink(log) }
        let lines = Mutex<[String]>([])
        let launch = WorkerProcess.Launch(
            executable: program, arguments: arguments, environment: environment, workingFolder: "/", logPath: log)
        do throws(DropError) {
            // Time as it passes: what is waited for is another program.
            let result = try await ChildCommand.run(launch, limitSeconds: limitSeconds, graceSeconds: 1) { line in
                lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
            let said = String(decoding: (try? FileSystem().read(log, count: 16 << 10)) ?? [], as: UTF8.self)
            let complaint = said.split(separator: "\n").map(String.init).joined(separator: "; ")
            return Answer(exit: result.exit, lines: lines.withLock { $0 }, complaint: complaint, isOverLimit: result.isOverLimit)
        } catch {
            return Answer(exit: .exited(code: 127), lines: [], complaint: "\(error)")
        }
    }

    /// The first executable file of that name in a search path.
    static func find(_ name: String, in path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Whether what `sbatch` complained of means that Slurm looked at the job and did not take it. Of all else the job may be in the queue.
    static func isRefusal(_ complaint: String) -> Bool {
        let unclear = [
            "unable to contact", "timed out", "timeout", "connect", "communication", "zero bytes", "transport", "send/recv",
            "unexpected message",
            "protocol", "interrupted",
        ]
        let text = complaint.lowercased()
        return text.contains("batch job submission failed") && !unclear.contains { text.contains($0) }
    }

    /// The reason in a refusal: `Invalid partition name specified`.
    static func reason(in complaint: String) -> String {
        let mark = "Batch job submission failed: "
        guard let found = complaint.ranges(of: mark).last else { return complaint.isEmpty ? "it does not say why" : complaint }
        return String(complaint[found.upperBound...])
    }

    /// Ends every `sbatch` that a daemon of this state folder left when it was killed, so that nothing more comes of it.
    func endLeftSubmissions() {
        let entry = Array("\(Self.submissionVariable)=\(folder)".utf8)
        func found() -> [Int32] {
            let names = (try? FileSystem().rawNames(in: "/proc")) ?? []
            return names.compactMap { Int32(String(decoding: $0, as: UTF8.self)) }.filter { process in
                // A job on this very machine has the variable as well.
                FileSystem().readKernelFile("/proc/\(process)/comm").map { $0.starts(with: Array("sbatch".utf8)) } == true
                    && FileSystem().readKernelFile("/proc/\(process)/environ")?.split(separator: 0).contains { $0.elementsEqual(entry) }
                        == true
            }
        }
        for _ in 0..<100 {
            let left = found()
            if left.isEmpty { return }
            for process in left { kill(process, SIGKILL) }
            usleep(10_000)
        }
    }
}
