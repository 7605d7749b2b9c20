import EngramReports
import Foundation
import Synchronization

@testable import EngramPipeline

/// Texts in the order in which they came.
final class Log: Sendable {
    private let texts = Mutex<[String]>([])
    var entries: [String] { texts.withLock { $0 } }
    func append(_ text: String) { texts.withLock { $0.append(text) } }
}

/// Runs one small drop again and again, stopping it where a test says.
struct ResumeBench {
    /// What one attempt left.
    struct Attempt {
        var report: DropReport
        /// All files by name.
        var files: [String: [UInt8]]
        /// How often it asked whether it is cancelled: once an epoch or step of analysis.
        var steps: Int
        /// The files in which no seconds and no notes stand.
        var lasting: [String: [UInt8]] {
            files.filter { !["report.json", "report.html", "training.csv"].contains($0.key) }
        }
    }

    let work: TemporaryFolder
    private let input: String
    private let settings: DropSettings
    private let secondsPerStep: Double
    private let threadCount: Int
    private let version: String

    init(
        overrides: [String], secondsPerStep: Double = 0, itemCount: Int = 6, firstByte: UInt8 = 10, threadCount: Int = 1,
        version: String = "test"
    ) throws {
        work = try TemporaryFolder()
        let content: [UInt8] = (0..<itemCount * 4).map { UInt8(truncatingIfNeeded: $0 * $0 * 37 + 10) }
        input = try work.write(
            [0, 0, 8, 3, 0, 0, 0, UInt8(itemCount), 0, 0, 0, 2, 0, 0, 0, 2, firstByte] + content.dropFirst(), "states-idx3-ubyte")
        settings = try PipelineSettings().dropSettings(
            named: "states",
            overrides: ["network.width=6", "recall.starts=2", "report.animation=false", "analysis.recovery=none", "analysis.census=0"]
                + overrides)
        self.secondsPerStep = secondsPerStep
        self.threadCount = threadCount
        self.version = version
    }

    /// One attempt, into a fresh folder.
    /// - Throws: What the processor throws; `CancellationError` where `cancelAtStep` is reached.
    @discardableResult
    func attempt(
        checkpoints: String? = nil, cancelAtStep: Int? = nil, availableMemory: Double? = nil,
        willPerform: @escaping @Sendable (CheckpointFile.Operation) throws -> Void = { _ in }
    ) throws -> Attempt {
        let steps = Counter()
        let secondsPerStep = secondsPerStep
        var processor = DropProcessor(
            settings: settings,
            context: .init(
                dropName: "states", threadCount: threadCount, versions: ["engram": version], command: "engram process states",
                checkpointFolder: checkpoints, monotonicSeconds: { secondsPerStep * Double(steps.value) },
                isCancelled: { steps.increment() == cancelAtStep }))
        processor.willPerformCheckpoint = willPerform
        processor.availableMemory = { availableMemory }
        processor.memoryCapacity = { availableMemory }
        let output = try work.folder("out-\(UUID().uuidString)")
        let report = try processor.process(inputPath: input, into: output)
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: output) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(output)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue { files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: "\(output)/\(name)"))) }
        }
        return Attempt(report: report, files: files, steps: steps.value)
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
