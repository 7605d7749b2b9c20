internal import CEngramSystem
internal import Glibc
internal import Synchronization

/// A process in a group of its own: a child, or one that an earlier daemon started.
package final class WorkerProcess: Sendable {
    /// What to start.
    package struct Launch: Sendable {
        /// An absolute path: the child starts in another folder.
        package var executable: String
        /// Without the program's name.
        package var arguments: [String]
        /// The whole environment.
        package var environment: [String: String]
        /// Where it starts.
        package var workingFolder: String
        /// Its standard error goes to the end of this file.
        package var logPath: String
        /// A new file for its standard output, which is followed as it grows, so that the program can go on without its reader; nil: a pipe.
        package var outputPath: String?
        /// Bytes of standard output after which the worker is ended; a line of progress has about 200, and a few come each second.
        package var outputByteCountLimit = 1 << 30
        /// Threads after which the worker is ended; nil: any number.
        package var threadCountLimit: Int?

        /// Creates a launch.
        package init(executable: String, arguments: [String], environment: [String: String], workingFolder: String, logPath: String) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.workingFolder = workingFolder
            self.logPath = logPath
        }
    }

    /// Why the daemon ended a worker.
    package enum Overrun: Equatable, Sendable {
        /// It ran for longer than it may.
        case wallTime(seconds: Double)
        /// It wrote more to its standard output than any progress takes.
        case output(byteCount: Int)
        /// It had more threads than any computation takes.
        case threads(count: Int)
    }

    /// Where the standard output is read from.
    private enum Output {
        case pipe(Int32)
        case file(Int32)

        var descriptor: Int32 {
            switch self {
            case .pipe(let descriptor), .file(let descriptor): descriptor
            }
        }
    }

    private struct State {
        var exit: WorkerExit?
        var overrun: Overrun?
        var waiters: [CheckedContinuation<WorkerExit, Never>] = []
    }

    /// The process, which is its group as well.
    package let processID: Int32
    /// When it started, in ticks since boot; with the number it names one process.
    package let startTicks: Int
    /// The processes that the kernel had ended for want of memory when this was made.
    let memoryKillCount = OutOfMemoryKills.count()
    private let state = Mutex(State())

    /// Milliseconds between looks at a file that grows, and at the count of threads.
    private static let lookMilliseconds: Int32 = 200

    /// When the worker is ended.
    private struct Bounds {
        var outputByteCount = 1 << 30
        var threadCount: Int?
    }

    /// Starts the child. `onLine` gets each line of its standard output, without the newline, on a thread of the worker's own.
    /// - Throws: `DropError.workerNotStarted`.
    package init(_ launch: Launch, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) {
        var ends: [Int32] = [-1, -1]
        if let path = launch.outputPath {
            // Appended to, so that two descriptors never write over each other.
            ends = [open(path, O_RDONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644), -1]
            if ends[0] >= 0 { ends[1] = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW) }
        } else if engram_pipe(&ends) != 0 {
            ends = [-1, -1]
        }
        guard ends[1] >= 0 else {
            let code = errno
            if ends[0] >= 0 { close(ends[0]) }
            throw .workerNotStarted(executable: launch.executable, code: code)
        }
        let (code, child) = Self.spawn(launch, standardOutput: ends[1])
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw .workerNotStarted(executable: launch.executable, code: code)
        }
        processID = child
        startTicks = Self.startTicks(of: child) ?? 0
        do {
            try follow(
                launch.outputPath == nil ? .pipe(ends[0]) : .file(ends[0]), watch: engram_pidfd_open(child),
                bounds: Bounds(outputByteCount: launch.outputByteCountLimit, threadCount: launch.threadCountLimit), onLine: onLine,
                exit: reap)
        } catch {
            kill(-child, SIGKILL)
            finish(reap())
            throw error
        }
    }

    /// Follows a process that an earlier daemon started; nil unless it is still that process.
    /// - Parameters:
    ///   - process: Its number.
    ///   - start: Its start in ticks since boot.
    ///   - outputPath: The file of its standard output; what it wrote so far is not read again.
    ///   - threadCountLimit: Threads after which it is ended; nil: any number.
    ///   - exit: Asked once it has ended: the kernel tells only its parent how.
    init?(
        attachingTo process: Int32, start: Int, outputPath: String, threadCountLimit: Int? = nil,
        exit: @escaping @Sendable () -> WorkerExit?,
        onLine: @escaping @Sendable ([UInt8]) -> Void
    ) {
        guard process > 1 else { return nil }
        let watch = engram_pidfd_open(process)
        guard watch >= 0 else { return nil }
        // Looked at after the descriptor was opened: the number cannot have been given to another process in between.
        let output = open(outputPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard Self.startTicks(of: process) == start, output >= 0 else {
            if output >= 0 { close(output) }
            close(watch)
            return nil
        }
        lseek(output, 0, SEEK_END)
        processID = process
        startTicks = start
        do {
            try follow(.file(output), watch: watch, bounds: Bounds(threadCount: threadCountLimit), onLine: onLine) { [self] in
                state.withLock { state in
                    let exit = exit() ?? .unseen
                    state.exit = exit
                    return exit
                }
            }
        } catch {
            return nil
        }
    }

    /// Reads the output on a thread of its own until the process has ended. Takes over both descriptors.
    private func follow(
        _ output: Output, watch: Int32, bounds: Bounds, onLine: @escaping @Sendable ([UInt8]) -> Void,
        exit: @escaping @Sendable () -> WorkerExit
    ) throws(DropError) {
        do {
            try DedicatedThread.start { [self] in
                readUntilExit(output, watch: watch, bounds: bounds, onLine: onLine)
                close(output.descriptor)
                if watch >= 0 { close(watch) }
                finish(exit())
            }
        } catch {
            close(output.descriptor)
            if watch >= 0 { close(watch) }
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
        let code = posix_spawn(&child, OwnProgram.startingPath(of: launch.executable), &actions, &attributes, arguments, environment)
        return (code, child)
    }

    /// Sends a signal to the worker and what it started; nothing happens once it has ended.
    package func send(signal: Int32) {
        // A child's number is its own until it is reaped, which happens under this lock. That of another daemon's worker is free a moment
        // before its end is noticed; the kernel gives numbers out in turn, so none comes back within that moment.
        state.withLock { if $0.exit == nil { _ = kill(-processID, signal) } }
    }

    /// Why the daemon ended it; nil where it did not.
    package var overrun: Overrun? { state.withLock { $0.overrun } }

    /// Ends the worker and what it started for `reason`, unless it has ended.
    package func end(for reason: Overrun, signal: Int32) {
        state.withLock { state in
            guard state.exit == nil else { return }
            if state.overrun == nil { state.overrun = reason }
            _ = kill(-processID, signal)
        }
    }

    /// Suspends until the worker has ended and its output is read.
    package func waitUntilExit() async -> WorkerExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state -> WorkerExit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// The start of a process in ticks since boot, nil when there is no such process.
    static func startTicks(of process: Int32) -> Int? { number(atField: 22, of: process) }

    /// The threads of a process, nil when there is no such process.
    static func threadCount(of process: Int32) -> Int? { number(atField: 20, of: process) }

    private static func number(atField field: Int, of process: Int32) -> Int? {
        guard let bytes = try? FileSystem().read("/proc/\(process)/stat", count: 4096) else { return nil }
        // The second field is the program's name in parentheses and may hold anything; what follows it begins with field 3 (proc(5)).
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > field - 3 ? Int(fields[field - 3]) : nil
    }

    /// Ends the group of a worker that an earlier daemon left, if it is still that worker.
    static func killOrphan(process: Int32, start: Int) {
        guard process > 1, startTicks(of: process) == start else { return }
        kill(-process, SIGKILL)
    }

    private func readUntilExit(_ output: Output, watch: Int32, bounds: Bounds, onLine: ([UInt8]) -> Void) {
        var lines = LineSplitter()
        var total = 0
        // Without a pidfd (an old kernel) the end of a pipe stands for the end of the process.
        var isOpen = true
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        func readSome() -> Int {
            let count = buffer.withUnsafeMutableBytes { read(output.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return count }
            total += count
            if total > bounds.outputByteCount { end(for: .output(byteCount: total), signal: SIGKILL) }
            for line in lines.add(buffer[0..<count]) { onLine(line) }
            return count
        }
        while true {
            var waiting = [
                pollfd(fd: watch, events: Int16(POLLIN), revents: 0), pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
            ]
            if case .pipe(let descriptor) = output, isOpen { waiting[1].fd = descriptor }
            // A file is always readable, so it is looked at by the clock.
            let isFile = if case .file = output { true } else { false }
            let patience = isFile || bounds.threadCount != nil ? Self.lookMilliseconds : -1
            guard poll(&waiting, 2, patience) >= 0 || errno == EINTR else { return }
            let hasEnded = waiting[0].revents != 0 || (watch < 0 && hasChildEnded())
            if let limit = bounds.threadCount, let count = Self.threadCount(of: processID), count > limit {
                end(for: .threads(count: count), signal: SIGKILL)
            }
            // Ended, not yet reaped, so the group's number is still its own: what it started must not write for ever.
            if hasEnded { kill(-processID, SIGKILL) }
            switch output {
            case .pipe:
                guard waiting[1].revents != 0 else { break }
                if readSome() > 0 { continue }
                isOpen = false
                if watch < 0 { return }
            case .file:
                while readSome() > 0 {}
            }
            // Ended and nothing left to read: something that left the group may hold the pipe open, so its end is not waited for.
            if hasEnded { return }
        }
    }

    private func hasChildEnded() -> Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(processID), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo != 0
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
