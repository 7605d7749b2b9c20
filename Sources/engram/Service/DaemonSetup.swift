import EngramDrops
import EngramMemories
import EngramPipeline
import Foundation

/// Everything that a daemon derives from one reading of its configuration.
struct DaemonSetup: Sendable {
    /// What the file says.
    let pipeline: PipelineSettings
    /// When what happens.
    let schedule: Schedule
    /// For the scheduler.
    let settings: DropSchedulerSettings
    /// How workers are started.
    let worker: WorkerCommand
    /// Threads of each worker.
    let threadCount: Int
    /// What the kernel lacks to fence workers off wholly, where that is wanted and can be done without.
    let missingConfinement: String?
    /// Operators' programs.
    let hooks: HookRunner.Commands
    /// Where memories are.
    private let outbox: String

    /// Reads the file; nothing runs or changes but the copy of the configuration that workers read.
    /// - Parameters:
    ///   - configuration: Where the file is.
    ///   - folders: The prepared folders, which are those of the start whatever the file says now.
    ///   - once: A single pass over the inbox.
    ///   - retryFor: How long a single pass waits for a next attempt, seconds.
    init(configuration: ConfigurationOption, folders: DropFolders, once: Bool, retryFor: Int = 0) throws {
        let file = try configuration.file()
        outbox = folders.outbox
        pipeline = try configuration.load(file)
        schedule = try ScheduleOptions.schedule(pipeline.schedule)
        hooks = ScheduleOptions.hooks(pipeline.service.hooks)
        let threads =
            pipeline.threads.given ?? ProcessorCount.threadsPerJob(jobCount: pipeline.jobs, available: ProcessorCount.available())
        threadCount = threads
        let memory = MemoryAvailability()
        let limits = WorkerLimits(pipeline, threadCount: threads, memory: memory)
        let support = SandboxSupport.ofThisKernel()
        if limits.sandbox == .require, !support.isWhole { throw WorkerConfinement.missing(support) }
        missingConfinement = limits.sandbox == .auto && !support.isWhole ? "\(support)" : nil
        var worker = WorkerCommand(executable: try Program.executablePath(), environment: Self.environment(threadCount: threads)) {
            [pipeline, folders] job in
            // The copy of the configuration that this drop is trained by, which may be older than the present one.
            let kept = job.configPath.flatMap { try? PipelineSettings(path: $0) } ?? pipeline
            // A memory that is not found is looked for again by the worker, which says what is wrong.
            let memory = job.job.memory.flatMap { try? MemoryLookup(outbox: folders.outbox).folder(named: $0) }
            let own = job.grant.map { SlurmPlacement.limits(limits, grant: $0, pipeline) } ?? limits
            return WorkerArguments.arguments(
                for: job, threadCount: job.grant?.threadCount ?? threads, limits: own, outbox: folders.outbox, memoryFolder: memory,
                readable: WorkerArguments.readablePaths(forDropNamed: job.name, kept))
        }
        worker.threadCountLimit = limits.threadCount
        worker.place = { [pipeline] in SlurmPlacement.place(forDropNamed: $0, pipeline, threadCount: threads) }
        worker.remoteEnvironment = { SlurmPlacement.environment(threadCount: $0) }
        self.worker = worker
        var settings = DropSchedulerSettings(
            jobs: pipeline.jobs, drainSeconds: pipeline.service.stopTimeout / .seconds(1),
            settle: SettleRule(settleSeconds: pipeline.settle / .seconds(1), isSinglePass: once),
            configPath: try Self.keptConfiguration(file, in: folders), versions: Program.versions)
        settings.workerSeconds = pipeline.worker.wallTime / .seconds(1)
        settings.workerLimits = limits.texts(wallSeconds: settings.workerSeconds)
        IntakeOptions.apply(pipeline.intake, to: &settings)
        settings.retryPatienceSeconds = Double(retryFor)
        let guarded = FileSystem().guarding(folders.guarded)
        settings.admission.estimate = { [pipeline] path, byteCount, settingsPath in
            // A drop whose settings cannot be read is rejected by its worker, which takes no room.
            guard let own = Self.settings(ofDropAt: path, sidecarPath: settingsPath, pipeline, files: guarded) else { return byteCount }
            return RoomEstimate.byteCount(
                sourcePath: path, byteCount: byteCount, settings: own, memoryByteCount: memory.capacityByteCount, files: guarded)
        }
        settings.largestFileByteCount = { [pipeline] name in
            // As the operator has it for drops of that name: what a drop says of itself counts once its bytes may be read.
            (try? pipeline.dropSettings(named: name)).map { Int64($0.limits.maxFileByteCount) } ?? .max
        }
        settings.schedule = schedule.jobs.isEmpty ? nil : schedule
        self.settings = settings
    }

    /// A hash of everything that decides what becomes of a drop besides its bytes: what the settings say, and for a cue the memory.
    var fingerprint: @Sendable (_ inputPath: String, _ settingsPath: String?, _ job: DropJob) -> String? {
        { [pipeline, outbox] inputPath, settingsPath, job in
            // A drop whose settings cannot be read has no fingerprint; its worker says what is wrong with them.
            let own = Self.settings(ofDropAt: inputPath, sidecarPath: settingsPath, pipeline, files: FileSystem())
                .map(SettingsFingerprint.of)
            guard let name = job.memory else { return own }
            // Nor has a cue whose memory is not there: the next one of that name is another.
            guard let own, let folder = try? MemoryLookup(outbox: outbox).folder(named: name),
                let manifest = try? ResultManifest.read(from: folder)
            else { return nil }
            // What answers come from; a report holds times, which say nothing.
            let parts = manifest.files.filter { MemoryFiles.areAnswersFrom($0.relativePath) }.map { "\($0.sha256) \($0.relativePath)" }
            return SHA256.hash("\(job.name)\n\(own)\n\(parts.joined(separator: "\n"))".utf8)
        }
    }

    /// What is said about one drop; nil where that cannot be read.
    private static func settings(
        ofDropAt path: String, sidecarPath: String?, _ pipeline: PipelineSettings, files: FileSystem
    ) -> DropSettings? {
        try? DropInput(sourcePath: path, sidecarPath: sidecarPath, files: files).settings(pipeline: pipeline)
    }

    /// What the daemon's children get: the library makes its threads when it is loaded, and not more than will be used. What a service
    /// manager says to the daemon is for the daemon alone.
    static func environment(threadCount: Int) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { environment[name] = nil }
        return environment.merging(["OPENBLAS_NUM_THREADS": "\(threadCount)"]) { _, own in own }
    }

    /// Keeps the configuration as it is now, under a name made of its contents: workers read this copy, so that a drop is trained with the
    /// settings that its fingerprint says.
    private static func keptConfiguration(_ file: SettingsFile, in folders: DropFolders) throws -> String {
        let text = Array(file.text.utf8)
        let path = folders.configurationPath(hash: SHA256.hash(text))
        let files = FileSystem()
        if try files.facts(of: path) == nil { try files.write(text, to: path) }
        return path
    }
}
