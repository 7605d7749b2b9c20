internal import EngramKernels
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// Chooses a model and its settings by cross-validation inside the examples that it is given: nothing outside them is looked at, so that
/// the accuracy measured outside is that of examples never seen.
///
/// The closed form for leaving one example out would be faster, and is misleading here: M has been learned from the label of the example
/// that is left out.
struct ModelSearch {
    var settings: DropSettings.Predict
    let seed: UInt64
    /// How a network is trained, but for its epochs.
    let network: LabelTraining.Settings
    /// Most epochs of a network.
    let epochLimit: Int
    /// Most examples of a kernel machine that memory allows.
    var machineLimit = ModelSearch.iteratedCount
    /// Called now and then; what it throws ends the search.
    let onStep: () throws -> Void

    /// A search under the settings of a drop.
    init(_ settings: DropSettings, onStep: @escaping () throws -> Void) {
        self.settings = settings.predict
        // A family that is named is wanted, where no model is.
        if settings.predict.model.given == nil, settings.network.family.given == .fullyConnected {
            self.settings.model = .value(.network)
        }
        seed = UInt64(settings.seed)
        var network = LabelTraining.Settings()
        network.depth = settings.network.depth.given ?? network.depth
        network.width = settings.network.width.given ?? network.width
        network.activation = settings.network.activation.given.flatMap { Activation(rawValue: $0.rawValue) } ?? network.activation
        network.learningRate = settings.training.learningRate.given ?? network.learningRate
        network.batchSize = settings.training.batchSize.given ?? network.batchSize
        network.seed = seed
        self.network = network
        epochLimit = settings.training.epochs
        self.onStep = onStep
    }

    /// The same search for another model; L of the plain kernel is the published one where it is to be a measure for others.
    func with(model: DropSettings.Predict.Model, bandwidth: Double? = nil) -> ModelSearch {
        var other = self
        other.settings.model = .value(model)
        if let bandwidth { other.settings.bandwidth = .value(bandwidth) }
        return other
    }

    /// A model with its settings.
    struct Choice: Equatable, Sendable {
        /// Its kind.
        var model: DropSettings.Predict.Model
        /// Of a kernel machine; the number of rounds is that of the choice.
        var machine = FeatureMachine.Settings()
        /// Of the infinitely deep classifier: d.
        var dimension: Double?

        /// For people.
        var words: String {
            if let dimension { return "deep for dimension \(dimension)" }
            if model == .network { return "network" }
            let width = machine.bandwidth == ModelSearch.publishedBandwidth ? "" : ", L = \(machine.bandwidth)"
            guard machine.roundCount > 0 else { return "laplace, ridge \(machine.ridge)\(width)" }
            let part = machine.product.isDiagonal ? "diagonal" : "full"
            let half = machine.shrinkage > 0 ? ", half-way to the identity" : ""
            return
                "features, \(machine.roundCount) \(machine.roundCount == 1 ? "round" : "rounds"), \(part)\(half), ridge \(machine.ridge)\(width)"
        }
    }

    /// What a search came to.
    struct Outcome: Sendable {
        /// The model that predicts best.
        var choice: Choice
        /// The feature machine that predicts best, where any was tried.
        var features: Choice?
    }

    /// Examples by which settings are chosen. More would choose a little better, at a cost that grows with their cube.
    private static let searchCount = 1000
    /// Folds of the search.
    private static let foldCount = 3
    /// Most examples of a kernel machine that is factored: 3.2 GB.
    static let factoredCount = 20_000
    /// Most examples of a kernel machine at all: one triangle of its kernel in float32 is 5 GB.
    static let iteratedCount = 50_000
    /// Multiplications that the gradients of a machine of more than `factoredCount` examples may take, over all rounds: minutes.
    private static let gradientWork = 2e13
    /// L of the source.
    static let publishedBandwidth = 10.0
    /// Other L that are tried for what is best at the published one.
    private static let bandwidths = [1.0, 2, 5, 20]
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
    func choice(for rows: LearnableRows) throws -> Choice { try outcome(for: rows).choice }

    /// The choice for these examples, and the best feature machine.
    func outcome(for rows: LearnableRows) throws -> Outcome {
        let wanted = settings.model.given
        if wanted == .network { return Outcome(choice: Choice(model: .network), features: nil) }
        if wanted == .deep { return Outcome(choice: Choice(model: .deep, dimension: try dimension(of: rows)), features: nil) }
        let sample = rows.at(StratifiedFolds.sample(of: rows, most: Self.searchCount, seed: seed))
        let folds = StratifiedFolds.folds(of: sample, count: Self.foldCount, seed: seed &+ 1)
        let (plain, learned) = try machines(sample, folds, roundCount: roundCount(of: rows))
        if wanted == .laplace { return Outcome(choice: plain.choice, features: nil) }
        if wanted == .features { return Outcome(choice: learned?.choice ?? plain.choice, features: learned?.choice) }
        var first = isBetter(learned, than: plain, sample) ? learned ?? plain : plain
        if rows.isClassification {
            let deep = try deepCandidate(rows, sample, folds)
            if isBetter(deep, than: first, sample) { first = deep }
        }
        return Outcome(choice: first.choice, features: learned?.choice)
    }

