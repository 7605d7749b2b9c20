internal import EngramKernels
internal import EngramMedia
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// Writes everything that the folder of filled pictures holds, but its manifest.
struct InpaintRendering {
    let context: DropProcessor.Context
    let settings: DropSettings
    let folder: String
    /// Pictures that there will be.
    let total: Int
    let interpretation: DropReport.Interpretation
    private var rows: [InpaintReport.Picture] = []
    private var views: [InpaintContent.View] = []
    private var notes: [String] = []
    private var seconds = InpaintReport.Seconds()

    init(
        context: DropProcessor.Context, settings: DropSettings, folder: String, total: Int, interpretation: DropReport.Interpretation
    ) {
        (self.context, self.settings, self.folder, self.total) = (context, settings, folder, total)
        self.interpretation = interpretation
    }

    /// Keeps what is to be said of the drop as a whole.
    mutating func note(_ sentences: [String]) { notes += sentences }

    /// Pictures that the page shows.
    private static let viewCount = 12
    /// Weights that a table lists.
    private static let weightCount = 100

    /// Writes the files of one picture, and keeps what the report says of it.
    mutating func add(
        _ filled: FilledPicture, of picture: MaskedPicture, named name: String, original: InpaintOriginal?
    ) throws {
        let stem = InpaintDrop.stem(of: name)
        var files = InpaintReport.Files(filled: stem + ".png", details: "details/\(stem)/")
        let completion = filled.completion
        let result = try picture.png(filled: completion.values.fileValues)
        let biharmonic = filled.biharmonic?.values
        if biharmonic == nil { files.biharmonic = nil }
        let nearest = try picture.png(filled: filled.nearest.fileValues)
        let maps = InpaintMaps(filled, of: picture)
        let view = InpaintContent.View(
            beforeAfter: try maps.beforeAfter.png(), uncertainty: try maps.uncertainty.png(), influence: try maps.influence.png(),
            biharmonic: try biharmonic.map { try maps.shown($0).png() }, nearest: try maps.shown(filled.nearest).png())
        var outputs: [(path: String, bytes: [UInt8])] = [
            (files.filled, result), (files.beforeAfter, view.beforeAfter), (files.uncertainty, view.uncertainty),
            (files.influence, view.influence), (files.nearest, nearest),
            (files.weights, Array(InpaintReport.weightsCSV(weights(completion, width: filled.known.width)).utf8)),
        ]
        if let biharmonic, let path = files.biharmonic { outputs.append((path, try picture.png(filled: biharmonic.fileValues))) }
        for (path, bytes) in outputs {
            try context.checkCancelled()
            try ResultFile.write(bytes, to: folder + "/" + path)
        }
        if views.count < Self.viewCount { views.append(view) }
        rows.append(row(filled, picture, name, files, original))
        seconds.complete += filled.seconds
        notes += picture.notes
        if let reason = filled.baselineFailure {
            notes.append("\(name): the biharmonic completion, for comparison only, failed and is left out: \(reason)")
        }
        if let baseline = filled.biharmonic, !baseline.isConverged {
            notes.append(
                "\(name): the biharmonic completion, for comparison only, ended at a relative residual of \(baseline.largestResidual); it is not compared with the original."
            )
        }
        if !filled.hasDeviations {
            notes.append("\(name): its known pixels are all equal, so they do not tell how uncertain the others are.")
        }
        let (side, bridged, levels) = (filled.holes.largestSide, filled.holes.bridgedSide, completion.choice.levels)
        let hole =
            bridged == side
            ? "\(name): its largest hole has \(side) pixels on a side"
            : "\(name): a hole at its border reaches as far from known pixels as one of \(bridged) pixels on a side"
        if filled.isTooShallow {
            let reason = filled.isDeeper ? " No deeper network was within reach of the memory." : ""
            notes.append(
                "\(hole), more than the \(1 << levels) that \(levels) levels bridge; its middle is near a constant.\(reason)")
        } else if filled.isDeeper {
            notes.append("\(hole), so the network has \(levels) levels.")
        }
    }

