import ArgumentParser
import EngramDrops
import EngramPipeline
import Glibc

/// What a worker does with drops of one kind. A kind has one type that conforms to this, which is a line of `JobWorks.all`.
protocol JobWork: Sendable {
    /// The kind.
    static var kind: JobKind { get }

    /// The work on one drop.
    init(_ order: WorkOrder)

    /// What it reads besides the drop, its settings and the configuration.
    var readable: [String] { get }

    /// Looks for what is missing, before the fence: behind it nothing but what is granted can be seen.
    /// - Throws: `CommandFailure` about what cannot be done without.
    func prepare() throws

    /// Writes every file of the result but the manifest.
    /// - Throws: `CommandFailure`, `CancellationError`, or what settings that cannot be read throw.
    func run(interruption: Interruption) async throws
}

extension JobWork {
    /// Nothing.
    var readable: [String] { [] }

    /// Nothing is missing.
    func prepare() throws {}
}

/// The kinds of jobs that this program does.
enum JobWorks {
    /// One line each.
    static let all: [any JobWork.Type] = [MemorizeWork.self, RecallWork.self]

    /// The work of a kind on one drop.
    static func work(_ kind: JobKind, on order: WorkOrder) -> (any JobWork)? {
        all.first { $0.kind == kind }.map { $0.init(order) }
    }
}

/// What a worker is told about its drop.
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
    /// A folder that outlives the attempt.
    var checkpointPath: String
    /// Threads for linear algebra.
    var threadCount: Int

    /// The drop.
    func input() throws -> DropInput { try DropInput(sourcePath: inputPath, sidecarPath: settingsPath) }

    /// What `pipeline.yml` says; without one what the program is shipped with.
    func pipeline() throws -> PipelineSettings {
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
        guard let kind = JobKind.all.first(where: { $0.name == argument }) else { return nil }
        self = kind
    }

    /// Their names.
    package static var allValueStrings: [String] { all.map(\.name) }
}
