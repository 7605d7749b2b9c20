internal import EngramKernels
internal import EngramMedia
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// [R23] section 3.5: missing pixels by infinitely wide convolutional networks, beside the biharmonic and the nearest completion.
struct PicturesExperiment: Experiment {
    /// Which pixels are missing.
    enum Task: String {
        /// Holes, by the mask that lies beside the picture.
        case inpaint
        /// Half of them, drawn by the seed.
        case reconstruct
    }

    let task: Task

    var name: String { task.rawValue }
    let scaling = "side of the pictures, which are cut from the middle, at least 64 pixels"
    let defaultScale = 1.0
    let defaultEpochs = 1
    var dataNeeded: String {
        task == .inpaint
            ? "photographs with masks (inpaint/library.png, inpaint/library_mask.png, …)" : "ten photographs (inpaint/house_GT.png, …)"
    }
    let cost = "seconds for 256², a minute for 512²"
    let hasFast = false
    let hasKernel = true

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let grid = run.published.grid("psnr")
        let names = run.options.cells.isEmpty ? grid.rows : run.options.cells
        if let unknown = names.first(where: { !grid.rows.contains($0) }) {
            throw ExperimentError.invalidOption(name: "--cells", expected: grid.rows.joined(separator: ", "), found: unknown)
        }
        run.plan(totalWork: Double(names.count))
        var table = ExperimentTable(
            title: "Peak signal-to-noise ratio, dB", caption: "\(grid.source): \(grid.meaning).",
            columns: [
                "picture", "published: CNTK", "published: biharmonic", "CNTK", "biharmonic", "nearest", "CNTK - biharmonic", "SSIM",
                "network",
                "iterations", "seconds",
            ])
        var ours: [Double] = []
        var printed: [Double] = []
        for (index, name) in names.enumerated() {
            let picture = try self.picture(name, run, index: UInt64(index))
            let began = run.elapsedSeconds
            let (completion, biharmonic) = try run.piece(name, work: 1) {
                var settings = PictureCompletion.Settings()
                settings.seed = UInt64(run.options.seed)
                let completion = try PictureCompletion(of: picture, holes: PictureHoles(picture), settings: settings) {
                    try Self.tell($0, run)
                }
                return (completion, try BiharmonicFill(picture) { _ in try run.step(0.95, "biharmonic") })
            }
            let seconds = run.elapsedSeconds - began
            let quality = Self.quality(completion.values, picture)
            let other = Self.quality(biharmonic.values, picture)
            let nearest = Self.quality(picture.filledByNearest(), picture)
            ours.append(quality.peakSignalToNoise)
            if let text = grid.text(row: name, column: "CNTK"), let number = Double(text) { printed.append(number) }
            let gain = quality.peakSignalToNoise - other.peakSignalToNoise
            func decibels(_ value: Double) -> ExperimentTable.Cell { .init(String(format: "%.2f", value), value: value) }
            func published(_ column: String) -> ExperimentTable.Cell {
                let text = grid.text(row: name, column: column) ?? "–"
                return .init(text, value: Double(text))
            }
            table.append([
                .init(name), published("CNTK"), published("biharmonic"), decibels(quality.peakSignalToNoise),
                decibels(other.peakSignalToNoise),
                decibels(nearest.peakSignalToNoise), .init(String(format: "%+.2f", gain), value: gain, tone: gain > -0.3 ? .good : .bad),
                .init(String(format: "%.3f", quality.structuralSimilarity ?? 0), value: quality.structuralSimilarity),
                .init(([completion.choice] + [completion.partner].compactMap(\.self)).map(Self.text).joined(separator: "; mean with ")),
                .init("\(completion.iterationCount)", value: Double(completion.iterationCount)),
                .init(String(format: "%.1f", seconds), value: seconds),
            ])
        }
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(names.count) of \(grid.rows.count) pictures, \(run.scale == 1 ? "whole" : "\(Text.percent(run.scale)) of their sides").")
        outcome.tables = [table]
        let mean = ours.reduce(0, +) / Double(max(ours.count, 1))
        outcome.findings = [
            "Mean of \(ours.count) pictures: \(String(format: "%.2f", mean)) dB; published for the CNTK: \(String(format: "%.2f", printed.reduce(0, +) / Double(max(printed.count, 1)))) dB."
        ]
        outcome.notes = [
            "The network of each picture is chosen on held-out pixels; the published ones were chosen by hand.",
            "Known pixels are put back; values are rounded to 8 bits before they are compared.",
        ]
        return outcome
    }

    private static func tell(_ step: PictureCompletion.Step, _ run: ExperimentRun) throws {
        switch step {
        case .choosing(let number, let count): try run.step(0.3 * Double(number) / Double(count), "network \(number + 1) of \(count)")
        case .comparing(let number, let count): try run.step(0.3 + 0.3 * Double(number) / Double(count), "one of the best \(count)")
        case .preparing: try run.step(0.6, "kernel")
        case .measuring(let share): try run.step(0.6 + 0.15 * share, "uncertainty")
        case .solving(let iteration): try run.step(0.75 + 0.15 * min(1, Double(iteration) / 30), "iteration \(iteration)")
        }
    }

    private static func text(_ network: NetworkChoice.Candidate) -> String {
        "\(network.levels) levels, \(network.upsampling.rawValue), \(network.smoothing) more"
    }

    private static func quality(_ values: Matrix<Double>, _ picture: KnownPicture) -> PictureQuality {
        PictureQuality(
            of: values.map { (min(max($0, 0), 1) * 255).rounded() / 255 }, against: picture.values, height: picture.height,
            width: picture.width, range: 1)
    }

    /// A whole picture with what is missing of it: its values stay, so that the completion can be compared with them.
    private func picture(_ name: String, _ run: ExperimentRun, index: UInt64) throws -> KnownPicture {
        let folder = run.data.folder + "/inpaint/"
        let path = folder + name + (task == .inpaint ? ".png" : "_GT.png")
        guard FileManager.default.fileExists(atPath: path) else {
            throw ExperimentError.missingData(what: "the picture \(name)", lookedFor: [path], folder: run.data.folder)
        }
        do throws(MediaError) {
            let whole = try WholePicture(path, limits: MediaLimits())
            let format = whole.format
            let isKnown: [Bool]
            switch task {
            case .inpaint: isKnown = try MaskedPicture(picture: path, mask: folder + name + "_mask.png", limits: MediaLimits()).isKnown
            case .reconstruct:
                var generator = run.generator(100 + index)
                isKnown = (0..<format.width * format.height).map { _ in generator.next() >> 63 == 0 }
            }
            return cut(whole, isKnown, scale: run.scale)
        } catch {
            throw ExperimentError.unusableData(path: path, reason: "\(error)")
        }
    }

    /// The middle of a picture.
    private func cut(_ whole: WholePicture, _ isKnown: [Bool], scale: Double) -> KnownPicture {
        let format = whole.format
        func side(_ count: Int) -> Int { max(min(count, 64), Int(saturating: (scale * Double(count)).rounded())) }
        let (height, width) = (side(format.height), side(format.width))
        let (top, left) = ((format.height - height) / 2, (format.width - width) / 2)
        var values: [Double] = []
        var known: [Bool] = []
        for row in top..<top + height {
            for column in left..<left + width {
                let pixel = row * format.width + column
                for channel in 0..<format.colorCount { values.append(Double(whole.values[pixel * format.channels + channel])) }
                known.append(isKnown[pixel])
            }
        }
        return KnownPicture(
            values: Matrix(rowCount: height * width, columnCount: format.colorCount, elements: values), isKnown: known, height: height,
            width: width)
    }
}