    /// Writes report and page.
    mutating func finish(began: Double) throws -> InpaintReport {
        if rows.count > views.count {
            notes.append("The page shows the first \(views.count) of \(rows.count) pictures; all are in report.json.")
        }
        let missing = rows.reduce(0) { $0 + $1.missing }
        seconds.total = context.monotonicSeconds() - began
        let report = InpaintReport(
            header: InpaintReport.header(
                name: context.dropName, seed: UInt64(settings.seed), threads: context.threadCount, versions: context.versions,
                notes: notes),
            summary: JobSummary(
                outcome: "completed", headline: "\(missing) missing \(missing == 1 ? "pixel" : "pixels") filled"),
            interpretation: interpretation, pictures: rows, seconds: seconds)
        let content = InpaintContent(report: report, views: views, command: context.command)
        try context.checkCancelled()
        for file in try content.files() { try ResultFile.write(Array(file.bytes), to: folder + "/" + file.name) }
        try ResultFile.write(Array(settings.yaml.utf8), to: folder + "/settings.yml")
        return report
    }

    private func row(
        _ filled: FilledPicture, _ picture: MaskedPicture, _ name: String, _ files: InpaintReport.Files, _ original: InpaintOriginal?
    ) -> InpaintReport.Picture {
        let (completion, known) = (filled.completion, filled.known)
        var row = InpaintReport.Picture(
            name: name, files: files, width: known.width, height: known.height, channels: known.values.columnCount,
            bits: picture.format.bitDepth, network: Self.network(completion.choice))
        let missing = known.missing
        let deviations = completion.deviations
        let all = missing.flatMap { pixel in (0..<deviations.columnCount).map { deviations[pixel, $0] } }
        row.missing = missing.count
        row.largestHole = filled.holes.largestSide
        row.partner = completion.partner.map(Self.network)
        row.candidates = completion.candidates.map(Self.network)
        if filled.hasDeviations {
            row.meanDeviation = all.reduce(0, +) / Double(max(all.count, 1))
            row.largestDeviation = all.max()
        }
        row.explainedRow = completion.explained / known.width
        row.explainedColumn = completion.explained % known.width
        row.iterations = completion.iterationCount
        row.residual = completion.largestResidual
        row.seconds = filled.seconds
        if let original {
            var qualities = [Self.quality("network", completion.values, original, picture)]
            if let biharmonic = filled.biharmonic, biharmonic.isConverged {
                qualities.append(Self.quality("biharmonic", biharmonic.values, original, picture))
            }
            qualities.append(Self.quality("nearest", filled.nearest, original, picture))
            row.quality = qualities
        }
        return row
    }

    private static func network(_ candidate: NetworkChoice.Candidate) -> InpaintReport.Network {
        .init(
            levels: candidate.levels, upsampling: candidate.upsampling.rawValue, smoothing: candidate.smoothing,
            ridge: candidate.relativeRidge, heldOutError: candidate.heldOutError, solvedError: candidate.solvedError)
    }

    /// Of the colours as a file holds them, clipped; alpha is no part of it.
    private static func quality(
        _ method: String, _ values: Matrix<Double>, _ original: InpaintOriginal, _ picture: MaskedPicture
    ) -> InpaintReport.Quality {
        let steps = Double((1 << picture.format.bitDepth) - 1)
        let shown = values.leadingColumns(original.values.columnCount).map { (min(max($0, 0), 1) * steps).rounded() / steps }
        let quality = PictureQuality(
            of: shown, against: original.values, height: picture.format.height, width: picture.format.width, range: 1)
        return .init(
            method: method, psnr: quality.peakSignalToNoise.isFinite ? quality.peakSignalToNoise : nil,
            ssim: quality.structuralSimilarity)
    }

    /// The largest weights in the explained pixel.
    private func weights(_ completion: PictureCompletion, width: Int) -> [(row: Int, column: Int, weight: Double)] {
        completion.influence.indices.filter { completion.influence[$0] != 0 }
            .sorted { (abs(completion.influence[$1]), $0) < (abs(completion.influence[$0]), $1) }
            .prefix(Self.weightCount).map { ($0 / width, $0 % width, completion.influence[$0]) }
    }
}
