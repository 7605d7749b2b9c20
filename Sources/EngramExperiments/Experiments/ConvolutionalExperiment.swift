internal import EngramDynamics
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [RBU20] Fig. 10 and 11: pictures as attractors of a U-Net, beside a fully connected network and the nearest neighbour.
struct ConvolutionalExperiment: Experiment {
    /// Which figure.
    enum Figure {
        /// Ten pictures, with the largest eigenvalue at each.
        case ten
        /// A hundred pictures.
        case hundred
    }

    let figure: Figure

    var name: String { figure == .ten ? "fig10" : "fig11" }
    var scaling: String { figure == .ten ? "1 also computes all 3,072 eigenvalues at the first picture" : "pictures, at least 10" }
    var defaultScale: Double { figure == .ten ? 0.5 : 0.3 }
    var defaultEpochs: Int { 400 }
    let dataNeeded = "colour images of CIFAR-10 (cifar/color)"
    let cost = "2 networks, 10 sets of cues each"

    private static let raster = Raster(height: 32, width: 32, channels: 3)
    private static let levels = [0.1, 0.3, 0.5, 0.7, 0.9]
    private static let startCount = 100

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = figure == .ten ? 10 : run.scaled(100, atLeast: 10)
        let pictures = try run.data.smallColourPhotographs(count)
        run.plan(totalWork: 5)
        let set = TrainingSet(examples: pictures.matrix, raster: Self.raster, valueRange: 0...1)
        var settings = MemorySettings(preset: .fast)
        (settings.seed, settings.recall.starts) = (run.options.seed, 0)
        let dense = try run.memory(of: set, settings: settings, label: "fully connected", work: 1)
        settings.network.family = .value(.unet)
        let convolutional = try run.memory(of: set, settings: settings, label: "U-Net", work: 2)
        let present = [("U-Net", convolutional), ("fully connected", dense)]
        let examples = pictures.matrix.converted(to: Double.self)

