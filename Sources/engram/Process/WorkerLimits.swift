import EngramDrops
import EngramMemories
import EngramPipeline
import Foundation
import Glibc

/// What one worker may take and see, as its command line says it; nil where nothing is limited.
struct WorkerLimits: Equatable, Sendable {
    /// Bytes of private memory beyond what the program takes at its start.
    var memoryByteCount: Int?
    /// Seconds of processor time.
    var cpuSeconds: Int?
    /// Open files.
    var openFileCount: Int?
    /// Bytes of the longest file it may write.
    var largestFileByteCount: Int?
    /// Threads.
    var threadCount: Int?
    /// The fence.
    var sandbox = PipelineSettings.Worker.Sandbox.off

    /// Threads beyond those of linear algebra: pools have one for each processor, and a few wait for signals and clocks.
    private static let otherThreadCount = 256
    /// Bytes of address space beyond the limit of memory that libraries set aside and do not use. Each arena of the C library takes 64 MiB,
    /// of which there are eight for each processor; the page tables of all of it take a 512th.
    private static let unusedAddressByteCount = 64 << 30

    /// How many times the threads of a worker its user may have more than at its start: what else he starts later is counted as well, and
    /// must not keep a worker from its threads. The daemon holds each worker to its own number.
    private static let roomOfUser = 16

    /// Nothing limited.
    init() {}

    /// What `pipeline.yml` says.
    /// - Parameter memory: What the machine says; a part of it is the worker's where the settings leave that open.
    init(_ pipeline: PipelineSettings, threadCount: Int, memory: MemoryAvailability) {
        memoryByteCount =
            pipeline.worker.memoryByteCount.given
            ?? memory.share(ofEachOf: pipeline.jobs).flatMap { Int(exactly: $0.rounded(.down)) }
        cpuSeconds = pipeline.worker.cpuSeconds(threadCount: threadCount)
        openFileCount = pipeline.worker.openFileCount
        largestFileByteCount = pipeline.worker.largestFileByteCount
        self.threadCount = Self.threadCount(of: threadCount)
        sandbox = pipeline.worker.sandbox
    }

    /// The threads that a worker may have which computes with `count`.
    static func threadCount(of count: Int) -> Int { 4 * count + otherThreadCount }

    /// Options of `engram worker`.
    var arguments: [String] {
        let numbers = [
            ("memory", memoryByteCount), ("cpu-seconds", cpuSeconds), ("open-files", openFileCount), ("largest-file", largestFileByteCount),
            ("most-threads", threadCount),
        ]
        return numbers.compactMap { name, value in value.map { "--\(name)=\($0)" } } + ["--sandbox=\(sandbox.rawValue)"]
    }

    /// For messages about a worker that took more.
    /// - Parameter wallSeconds: Its longest run.
    func texts(wallSeconds: Double) -> WorkerLimitTexts {
        var texts = WorkerLimitTexts()
        func size(_ count: Int) -> String { ByteCountFormatter.string(fromByteCount: Int64(count), countStyle: .decimal) }
        if let memoryByteCount { texts.memory = "\(size(memoryByteCount)) (worker.memory)" }
        if let cpuSeconds { texts.cpuTime = "\(ProgressText.duration(Double(cpuSeconds))) (worker.cpu_time)" }
        if let largestFileByteCount { texts.largestFile = "\(size(largestFileByteCount)) (worker.largest_file)" }
        if let threadCount { texts.threads = "\(threadCount)" }
        texts.wallTime = "\(ProgressText.duration(wallSeconds)) (worker.wall_time)"
        return texts
    }

    /// Limits this process for good.
    ///
    /// Memory is RLIMIT_DATA: it counts private writable pages, which is what an allocation asks for; the filter of system calls denies
    /// what it does not count, shared and growing mappings. RLIMIT_AS also counts address space that is only set aside, of which libraries
    /// take gigabytes without using it, so it is far wider; it bounds the page tables of mappings that are only read.
    /// - Throws: `CommandFailure` where the kernel refuses, as it does when an outer limit is lower than what is in use.
    func apply() throws(CommandFailure) {
        if let memoryByteCount {
            let (sum, isTooMuch) = memoryByteCount.addingReportingOverflow(Self.statusByteCount("VmData:"))
            if !isTooMuch { try Self.set(RLIMIT_DATA, sum, name: "memory") }
            let (wide, isTooWide) = memoryByteCount.addingReportingOverflow(Self.statusByteCount("VmSize:") + Self.unusedAddressByteCount)
            if !isTooWide { try Self.set(RLIMIT_AS, wide, name: "address space") }
        }
        // At the soft limit the kernel sends SIGXCPU; a second later SIGKILL, if the process ignores it.
        if let cpuSeconds { try Self.set(RLIMIT_CPU, cpuSeconds, hard: cpuSeconds + 1, name: "processor time") }
        if let openFileCount { try Self.set(RLIMIT_NOFILE, openFileCount, name: "open files") }
        if let largestFileByteCount { try Self.set(RLIMIT_FSIZE, largestFileByteCount, name: "file length") }
        // A core file would hold the contents of a drop.
        try Self.set(RLIMIT_CORE, 0, name: "core files")
    }

    /// Bounds the tasks of this process's user, as far as they count: of root the kernel counts none. To be called before the fence is up:
    /// the tasks that there are now are counted in /proc.
    /// - Throws: `CommandFailure` where the kernel refuses.
    func applyToTasks() throws(CommandFailure) {
        guard let threadCount else { return }
        try Self.set(__RLIMIT_NPROC, UserTasks.count(of: getuid()) + Self.roomOfUser * threadCount, name: "threads")
    }

    private static func set(_ resource: __rlimit_resource, _ soft: Int, hard: Int? = nil, name: String) throws(CommandFailure) {
        let which = __rlimit_resource_t(resource.rawValue)
        var before = rlimit()
        guard getrlimit(which, &before) == 0 else { throw failure(name, soft) }
        // What an operator limited from outside stays as low as that.
        var limit = rlimit(
            rlim_cur: min(rlim_t(soft), before.rlim_max), rlim_max: min(rlim_t(hard ?? soft), before.rlim_max))
        guard setrlimit(which, &limit) == 0 else { throw failure(name, soft) }
    }

    private static func failure(_ name: String, _ value: Int) -> CommandFailure {
        CommandFailure(
            .internalError, stage: .worker, code: "limits",
            message: "the limit of \(name), \(value), could not be set: \(SystemMessage.text(of: errno)).",
            remedy: "see the limits of the daemon (ulimit -a, or its unit)")
    }

    /// A size in /proc/self/status, in bytes: `VmData:` is what RLIMIT_DATA counts of this process now, `VmSize:` what RLIMIT_AS does; 0 where
    /// /proc does not say.
    private static func statusByteCount(_ name: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = line.split(separator: " ").compactMap({ Int($0) }).first
        else { return 0 }
        return kilobytes * 1024
    }
}
