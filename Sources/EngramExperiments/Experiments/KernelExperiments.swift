internal import EngramNumerics
internal import EngramReports

/// [JP20] Fig. 2: one example, depth against the change of the largest eigenvalue.
struct KernelDepthExperiment: Experiment {
    let name = "jp2"
    let scaling = "runs, of 100; epochs"
    let defaultScale = 0.03
    let defaultEpochs = 2000
    let hasFast = false
    let dataNeeded = "none"
    let cost = "3 runs of 4 depths"

    private static let layerCounts = [2, 3, 4, 5]

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = try run.network(published: 1000, depth: 1).width
        run.plan(totalWork: Double(study.runCount * Self.layerCounts.reduce(0, +)))
        var table = ExperimentTable(
            title: "Largest eigenvalue norm at the example, before and after training",
            caption:
                "\(run.published.source) prints a plot of the difference only: it is to fall with depth. Medians over \(study.runCount) runs; "
                + "norm: ‖J‖, largest eigenvalue: |λ|.",
            columns: ["layers", "published", "norm before", "norm after", "difference", "eigenvalue before", "eigenvalue after", "trained"])
        var differences: [Double] = []
        for layers in Self.layerCounts {
            var found: [[Double]] = []
            for index in 0..<study.runCount {
                try run.piece("\(layers) layers, run \(index + 1)", work: Double(layers)) {
                    var generator = study.generator(index)
                    // The published norm of the example is not printed; independent N(0, 1) entries have about √32.
                    let example = NormedExamples.random(1, dimension: 32, radius: 32.0.squareRoot(), using: &generator)
                    var autoencoder = KernelAutoencoder(
                        examples: example, hiddenWidths: Array(repeating: width, count: layers - 1), activation: .sigmoid, using: &generator
                    )
                    let before = try study.largest(autoencoder)
                    let isTrained = try study.train(&autoencoder)
                    let after = try study.largest(autoencoder)
                    if isTrained { found.append([before.norm, after.norm, abs(after.norm - before.norm), before.radius, after.radius]) }
                }
            }
            let medians = (0..<5).map { column in KernelStudy.median(found.map { $0[column] }) }
            differences.append(medians[2])
            table.append(
                [.init("\(layers)", value: Double(layers)), .init("plot")]
                    + medians.map { .init($0.isFinite ? Text.significant($0) : "–", value: $0) }
                    + [.init("\(found.count)/\(study.runCount)", value: Double(found.count))])
        }
        let falls = zip(differences, differences.dropFirst()).allSatisfy { $0 >= $1 }
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("hidden layers of \(width)"))
        outcome.tables = [table]
        outcome.findings = [
            "The difference \(falls ? "falls" : "does not fall at every step") as layers are added, from \(Text.significant(differences[0])) to \(Text.significant(differences[differences.count - 1]))."
        ]
        outcome.figures = [
            ExperimentFigure(
                title: "Change of the Jacobian's norm by training", caption: "Medians of |‖J‖ after - ‖J‖ before|.",
                curves: .init(
                    xTitle: "layers", yTitle: "difference",
                    series: [.init(name: "measured", x: Self.layerCounts.map(Double.init), y: differences)]))
        ]
        outcome.notes = study.notes
        return outcome
    }
}

/// [JP20] Fig. 3: many examples, input norm against the largest eigenvalue.
struct KernelRadiusExperiment: Experiment {
    let name = "jp3"
    let scaling = "runs, of 100; hidden size up to 10000 in proportion to its root; epochs"
    let defaultScale = 0.02
    let defaultEpochs = 3000
    let hasFast = false
    let dataNeeded = "none"
    let cost = "2 runs of 3 counts of examples and 6 norms"

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
    let defaultEpochs = 3000
    let hasFast = false
    let dataNeeded = "none"
    let cost = "2 runs of 3 nonlinearities and 6 norms"

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
    let hasFast = false
    let dataNeeded = "none"
    let cost = "3 runs of 3 counts of examples"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = try run.network(published: 1000, depth: 1).width
        let counts = [2, 5, 8]
        run.plan(totalWork: Double(study.runCount * counts.reduce(0, +)))
        var table = ExperimentTable(
            title: "Eigenvalues with norm around 1",
            caption: "\(run.published.value("2").source): n - 1 of 10. Around 1: from 0.95 to 1.05, the mean count over examples and "
                + "\(study.runCount) runs.",
            columns: ["examples n", "published share", "measured share", "Lemma 4: n - 1", "measured count", "largest modulus", "trained"])
        var panels: [ExperimentFigure.Histograms.Panel] = []
        for count in counts {
            var moduli: [[Double]] = []
            var trained = 0
            for index in 0..<study.runCount {
                try run.piece("\(count) examples, run \(index + 1)", work: Double(count)) {
                    var generator = study.generator(index)
                    let examples = NormedExamples.random(count, dimension: 10, radius: 1, using: &generator)
                    var autoencoder = KernelAutoencoder(examples: examples, hiddenWidths: [width], activation: .sigmoid, using: &generator)
                    guard try study.train(&autoencoder) else { return }
                    trained += 1
                    moduli += try study.numerics { try autoencoder.moduli() }
                }
            }
            let near = moduli.map { Double($0.count { (0.95...1.05).contains($0) }) }
            let mean = near.isEmpty ? Double.nan : near.reduce(0, +) / Double(near.count)
            let published = run.published.value("\(count)")
            let isNear = abs(mean - Double(count - 1)) <= 0.5
            table.append([
                .init("\(count)", value: Double(count)), .init(published.printed, value: published.number),
                near.isEmpty ? .init("NA") : .init(Text.percent(mean / 10), value: mean / 10, tone: isNear ? .good : .bad),
                .init("\(count - 1)", value: Double(count - 1)), near.isEmpty ? .init("NA") : .init(Text.significant(mean), value: mean),
                near.isEmpty ? .init("NA") : .init(Text.significant(moduli.flatMap { $0 }.max() ?? 0), value: moduli.flatMap { $0 }.max()),
                .init("\(trained)/\(study.runCount)", value: Double(trained)),
            ])
            panels.append(.init(name: "\(count) examples", values: moduli.flatMap { $0 }))
        }
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("hidden size \(width), input dimension 10, unit vectors"))
        outcome.tables = [table]
        outcome.figures = [
            ExperimentFigure(
                title: "Moduli of the eigenvalues after training", caption: "At every example of every run.",
                histograms: .init(xTitle: "modulus", lower: 0, upper: 1.2, limit: nil, columnCount: 3, panels: panels))
        ]
        outcome.notes = study.notes
        return outcome
    }
}
