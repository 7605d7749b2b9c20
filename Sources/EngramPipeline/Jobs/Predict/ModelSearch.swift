internal import EngramKernels
internal import EngramMemories
internal import EngramNumerics

/// Chooses a model and its settings by cross-validation inside the examples that it is given: nothing outside them is looked at, so that
/// the accuracy measured outside is that of examples never seen.
///
/// The closed form for leaving one example out would be faster, and is misleading here: M has been learned from the label of the example
/// that is left out.
struct ModelSearch {
    let settings: DropSettings.Predict
    let seed: UInt64
    /// Called now and then; what it throws ends the search.
    let onStep: () throws -> Void

    /// A model with its settings.
    struct Choice: Equatable, Sendable {
        /// `laplace`, `features` or `deep`.
        var model: DropSettings.Predict.Model
        /// Of a kernel machine; the number of rounds is that of the choice.
        var machine = FeatureMachine.Settings()
        /// Of the infinitely deep classifier: d.
        var dimension: Double?
    }

    /// Examples by which settings are chosen. More would choose a little better, at a cost that grows with their cube.
    private static let searchCount = 1000
    /// Folds of the search.
    private static let foldCount = 3
    /// Most examples of a kernel machine that is factored: 3.2 GB.
    static let machineCount = 20_000
    /// Most encoded columns for which M is learned: it is of their square, and factored in their cube. 128 MB each.
    static let metricWidth = 4096
    /// As published.
    private static let ridges = [1e-3, 1e-2, 0.1, 1, 10]
    /// The parts of M that are tried: all or its diagonal, as learned or half-way to the identity.
    private static let kinds: [(isDiagonal: Bool, shrinkage: Double)] = [(false, 0), (false, 0.5), (true, 0), (true, 0.5)]

    /// Every candidate with its score.
    private struct Scored {
        var choice: Choice
        var score: Double
    }

    /// The choice for these examples.
    func choice(for rows: LearnableRows) throws -> Choice {
        let sample = rows.at(StratifiedFolds.sample(of: rows, most: Self.searchCount, seed: seed))
        let folds = StratifiedFolds.folds(of: sample, count: Self.foldCount, seed: seed &+ 1)
        let wanted = settings.model.given
        var laplace: [Scored] = []
        var features: [Scored] = []
        let roundCount = roundCount(of: rows)
        for ridge in Self.ridges {
            for kind in roundCount == 0 ? Array(Self.kinds.prefix(1)) : Self.kinds {
                let path = try machinePath(ridge: ridge, kind, roundCount, sample, folds)
                if kind == Self.kinds[0] { laplace.append(path[0]) }
                features += path.dropFirst()
            }
        }
        let plain = best(laplace) ?? Scored(choice: Choice(model: .laplace), score: 0)
        let learned = best(features)
        if wanted == .laplace { return plain.choice }
        if wanted == .features { return learned?.choice ?? plain.choice }
        guard rows.isClassification else { return isBetter(learned, than: plain, sample) ? learned?.choice ?? plain.choice : plain.choice }
        let deep = try deepCandidate(rows, sample, folds)
        if wanted == .deep { return deep.choice }
        let first = isBetter(learned, than: plain, sample) ? learned ?? plain : plain
        return isBetter(deep, than: first, sample) ? deep.choice : first.choice
    }

    private func best(_ all: [Scored]) -> Scored? {
        // Of equals the first: the smallest ridge is the last resort of a search that cannot tell.
        all.enumerated().max { ($0.element.score, -$0.offset) < ($1.element.score, -$1.offset) }?.element
    }

    /// Whether a candidate wins by more than half a standard error of such a difference: with hundreds of candidates some win by chance.
    private func isBetter(_ candidate: Scored?, than other: Scored, _ sample: LearnableRows) -> Bool {
        guard let candidate else { return false }
        let count = Double(sample.count)
        guard sample.isClassification else { return candidate.score > 0.98 * other.score }
        let share = max(0.02, 1 - other.score / count)
        return candidate.score - other.score > 0.5 * (count * share / 2).squareRoot()
    }

    /// Rounds of learning M that are tried; 0 where no M is wanted or it would not fit.
    private func roundCount(of rows: LearnableRows) -> Int {
        if settings.model.given == .laplace || settings.model.given == .deep { return 0 }
        return rows.rows.columnCount <= Self.metricWidth ? settings.rounds : 0
    }

