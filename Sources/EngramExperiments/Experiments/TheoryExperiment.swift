internal import EngramDynamics
internal import EngramNumerics
internal import EngramReports

/// [RBU20] Theorems 1, 2, 4 and Corollary 2, beside networks trained from the same start.
struct TheoryExperiment: Experiment {
    let name = "theory"
    let scaling = "the learning rate, 1e-3 divided by it: slower descent is nearer to the flow"
    let defaultScale = 1.0
    let defaultEpochs = 1_000_000
    let hasFast = false
    let dataNeeded = "100 digits, shipped (one is used)"
    let cost = "12 small networks"

    /// One network of the theory.
    private struct Case {
        var item: OneExampleCase
        /// Id of the published eigenvalue.
        var published: String?
    }

    private static let cases: [Case] = {
        var cases = (1...3).map { Case(item: .exponential(width: $0), published: "exp2z.\($0)") }
        cases.append(Case(item: .sigmoid, published: "sigmoid.lambda"))
        var further = [
            OneExampleCase(
                name: "cos z - z, k = 2, from 0.5, 0.8", flow: .init(function: .activation(.cosid), widths: [2], start: [0.5, 0.8]))
        ]
        for (isRoot, depth) in [(true, 1), (true, 2), (true, 3), (false, 1), (false, 2)] {
            further.append(.power(isRoot: isRoot, hiddenLayerCount: depth))
        }
        further.append(
            OneExampleCase(
                name: "sigmoid, k = 3, 2 (Corollary 2)",
                flow: .init(function: .activation(.sigmoid), widths: [3, 2], start: [0.5, 0.4, 0.7])))
        further.append(
            OneExampleCase(
                name: "tanh, k = 2, 3, 2 (Corollary 2)",
                flow: .init(function: .activation(.tanh), widths: [2, 3, 2], start: [0.6, 0.5, 0.4, 0.7])))
        return cases + further.map { Case(item: $0) }
    }()

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let digit = try run.data.hundredDigits().matrix.row(0).map(Double.init)
        let length = digit.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let x = digit.map { $0 / length }
        let rate = 1e-3 / run.scale
        run.plan(totalWork: Double(Self.cases.count + 3))
        var table = ExperimentTable(
            title: "λ₁ of the Jacobian at one stored example",
            caption:
                "Theory: the rank-one solution of gradient flow. Measured: full matrices trained by gradient descent at rate \(rate) on a digit "
                + "of norm 1, \(x.count) entries. + below 1: an attractor.",
            columns: ["nonlinearity, widths, start", "published", "closed form", "theory", "measured", "difference", "steps"])
        var solutions: [String: RankOneFlow.Solution] = [:]
        var worst = 0.0
        do {
            for item in Self.cases {
                let solution = try item.item.flow.solution()
                solutions[item.item.name] = solution
                let measured = try descend(item.item.flow, from: x, to: x, rate: rate, label: item.item.name, run)
                let difference = measured.eigenvalue - solution.eigenvalue
                worst = max(worst, abs(difference))
                table.append([
                    .init(item.item.name),
                    item.published.map { .init(run.published.value($0).printed, value: run.published.value($0).number) } ?? .init("–"),
                    item.item.closedForm.map { .init(Text.significant($0), value: $0) } ?? .init("–"),
                    .init(
                        Text.significant(solution.eigenvalue, digits: 6), value: solution.eigenvalue,
                        tone: solution.isAttractor ? .good : .bad),
                    .init(Text.significant(measured.eigenvalue, digits: 6), value: measured.eigenvalue),
                    .init(Text.scientific(difference), value: difference),
                    .init("\(measured.stepCount)", value: Double(measured.stepCount)),
                ])
            }
            var outcome = ExperimentOutcome(
                scaleNote: "Every example that the paper computes, and more; learning rate \(rate).")
            outcome.tables = [table, weightsTable(run, solutions), try sequenceTable(run, x, rate, solutions)]
            outcome.findings = [
                "Theory and training differ by at most \(Text.scientific(worst)) at learning rate \(rate); the difference falls in proportion to the rate."
            ]
            outcome.notes = [
                "The eigenvalues .6, .28 and .16 that are printed for e^(2z), and .697, .929, .263 for the sigmoid, agree with the solution to their "
                    + "printed digits.",
                "Any network without biases and φ = z^m that stores the example has λ₁ = m^(hidden layers), whatever its width and start, since f is "
                    + "homogeneous of that degree.",
            ]
            return outcome
        } catch let error as TheoryError {
            throw ExperimentError.failed(what: "theory", reason: "\(error)")
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "theory", reason: "\(error)")
        }
    }

    private func descend(
        _ flow: RankOneFlow, from x: [Double], to y: [Double], rate: Double, label: String, _ run: ExperimentRun
    ) throws -> (eigenvalue: Double, stepCount: Int, network: OneExampleDescent) {
        try run.piece(label, work: 1) {
            var descent = OneExampleDescent(flow, input: x, target: y)
            let (steps, _) = try descent.train(learningRate: rate, tolerance: 1e-9, stepLimit: run.epochLimit) { step in
                if step.isMultiple(of: 256) { try run.step(Double(step % 50_000) / 50_000, "step \(step)") }
            }
            return (try descent.largestEigenvalue(), steps, descent)
        }
    }

    private func weightsTable(_ run: ExperimentRun, _ solutions: [String: RankOneFlow.Solution]) -> ExperimentTable {
        var table = ExperimentTable(
            title: "The sigmoid example of Section 4", caption: run.published.value("sigmoid.u").source,
            columns: ["quantity", "published", "theory"])
        guard let solution = solutions["sigmoid, k = 2, from 1"] else { return table }
        for (id, value) in [
            ("sigmoid.u", solution.weights[1]), ("sigmoid.v", solution.weights[0]), ("sigmoid.lambda", solution.eigenvalue),
        ] {
            let published = run.published.value(id)
            table.append([
                .init(published.meaning), .init(published.printed, value: published.number),
                .init(
                    Text.significant(value, digits: 6), value: value, tone: abs(value - (published.number ?? .nan)) < 5e-4 ? .good : .bad),
            ])
        }
        return table
    }

    /// Theorem 4: three networks that each lead one state to the next, composed.
    private func sequenceTable(
        _ run: ExperimentRun, _ x: [Double], _ rate: Double, _ solutions: [String: RankOneFlow.Solution]
    ) throws -> ExperimentTable {
        var generator = run.generator(6)
        let states =
            [x]
            + (0..<2).map { _ in
                let draw = x.map { _ in generator.nextNormal() }
                let norm = draw.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return draw.map { $0 / norm }
            }
        let chosen = [Self.cases[3], Self.cases[4], Self.cases[1]].map(\.item)
        var tangent = x
        for (index, item) in chosen.enumerated() {
            let network = try descend(
                item.flow, from: states[index], to: states[(index + 1) % 3], rate: rate, label: "sequence, state \(index + 1)", run
            ).network
            tangent = network.jacobianProduct(tangent)
        }
        // The composition has rank one and range x, so its eigenvalue is how x comes back.
        let measured = zip(tangent, x).reduce(0) { $0 + $1.0 * $1.1 }
        let theory = chosen.compactMap { solutions[$0.name] }.sequenceEigenvalue
        var table = ExperimentTable(
            title: "A sequence of three, [RBU20] Theorem 4",
            caption: "Three networks, each trained to lead one state to the next; λ₁ of their composition is the product of the three.",
            columns: ["sequence", "theory: product", "measured", "difference"])
        table.append([
            .init(chosen.map(\.name).joined(separator: " → ")), .init(Text.significant(theory, digits: 6), value: theory, tone: .good),
            .init(Text.significant(measured, digits: 6), value: measured),
            .init(Text.scientific(measured - theory), value: measured - theory),
        ])
        return table
    }
}
