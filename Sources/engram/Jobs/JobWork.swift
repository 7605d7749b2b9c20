import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports
import EngramService
import Glibc

/// What is done with drops of one kind, by a worker or in the foreground. A kind has one type that conforms to this, which is a line of
/// `JobWorks.all`.
protocol JobWork: Sendable {
    /// The kind.
    static var kind: JobKind { get }

    /// Whether a drop of the inbox itself is for this job, by what is in it. It is asked in a worker, behind the fence.
    /// - Throws: What keeps the drop from being read at all.
    static func claims(_ drop: DropContents) throws -> Bool

    /// The work on one drop.
    init(_ order: WorkOrder)

    /// What it reads besides the drop, what lies beside that, its settings and the configuration.
    var readable: [String] { get }

    /// Looks for what is missing, before the fence: behind it nothing but what is granted can be seen.
    /// - Throws: `CommandFailure` about what cannot be done without.
    func prepare() throws

    /// Writes every file of the result but the manifest.
    /// - Returns: What came of it; nil where nothing can be said in general.
    /// - Throws: `CommandFailure`, `CancellationError`, or what settings that cannot be read throw.
    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary?
}

extension JobWork {
    /// None: only its place in the inbox makes a drop one of this job.
    static func claims(_ drop: DropContents) throws -> Bool { false }

    /// Nothing.
    var readable: [String] { [] }

    /// Nothing is missing.
    func prepare() throws {}
}

/// The kinds of jobs that this program does.
enum JobWorks {
    /// One line each. Where several claim a drop, the last one has it.
    static let all: [any JobWork.Type] = [MemorizeWork.self, RecallWork.self, CompleteWork.self, InpaintWork.self, PredictWork.self]

    /// The work on a drop of the inbox itself, which its settings or its content decide; nil where nobody wants it. Its settings are read once.
    static func work(on order: WorkOrder) throws -> (kind: JobKind, work: any JobWork)? {
        let drop = try order.contents()
        var order = order
        order.given = drop.settings
        guard let kind = try kind(of: drop), let work = work(kind, on: order) else { return nil }
        return (kind, work)
    }

    /// The work of a kind on one drop.
    static func work(_ kind: JobKind, on order: WorkOrder) -> (any JobWork)? {
        all.first { $0.kind == kind }.map { $0.init(order) }
    }

    /// What a drop of the inbox itself is for: what its settings say, else what is in it.
    private static func kind(of drop: DropContents) throws -> JobKind? {
        if let named = drop.settings.job.given { return JobKind.kind(named: named.rawValue) }
        return try all.last { try $0.claims(drop) }?.kind
    }
}

/// What is known of a drop to be worked on.
struct WorkOrder: Sendable {
    /// The drop's name.
    var name: String
    /// The source: a file or a folder. To be read only.
    var inputPath: String
    /// The settings that lay beside it.
    var settingsPath: String?
    /// The configuration.
    var configPath: String?
    /// The memory that is asked, by its name; nil for a job that asks none.
    var memoryName: String?
    /// Where memories are.
    var outbox: String?
    /// The memory's folder; nil where it was not found.
    var memoryFolder: String?
    /// An empty folder for the result.
    var outputPath: String
    /// A folder that outlives the attempt; nil in the foreground.
    var checkpointPath: String?
    /// Threads for linear algebra.
    var threadCount: Int
    /// The settings, where they are known already: as a user gave them in the foreground, or once they were read.
    var given: DropSettings?

    /// The drop.
    func input() throws -> DropInput { try DropInput(sourcePath: inputPath, sidecarPath: settingsPath) }

    /// Everything that is said about the drop.
    func settings() throws -> DropSettings { try given ?? input().settings(pipeline: pipeline()) }

    /// The drop, for the jobs to say whether it is theirs.
    func contents() throws -> DropContents { DropContents(path: inputPath, name: name, settings: try settings()) }

    /// Does the work of one job on the drop's content, on the thread for computing.
    /// - Parameters:
    ///   - command: The one that repeats it.
    ///   - work: Writes the result into the given folder.
    func run(
        command: String, interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void,
        _ work: @escaping @Sendable (DropContents, DropProcessor.Context, _ outputPath: String) throws -> JobSummary
    ) async throws -> JobSummary {
        let (drop, outputPath) = (try contents(), outputPath)
        let run = JobRun(
            name: name, threadCount: threadCount, command: command, checkpointFolder: checkpointPath, interruption: interruption)
        return try await run.run(onProgress: onProgress) { context in try work(drop, context, outputPath) }
    }

    /// What lies beside the drop and belongs to it.
    var companionPaths: [String] { DropContents.companions(ofDropAt: inputPath).map { DropContents.folder(of: inputPath) + $0 } }

    /// What `pipeline.yml` says; without one what the program is shipped with.
    private func pipeline() throws -> PipelineSettings {
        try configPath.map { path throws(SettingsError) in try PipelineSettings(path: path) } ?? PipelineSettings()
    }

    /// Tells the daemon how far it is.
    static func report(_ progress: PipelineProgress) {
        StandardStreams.write(ProgressMessage(progress).line + [0x0a], to: STDOUT_FILENO)
    }
}

extension JobKind: ExpressibleByArgument {
    /// The kind of that name.
    package init?(argument: String) {
        guard let kind = JobKind.kind(named: argument) else { return nil }
        self = kind
    }

    /// Their names.
    package static var allValueStrings: [String] { all.map(\.name) }
}
