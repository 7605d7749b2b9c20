internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
internal import EngramSystem

/// Fills the missing pixels of pictures: decode, complete, render.
package struct InpaintJob: Sendable {
    let settings: DropSettings
    let context: DropProcessor.Context
    /// Bytes that there are for filling; nil where nobody knows. For tests.
    var availableMemory: @Sendable () -> Double? = { MemoryAvailability().byteCount }
    /// Called before the biharmonic baseline, which fails with what it throws. For tests.
    var willComputeBaseline: @Sendable () throws -> Void = {}

    /// A job for one drop.
    package init(settings: DropSettings, context: DropProcessor.Context) {
        self.settings = settings
        self.context = context
    }

    /// Whether a drop is a picture with missing pixels, or a folder of such.
    package static func claims(_ drop: DropContents) throws -> Bool { try InpaintDrop.claims(drop) }

    /// Most bytes that a kernel may take: with the picture and the solver it stays below 4 GB.
    private static let largestKernelByteCount = 3 * 1_073_741_824.0

    /// Fills every picture and writes every file of the result but its manifest.
    ///
    /// - Parameters:
    ///   - drop: The pictures, with masks inside or beside.
    ///   - outputFolder: An existing, empty folder.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func run(_ drop: DropContents, into outputFolder: String) throws -> InpaintReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "reading pictures and masks"))
        let found = try context.failing(in: .decode) { try InpaintDrop(drop) }
        guard !found.items.isEmpty else {
            throw Failure(
                stage: .decode, code: "no-mask", file: drop.name, expected: "pictures with masks, such as a.png and a_mask.png",
                found: "none", remedy: "Add the masks, or one for all beside the folder: \(MaskName.of(drop.name)).")
        }
        try found.checkNames()
        let interpretation = DropReport.Interpretation(
            takenFor: found.items.count == 1 ? "a picture with missing pixels" : "\(found.items.count) pictures with missing pixels",
            because: found.reason, setting: "job: memorize stores it as it is")
        var rendering = InpaintRendering(
            context: context, settings: settings, folder: outputFolder, total: found.items.count, interpretation: interpretation)
        rendering.note(found.notes)
        let reporter = ShareReporter(context: context, since: began, sentence: interpretation.sentence)
        for (number, item) in found.items.enumerated() {
            let picture = try context.failing(in: .decode) {
                try MaskedPicture(picture: item.picturePath, mask: item.maskPath, limits: settings.mediaLimits)
            }
            let original = try item.originalPath.map { path in
                try context.failing(in: .decode) { try InpaintOriginal(path, of: picture, limits: settings.mediaLimits) }
            }
            var progress = PipelineProgress(
                stage: .decode, elapsedSeconds: context.monotonicSeconds() - began, detail: "decoded",
                interpretation: interpretation.sentence)
            progress.remarks = picture.notes
            context.onProgress(progress)
            let steps = InpaintProgress(reporter: reporter, number: number, total: found.items.count)
            let filled = try context.failing(in: .train) { try fill(picture, named: item.name, steps) }
            try context.failing(in: .render) { try rendering.add(filled, of: picture, named: item.name, original: original) }
        }
        context.onProgress(
            PipelineProgress(
                stage: .render, elapsedSeconds: context.monotonicSeconds() - began, detail: "writing the report",
                interpretation: interpretation.sentence))
        let report = try context.failing(in: .render) { try rendering.finish(began: began) }
        context.onProgress(
            PipelineProgress(
                stage: .render, elapsedSeconds: context.monotonicSeconds() - began, detail: "completed",
                interpretation: interpretation.sentence, outcome: report.summary.headline))
        return report
    }

    /// One picture with what its report says.
    private func fill(_ picture: MaskedPicture, named name: String, _ steps: InpaintProgress) throws -> FilledPicture {
        let (height, width, channels) = (picture.format.height, picture.format.width, picture.filledChannelCount)
        let kernelLimit = try kernelByteLimit(name, height: height, width: width, channels: channels)
        let known = KnownPicture(
            values: picture.matrix(channels: channels), isKnown: picture.isKnown, height: height, width: width)
        let holes = PictureHoles(known)
        var options = PictureCompletion.Settings()
        options.levels = settings.inpaint.levels.given
        options.relativeRidge = settings.inpaint.ridge.given
        options.padding = settings.inpaint.padding.given.flatMap { PicturePadding(rawValue: $0.rawValue) } ?? .open
        options.seed = UInt64(settings.seed)
        options.byteLimit = kernelLimit
        options.explained = try InpaintDrop.explainedPixel(settings.inpaint.explain.given, in: known, named: name, total: steps.total)
        let start = context.monotonicSeconds()
        do {
            let completion = try PictureCompletion(of: known, holes: holes, settings: options) { try steps.report($0) }
            let solved = context.monotonicSeconds()
            let nearest = try known.filledByNearest { try steps.report(baseline: "the nearest pixels") }
            var filled = FilledPicture(known: known, holes: holes, completion: completion, nearest: nearest)
            do {
                try willComputeBaseline()
                filled.biharmonic = try BiharmonicFill(known, startingAt: nearest, byteLimit: kernelLimit) { _ in
                    try steps.report(baseline: "the biharmonic baseline")
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                // What is only there to compare with does not take the picture away.
                filled.baselineFailure = "\(error)"
            }
            filled.seconds = solved - start
            filled.isDeeper = settings.inpaint.levels == .auto && holes.levelsNeeded > 2
            filled.isTooShallow = holes.levelsNeeded > completion.choice.levels
            return filled
        } catch let error as KernelSolverError {
            throw Self.failure(error, filling: name)
        }
    }

    /// What to do about a system that could not be solved.
    private static func failure(_ error: KernelSolverError, filling name: String) -> Failure {
        let message = "\(name) could not be filled: \(error)"
        switch error {
        case .exceedsMemory:
            return Failure(
                stage: .train, code: "too-large", file: name, message: message,
                remedy: "lower inpaint.levels, scale or cut the picture, or raise limits.max_memory")
        case .nonFinite:
            return Failure(
                stage: .train, code: "not-solved", file: name, message: message,
                remedy: "please report it with the drop, if it may be shown")
        case .notPositiveDefinite, .negativeEigenvalue, .negativeCurvature, .learningRateTooLarge, .diverged, .notConverged, .numerics:
            return Failure(
                stage: .train, code: "not-solved", file: name, message: message, remedy: "raise inpaint.ridge, or lower inpaint.levels")
        }
    }

    /// What is left for a kernel beside the picture; refuses what does not fit.
    private func kernelByteLimit(_ name: String, height: Int, width: Int, channels: Int) throws(Failure) -> Double {
        let most = settings.limits.maxMemoryByteCount.given.map(Double.init) ?? availableMemory().map { 0.9 * $0 }
        let least = PictureCompletion.byteCount(height: height, width: width, channels: channels)
        guard let most else { return Self.largestKernelByteCount }
        guard least <= most else {
            throw Failure(
                stage: .train, code: "too-large", file: name,
                expected: "a picture whose completion fits \(Int(saturating: (most / 1e6).rounded())) MB",
                found: "\(width) x \(height) pixels, about \(Int(saturating: (least / 1e6).rounded())) MB",
                remedy: "Scale or cut the picture, or raise limits.max_memory.")
        }
        return min(Self.largestKernelByteCount, most - least)
    }
}