    /// The best plain kernel and the best feature machine, nil where none is wanted.
    private func machines(
        _ sample: LearnableRows, _ folds: [Int], roundCount: Int
    ) throws -> (plain: Scored, learned: Scored?) {
        var (laplace, features): ([Scored], [Scored]) = ([], [])
        let published = settings.bandwidth.given ?? Self.publishedBandwidth
        func path(_ machine: FeatureMachine.Settings) throws -> [Scored] { try machinePath(machine, sample, folds) }
        for ridge in Self.ridges {
            for kind in roundCount == 0 ? Array(Self.kinds.prefix(1)) : Self.kinds {
                let found = try path(machine(ridge: ridge, kind, roundCount, bandwidth: published))
                if kind == Self.kinds[0] { laplace.append(found[0]) }
                features += found.dropFirst()
            }
        }
        var plain = best(laplace) ?? Scored(choice: Choice(model: .laplace), score: 0)
        var learned = best(features)
        guard settings.bandwidth.given == nil else { return (plain, learned) }
        // L is chosen for what is best at the published one, and must be better by as much as another model.
        var (plainOthers, learnedOthers): ([Scored], [Scored]) = ([], [])
        for bandwidth in Self.bandwidths {
            for ridge in Self.ridges { plainOthers += try path(machine(ridge: ridge, Self.kinds[0], 0, bandwidth: bandwidth)) }
            guard let learned else { continue }
            var machine = learned.choice.machine
            machine.bandwidth = bandwidth
            learnedOthers += try path(machine).suffix(1)
        }
        if let other = best(plainOthers), isBetter(other, than: plain, sample) { plain = other }
        if let own = learned, let other = best(learnedOthers), isBetter(other, than: own, sample) { learned = other }
        return (plain, learned)
    }

    private func machine(
        ridge: Double, _ kind: (isDiagonal: Bool, shrinkage: Double), _ roundCount: Int, bandwidth: Double
    ) -> FeatureMachine.Settings {
        .init(
            bandwidth: bandwidth, ridge: ridge, roundCount: roundCount,
            product: .init(isDiagonal: kind.isDiagonal, isCentered: settings.centered), scaling: .unitTrace, shrinkage: kind.shrinkage)
    }

    /// The feature machine that explains a model which was named without a search: as published.
    var explanation: Choice {
        Choice(
            model: .features,
            machine: machine(
                ridge: 1e-2, Self.kinds[0], settings.rounds, bandwidth: settings.bandwidth.given ?? Self.publishedBandwidth))
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
    private func machinePath(_ settings: FeatureMachine.Settings, _ sample: LearnableRows, _ folds: [Int]) throws -> [Scored] {
        var machine = settings
        let roundCount = machine.roundCount
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

    /// Where learning starts, and who is told of its rounds.
    struct Course {
        /// The round at which an earlier attempt ended.
        var start: FeatureMachine.Start?
        /// Called with each round of a feature machine and the examples that it learned from.
        var onRound: (FeatureMachine.Round, LearnableRows) throws -> Void = { _, _ in }
    }

    /// A model of this choice for these examples; of more than a kernel machine can hold a part, in proportion.
    func fitted(_ choice: Choice, to rows: LearnableRows, course: Course = Course()) throws -> Predictor {
        if let dimension = choice.dimension {
            return Predictor(model: try DeepModel(of: rows, dimension: dimension), offset: 0, scale: 1)
        }
        if choice.model == .network {
            var network = network
            let epochs = LabelTraining.Settings.epochCount(exampleCount: rows.count, batchSize: network.batchSize)
            network.epochCount = min(epochs, epochLimit)
            let model = try NetworkModel(of: rows, settings: network, onStep: onStep)
            return Predictor(model: model, offset: rows.offset, scale: rows.scale)
        }
        let most = machineCount(of: rows, rounds: choice.machine.roundCount)
        let used = rows.at(StratifiedFolds.sample(of: rows, most: most, seed: seed &+ 2))
        let learning = FeatureLearning(points: used.rows, targets: used.targets, settings: choice.machine)
        var last: FeatureMachine?
        do {
            last = try learning.machine(
                startingAt: course.start,
                onRound: { round in
                    last = FeatureMachine(kernel: round.kernel, points: used.rows, coefficients: round.coefficients)
                    try course.onRound(round, used)
                }, onStep: { _ in try onStep() })
        } catch let error as FeatureMachineError {
            guard last != nil else { throw error }
        } catch let error as KernelError {
            guard last != nil else { throw error }
        }
        guard let machine = last else { preconditionFailure("Learning gives a machine or throws.") }
        return Predictor(model: KernelModel(machine), offset: rows.offset, scale: rows.scale)
    }

    /// Most examples of a kernel machine: what is factored; more where conjugate gradients and the gradients of all rounds take minutes.
    func machineCount(of rows: LearnableRows, rounds: Int) -> Int {
        min(machineLimit, Self.machineCount(width: rows.rows.columnCount, outputs: max(rows.classCount, 1), rounds: rounds))
    }

    /// The same by the shape of the examples.
    static func machineCount(width: Int, outputs: Int, rounds: Int) -> Int {
        let perPair = 2 * Double(width + 1) * Double(outputs) * Double(max(rounds, 1))
        let affordable = Int(saturating: (gradientWork / perPair).squareRoot())
        return min(max(affordable, factoredCount), iteratedCount)
    }
}
