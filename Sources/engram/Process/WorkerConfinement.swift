import EngramDrops
import EngramPipeline
import Foundation
import Glibc

/// A command that confines its process before it runs.
///
/// It is asked to on the main thread and before anything is started: what runs already would be outside of the fence.
protocol ConfinedCommand: SendableMetatype {
    /// Confines this process, by way of a restart where that is needed; then comes back in the restarted program.
    func confine() throws
}

/// What a worker does to itself before it reads somebody else's file.
///
/// In two starts of the same program. Landlock binds a thread and what it starts later, and libraries start threads before `main`; so the
/// first start puts up the fence and executes the program once more, which then has no thread outside of it. (The restart that chooses
/// kernels for linear algebra is the same one.) The second sets limits and takes away system calls, among them those that execute programs.
struct WorkerConfinement {
    /// Set for the second start.
    static let guardVariable = "ENGRAM_WORKER_FENCED"

    var limits: WorkerLimits
    var threadCount: Int
    /// What the worker reads: the drop, its settings, the configuration.
    var readable: [String]
    /// What the operator names for it to read besides; there may be nothing there, and the reader says so better than the fence.
    var named: [String] = []
    /// Where it writes: the folders of the result and of the checkpoint.
    var writable: [String]
    /// The newest version of Landlock to use, for tests of what an older kernel would forbid; 0 is a kernel without it.
    var newestLandlock = Int(Int32.max)

    /// Confines this process, by way of a restart where that is needed; then comes back in the restarted program.
    /// - Throws: `CommandFailure` where the settings require what the kernel lacks, or a step fails. The worker must then not go on.
    func enter() throws(CommandFailure) {
        let isSecondStart = getenv(Self.guardVariable) != nil
        unsetenv(Self.guardVariable)
        var support = SandboxSupport.ofThisKernel()
        support.landlockVersion = min(support.landlockVersion, newestLandlock)
        let isSandboxed = limits.sandbox != .off
        if limits.sandbox == .require, !support.isWhole { throw Self.missing(support) }
        let isFenced = isSandboxed && support.landlockVersion > 0
        if !isSecondStart { try limits.applyToTasks() }
        try Self.failing { () throws(DropError) in
            if !isSecondStart {
                if isFenced { try restartFenced() } else { KernelSelection.restartIfBetter() }
            } else if isFenced {
                try Self.checkFence()
            }
        }
        // New files are for their owner to write; a closed pipe is an error, not a death.
        umask(0o022)
        signal(SIGPIPE, SIG_IGN)
        RuntimeLibraries.reserveWorkingSpace(threadCount: threadCount)
        try limits.apply()
        Confinement.reportWantOfMemory()
        if isSandboxed, support.hasCallFilter {
            try Self.failing { () throws(DropError) in try CallFilter.enter() }
        }
    }

    private static func failing(_ step: () throws(DropError) -> Void) throws(CommandFailure) {
        do { try step() } catch {
            throw CommandFailure(
                .internalError, stage: .worker, code: "sandbox", message: "\(error)",
                remedy: "set worker.sandbox to off if this system cannot do better, and please report it")
        }
    }

    /// Why `require` cannot be met.
    static func missing(_ support: SandboxSupport) -> CommandFailure {
        CommandFailure(
            .wrongConfiguration, stage: .worker, code: "sandbox",
            message: "worker.sandbox is require, and this kernel cannot fence workers off wholly.", expected: "Landlock and seccomp",
            found: "\(support)", remedy: "use a kernel that can, or set worker.sandbox to auto")
    }

    private func restartFenced() throws(DropError) {
        _ = KernelSelection.prepareRestart()
        Confinement.closeDescriptorsOnExecution()
        try Confinement.dropCapabilities()
        try Confinement.fenceOffFiles(except: rules(), newest: newestLandlock)
        setenv(Self.guardVariable, "1", 1)
        // A crash report is made by another program, which this one may not start.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        throw .system(operation: "restarting", path: CommandLine.arguments.first ?? "engram", code: errno)
    }

    private func rules() -> [Confinement.Rule] {
        var rules = [Confinement.Rule("/proc/self/exe", .execute)]
        rules += Confinement.loadedFiles().map { Confinement.Rule($0, .execute, isOptional: true) }
        // The dispatch library counts its threads in /proc/TID/stat, under numbers that nobody knows yet, and ends a process that keeps it
        // from that. Memory and environment of other processes stay closed: they are guarded like the right to trace them.
        rules += ["/proc", "/sys/fs/cgroup", "/sys/devices/system/cpu"].map { Confinement.Rule($0, .open, isOptional: true) }
        rules += ["/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom"].map {
            Confinement.Rule($0, .open, isOptional: true)
        }
        rules.append(Confinement.Rule("/dev/null", .write, isOptional: true))
        rules += readable.map { Confinement.Rule($0, .read) }
        rules += named.map { Confinement.Rule($0, .read, isOptional: true) }
        return rules + writable.map { Confinement.Rule($0, .write) }
    }

    /// A variable of the environment is no proof: the fence has to be felt.
    private static func checkFence() throws(DropError) {
        let root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else {
            if errno == EACCES { return }
            throw .system(operation: "testing the sandbox with", path: "/", code: errno)
        }
        close(root)
        throw .system(operation: "keeping the worker out of", path: "/", code: EPERM)
    }

    /// Ends the process when the reader of its standard output is gone: a daemon that was killed leaves no worker behind.
    ///
    /// The parent-death signal of Linux would be shorter, and wrong: it comes when the *thread* that started the worker ends, and a
    /// daemon's threads come and go.
    static func endWithReader(of descriptor: Int32, code: Int32) {
        let thread = Thread {
            var watched = pollfd(fd: descriptor, events: 0, revents: 0)
            while true {
                // An error condition is reported without being asked for: on a pipe, that nobody reads it any more.
                guard poll(&watched, 1, -1) >= 0 else {
                    if errno == EINTR { continue }
                    return
                }
                if watched.revents & Int16(POLLERR | POLLNVAL) != 0 { _exit(code) }
            }
        }
        thread.stackSize = 256 << 10
        thread.start()
    }
}
