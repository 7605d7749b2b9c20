@testable import EngramDrops
import EngramService
import EngramDynamics
import EngramKernels
@testable import EngramMemories
@testable import EngramNetworks
import EngramNumerics
@testable import EngramPipeline
import EngramReports
import EngramSystem
import Foundation
import Synchronization
@testable import engram

extension FuzzTarget {
    private static func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

    // MARK: Settings

    private static let settingsWords: [[UInt8]] =
        (DropSettings.schema.fields.map { $0.name + ": " } + DropSettings.schema.sections.map { $0.name + ":\n  " } + [
            "&a ", "*a", "<<: ", "!!binary ", "!!float ", "? ", "- ", "|\n ", ">\n ", "\"", "'", "{", "}", "[", "]", ", ", "auto", "true",
            "1e999",
            "-1", "0x10", ".inf", ".nan", "~", "---\n", "...\n", "%YAML 1.1\n", "# ", "\u{FEFF}", "\u{85}", "5m", "1h30m",
        ]).map { Array($0.utf8) }

    private static func dropSettings(_ bytes: [UInt8]) throws -> Bool {
        guard let text = text(bytes) else { return false }
        let settings: DropSettings
        do throws(SettingsError) {
            settings = try PipelineSettings().dropSettings(named: "drop", dropFile: SettingsFile(source: "drop.yml", text: text))
        } catch {
            try require(error.description.hasPrefix("drop.yml"), "a message without its place: \(error)")
            return false
        }
        let again = try PipelineSettings().dropSettings(named: "x", dropFile: SettingsFile(source: "again", text: settings.yaml))
        try require(again == settings, "settings that read back otherwise")
        return true
    }