/// One picture, filled in three ways.
struct FilledPicture {
    let known: KnownPicture
    let holes: PictureHoles
    let completion: PictureCompletion
    let nearest: Matrix<Double>
    /// nil where it failed.
    var biharmonic: BiharmonicFill?
    /// Why there is no biharmonic completion.
    var baselineFailure: String?
    var seconds = 0.0
    /// Whether the size of a hole made the network deeper.
    var isDeeper = false
    /// Whether the middle of a hole is out of reach of its rim.
    var isTooShallow = false

    /// Whether known pixels say how uncertain the others are: not where they are all equal.
    var hasDeviations: Bool { completion.deviations.elements.contains { $0 > 0 } }
}

/// The picture as it was, for the figures that say how near the completion came.
struct InpaintOriginal {
    let values: Matrix<Double>

    /// - Throws: `MediaError.mismatch` for a picture of another size or kind.
    init(_ path: String, of picture: MaskedPicture, limits: MediaLimits) throws(MediaError) {
        let whole = try WholePicture(path, limits: limits)
        guard whole.format.width == picture.format.width, whole.format.height == picture.format.height,
            whole.format.colorCount == picture.format.colorCount
        else {
            throw .mismatch(
                file: whole.name, property: "size and channels",
                expected: "\(picture.format.width) x \(picture.format.height), \(picture.format.colorKind.rawValue)",
                reference: picture.name, found: "\(whole.format.width) x \(whole.format.height), \(whole.format.colorKind.rawValue)")
        }
        let (channels, colors) = (whole.format.channels, whole.format.colorCount)
        values = Matrix(
            rowCount: whole.values.count / channels, columnCount: colors,
            elements: (0..<whole.values.count / channels * colors).map { Double(whole.values[$0 / colors * channels + $0 % colors]) })
    }
}

extension MaskedPicture {
    /// The first channels of every pixel.
    func matrix(channels: Int) -> Matrix<Double> {
        let all = format.channels
        let count = format.width * format.height
        return Matrix(
            rowCount: count, columnCount: channels,
            elements: (0..<count * channels).map { Double(values[$0 / channels * all + $0 % channels]) })
    }
}

/// What the steps of one picture are of the whole job.
struct InpaintProgress {
    let reporter: ShareReporter
    let number: Int
    let total: Int

    /// About what share of the time of one picture each part takes, by what it took for half-missing pictures of 256².
    private static let (choosing, comparing, measuring, solving) = (0.35, 0.25, 0.15, 0.2)
    /// When the networks are chosen.
    private static let chosen = choosing + comparing
    /// Iterations that a solution takes at most, about.
    private static let usualIterations = 30.0

    func report(_ step: PictureCompletion.Step) throws {
        switch step {
        case .choosing(let number, let count):
            try tell(Self.choosing * Double(number) / Double(count), "trying network \(number + 1) of \(count)")
        case .comparing(let number, let count):
            try tell(
                Self.choosing + Self.comparing * Double(number) / Double(count), "comparing network \(number + 1) of the best \(count)")
        case .preparing: try tell(Self.chosen, "computing the kernel")
        case .measuring(let done): try tell(Self.chosen + Self.measuring * done, "measuring the uncertainty")
        case .solving(let iteration):
            let done = min(1, Double(iteration) / Self.usualIterations)
            try tell(Self.chosen + Self.measuring + Self.solving * done, "solving, iteration \(iteration)")
        }
    }

    func report(baseline: String) throws { try tell(Self.chosen + Self.measuring + Self.solving, "computing \(baseline)") }

    private func tell(_ done: Double, _ detail: String) throws {
        let which = total == 1 ? "" : "picture \(number + 1) of \(total): "
        try reporter.tell((Double(number) + done) / Double(total), which + detail)
    }
}
