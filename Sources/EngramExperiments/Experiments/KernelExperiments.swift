internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [JP20] Fig. 2: one example, depth against the change of the largest eigenvalue.
struct KernelDepthExperiment: Experiment {
    let name = "jp2"
    let scaling = "runs, of 100; epochs"
    let defaultScale = 0.03
    let defaultEpochs = 2000
    let dataNeeded = "none"
    let cost = "3 runs of 4 depths, all presets"
    let hasKernel = true

    private static let layerCounts = [2, 3, 4, 5]

    /// Medians over the runs of one depth.
    private struct Point {
        /// ‖J‖ and |λ| before and after, and the difference of the norms; NaN where nothing was trained.
        var paper: [Double] = []
        var trainedCount = 0
        var fastRadius = Double.nan
        /// ‖J after - J before‖ at infinite width, f₀ = 0.
        var kernelNorm = Double.nan
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = try run.network(published: 1000, depth: 1).width
        run.plan(totalWork: Double(study.presets.count * study.runCount * Self.layerCounts.reduce(0, +)))
        let points = try Self.layerCounts.map { try point(study, layers: $0, width: width) }
        let (includesPaper, includesFast) = (run.options.presets.includesPaper, run.options.presets.includesFast)
        let includesKernel = run.options.presets.includesKernel
        var table = ExperimentTable(
            title: "Largest eigenvalue norm at the example, before and after training",
            caption:
                "\(run.published.source) prints a plot of the difference only: it is to fall with depth. Medians over \(study.runCount) runs; "
                + "norm: ‖J‖, largest eigenvalue: |λ|. Kernel: the norm of the mean change of J at infinite width, which has rank one and bounds the difference.",
            columns: ["layers", "published"]
                + (includesPaper
                    ? ["norm before", "norm after", "difference", "eigenvalue before", "eigenvalue after", "trained"] : [])
                + (includesFast ? ["fast: eigenvalue"] : []) + (includesKernel ? ["kernel: norm of the change"] : []))
        for (layers, point) in zip(Self.layerCounts, points) {
            var row: [ExperimentTable.Cell] = [.init("\(layers)", value: Double(layers)), .init("plot")]
            if includesPaper {
                row += point.paper.map { .init($0.isFinite ? Text.significant($0) : "NA", value: $0) }
                row.append(.init("\(point.trainedCount)/\(study.runCount)", value: Double(point.trainedCount)))
            }
            if includesFast { row.append(KernelStudy.radiusCell(point.fastRadius)) }
            if includesKernel { row.append(.init(Text.significant(point.kernelNorm), value: point.kernelNorm)) }
            table.append(row)
        }
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("hidden layers of \(width)"))
        outcome.tables = [table]
        if includesKernel {
            let norms = points.map(\.kernelNorm)
            let falls = zip(norms, norms.dropFirst()).allSatisfy { $0 >= $1 }
            outcome.findings.append(
                "At infinite width the norm of the change \(falls ? "falls" : "does not fall at every step"), from \(Text.significant(norms[0])) to \(Text.significant(norms[norms.count - 1]))."
            )
        }
        if includesPaper {
            let differences = points.map { $0.paper[2] }
            let falls = zip(differences, differences.dropFirst()).allSatisfy { $0 >= $1 }
            outcome.findings.insert(
                "The difference \(falls ? "falls" : "does not fall at every step") as layers are added, from \(Text.significant(differences[0])) to \(Text.significant(differences[differences.count - 1])).",
                at: 0)
            outcome.figures = [
                ExperimentFigure(
                    title: "Change of the Jacobian's norm by training", caption: "Medians of |‖J‖ after - ‖J‖ before|.",
                    curves: .init(
                        xTitle: "layers", yTitle: "difference",
                        series: [.init(name: "measured", x: Self.layerCounts.map(Double.init), y: differences)]))
            ]
        }
        outcome.notes = study.notes
        return outcome
    }

    private func point(_ study: KernelStudy, layers: Int, width: Int) throws -> Point {
        var point = Point()
        var (found, radii, norms) = ([[Double]](), [Double](), [Double]())
        for index in 0..<study.runCount {
            let label = "\(layers) layers, run \(index + 1)"
            var generator = study.generator(index)
            // The published norm of the example is not printed; independent N(0, 1) entries have about √32.
            let example = NormedExamples.random(1, dimension: 32, radius: 32.0.squareRoot(), using: &generator)
            for preset in study.presets {
                switch preset {
                case .paper:
                    try study.run.piece(label, work: Double(layers)) {
                        var autoencoder = KernelAutoencoder(
                            examples: example, hiddenWidths: Array(repeating: width, count: layers - 1), activation: .sigmoid,
                            using: &generator)
                        let before = try study.largest(autoencoder)
                        guard try study.train(&autoencoder) else { return }
                        let after = try study.largest(autoencoder)
                        found.append([before.norm, after.norm, abs(after.norm - before.norm), before.radius, after.radius])
                    }
                case .fast:
                    let size = NetworkSize(width: width, depth: layers - 1)
                    radii.append(try study.fast(size, .sigmoid, example, label: "\(label), fast", work: Double(layers)).radius)
                case .kernel:
                    norms.append(
                        try study.run.piece("\(label), kernel", work: Double(layers)) {
                            try study.infiniteWidth(.sigmoid, depth: layers - 1, example).norm
                        })
                }
            }
        }
        point.paper = (0..<5).map { column in KernelStudy.median(found.map { $0[column] }) }
        point.trainedCount = found.count
        point.fastRadius = KernelStudy.median(radii)
        point.kernelNorm = KernelStudy.median(norms)
        return point
    }
}