    /// Scores of a machine after each round; the first is the Laplace kernel.
    private func machinePath(
        ridge: Double, _ kind: (isDiagonal: Bool, shrinkage: Double), _ roundCount: Int, _ sample: LearnableRows, _ folds: [Int]
    ) throws -> [Scored] {
        var machine = FeatureMachine.Settings(
            bandwidth: settings.bandwidth.given ?? 10, ridge: ridge, roundCount: roundCount,
            product: .init(isDiagonal: kind.isDiagonal, isCentered: settings.centered), scaling: .unitTrace, shrinkage: kind.shrinkage)
        var scores = Array(repeating: 0.0, count: roundCount + 1)
        for fold in 0..<Self.foldCount {
            let train = sample.at(folds.indices.filter { folds[$0] != fold })
            let test = sample.at(folds.indices.filter { folds[$0] == fold })
            var last = 0.0
            var done = -1
            do {
                _ = try FeatureMachine.learned(
                    points: train.rows, targets: train.targets, settings: machine,
                    onRound: { round in
                        let solved = FeatureMachine(kernel: round.kernel, points: train.rows, coefficients: round.coefficients)
                        last = test.score(try solved.outputs(at: test.rows))
                        scores[round.index] += last
                        done = round.index
                    }, onStep: { _ in try onStep() })
            } catch is FeatureMachineError {
                // Without gradients there is nothing more to learn, and later rounds are the last one.
            } catch is KernelError {
                // Nor where M can no longer be factored.
            }
            for index in (done + 1)..<max(done + 1, scores.count) { scores[index] += last }
        }
        return scores.enumerated().map { index, score in
            machine.roundCount = index
            return Scored(choice: Choice(model: index == 0 ? .laplace : .features, machine: machine), score: score)
        }
    }

    private func deepCandidate(_ rows: LearnableRows, _ sample: LearnableRows, _ folds: [Int]) throws -> Scored {
        let dimension = try dimension(of: rows)
        let choice = Choice(model: .deep, dimension: dimension)
        var score = 0.0
        for fold in 0..<Self.foldCount {
            let predictor = try fitted(choice, to: sample.at(folds.indices.filter { folds[$0] != fold }))
            let test = sample.at(folds.indices.filter { folds[$0] == fold })
            score += test.score(try predictor.outputs(at: test.rows, onStep: { _ in try onStep() }))
        }
        return Scored(choice: choice, score: score)
    }

    /// d of the set on the sphere, as it is set or as the neighbours tell; whole, as a manifold's is.
    func dimension(of rows: LearnableRows) throws -> Double {
        if let given = settings.dimension.given { return given }
        let points = try SphereScaling(of: rows.rows, keepsLength: true).scaled(rows.rows)
        let estimate = IntrinsicDimension(of: points)?.value.rounded() ?? 1
        return min(max(estimate, 1), 40)
    }

    /// A model of this choice for these examples; of more than a kernel machine can hold a part, in proportion.
    /// - Parameter onRound: Called with each round of a feature machine.
    func fitted(
        _ choice: Choice, to rows: LearnableRows, onRound: (FeatureMachine.Round, LearnableRows) throws -> Void = { _, _ in }
    ) throws -> Predictor {
        if let dimension = choice.dimension {
            let scaling = SphereScaling(of: rows.rows, keepsLength: true)
            let classifier = try InfinitelyDeepClassifier(
                points: scaling.scaled(rows.rows), labels: rows.labels, classCount: rows.classCount,
                activation: Self.activation(dimension: dimension))
            return Predictor(model: .deep(classifier, scaling), offset: 0, scale: 1)
        }
        let used = rows.at(StratifiedFolds.sample(of: rows, most: Self.machineCount, seed: seed &+ 2))
        var last: FeatureMachine?
        do {
            last = try FeatureMachine.learned(
                points: used.rows, targets: used.targets, settings: choice.machine,
                onRound: { round in
                    last = FeatureMachine(kernel: round.kernel, points: used.rows, coefficients: round.coefficients)
                    try onRound(round, used)
                }, onStep: { _ in try onStep() })
        } catch let error as FeatureMachineError {
            guard last != nil else { throw error }
        } catch let error as KernelError {
            guard last != nil else { throw error }
        }
        guard let machine = last else { preconditionFailure("Learning gives a machine or throws.") }
        return Predictor(model: .features(machine), offset: rows.offset, scale: rows.scale)
    }

    /// [R23] Corollary 1 where it has one, Corollary 2 between 1 and 2.
    static func activation(dimension: Double) throws -> any DualActivation {
        if dimension == 1 || dimension >= 2 { return try ConsistentActivation.polynomial(dimension: dimension) }
        return try ConsistentActivation.sine(dimension: max(dimension, 1.05))
    }
}
