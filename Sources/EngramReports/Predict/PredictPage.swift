internal import Foundation

/// `report.html` of a prediction: one file that opens offline and runs no script.
struct PredictPage: Page {
    let content: PredictContent

    private var report: PredictReport { content.report }
    private var prediction: PredictReport.Prediction { report.prediction }
    private var isClassification: Bool { prediction.task == "classification" }

    /// Every part in the order of the page, with the sections of `report.json` that it shows.
    static let parts: [ReportPart<PredictPage>] = [
        .init([PredictReport.Prediction.self, PredictReport.Test.self, PredictReport.Seconds.self, JobSummary.self]) { $0.cards },
        .init { $0.worthKnowing($0.report.notes) },
        .init { $0.comparison },
        .init([PredictReport.Features.self]) { $0.features },
        .init { $0.confusion },
        .init([PredictReport.Answers.self]) { $0.answers },
        .init([PredictReport.Ansatz.self]) { $0.ansatz },
        .init([PredictReport.Limit.self]) { $0.limit },
        .init { $0.reproduce },
    ]

    /// Classes whose confusion is drawn.
    private static let drawnClassCount = 40

    var markup: HTML {
        document(
            title: "\(report.name): \(report.summary.headline)", sources: "img-src data:; ", style: HeatMap.style, header: header,
            main: Self.parts.map { $0.markup(self) })
    }

    private var header: HTML {
        let tone = report.summary.isSuccess ? "exact" : "partial"
        return """
            <header class="top \(tone)">
            <p class="eyebrow"><span class="badge \(tone)">\(report.summary.outcome)</span> <span class="name"><bdi>\(report.name)</bdi></span></p>
            <h1>\(headline)</h1>
            <p class="facts">\(NumberText.count(prediction.rows)) examples · \(NumberText.count(prediction.columns)) columns · \
            \(isClassification ? "\(NumberText.count(prediction.classes.count)) classes" : "a number") · \(modelName)</p>
            </header>
            """
    }

    private var headline: HTML {
        let best = max(prediction.baselines.majority, max(prediction.baselines.nearest, prediction.baselines.laplace))
        let beside = isClassification ? percent(best) : NumberText.fixed(best, decimals: 3)
        if isClassification {
            return """
                <bdi>\(prediction.target)</bdi> is right for \(percent(prediction.measure)) of examples that were not learned from; the best of \
                three plain methods reaches \(beside).
                """
        }
        return """
            <bdi>\(prediction.target)</bdi> is predicted with R² = \(NumberText.fixed(prediction.measure, decimals: 3)) for examples that were \
            not learned from; the best of three plain methods reaches \(beside).
            """
    }

    private var modelName: String {
        switch prediction.model {
        case "features": "a feature machine"
        case "deep": "an infinitely deep network"
        case "network": "a fully connected network"
        default: "a Laplace kernel"
        }
    }

