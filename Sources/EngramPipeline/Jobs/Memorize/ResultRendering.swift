internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// Writes everything that a result folder holds, but its manifest.
struct ResultRendering {
    let settings: DropSettings
    let context: DropProcessor.Context
    let drop: DecodedDrop
    let learned: LearnedMemory
    let basins: BasinAnalysis
    let decodeSeconds: Double
    /// When the drop was begun, on the context's clock.
    let began: Double

    var analysis: Verification { learned.verification }

    /// Frames a second of animations: that of film.
    static let framesPerSecond = 24.0
    /// Animations inside the report stop here; `from-noise.apng` has every frame.
    static let embeddedFrameCount = 160

    func write(into folder: String) throws -> DropReport {
        let beganRendering = context.monotonicSeconds()
        let reporter = ShareReporter(.render, context: context, since: beganRendering, costs: Self.costs(settings, drop))
        func tell(_ part: Part) throws { try reporter.tell(0, part: part.rawValue, "writing " + part.text) }
        try tell(.recovered)
        let recalled = RecalledMedia(analysis: analysis, drop: drop)
        var playable = try writeRecovered(recalled.values, into: folder + "/recovered")
        try tell(.network)
        try write(
            learned.memory.stored.encoded(metadata: ["name": context.dropName, "dimension": "\(drop.set.examples.columnCount)"]),
            to: folder + "/network.safetensors")
        try write(Array(resolvedSettings.yaml.utf8), to: folder + "/settings.yml")

        try tell(.pictures)
        var content = ReportContent(
            report: report(seconds: .init()), loss: lossRows, eigenvalues: eigenvalueRows(),
            leadingModuli: leadingModuli, spuriousPictures: try spuriousPictures { try write($0, to: folder + "/" + $1) },
            examples: exampleVerdicts(recalled),
            pictures: try pictures(recalled), waveforms: waveforms(recalled), facts: facts(recalled),
            command: context.command)
        try tell(.animation)
        if settings.report.animation {
            content.showcase = try showcase(writingTo: folder + "/from-noise.apng", fromNoise: true)
            // A damaged frame of a cycle is on its way in a step or two; there is little to see.
            if drop.set.task.isAutoencoder {
                content.cueShowcase = try showcase(writingTo: folder + "/from-cue.apng", fromNoise: false)
            }
        }
        try tell(.films)
        if settings.report.animation { playable += try writeFilms(recalled.values, into: folder) }
        content.tokens = tokens?.rows ?? []
        content.report.playable = playable.isEmpty ? nil : playable
        try tell(.report)
        let now = context.monotonicSeconds()
        content.report.seconds = .init(
            decode: decodeSeconds, train: learned.trainSeconds, analyse: learned.analyseSeconds + basins.seconds,
            render: now - beganRendering,
            total: now - began)
        content.report.outcome = content.outcome
        for file in try content.files() { try write(Array(file.bytes), to: folder + "/" + file.name) }
        return content.report
    }

    /// What is written, in this order.
    private enum Part: Int, CaseIterable {
        case recovered, network, pictures, animation, films, report

        var text: String {
            switch self {
            case .recovered: "what came back"
            case .network: "the network"
            case .pictures: "pictures of the report"
            case .animation: "the way from noise"
            case .films: "films"
            case .report: "the report"
            }
        }
    }

    /// About what each part costs, in values that are compressed.
    private static func costs(_ settings: DropSettings, _ drop: DecodedDrop) -> [Double] {
        let (n, d) = (Double(drop.set.task.count), Double(drop.media.dimension))
        let isAnimated = settings.report.animation && drop.media.previewFormat != nil
        let frames = isAnimated ? min(n, Double(embeddedFrameCount)) * 4 * d : 0
        let films = isAnimated && !drop.set.task.isAutoencoder ? n * d : 0
        return [2 * n * d, n * d / 2, 2 * min(n, 1000) * d, 1.5 * frames, 2 * films, n * 2000]
    }

