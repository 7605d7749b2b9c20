internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Synchronization

/// One repetition under way: options resolved, data at hand, progress told.
final class ExperimentRun: Sendable {
    let published: PublishedExperiment
    let options: ExperimentOptions
    let context: ExperimentContext
    let data: ExperimentData
    /// Share of the published work, in (0, 1].
    let scale: Double
    /// Most epochs of one training.
    let epochLimit: Int

    private let began: Double
    private let meter = Mutex(Meter())

    private struct Meter {
        var totalWork = 1.0
        var finishedWork = 0.0
        var pieceWork = 0.0
        var pieceName = ""
        var lastReport = -Double.infinity
    }

    /// The published bound where a table says NA, and of every training here.
    static let publishedEpochLimit = 1_000_000

    init(
        experiment: some Experiment, published: PublishedExperiment, options: ExperimentOptions, context: ExperimentContext
    ) throws(ExperimentError) {
        let scale = options.scale ?? experiment.defaultScale
        guard scale.isFinite, scale > 0, scale <= 1 else {
            throw .invalidOption(name: "--scale", expected: "a share above 0 and at most 1", found: "\(scale)")
        }
        if let epochs = options.epochs, !(1...Self.publishedEpochLimit).contains(epochs) {
            throw .invalidOption(name: "--epochs", expected: "1 to \(Self.publishedEpochLimit)", found: "\(epochs)")
        }
        guard (1...Self.publishedEpochLimit).contains(options.fastEpochs) else {
            throw .invalidOption(name: "--fast-epochs", expected: "1 to \(Self.publishedEpochLimit)", found: "\(options.fastEpochs)")
        }
        guard options.presets != .kernel || experiment.hasKernel else {
            throw .invalidOption(name: "--preset", expected: "paper, fast or both, as '\(experiment.name)' has no kernel", found: "kernel")
        }
        guard !options.isCensus || experiment.hasCensus else {
            throw .invalidOption(name: "--census", expected: "an experiment with a census: fig2", found: "'\(experiment.name)'")
        }
        guard options.seed >= 0 else { throw .invalidOption(name: "--seed", expected: "0 or more", found: "\(options.seed)") }
        self.published = published
        self.options = options
        self.context = context
        self.scale = scale
        let proportional = Double(experiment.defaultEpochs) * scale / experiment.defaultScale
        epochLimit =
            options.epochs
            ?? (scale == 1 ? Self.publishedEpochLimit : min(max(Int(saturating: proportional), 100), Self.publishedEpochLimit))
        data = ExperimentData(folder: options.dataFolder ?? ExperimentData.shippedFolder)
        began = context.monotonicSeconds()
    }

    /// Since the start.
    var elapsedSeconds: Double { context.monotonicSeconds() - began }

    /// A generator of its own for each use, so that one more draw in one place changes nothing elsewhere.
    func generator(_ stream: UInt64) -> CounterBasedGenerator { CounterBasedGenerator(seed: UInt64(options.seed), stream: stream) }

    /// `count` in proportion to the scale, at least `least`.
    func scaled(_ count: Int, atLeast least: Int) -> Int { max(min(least, count), Int(saturating: (scale * Double(count)).rounded())) }

    /// How the paper did it.
    var publishedSettings: [ExperimentReport.Setting] {
        let setting = published.setting
        return [
            .init("Published network", setting.network), .init("Published data", setting.data),
            .init("Published initialization", setting.initialization), .init("Published optimizer", setting.optimizer),
            .init("Published stop", setting.stop), .init("Published seed", setting.seed), .init("Source of these", setting.source),
        ]
    }

    /// Says how much work there is in all, in units of the experiment's own.
    func plan(totalWork: Double) { meter.withLock { $0.totalWork = max(totalWork, .leastNormalMagnitude) } }

    /// Does one piece of the planned work.
    func piece<Result>(_ name: String, work: Double, _ body: () throws -> Result) throws -> Result {
        meter.withLock { ($0.pieceName, $0.pieceWork) = (name, work) }
        try step(0, "")
        let result = try body()
        meter.withLock { meter in
            meter.finishedWork += work
            meter.pieceWork = 0
        }
        return result
    }

    /// Tells how far the piece is, and ends the run when asked to.
    func step(_ fraction: Double, _ detail: String, epoch: Int? = nil, loss: Double? = nil) throws {
        if context.isCancelled() { throw CancellationError() }
        tell(fraction, detail, epoch: epoch, loss: loss)
    }

    /// Tells how far the piece is, four times a second at most.
    func tell(_ fraction: Double, _ detail: String, epoch: Int? = nil, loss: Double? = nil) {
        let elapsed = elapsedSeconds
        let progress: ExperimentContext.Progress? = meter.withLock { meter in
            guard elapsed - meter.lastReport >= 0.25 else { return nil }
            meter.lastReport = elapsed
            let done = min((meter.finishedWork + meter.pieceWork * min(max(fraction, 0), 1)) / meter.totalWork, 1)
            return .init(
                fraction: done, elapsedSeconds: elapsed, remainingSeconds: done > 0 ? elapsed / done * (1 - done) : nil,
                detail: detail.isEmpty ? meter.pieceName : "\(meter.pieceName): \(detail)", epoch: epoch, loss: loss)
        }
        if let progress { context.onProgress(progress) }
    }

    /// The network given by `--cells` in place of the published one: one `WIDTHxDEPTH`.
    func network(published width: Int, depth: Int) throws(ExperimentError) -> NetworkSize {
        guard let first = options.cells.first else { return NetworkSize(width: width, depth: depth) }
        guard options.cells.count == 1 else {
            throw .invalidOption(name: "--cells", expected: "one network, WIDTHxDEPTH", found: options.cells.joined(separator: ","))
        }
        return try NetworkSize(first)
    }
}

/// Width of every hidden layer, and how many there are.
struct NetworkSize: Hashable {
    var width: Int
    var depth: Int

    init(width: Int, depth: Int) {
        self.width = width
        self.depth = depth
    }

    /// Reads `512x31`.
    init(_ text: some StringProtocol) throws(ExperimentError) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let depth = Int(parts[1]), (1...65536).contains(width),
            (1...1000).contains(depth)
        else { throw .invalidOption(name: "--cells", expected: "WIDTHxDEPTH, such as 512x31", found: String(text)) }
        self.init(width: width, depth: depth)
    }

    var text: String { "\(width)x\(depth)" }
    /// For people.
    var words: String { "\(depth) hidden \(depth == 1 ? "layer" : "layers") of \(width)" }

    /// Multiplications of one epoch over `count` samples of dimension `dimension`, and the parameters that an optimizer touches:
    /// about what an epoch costs.
    func epochWork(count: Int, dimension: Int) -> Double {
        let parameters = Double(2 * dimension * width + max(depth - 1, 0) * width * width)
        return parameters * Double(3 * count + 20)
    }
}