    private static func pipelineSettings(_ bytes: [UInt8]) throws -> Bool {
        guard let text = text(bytes) else { return false }
        let pipeline: PipelineSettings
        do throws(SettingsError) {
            pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: text))
        } catch {
            try require(error.description.hasPrefix("pipeline.yml"), "a message without its place: \(error)")
            return false
        }
        _ = try? pipeline.dropSettings(named: "speech.wav")
        return true
    }

    // MARK: Files that engram writes and reads

    private static func network(_ bytes: [UInt8]) throws -> Bool {
        let (decoded, file): (any StoredMap, Safetensors)
        do throws(SafetensorsError) {
            decoded = try MapRegistry.map(decoding: bytes)
            file = try Safetensors(decoding: bytes)
        } catch {
            try require(!error.description.isEmpty, "no message")
            return false
        }
        let written = decoded.encoded(metadata: file.metadata)
        let again = try MapRegistry.map(decoding: written)
        try require(again.encoded(metadata: file.metadata) == written, "a map that reads back otherwise")
        try require(again as? FullyConnectedNetwork<Float> == decoded as? FullyConnectedNetwork<Float>, "another network")
        // What was accepted can be asked.
        let output = decoded.iterable().outputs(of: Matrix(rowCount: 1, columnCount: decoded.inputDimension, repeating: 0.5))
        try require(output.columnCount == decoded.outputDimension, "\(output.columnCount) outputs")
        return true
    }

    private static func tensors(_ bytes: [UInt8]) throws -> Bool {
        let file: Safetensors
        do throws(SafetensorsError) { file = try Safetensors(decoding: bytes) } catch {
            try require(!error.description.isEmpty, "no message")
            return false
        }
        try require(try Safetensors(decoding: file.encoded()) == file, "tensors that read back otherwise")
        return true
    }

    /// A stored model of labels.
    private static func predictor(_ bytes: [UInt8]) throws -> Bool {
        let stored: StoredPredictor
        do throws(Failure) { stored = try StoredPredictor(decoding: bytes, file: "model") } catch {
            try require(error.code == "damaged-model" && !error.message.isEmpty, "another failure: \(error.code)")
            return false
        }
        // What was accepted can be asked.
        let rows = Matrix<Double>(rowCount: 2, columnCount: stored.description.encoding.width, repeating: 0.5)
        do {
            let outputs = try stored.predictor.outputs(at: rows)
            try require(
                outputs.rowCount == 2 && outputs.columnCount == max(stored.description.classes.count, 1), "\(outputs.columnCount) outputs")
            _ = try stored.predictor.geometry(of: rows)
        } catch let finding as FuzzFinding {
            throw finding
        } catch {
            try require(!"\(error)".isEmpty, "no message")
        }
        return true
    }

    private static func predictorCorpus() throws -> [[UInt8]] {
        let examples = Matrix<Double>(rows: [[0, 1], [1, 0.5], [0.25, 0.75], [1, 1]])
        let target = PredictionTarget.classes([0, 1, 0, 1], names: ["a", "b"])
        let rows = LearnableRows(rows: examples, target: target, indices: [0, 1, 2, 3])
        let encoding = ExampleEncoding(
            .table([
                .numbers(name: "x", kind: .number, [0, 1, 2, 3]),
                .numbers(name: "when", kind: .date, [1, 5, 6, 9], dateOrder: "year-month-day"),
            ]),
            rows: [0, 1, 2, 3])
        var settings = DropSettings()
        (settings.network.width, settings.network.depth, settings.training.epochs) = (.value(3), .value(1), 2)
        let search = ModelSearch(settings, onStep: {})
        let choices: [ModelSearch.Choice] = [
            .init(model: .laplace), .init(model: .features, machine: .init(roundCount: 1, scaling: .unitTrace)),
            .init(model: .deep, dimension: 2), .init(model: .network),
        ]
        return try choices.map { choice in
            let description = StoredPredictor.Description(
                targetName: "class", classes: ["a", "b"], encoding: encoding, offset: 0, scale: 1, sharpness: 2,
                exampleNames: ["1", "2", "3", "4"])
            return try StoredPredictor(
                description: description, model: choice.model, predictor: search.fitted(choice, to: rows), examples: examples
            ).encoded()
        }
    }

    private struct ReadOnlyStorage: CheckpointStorage {
        var bytes: [UInt8]
        func read(kind: String) -> [UInt8]? { bytes }
        func write(_ parts: [[UInt8]]) {}
        func setAside() -> Bool { true }
        let nameAside = "aside"
        func removeLeftovers() {}
    }

    private final class KeptBytes: CheckpointStorage {
        private let kept = Mutex([UInt8]())
        var bytes: [UInt8] { kept.withLock { $0 } }
        func read(kind: String) -> [UInt8]? { nil }
        func write(_ parts: [[UInt8]]) { kept.withLock { $0 = parts.flatMap { $0 } } }
        func setAside() -> Bool { true }
        let nameAside = "aside"
        func removeLeftovers() {}
    }

    private static func predictCheckpoint(_ bytes: [UInt8]) throws -> Bool {
        let found = PredictCheckpoint(storage: ReadOnlyStorage(bytes: bytes), identity: ["settings"])
        try require(found.notes.isEmpty || found.folds.isEmpty && found.start == nil, "a part of a checkpoint that was refused")
        return found.notes.isEmpty
    }

    private static func predictCheckpointCorpus() -> [[UInt8]] {
        let storage = KeptBytes()
        let checkpoint = PredictCheckpoint(storage: storage, identity: ["settings"])
        var fold = CrossValidation.Fold()
        (fold.rows, fold.predictions, fold.margins, fold.scores) = ([3, 1], [0, 1], [0.5, 0.25], [1, 0, 0, 1])
        (fold.rounds, fold.deep, fold.choice) = ([0.5], 0.75, "laplace")
        checkpoint.keep(folds: [fold])
        checkpoint.keep(start: .init(round: 1, metric: .identity(2)))
        return [storage.bytes]
    }

    private static func training() throws -> FastTraining {
        let values = (0..<24).map { Float($0 * $0 % 17) / 17 }
        return try FastTraining(
            samples: Matrix(rowCount: 4, columnCount: 6, elements: values), task: .sequences([0..<4]),
            settings: .init(depth: 1, width: 3, activation: .selu, conditioning: 1, maximumNoise: 0.1, learningRate: 1e-3, seed: 3))
    }

    private static func checkpoint(_ bytes: [UInt8]) throws -> Bool {
        var training = try training()
        let before = training.encodeCheckpoint()
        do throws(CheckpointError) { try training.restore(bytes[...]) } catch {
            try require(training.encodeCheckpoint() == before, "a training that a refused checkpoint has changed")
            return false
        }
        // What was restored is what the bytes say, and nothing else.
        try require(training.encodeCheckpoint() == bytes, "a checkpoint that is written back otherwise")
        return true
    }

    private static func record(_ bytes: [UInt8]) throws -> Bool {
        do throws(CheckpointError) {
            var (reader, _) = try CheckpointReader.open(bytes[...], kind: "ENGRAM-R", version: 1)
            _ = try TrainingRecord(from: &reader)
            try reader.finish()
            return true
        } catch { return false }
    }

    private static func recordCorpus() -> [[UInt8]] {
        var record = TrainingRecord()
        record.notes = ["one", "two"]
        record.losses = (0..<3).map { .init(epoch: $0, mse: 0.5, learningRate: nil, seconds: 1, phase: "train") }
        var writer = CheckpointWriter(kind: "ENGRAM-R", version: 1)
        record.append(to: &writer)
        return [writer.sealed()]
    }

    private static func json(_ bytes: [UInt8]) throws -> Bool {
        let value: JSONValue
        do throws(DropError) { value = try JSONValue.parse(bytes, path: "f") } catch {
            try require(!error.isRetryable, "bytes blamed on the system: \(error)")
            return false
        }
        try require(try JSONValue.parse(value.encoded(), path: "again") == value, "JSON that reads back otherwise")
        return true
    }

    private static let jsonCorpus: [[UInt8]] = [
        #"{"a":[1,-2.5e-3,true,false,null],"b":{"c":"\u00e9\ud83d\ude00\n\"\\"},"d":""}"#, "[[[[[[[[]]]]]]]]", "9223372036854775807",
        "\"x\"",
    ].map { Array($0.utf8) }

    private static func manifest(_ bytes: [UInt8]) throws -> Bool {
        let folder = "/tmp/engram-fuzz-\(pthread_self())-manifest"
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/" + ResultManifest.fileName
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { throw FuzzFinding(description: "no \(path)") }
        do throws(DropError) {
            let manifest = try ResultManifest.read(from: folder)
            _ = manifest.json.encoded()
            _ = try ManifestVerifier().findings(in: folder)
            return true
        } catch { return false }
    }

    private static let manifestCorpus: [[UInt8]] = [
        ResultManifest(
            origin: .init(
                name: "a", contentSHA256: String(repeating: "0", count: 64), settingsSHA256: nil,
                inputs: [.init(relativePath: "a", byteCount: 3, sha256: String(repeating: "1", count: 64))], versions: ["engram": "1"]),
            files: [.init(relativePath: "r/x", byteCount: 9, sha256: String(repeating: "2", count: 64))]
        ).json.encoded()
    ]

    // MARK: What the daemon itself reads of others

    /// A worker is not trusted, and the daemon shows what it says.
    private static func progress(_ bytes: [UInt8]) throws -> Bool {
        var splitter = LineSplitter()
        var isRead = false
        for line in splitter.add((bytes + [0x0A])[...]) {
            guard let message = ProgressMessage(line: line) else { continue }
            isRead = true
            for text in [ProgressText.summary(message), ProgressText.line(name: "f", progress: message, width: 80)] {
                try require(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "control characters on a terminal")
            }
        }
        return isRead
    }

    private static let progressCorpus: [[UInt8]] = [
        #"{"detail":"d","elapsed_seconds":1.5,"epoch":3,"fraction":0.5,"loss":1e-7,"planned_epochs":9,"remaining_seconds":2,"stage":"train"}"#,
        #"{"detail":"","elapsed_seconds":0,"stage":"decode","fraction":1}"#,
    ].map { Array($0.utf8) }

    private static let safetensorsWords: [[UInt8]] = [
        "\"F32\"", "\"F64\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "9223372036854775807", "\\ud800", "[", "]", "{", "}",
    ].map { Array($0.utf8) }

    /// Readers of text and of engram's own files.
    static let files: [FuzzTarget] = [
        FuzzTarget(
            name: "drop-settings",
            corpus: { [Array(DropSettings().yaml.utf8), Array("seed: &a 5\nnetwork: {depth: 3, width: auto}\n".utf8)] },
            words: settingsWords, execute: dropSettings),
        FuzzTarget(
            name: "pipeline-settings",
            corpus: {
                [
                    Array(PipelineSettings.template.utf8),
                    Array("jobs: 2\nworker: {memory: auto}\nrules:\n  - match: \"*.wav\"\n    set: {seed: 4}\n".utf8),
                ]
            }, words: settingsWords, execute: pipelineSettings),
        FuzzTarget(
            name: "safetensors",
            corpus: {
                var network = FullyConnectedNetwork<Float>(widths: [3, 4, 2], activation: .relu)
                network.layers[0].biases = [1, 2, 3, 4]
                return [network.encoded(metadata: ["note": "\u{e9}\"\\"])]
            },
            words: safetensorsWords, repair: FuzzRepair.safetensors, execute: network),
        FuzzTarget(
            name: "kernel-memory",
            corpus: {
                let items = Matrix<Float>(rows: [[0, 0.5, 1], [1, 0.25, 0]])
                let lifted = KernelMachine(lifting: items, successors: [1, 0])
                let centred = KernelMachine(centring: items, successors: [0, 1])
                return [
                    try lifted.solved(by: GaussianKernel(bandwidth: 0.5), rows: .normalized, norm: 1).encoded(),
                    try centred.solved(by: FullyConnectedKernel.erfSigmoid(inputCount: 3), rows: .plain, norm: 30).encoded(),
                ]
            },
            words: safetensorsWords
                + ["kernel", "depth", "norm", "-1", "nan", "inf", "1e308", "laplace", "ntk", "normalized"].map { Array($0.utf8) },
            repair: FuzzRepair.safetensors, execute: network),
        FuzzTarget(
            name: "unet-memory",
            corpus: {
                UNetShape.Upsampling.allCases.map { upsampling in
                    let levels: [UNetShape.Level] = [
                        .init(channelCount: 2, stride: 2, kernelSize: 3, decoderChannelCount: 1),
                        .init(channelCount: 3, stride: 2, kernelSize: 3, decoderChannelCount: 2),
                    ]
                    let shape = UNetShape(
                        raster: Raster(height: 4, width: 3), levels: levels, upsampling: upsampling, hasSkips: true, activation: .selu)
                    return UNet<Float>(shape: shape).encoded()
                }
            },
            words: safetensorsWords
                + ["strides", "height", "width", "2 2", "4096", "-1", "nan", "bilinear", "subpixel", "skip.1.weight"].map { Array($0.utf8) },
            repair: FuzzRepair.safetensors, execute: network),
        FuzzTarget(
            name: "tensors",
            corpus: {
                let matrix = Matrix(rows: [[1, -2.5e-300, .pi], [0, -0.0, 1e300]])
                let file = Safetensors(
                    tensors: [
                        .init(name: "centres", matrix: matrix), .init(name: "scale", shape: [], values: .float64([.ulpOfOne])),
                        .init(name: "biases", vector: [1, 2, 3] as [Float]),
                    ], metadata: ["kernel": "laplace", "\u{1}": "\u{e9}"])
                return [file.encoded()]
            },
            words: safetensorsWords, repair: FuzzRepair.safetensors, execute: tensors),
        FuzzTarget(
            name: "checkpoint",
            corpus: {
                guard let bytes = try training().encodeCheckpoint() else { throw FuzzFinding(description: "no checkpoint") }
                return [bytes]
            }, repair: FuzzRepair.checkpoint, execute: checkpoint),
        FuzzTarget(
            name: "predictor", corpus: predictorCorpus,
            words: safetensorsWords
                + ["laplace", "features", "deep", "network", "levels", "scale", "1e308", "-1", "sharpness"].map { Array($0.utf8) },
            repair: FuzzRepair.safetensors, execute: predictor),
        FuzzTarget(
            name: "predict-checkpoint", corpus: predictCheckpointCorpus, repair: FuzzRepair.checkpoint, execute: predictCheckpoint),
        FuzzTarget(name: "checkpoint-record", corpus: recordCorpus, repair: FuzzRepair.checkpoint, execute: record),
        FuzzTarget(
            name: "json", corpus: { jsonCorpus }, words: ["\\u", "\\ud83d", "1e400", "-0", "[", "{\"a\":"].map { Array($0.utf8) },
            execute: json),
        FuzzTarget(
            name: "manifest", corpus: { manifestCorpus }, words: ["../", "/etc/passwd", "\"\"", "-1"].map { Array($0.utf8) },
            execute: manifest),
        FuzzTarget(
            name: "progress", corpus: { progressCorpus },
            words: ["1e308", "-1e308", "9223372036854775807", "\\u001b[2J", "5e-324"].map { Array($0.utf8) },
            execute: progress),
    ]
}