    /// Every sequence of pictures as an animation: `recovered.apng`, numbered where there are several.
    private func writeFilms(_ values: Matrix<Double>, into folder: String) throws -> [DropReport.Playable] {
        let cycles = drop.set.task.cycles
        guard drop.media.previewFormat != nil else { return [] }
        return try cycles.enumerated().compactMap { index, cycle in
            let frames = cycle.map { (values: values.row($0), seconds: 1 / Self.framesPerSecond) }
            guard frames.count > 1, let bytes = try drop.media.animation(frames) else { return nil }
            let name = cycles.count == 1 ? "recovered.apng" : "recovered-\(index + 1).apng"
            try write(bytes, to: folder + "/" + name)
            return .init(path: name, kind: .animation, name: cycles.count == 1 ? context.dropName : drop.cycleName(index))
        }
    }

    /// Returns what can be played or read of it as it is.
    private func writeRecovered(_ values: Matrix<Double>, into folder: String) throws -> [DropReport.Playable] {
        let files = try MediaWriter.files(
            values: values.fileValues, like: drop.media)
        for file in files { try write(file.bytes, to: folder + "/" + file.name) }
        let kind = drop.media.format.kind
        return files.compactMap { file in
            if drop.media.format.audio != nil { return .init(path: "recovered/" + file.name, kind: .audio, name: file.name) }
            return kind.excerpt(of: file).map { .init(path: "recovered/" + file.name, kind: .text, name: file.name, excerpt: $0) }
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try ResultFile.write(bytes, to: path)
    }

    /// The settings with every `auto` replaced by what was used, so that they repeat the run.
    private var resolvedSettings: DropSettings {
        var resolved = settings
        resolved.memory = learned.resolvedSettings
        resolved.kind = .value(drop.set.task.isAutoencoder ? .autoencoder : .sequence)
        return resolved
    }

    /// The loss curve as reports hold it.
    private var lossRows: [LossRow] {
        learned.losses.map {
            LossRow(epoch: $0.epoch, mse: $0.mse, learningRate: $0.learningRate, seconds: $0.seconds, phase: $0.phase)
        }
    }

    /// `from-noise.apng` or `from-cue.apng`, and a shortened copy beside the stored frames for the report; nil where samples are no pictures.
    private func showcase(writingTo path: String, fromNoise: Bool) throws -> Showcase? {
        guard drop.media.previewFormat != nil else { return nil }
        let frames = NoiseAnimation(
            analysis: analysis, map: learned.memory.map, task: drop.set.task, framesPerSecond: Self.framesPerSecond,
            fromNoise: fromNoise
        ).frames
        guard let whole = try drop.media.animation(frames.map { (drop.set.sample(of: $0.values), $0.seconds) }) else { return nil }
        try write(whole, to: path)
        let embedded = frames.prefix(Self.embeddedFrameCount)
        let stored = embedded.map { (drop.media.row($0.example).map(Double.init), $0.seconds) }
        guard let last = embedded.last, let still = drop.media.preview(of: drop.set.sample(of: last.values).map { Float($0) }),
            let original = try drop.media.animation(stored),
            let short = frames.count > embedded.count
                ? try drop.media.animation(embedded.map { (drop.set.sample(of: $0.values), $0.seconds) }) : whole
        else { return nil }
        let name = fromNoise ? "from-noise.apng" : "from-cue.apng"
        let way = fromNoise ? "from pure noise" : "from corrupted copies"
        let shortened =
            frames.count > embedded.count ? " The first \(embedded.count) of \(frames.count) frames; \(name) has all." : ""
        return Showcase(
            animation: short, caption: "Iterating the network \(way).\(shortened)", original: original,
            originalCaption: drop.set.task.isAutoencoder ? "The stored example it leads to." : "The stored sequence, in step.",
            still: try still.png())
    }
}
