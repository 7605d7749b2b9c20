import EngramReports
import EngramSystem
import Foundation

@testable import EngramPipeline

/// A folder to work on labelled drops in.
struct PredictWork {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let quick = ["predict.folds=2", "predict.rounds=1"]

    func context(
        checkpoints: String? = nil, onProgress: @escaping @Sendable (PipelineProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) -> DropProcessor.Context {
        DropProcessor.Context(
            dropName: "drop", threadCount: 1, versions: ["engram": "test"], command: "engram process drop",
            checkpointFolder: checkpoints.map { folder.path + "/" + $0 }, monotonicSeconds: { 0 }, onProgress: onProgress,
            isCancelled: isCancelled)
    }

    func contents(_ path: String, _ overrides: [String] = []) throws -> DropContents {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return DropContents(
            path: path, name: name, settings: try PipelineSettings().dropSettings(named: name, overrides: Self.quick + overrides))
    }

    func process(
        _ path: String, _ overrides: [String] = [], into output: String = "out", context: DropProcessor.Context? = nil
    ) throws -> PredictReport {
        let drop = try contents(path, overrides)
        return try PredictJob(settings: drop.settings, context: context ?? self.context()).run(drop, into: try folder.folder(output))
    }

    func write(_ text: String, _ name: String) throws -> String { try folder.write(Array(text.utf8), name) }

    func lines(_ name: String) throws -> [[String]] {
        String(decoding: try folder.bytes(name), as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    func ask(_ question: String, of result: String, into output: String) throws -> PredictAnswerReport {
        let place = folder.path + "/" + result
        let files = MemoryFiles(
            folder: place,
            read: { path throws(Failure) in
                guard let data = FileManager.default.contents(atPath: place + "/" + path) else {
                    throw Failure(memory: path, expected: "a file", found: "none", remedy: "none")
                }
                return Array(data)
            })
        return try AskPredictorJob(settings: DropSettings(), context: context())
            .run(question, model: files, into: try folder.folder(output))
    }
}
