internal import EngramKernels
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [R23] section 3.3: expression profiles of drugs on cells, completed from those that were measured.
///
/// The published data cannot be shipped. `DrugScreen` draws some of the same structure, of which the truth is known.
struct CompletionExperiment: Experiment {
    let name = "completion"
    let scaling = "genes, of 978"
    let defaultScale = 0.1
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"
    let cost = "ten folds of some 1600 profiles, a minute"

    /// Folds within each cell, as published.
    private static let foldCount = 10

    /// One method over all folds.
    private struct Method {
        var name: String
        var scores: [Score] = []
    }

    /// What is printed of a fold.
    private struct Score {
        /// Over all test entries.
        var correlation: Double
        /// Mean over profiles of 1 - squared error over variance.
        var determination: Double
        /// Mean over profiles.
        var cosine: Double
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        var generator = run.generator(1)
        let screen = DrugScreen(geneCount: run.scaled(978, atLeast: 20), using: &generator)
        let folds = screen.folds(count: Self.foldCount, using: &generator)
        run.plan(totalWork: Double(folds.count))
        var methods = [
            Method(name: "mean of the cell"), Method(name: "neighbours of drugs"), Method(name: "low rank"),
            Method(name: "wide network, printed prior: cells and reference profiles"),
            Method(name: "wide network, prior of cells and responses on all other cells"),
        ]
        var weights: (printed: Set<Double>, responses: Set<Double>) = ([], [])
        for (index, test) in folds.enumerated() {
            try run.piece("fold \(index + 1)", work: 1) {
                let filled = try predictions(run, screen, test: test)
                for (place, prediction) in filled.byMethod.enumerated() {
                    methods[place].scores.append(Self.score(prediction, screen.profiles.rows(at: test)))
                }
                weights.printed.insert(filled.cellWeights.printed)
                weights.responses.insert(filled.cellWeights.responses)
            }
        }
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(screen.profiles.columnCount) of 978 genes, \(screen.profiles.rowCount) profiles of \(DrugScreen.drugCount) drugs on "
                + "\(DrugScreen.cellCount) cells, drawn.")
        outcome.tables = [table(methods, run.published)]
        outcome.findings = findings(methods)
        func list(_ weights: Set<Double>) -> String { weights.sorted().map { Text.significant($0) }.joined(separator: ", ") }
        outcome.notes = [
            "Weights of cells against drugs, chosen by the closed-form error of leaving profiles out: \(list(weights.printed)) in the printed prior (1.25 in the thesis), \(list(weights.responses)) in the other.",
            "Printed prior: cells with fewer than \(DrugScreen.denseCount) training drugs get the prior of cells and reference profiles, the others the profile itself or its low-rank imputation.",
            "The other prior describes a drug by the mean of what it does on all cells but the one that is asked for, and a cell by a coordinate of its own; the network is fitted to what cells' means leave.",
        ]
        return outcome
    }

    private struct Filled {
        /// In the order of the methods, shape `[test, genes]`.
        var byMethod: [Matrix<Double>]
        /// Of the printed prior, and of the prior of responses.
        var cellWeights: (printed: Double, responses: Double)
    }

    private func predictions(_ run: ExperimentRun, _ screen: DrugScreen, test: [Int]) throws -> Filled {
        let isTest = Set(test)
        let training = (0..<screen.profiles.rowCount).filter { !isTest.contains($0) }
        let baselines = ScreenBaselines(screen: screen, training: training)
        let means = Matrix(rows: test.map { baselines.mean(ofCell: screen.cells[$0]) })
        try run.step(0.1, "neighbours of drugs")
        let neighbours = Matrix(rows: test.map { baselines.neighbourPrediction(drug: screen.drugs[$0], cell: screen.cells[$0]) })
        try run.step(0.2, "low rank")
        let lowRank: Matrix<Double>
        do {
            var generator = run.generator(2)
            lowRank = try baselines.lowRankPredictions(test, using: &generator) { try run.step(0.2, "low rank") }
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: "low rank", reason: "\(error)")
        }
        func networks(_ done: Double) -> ScreenNetworks {
            ScreenNetworks(screen: screen, training: training, test: test, baselines: baselines) { try run.step(done, "the wide networks") }
        }
        let printed = try networks(0.4).printed(imputation: lowRank)
        let responses = try networks(0.7).byResponses()
        return Filled(
            byMethod: [means, neighbours, lowRank, printed.values, responses.values],
            cellWeights: (printed.cellWeight, responses.cellWeight))
    }

    private static func score(_ predictions: Matrix<Double>, _ truth: Matrix<Double>) -> Score {
        var (determination, cosine) = (0.0, 0.0)
        for row in 0..<truth.rowCount {
            let (p, t) = (predictions.row(row), truth.row(row))
            let mean = t.reduce(0, +) / Double(t.count)
            let error = zip(p, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            determination += 1 - error / t.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let norms = (p.reduce(0) { $0 + $1 * $1 } * t.reduce(0) { $0 + $1 * $1 }).squareRoot()
            cosine += norms > 0 ? zip(p, t).reduce(0) { $0 + $1.0 * $1.1 } / norms : 0
        }
        let count = Double(truth.rowCount)
        return Score(
            correlation: pearson(predictions.elements, truth.elements), determination: determination / count, cosine: cosine / count)
    }

    static func pearson(_ a: [Double], _ b: [Double]) -> Double {
        let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
        var (cross, squareA, squareB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            cross += (x - meanA) * (y - meanB)
            squareA += (x - meanA) * (x - meanA)
            squareB += (y - meanB) * (y - meanB)
        }
        let norms = (squareA * squareB).squareRoot()
        return norms > 0 ? cross / norms : 0
    }

    private func table(_ methods: [Method], _ published: PublishedExperiment) -> ExperimentTable {
        var table = ExperimentTable(
            title: "Profiles that were left out, \(Self.foldCount) folds",
            caption: "Means over folds of the three measures of the thesis, and in how many folds the wide network correlates better.",
            columns: ["method", "Pearson r", "R²", "cosine", "network better in folds"])
        guard let network = methods.last else { return table }
        for method in methods {
            func mean(_ value: (Score) -> Double) -> Double {
                method.scores.reduce(0) { $0 + value($1) } / Double(max(method.scores.count, 1))
            }
            let wins = zip(network.scores, method.scores).count { $0.correlation > $1.correlation }
            let isNetwork = method.name == network.name
            table.append(
                [
                    .init(method.name), .init(Text.significant(mean(\.correlation)), value: mean(\.correlation)),
                    .init(Text.significant(mean(\.determination)), value: mean(\.determination)),
                    .init(Text.significant(mean(\.cosine)), value: mean(\.cosine)),
                    isNetwork
                        ? .init("")
                        : .init("\(wins) of \(method.scores.count)", value: Double(wins), tone: wins == method.scores.count ? .good : .bad),
                ])
        }
        table.append([
            .init("published, network on low rank"), .init(published.value("low-rank").printed), .init(""), .init(""), .init("all 50"),
        ])
        return table
    }

    private func findings(_ methods: [Method]) -> [String] {
        guard let network = methods.last else { return [] }
        return methods.dropLast().map { method in
            let wins = zip(network.scores, method.scores).count { $0.correlation > $1.correlation && $0.determination > $1.determination }
            return
                "With responses as its prior the wide network is better than \(method.name), by correlation and R², in \(wins) of \(method.scores.count) folds."
        }
    }
}