        var outcome = ExperimentOutcome(scaleNote: "\(count) pictures, \(Self.startCount) noise starts of each kind.")
        outcome.tables.append(eigenvalues(present, run))
        if figure == .ten, run.scale >= 1 { outcome.tables.append(try complete(convolutional, examples, run)) }
        for kind in [false, true] {
            let (table, picture) = try recovery(fromSquares: kind, present, examples, run)
            outcome.tables.append(table)
            outcome.figures.append(picture)
        }
        outcome.tables.append(try noise(present, examples, run))
        outcome.findings = [
            "The U-Net stores \(convolutional.storedCount) of \(count) pictures as attractors, the fully connected network \(dense.storedCount); "
                + "the largest moduli are at most \(Text.significant(power(10, convolutional.log10LargestRadius))) and "
                + "\(Text.significant(power(10, dense.log10LargestRadius)))."
        ]
        outcome.notes = [
            "Measured on \(pictures.description).",
            "Topology, rate and nonlinearity of the published U-Net are printed as a picture only. This one has strides 8 and 4, so that its units see the "
                + "whole picture, and its last convolution is solved in closed form.",
            "Recovered: iteration ends within a mean squared error of 1e-7 of the picture that the cue was made from.",
        ]
        return outcome
    }

    private func eigenvalues(_ present: [(String, MeasuredMemory)], _ run: ExperimentRun) -> ExperimentTable {
        var table = ExperimentTable(
            title: "Largest eigenvalue modulus of the Jacobian at each picture",
            caption: figure == .ten
                ? "\(run.published.source) (a) prints those of its own ten pictures, in its order."
                : "\(run.published.source) prints none.",
            columns: ["picture", "published"] + present.map(\.0))
        for index in present[0].1.spectra.indices {
            let printed = figure == .ten ? run.published.value("modulus\(index + 1)") : nil
            table.append(
                [.init("\(index + 1)", value: Double(index + 1)), .init(printed?.printed ?? "–", value: printed?.number)]
                    + present.map {
                        index < $0.1.spectra.count ? Comparison.radius(log10: $0.1.spectra[index].log10SpectralRadius) : .init("–")
                    })
        }
        return table
    }

    /// All eigenvalues at the first picture, beside the largest by the Arnoldi method.
    private func complete(_ memory: MeasuredMemory, _ examples: Matrix<Double>, _ run: ExperimentRun) throws -> ExperimentTable {
        let spectrum = try run.piece("all eigenvalues at the first picture", work: 1) { () throws -> Spectrum in
            do {
                return try memory.map.spectra(at: examples.rows(at: 0..<1))[0]
            } catch {
                throw ExperimentError.failed(what: "the complete spectrum", reason: "\(error)")
            }
        }
        var table = ExperimentTable(
            title: "Complete spectrum at the first picture",
            caption: "All \(examples.columnCount) eigenvalues by LAPACK, against the Arnoldi method.",
            columns: ["", "largest modulus"])
        table.append([.init("all eigenvalues"), .init("\(spectrum.spectralRadius)", value: spectrum.spectralRadius)])
        let leading = memory.spectra[0]
        table.append([.init("Arnoldi method"), .init("\(leading.spectralRadius)", value: leading.spectralRadius)])
        return table
    }

    private func recovery(
        fromSquares isSquare: Bool, _ present: [(String, MeasuredMemory)], _ examples: Matrix<Double>, _ run: ExperimentRun
    ) throws -> (ExperimentTable, ExperimentFigure) {
        var generator = run.generator(isSquare ? 4 : 3)
        var rates = [[Double]](repeating: [], count: present.count + 1)
        for level in Self.levels {
            let corruption: Corruption =
                isSquare
                ? .square(area: level, raster: Self.raster, range: 0...1) : .uniformEntries(fraction: level, range: 0...1)
            let cues = corruption.applied(to: examples, using: &generator)
            for (index, (name, memory)) in present.enumerated() {
                let outcomes = try run.piece("\(name), \(Text.percent(level)) corrupted", work: 0.05) {
                    try run.outcomes(of: memory, examples: examples, from: cues, iterations: 200)
                }
                rates[index].append(
                    Double(outcomes.enumerated().count { $0.element.reachedExample == $0.offset }) / Double(examples.rowCount))
            }
            let nearest = NearestExample.find(for: cues, among: examples)
            rates[present.count].append(Double(nearest.enumerated().count { $0.element.index == $0.offset }) / Double(examples.rowCount))
        }
        let names = present.map(\.0) + ["nearest neighbour"]
        let damage = isSquare ? "a square of one colour that covers a share of the picture" : "uniform noise on a share of the values"
        var table = ExperimentTable(
            title: "Recovered from \(damage)",
            caption: "\(run.published.source) shows pictures only. Share of \(examples.rowCount) pictures.",
            columns: ["corrupted"] + names)
        for (row, level) in Self.levels.enumerated() {
            table.append([.init(Text.percent(level), value: level)] + rates.map { .init(Text.percent($0[row]), value: $0[row]) })
        }
        let picture = ExperimentFigure(
            title: table.title, caption: "Share of pictures recovered, against the share that was corrupted.",
            curves: .init(
                xTitle: "share corrupted", yTitle: "share recovered",
                series: zip(names, rates).map { .init(name: $0, x: Self.levels, y: $1) }))
        return (table, picture)
    }

    private func noise(_ present: [(String, MeasuredMemory)], _ examples: Matrix<Double>, _ run: ExperimentRun) throws -> ExperimentTable {
        var table = ExperimentTable(
            title: "Where noise leads", caption: "\(Self.startCount) starts of each kind.", columns: ["start"], labelCount: 1)
        for (name, _) in present { table.columns += ["\(name): on a picture", "\(name): different pictures"] }
        for (title, start) in [
            ("uniform noise", NoiseStart.uniform(0...1)), ("Gaussian noise, variance 1", .gaussian(mean: 0, deviation: 1)),
        ] {
            var generator = run.generator(5)
            let starts = start.draw(count: Self.startCount, dimension: examples.columnCount, using: &generator)
            var row: [ExperimentTable.Cell] = [.init(title)]
            for (name, memory) in present {
                let outcomes = try run.piece("\(name), \(title)", work: 0.1) {
                    try run.outcomes(of: memory, examples: examples, from: starts, iterations: 300)
                }
                let reached = outcomes.compactMap(\.reachedExample)
                row += [
                    .init("\(reached.count)", value: Double(reached.count)),
                    .init("\(Set(reached).count)", value: Double(Set(reached).count)),
                ]
            }
            table.append(row)
        }
        return table
    }
}
