internal import CEngramSystem
internal import Glibc
internal import Synchronization

/// How a worker ended.
public enum WorkerExit: Equatable, Sendable, CustomStringConvertible {
    /// By itself, with a code.
    case exited(code: Int32)
    /// By a signal.
    case signalled(number: Int32)

    /// EX_TEMPFAIL of sysexits.h: a worker ends with it when another attempt may do better.
    public static let temporaryFailureCode: Int32 = 75
    /// EX_OSERR: a worker ends with it when it may have no more memory.
    public static let outOfMemoryCode: Int32 = 71

    /// The text for people.
    public var description: String {
        switch self {
        case .exited(let code): "the worker ended with exit code \(code)"
        case .signalled(let number): "the worker was ended by \(Self.name(of: number))"
        }
    }

    private static func name(of signal: Int32) -> String {
        let names = [
            SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT",
            SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGFPE: "SIGFPE", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
            SIGSYS: "SIGSYS",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}

/// A child process in a process group of its own.
public final class WorkerProcess: Sendable {
    /// What to start.
    public struct Launch: Sendable {
        /// An absolute path: the child starts in another folder.
        public var executable: String
        /// Without the program's name.
        public var arguments: [String]
        /// The whole environment.
        public var environment: [String: String]
        /// Where it starts.
        public var workingFolder: String
        /// Its standard error goes to the end of this file.
        public var logPath: String
        /// Bytes of standard output after which the worker is ended; a line of progress has about 200, and a few come each second.
        public var outputByteCountLimit = 1 << 30

        /// Creates a launch.
        public init(executable: String, arguments: [String], environment: [String: String], workingFolder: String, logPath: String) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.workingFolder = workingFolder
            self.logPath = logPath
        }
    }

    /// Why the daemon ended a worker.
    public enum Overrun: Equatable, Sendable {
        /// It ran for longer than it may.
        case wallTime(seconds: Double)
        /// It wrote more to its standard output than any progress takes.
        case output(byteCount: Int)
    }

    private struct State {
        var exit: WorkerExit?
        var overrun: Overrun?
        var waiters: [CheckedContinuation<WorkerExit, Never>] = []
    }

    /// The process, which is its group as well.
    public let processID: Int32
    /// When it started, in ticks since boot; with the number it names one process.
    public let startTicks: Int
    private let state = Mutex(State())

    /// Lines longer than this are dropped: a progress line is short, and a worker gone wild must not fill the daemon's memory.
    static let longestLine = 64 << 10

    /// Starts the child. `onLine` gets each line of its standard output, without the newline, on a thread of the worker's own.
    /// - Throws: `DropError.workerNotStarted`.
    public init(_ launch: Launch, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) {
        var ends: [Int32] = [-1, -1]
        guard engram_pipe(&ends) == 0 else { throw .workerNotStarted(executable: launch.executable, code: errno) }
        let (code, child) = Self.spawn(launch, standardOutput: ends[1])
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw .workerNotStarted(executable: launch.executable, code: code)
        }
        processID = child
        startTicks = Self.startTicks(of: child) ?? 0
        let output = ends[0]
        let watch = engram_pidfd_open(child)
        do {
            try DedicatedThread.start { [self] in
                var lines = LineSplitter()
                readUntilExit(output: output, watch: watch, byteCountLimit: launch.outputByteCountLimit, lines: &lines, onLine: onLine)
                close(output)
                if watch >= 0 { close(watch) }
                finish(reap())
            }
        } catch {
            kill(-child, SIGKILL)
            finish(reap())
            close(output)
            throw error
        }
    }

    private static func spawn(_ launch: Launch, standardOutput: Int32) -> (code: Int32, child: pid_t) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        posix_spawn_file_actions_addopen(&actions, 2, launch.logPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        engram_spawn_start_in(&actions, launch.workingFolder)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The daemon may block or ignore signals; the worker has to hear SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        var child = pid_t()
        let arguments: [UnsafeMutablePointer<CChar>?] = ([launch.executable] + launch.arguments).map { strdup($0) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] =
            launch.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        let code = posix_spawn(&child, launch.executable, &actions, &attributes, arguments, environment)
        return (code, child)
    }