    private func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 1) + "\u{202F}%" }

    private func measured(_ value: Double?) -> String {
        guard let value else { return NumberText.missing }
        return isClassification ? percent(value) : NumberText.fixed(value, decimals: 3)
    }

    private var cards: HTML {
        let interval = prediction.interval
        let range = interval.count == 2 ? "\(measured(interval[0])) to \(measured(interval[1]))" : NumberText.missing
        var all: [HTML] = [
            card(
                isClassification ? "Accuracy" : "R²", measured(prediction.measure), unit: range,
                meaning: "\(isClassification ? "mean of" : "over all") \(prediction.folds) folds, with its 95 % interval",
                tone: prediction.measure > prediction.baselines.majority ? "good" : "warn"),
            card("Model", prediction.model, meaning: "\(modelName); what is not set is chosen inside the examples that it learns from"),
            card(
                "Predicted", NumberText.count(report.answers.predicted),
                meaning: "examples without a label; predictions.csv has each with its nearest three"),
            card(
                "Time", NumberText.duration(seconds: report.seconds.total),
                meaning: "of which \(NumberText.duration(seconds: report.seconds.validate)) to measure"),
        ]
        if let test = report.test {
            let range = "\(percent(test.interval.first ?? 0)) to \(percent(test.interval.last ?? 1))"
            all.insert(
                card(
                    "Test", percent(test.accuracy), unit: range,
                    meaning: "right of \(NumberText.count(test.examples)) examples whose labels were given and not learned from"), at: 1)
        }
        if let logLoss = prediction.logLoss {
            all.append(
                card(
                    "Log loss", NumberText.significant(logLoss, digits: 3),
                    meaning:
                        "of the probabilities, on examples that were held out; guessing gives \(NumberText.significant(guessing, digits: 3))"
                ))
        }
        return "<section class=\"cards\" aria-label=\"Key figures\">\(all)</section>"
    }

    /// -ln of the chance of a class among so many.
    private var guessing: Double { Foundation.log(Double(max(prediction.classes.count, 1))) }

    private var comparison: HTML {
        let baselines = prediction.baselines
        var rows: [(name: String, value: Double)] = [
            ("this model", prediction.measure),
            ("Laplace kernel", baselines.laplace),
            ("nearest example", baselines.nearest),
            (isClassification ? "most frequent class" : "mean", baselines.majority),
        ]
        if let deep = baselines.deep { rows.insert(("infinitely deep network", deep), at: 2) }
        let compared = table(
            caption: "In the same \(prediction.folds) folds; each method saw the same examples",
            columns: [("method", false), (isClassification ? "accuracy" : "R²", true)],
            rows: rows.map { ["\($0.name)", "\(measured($0.value))"] })
        let rounds: HTML? =
            prediction.rounds.count < 2
            ? nil
            : table(
                caption: "After each round of learning the metric; round 0 is the plain kernel",
                columns: [("round", false), (isClassification ? "accuracy" : "R²", true)],
                rows: prediction.rounds.enumerated().map { ["\($0.offset)", "\(measured($0.element))"] })
        let course: HTML? =
            prediction.rounds.count < 2
            ? nil
            : figure(
                .init(
                    xTitle: "round", yTitle: isClassification ? "accuracy" : "R²",
                    series: [.init(name: "this model", x: prediction.rounds.indices.map(Double.init), y: prediction.rounds)]),
                label: "The measure after each round")
        let chosen = "Folds chose: \(prediction.chosenInFolds.joined(separator: "; "))."
        return section("comparison", "Beside plain methods", "\(compared)\n\(rounds)\n\(course)\n<p class=\"fine\">\(chosen)</p>")
    }

    private var features: HTML? {
        guard let features = report.features else { return nil }
        let ranking = table(
            caption: "The columns by their share of the metric; features.csv has all",
            columns: [("column", false), ("share", true)],
            rows: features.ranking.prefix(20).map { ["<bdi>\($0.name)</bdi>", "\(percent($0.weight))"] })
        let map = HeatMap(names: features.names, shares: features.matrix) { row, column in
            "\(features.names[row]) × \(features.names[column]): \(NumberText.fixed(features.matrix[row][column], decimals: 3))"
        }.markup(label: "The metric M over the columns of largest weight")
        let picture = content.diagonal.map { bytes in
            """
            <figure class="showcase small">\(EmbeddedPicture(bytes: bytes).markup(alt: "weight of each pixel", shownWidth: 240))
            <figcaption>The weight of each pixel, bright for large.</figcaption></figure>
            """ as HTML
        }
        let eigenvectors = content.directions.map { bytes in
            """
            <figure class="showcase">\(EmbeddedPicture(bytes: bytes).markup(alt: "the first eigenvectors of M", shownWidth: 640))
            <figcaption>The first eigenvectors of M: directions along which the prediction changes most; gray is 0.</figcaption></figure>
            """ as HTML
        }
        let directions = features.directions.map { directions in
            table(
                caption:
                    "The first eigenvectors of M by their columns of largest weight: directions along which the prediction changes most",
                columns: [("share of the trace", false), ("columns", false)],
                rows: directions.map { direction in
                    let columns = direction.columns.map { "\(NumberText.fixed($0.weight, decimals: 2)) · \($0.name)" }.joined(
                        separator: ", ")
                    return ["\(percent(direction.share))", "<bdi>\(columns)</bdi>"]
                })
        }
        return section(
            "features", "Why: what the metric weighs",
            lead: """
                A feature machine learned in \(features.rounds) rounds how much the prediction changes along each column. Two examples count as \
                alike where they agree in what has weight.
                """,
            """
            \(picture)
            <figure class="wide">\(map)<figcaption>M, over its largest diagonal entry; a colour of the other sign means that two columns count \
            against each other.</figcaption></figure>
            \(eigenvectors)
            \(directions)
            \(ranking)
            """)
    }

    private var confusion: HTML? {
        guard isClassification, !prediction.confusion.isEmpty else { return nil }
        let shares = prediction.confusion.map { row -> [Double] in
            let sum = row.reduce(0, +)
            return row.map { sum > 0 ? Double($0) / Double(sum) : 0 }
        }
        let counts = prediction.confusion
        let sums = counts.map { $0.reduce(0, +) }
        // The most frequent in their own order; of equals the first.
        let shown = sums.indices.sorted { (sums[$0], $1) > (sums[$1], $0) }.prefix(Self.drawnClassCount).sorted()
        let names = shown.map { prediction.classes.count > 1 ? "\($0 + 1) \(prediction.classes[$0])" : prediction.classes[$0] }
        let map = HeatMap(names: names, shares: shown.map { row in shown.map { shares[row][$0] } }) { row, column in
            let (own, other) = (shown[row], shown[column])
            return "\(prediction.classes[own]) taken for \(prediction.classes[other]): \(counts[own][other])"
        }.markup(label: "How often each class was taken for each other")
        let caption: HTML? =
            shown.count < sums.count
            ? "<figcaption>The \(shown.count) most frequent of \(sums.count) classes; confusion.csv has all.</figcaption>" : nil
        return section(
            "confusion", "What is taken for what",
            lead: "Rows are the true classes, columns the predicted ones; each example was predicted once, by a model that did not see it.",
            "<figure class=\"wide\">\(map)\(caption)</figure>")
    }

    private var answers: HTML? {
        guard report.answers.predicted > 0 else { return nil }
        let new = content.rows.filter { $0.known == nil }.prefix(20)
        let shown = table(
            caption: "The first \(new.count) of \(NumberText.count(report.answers.predicted)); predictions.csv has all",
            columns: [("example", false), (prediction.target, false), ("probability", true), ("nearest examples", false)],
            rows: new.map { row in
                [
                    "<bdi>\(row.item)</bdi>", "<bdi>\(row.predicted)</bdi>", "\(row.probability.map(percent) ?? NumberText.missing)",
                    "<bdi>\(row.nearest.joined(separator: ", "))</bdi>",
                ]
            })
        return section("answers", "Predicted", shown)
    }

    private var ansatz: HTML? {
        guard let ansatz = report.ansatz else { return nil }
        func told(_ value: Double?) -> HTML { "\(value.map { NumberText.fixed($0, decimals: 3) } ?? NumberText.missing)" }
        let layers = table(
            caption: "Correlation of what the weights have learned, (W − W₀)ᵀ(W − W₀)",
            columns: [("layer", true), ("inputs", true), ("units", true), ("with the gradients", true), ("with W₀ᵀW₀", true)],
            rows: ansatz.layers.map {
                ["\($0.layer)", "\(NumberText.count($0.inputs))", "\(NumberText.count($0.units))", told($0.correlation), told($0.initial)]
            })
        return section(
            "ansatz", "What the network's layers have learned",
            lead: """
                The deep neural feature ansatz says that a layer's weights become proportional to the average outer product of the gradients of \
                the rest of the network: near 1 in the fourth column, and above the fifth, which is what the first weights alone explain.
                """, layers)
    }

    private var limit: HTML? {
        guard let limit = report.limit else { return nil }
        let gaps = table(
            caption: "The kernel of L layers against its limit: largest relative difference",
            columns: [("L", false), ("gap", true)], rows: limit.gaps.map { ["\($0.depth)", "\(NumberText.significant($0.gap))"] })
        let told = limit.isEstimated ? "Neighbours tell" : "Settings say"
        return section(
            "limit", "The infinitely deep network",
            lead: """
                \(told) that the examples lie on a set of dimension \(NumberText.plain(limit.dimension)). With \(limit.activation) a network \
                of infinite width and depth weighs examples by their distance to the power of −\(NumberText.significant(limit.order, digits: 3)), \
                which is Bayes optimal for that dimension.
                """, "\(singularity(limit))\n\(gapCurve(limit))\n\(gaps)\n\(activations(limit))")
    }

    /// Weights by distance.
    private func singularity(_ limit: PredictReport.Limit) -> HTML? {
        guard let distances = limit.distances, let curves = limit.curves else { return nil }
        let series = curves.map { curve in
            ExperimentFigure.Curves.Series(
                name: curve.depth.map { "\($0) \($0 == 1 ? "layer" : "layers")" } ?? "infinitely many layers", x: distances,
                y: curve.logarithms)
        }
        return figure(
            .init(xTitle: "distance on the sphere", yTitle: "log₁₀ weight", isLogarithmic: true, series: series),
            label: "How an example is weighed by its distance, over its weight at distance 1: the limit rises without bound")
    }

    /// How far finite depths are.
    private func gapCurve(_ limit: PredictReport.Limit) -> HTML? {
        let gaps = limit.gaps.filter { $0.gap > 0 && $0.gap.isFinite }
        guard gaps.count > 1 else { return nil }
        return figure(
            .init(
                xTitle: "hidden layers", yTitle: "log₁₀ gap", isLogarithmic: true,
                series: [
                    .init(name: "largest relative gap", x: gaps.map { Double($0.depth) }, y: gaps.map { Foundation.log10($0.gap) })
                ]),
            label: "The kernel of a network of so many layers against its limit")
    }

    private func activations(_ limit: PredictReport.Limit) -> HTML? {
        limit.activations.map { rows in
            table(
                caption: "What infinite depth makes of an activation φ with E φ² = 1",
                columns: [("activation", false), ("classifier", false), ("A²", true), ("A′²", true), ("B′", true), ("α", true)],
                rows: rows.map {
                    [
                        "\($0.name)", "\($0.classifier)", "\(NumberText.significant($0.squaredMean, digits: 3))",
                        "\(NumberText.significant($0.squaredMeanSlope, digits: 3))",
                        "\(NumberText.significant($0.meanSquaredSlope, digits: 3))",
                        "\($0.order.map { NumberText.significant($0, digits: 3) } ?? NumberText.missing)",
                    ]
                })
        }
    }

    private var reproduce: HTML {
        section("again", "Again", "<pre><code>\(content.command)</code></pre>")
    }
}
