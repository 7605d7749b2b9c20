internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [R23] Fig. 5-2: the deep neural feature ansatz on tables with classes, layer by layer.
struct FeatureAnsatzExperiment: Experiment {
    let name = "nfa"
    let scaling = "tables, smallest first"
    let defaultScale = 0.5
    let defaultEpochs = 5000
    let hasFast = false
    let dataNeeded = "tabular/classification, tabular/folds"
    let cost = "one network for each of some twenty tables, minutes"

    /// The table with most rows that takes part, and the examples over which gradients are averaged.
    private static let rowLimit = 6000
    private static let exampleLimit = 1000
    private static let publishedDepth = 5
    private static let publishedWidth = 64

    private struct Outcome {
        var table: String
        var rowCount: Int
        var error: Double
        var accuracy: Double
        var ansatz: NeuralFeatureAnsatz
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let all = try LabelledTable.all(in: run.data.folder, rowLimit: Self.rowLimit).sorted { $0.labels.count < $1.labels.count }
        let tables = Array(all.prefix(run.scaled(all.count, atLeast: 1)))
        let size = try run.network(published: Self.publishedWidth, depth: Self.publishedDepth)
        run.plan(totalWork: Double(tables.reduce(0) { $0 + max($1.labels.count, 500) }))
        let found = try tables.map { table in
            try run.piece(table.name, work: Double(max(table.labels.count, 500))) { try outcome(table, size, run) }
        }
        return outcome(found, size, of: all.count, run)
    }

    private func outcome(_ table: LabelledTable, _ size: NetworkSize, _ run: ExperimentRun) throws -> Outcome {
        let train = table.folds.indices.filter { table.folds[$0] != 0 }
        let test = table.folds.indices.filter { table.folds[$0] == 0 }
        let examples = table.encoded(train, fittedOn: train)
        var settings = LabelTraining.Settings()
        (settings.depth, settings.width, settings.seed) = (size.depth, size.width, UInt64(run.options.seed))
        let epochs = LabelTraining.Settings.epochCount(exampleCount: train.count, batchSize: settings.batchSize)
        settings.epochCount = min(epochs, run.epochLimit)
        do {
            let training = try LabelTraining(examples: examples, targets: table.targets(train), settings: settings) { epoch in
                try run.step(0.9 * Double(epoch) / Double(settings.epochCount), "", epoch: epoch)
            }
            let part = Array(0..<min(train.count, Self.exampleLimit))
            let ansatz = try NeuralFeatureAnsatz(
                of: training.network, from: training.initial, at: examples.rows(at: part), onStep: { _ in try run.step(0.95, "gradients") })
            let scores = training.network.outputs(of: table.encoded(test, fittedOn: train).converted(to: Float.self))
            return Outcome(
                table: table.name, rowCount: train.count, error: training.losses.last ?? 0,
                accuracy: table.accuracy(scores.converted(to: Double.self), test), ansatz: ansatz)
        } catch let error as TrainingError {
            throw ExperimentError.failed(what: table.name, reason: "\(error)")
        }
    }

    private func outcome(_ found: [Outcome], _ size: NetworkSize, of count: Int, _ run: ExperimentRun) -> ExperimentOutcome {
        var table = ExperimentTable(
            title: "Correlation of what each layer's weights have learned with the gradients of the rest",
            caption: "(W − W₀)ᵀ(W − W₀) against the average gradient outer product with respect to the layer's input, then against W₀ᵀW₀.",
            columns: ["table", "examples", "error", "test accuracy"] + (1...size.depth).map { "layer \($0)" })
        for outcome in found {
            var cells: [ExperimentTable.Cell] = [
                .init(outcome.table), .init("\(outcome.rowCount)", value: Double(outcome.rowCount)),
                .init(Text.significant(outcome.error), value: outcome.error),
                .init(Text.percent(outcome.accuracy), value: outcome.accuracy),
            ]
            for layer in outcome.ansatz.layers {
                cells.append(.init("\(hundredths(layer.correlation)) (\(hundredths(layer.initialCorrelation)))", value: layer.correlation))
            }
            table.append(cells)
        }
        let own = median(found.flatMap { $0.ansatz.layers.compactMap(\.correlation) })
        let first = median(found.flatMap { $0.ansatz.layers.compactMap(\.initialCorrelation) })
        var medians = ExperimentTable(
            title: "Medians over tables", caption: "Good: the published bound of .85 or more.",
            columns: ["layer", "gradients", "first weights"])
        for index in 0..<size.depth {
            let value = median(found.compactMap { $0.ansatz.layers[index].correlation })
            medians.append([
                .init("\(index + 1)"), .init(hundredths(value), value: value, tone: value.map { $0 >= 0.85 ? .good : .bad }),
                .init(hundredths(median(found.compactMap { $0.ansatz.layers[index].initialCorrelation }))),
            ])
        }
        var outcome = ExperimentOutcome(
            scaleNote: "\(found.count) of \(count) tables, networks of \(size.words), three of four folds each.")
        outcome.findings = [
            "The median over layers and tables is \(hundredths(own)) (published: above .85, with networks of 1,024 units); with the first weights "
                + "it is \(hundredths(first))."
        ]
        outcome.notes = [
            "Gradient descent with rate 0.1 in batches of 128, the first layer from a standard deviation of 1e-4, as published. 500 passes or 5,000 "
                + "steps, whichever is more: small tables stay on the first plateau in 500 passes."
        ]
        outcome.tables = [medians, table]
        return outcome
    }

    private func hundredths(_ value: Double?) -> String { value.map { "\((100 * $0).rounded() / 100)" } ?? "–" }

    private func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