/// [JP20] Fig. 3: many examples, input norm against the largest eigenvalue.
struct KernelRadiusExperiment: Experiment {
    let name = "jp3"
    let scaling = "runs, of 100; hidden size up to 10000 in proportion to its root; epochs"
    let defaultScale = 0.01
    let defaultEpochs = 20_000
    let dataNeeded = "none"
    let cost = "1 run of 3 counts of examples, 2 hidden sizes and 6 norms, all presets"
    let hasKernel = true

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let widths = run.options.cells.isEmpty ? [500, study.width(of: 10_000)] : try run.options.cells.map { try NetworkSize($0).width }
        let counts = [5, 20, 40]
        let lines = counts.flatMap { count in
            widths.map { KernelStudy.Line(name: "\(count) examples, hidden \($0)", count: count, width: $0, activation: .sigmoid) }
        }
        var outcome = try study.sweep(lines, title: "Largest eigenvalue against input norm", limit: run.published.value("limit"))
        outcome.scaleNote = study.scaleNote("hidden sizes \(widths.map(String.init).joined(separator: ", "))")
        return outcome
    }
}

/// [JP20] Fig. 5: other sigmoidal nonlinearities.
struct KernelActivationExperiment: Experiment {
    let name = "jp5"
    let scaling = "runs, of 100; hidden size up to 4000 in proportion to its root; epochs"
    let defaultScale = 0.02
    let defaultEpochs = 20_000
    let dataNeeded = "none"
    let cost = "2 runs of 3 nonlinearities and 6 norms, all presets"
    let hasKernel = true

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = run.options.cells.isEmpty ? study.width(of: 4000) : try run.network(published: 4000, depth: 1).width
        let lines = [Activation.sigmoid, .tanh, .erf].map { KernelStudy.Line(name: $0.rawValue, count: 20, width: width, activation: $0) }
        var outcome = try study.sweep(lines, title: "Largest eigenvalue against input norm, 20 examples", limit: nil)
        outcome.scaleNote = study.scaleNote("hidden size \(width) of 4000")
        return outcome
    }
}

