internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import RealModule

/// [RBU20] Fig. 12 and 13: eigenvalues at every one of 100 digits, by depth and width.
struct EigenvalueHistogramExperiment: Experiment {
    /// The share of the 28² eigenvalues shown, largest first; nil for the largest alone.
    let topShare: Double?

    var name: String { topShare == nil ? "fig12" : "fig13" }
    let scaling = "networks of the nine, cheapest first (all 100 digits in each); epochs"
    let defaultScale = 0.34
    let defaultEpochs = 20_000
    let dataNeeded = "100 digits, shipped"
    let cost = "3 networks, both presets"

    /// Which nine of Fig. 5 (a) were shown is not printed; these span its depths.
    private static let sizes = [6, 16, 31].flatMap { depth in [128, 256, 512].map { NetworkSize(width: $0, depth: depth) } }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let digits = try run.data.hundredDigits()
        let dimension = digits.matrix.columnCount
        let task = MemoryTask.autoencoder(count: 100)
        func work(_ size: NetworkSize) -> Double { size.epochWork(count: 100, dimension: dimension) }
        var sizes = Self.sizes.sorted { work($0) < work($1) }.prefix(run.scaled(9, atLeast: 1)).sorted {
            ($0.depth, $0.width) < ($1.depth, $1.width)
        }
        if !run.options.cells.isEmpty { sizes = try run.options.cells.map { try NetworkSize($0) } }
        run.plan(totalWork: sizes.reduce(0) { $0 + work($1) } * (run.options.presets == .both ? 2 : 1))
        let shown = topShare.map { max(1, Int(saturating: $0 * Double(dimension))) } ?? 1
        var table = ExperimentTable(
            title: topShare == nil ? "Largest modulus at each digit" : "The \(shown) largest moduli at each digit",
            caption: "\(run.published.source) prints pictures only. Stored: digits whose every eigenvalue is below 1 in modulus.",
            columns: ["width x depth", "preset", "published", "stored", "median", "mode", "variance", "largest"], labelCount: 2)
        var panels: [ExperimentOptions.Presets: [ExperimentFigure.Histograms.Panel]] = [:]
        for size in sizes {
            for preset in [ExperimentOptions.Presets.paper, .fast]
            where run.options.presets == .both || run.options.presets == preset {
                let label = "\(size.text), \(preset.rawValue)"
                let memory =
                    preset == .paper
                    ? try run.paperMemory(
                        digits.matrix, task: task,
                        settings: .init(depth: size.depth, width: size.width, activation: .selu, seed: UInt64(run.options.seed)),
                        label: label, work: work(size))
                    : try run.fastMemory(digits.matrix, task: task, size: size, label: label, work: work(size))
                let values = memory.spectra.flatMap { spectrum in spectrum.log10Moduli.prefix(shown).map { Double.exp10($0) } }
                table.append(row(size, preset, memory, values))
                panels[preset, default: []].append(
                    .init(name: "\(size.text)\(memory.isTrained ? "" : " (error not reached)")", values: values))
            }
        }
        var outcome = ExperimentOutcome(
            scaleNote: "\(sizes.count) of nine networks, 100 digits in each, at most \(run.epochLimit) epochs as published.")
        outcome.tables = [table]
        outcome.figures = [ExperimentOptions.Presets.paper, .fast].compactMap { preset in
            guard let own = panels[preset] else { return nil }
            return ExperimentFigure(
                title: "\(table.title), \(preset.rawValue) preset",
                caption: "Bars from 1 on are unstable directions. The axis is the same in all panels.",
                histograms: .init(
                    xTitle: "modulus of the eigenvalue", lower: 0, upper: 1.5, limit: 1, columnCount: 3, panels: own))
        }
        outcome.notes = [
            "Measured on \(digits.description). Which nine networks were shown is not printed; these span the depths of Fig. 5 (a)."
        ]
        return outcome
    }

    private func row(
        _ size: NetworkSize, _ preset: ExperimentOptions.Presets, _ memory: MeasuredMemory, _ values: [Double]
    ) -> [ExperimentTable.Cell] {
        let sorted = values.sorted()
        guard !sorted.isEmpty else {
            return [.init(size.text), .init(preset.rawValue), .init("picture"), .init("diverged")] + Array(repeating: .init("–"), count: 4)
        }
        let mean = sorted.reduce(0, +) / Double(sorted.count)
        let variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)
        return [.init(size.text), .init(preset.rawValue), .init("picture"), memory.cell(published: nil)]
            + [sorted[sorted.count / 2], Self.mode(sorted), variance, sorted[sorted.count - 1]].map {
                .init(Text.significant($0), value: $0)
            }
    }

    /// The middle of the fullest of the bins that are 0.05 wide.
    private static func mode(_ values: [Double]) -> Double {
        let bins = Dictionary(grouping: values.filter { $0 < 1e6 }) { Int(saturating: $0 / 0.05) }
        let fullest = bins.max { ($0.value.count, -$0.key) < ($1.value.count, -$1.key) }
        return fullest.map { (Double($0.key) + 0.5) * 0.05 } ?? .nan
    }
}