    /// Sends a signal to the worker and what it started; nothing happens once it has ended.
    public func send(signal: Int32) {
        // The lock is held by `finish` only after the process was reaped, so its number cannot be somebody else's here.
        state.withLock { if $0.exit == nil { _ = kill(-processID, signal) } }
    }

    /// Why the daemon ended it; nil where it did not.
    public var overrun: Overrun? { state.withLock { $0.overrun } }

    /// Ends the worker and what it started for `reason`, unless it has ended.
    func end(for reason: Overrun, signal: Int32) {
        state.withLock { state in
            guard state.exit == nil else { return }
            if state.overrun == nil { state.overrun = reason }
            _ = kill(-processID, signal)
        }
    }

    /// Ends the worker once it has run for `seconds`: SIGTERM, so that it can write its checkpoint, and SIGKILL after `graceSeconds`.
    /// - Returns: What watches the time; to be cancelled when the worker has ended.
    func limitWallTime(to seconds: Double, graceSeconds: Double, clock: any DropClock) -> Task<Void, Never> {
        Task {
            guard seconds < .infinity else { return }
            await clock.sleep(seconds: seconds)
            guard !Task.isCancelled else { return }
            end(for: .wallTime(seconds: seconds), signal: SIGTERM)
            await clock.sleep(seconds: graceSeconds)
            if !Task.isCancelled { end(for: .wallTime(seconds: seconds), signal: SIGKILL) }
        }
    }

    /// Suspends until the worker has ended and its output is read.
    public func waitUntilExit() async -> WorkerExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state -> WorkerExit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// The start of a process in ticks since boot, nil when there is no such process.
    static func startTicks(of process: Int32) -> Int? {
        guard let bytes = try? FileSystem().read("/proc/\(process)/stat", count: 4096) else { return nil }
        // The second field is the program's name in parentheses and may hold anything; the start is field 22 (proc(5)).
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int(fields[19]) : nil
    }

    /// Ends the group of a worker that an earlier daemon left, if it is still that worker.
    static func killOrphan(process: Int32, start: Int) {
        guard process > 1, startTicks(of: process) == start else { return }
        kill(-process, SIGKILL)
    }

    private func readUntilExit(
        output: Int32, watch: Int32, byteCountLimit: Int, lines: inout LineSplitter, onLine: ([UInt8]) -> Void
    ) {
        var total = 0
        // Without a pidfd (an old kernel) the end of the output stands for the end of the process.
        var isOpen = true
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            var waiting = [
                pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0), pollfd(fd: watch, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, -1) >= 0 || errno == EINTR else { return }
            // Ended, not yet reaped, so the group's number is still its own: what it started must not write for ever.
            if waiting[1].revents != 0 { kill(-processID, SIGKILL) }
            if waiting[0].revents != 0 {
                let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
                if count > 0 {
                    total += count
                    if total > byteCountLimit { end(for: .output(byteCount: total), signal: SIGKILL) }
                    for line in lines.add(buffer[0..<count]) { onLine(line) }
                    continue
                }
                isOpen = false
                if watch < 0 { return }
            }
            // Ended and nothing left to read: something that left the group may hold the pipe open, so its end is not waited for.
            if waiting[1].revents != 0 { return }
        }
    }

    private func reap() -> WorkerExit {
        // Waits without reaping first, so that the group is signalled while its number is still taken.
        var info = siginfo_t()
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        kill(-processID, SIGKILL)
        var status: Int32 = 0
        return state.withLock { state in
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            let number = status & 0x7f
            let exit: WorkerExit = number == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(number: number)
            state.exit = exit
            return exit
        }
    }

    private func finish(_ exit: WorkerExit) {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}

/// Cuts a stream into lines.
struct LineSplitter {
    private var pending: [UInt8] = []
    private var isTooLong = false

    mutating func add(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == 0x0a {
                if !isTooLong, !pending.isEmpty { lines.append(pending) }
                pending = []
                isTooLong = false
            } else if pending.count < WorkerProcess.longestLine {
                pending.append(byte)
            } else {
                isTooLong = true
            }
        }
        return lines
    }
}