/// [JP20] Fig. E.1: eigenvalue 1 in the linear region.
struct KernelLinearExperiment: Experiment {
    let name = "jpE1"
    let scaling = "runs, of 100; epochs"
    let defaultScale = 0.03
    let defaultEpochs = 200_000
    let dataNeeded = "none"
    let cost = "3 runs of 3 counts of examples, all presets"
    let hasKernel = true

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = try run.network(published: 1000, depth: 1).width
        let counts = [2, 5, 8]
        run.plan(totalWork: Double(study.presets.count * study.runCount * counts.reduce(0, +)))
        let (includesPaper, includesFast) = (run.options.presets.includesPaper, run.options.presets.includesFast)
        var table = ExperimentTable(
            title: "Eigenvalues with norm around 1",
            caption: "\(run.published.value("2").source): n - 1 of 10. Around 1: from 0.95 to 1.05, the mean count over examples and "
                + "\(study.runCount) runs.",
            columns: ["examples n", "published share"]
                + (includesPaper ? ["measured share", "Lemma 4: n - 1", "measured count", "largest modulus", "trained"] : [])
                + (includesFast ? ["fast: largest modulus"] : [])
                + (run.options.presets.includesKernel ? ["kernel: share", "kernel: count", "kernel: largest modulus"] : []))
        var panels: [ExperimentFigure.Histograms.Panel] = []
        for count in counts {
            let published = run.published.value("\(count)")
            var row: [ExperimentTable.Cell] = [
                .init("\(count)", value: Double(count)), .init(published.printed, value: published.number),
            ]
            if includesPaper {
                let (moduli, trained) = try moduli(study, count: count, width: width)
                row += cells(moduli, count: count) + [.init("\(trained)/\(study.runCount)", value: Double(trained))]
                panels.append(.init(name: "\(count) examples", values: moduli.flatMap { $0 }))
            }
            if includesFast {
                let radii = try (0..<study.runCount).map { index in
                    var generator = study.generator(index)
                    let examples = NormedExamples.random(count, dimension: 10, radius: 1, using: &generator)
                    return try study.fast(
                        NetworkSize(width: width, depth: 1), .sigmoid, examples, label: "\(count) examples, run \(index + 1), fast",
                        work: Double(count)
                    ).radius
                }
                row.append(KernelStudy.radiusCell(radii.max() ?? .nan))
            }
            if run.options.presets.includesKernel {
                let moduli = try infiniteModuli(study, count: count)
                let cells = cells(moduli, count: count)
                row += [cells[0], cells[2], cells[3]]
                panels.append(.init(name: "\(count) examples, infinite width", values: moduli.flatMap { $0 }))
            }
            table.append(row)
        }
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("hidden size \(width), input dimension 10, unit vectors"))
        outcome.tables = [table]
        if !panels.isEmpty {
            outcome.figures = [
                ExperimentFigure(
                    title: "Moduli of the eigenvalues after training", caption: "At every example of every run.",
                    histograms: .init(
                        xTitle: "modulus", lower: 0, upper: 1.2, limit: nil, columnCount: panels.count.isMultiple(of: 2) ? 2 : 3,
                        panels: panels))
            ]
        }
        outcome.notes = study.notes
        return outcome
    }

    /// Of every example of every trained run, and how many runs there are.
    private func moduli(_ study: KernelStudy, count: Int, width: Int) throws -> (moduli: [[Double]], trained: Int) {
        var moduli: [[Double]] = []
        var trained = 0
        for index in 0..<study.runCount {
            try study.run.piece("\(count) examples, run \(index + 1)", work: Double(count)) {
                var generator = study.generator(index)
                let examples = NormedExamples.random(count, dimension: 10, radius: 1, using: &generator)
                var autoencoder = KernelAutoencoder(examples: examples, hiddenWidths: [width], activation: .sigmoid, using: &generator)
                guard try study.train(&autoencoder) else { return }
                trained += 1
                moduli += try study.numerics { try autoencoder.moduli() }
            }
        }
        return (moduli, trained)
    }

    /// At infinite width, of every example of every run.
    private func infiniteModuli(_ study: KernelStudy, count: Int) throws -> [[Double]] {
        try (0..<study.runCount).flatMap { index in
            var generator = study.generator(index)
            let examples = NormedExamples.random(count, dimension: 10, radius: 1, using: &generator)
            return try study.run.piece("\(count) examples, run \(index + 1), kernel", work: Double(count)) {
                try study.infiniteWidth(.sigmoid, depth: 1, examples).moduli
            }
        }
    }

    /// Share and count around 1, and the largest.
    private func cells(_ moduli: [[Double]], count: Int) -> [ExperimentTable.Cell] {
        let lemma = ExperimentTable.Cell("\(count - 1)", value: Double(count - 1))
        guard !moduli.isEmpty else { return [.init("NA"), lemma, .init("NA"), .init("NA")] }
        let mean = moduli.reduce(0) { sum, example in sum + Double(example.count { (0.95...1.05).contains($0) }) } / Double(moduli.count)
        let largest = moduli.flatMap { $0 }.max() ?? 0
        return [
            .init(Text.percent(mean / 10), value: mean / 10, tone: abs(mean - Double(count - 1)) <= 0.5 ? .good : .bad), lemma,
            .init(Text.significant(mean), value: mean), .init(Text.significant(largest), value: largest),
        ]
    }
}
