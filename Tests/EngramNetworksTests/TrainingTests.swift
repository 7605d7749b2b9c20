import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

@Suite struct TrainingTests {
    /// n random examples of d entries in [0, 1).
    private func examples(_ count: Int, _ dimension: Int, seed: UInt64) -> Matrix<Float> {
        var generator = SplitMix64(seed: seed)
        return Matrix(
            rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in Float(generator.nextUniform()) })
    }

    private func settings(seed: UInt64) -> FastTraining.Settings {
        FastTraining.Settings(depth: 2, width: 24, activation: .selu, conditioning: 1, maximumNoise: 0.5, seed: seed)
    }

    @Test func sameSeedGivesTheSameBytesAndAnotherSeedOthers() throws {
        let x = examples(6, 40, seed: 1)
        func weights(seed: UInt64) throws -> [UInt8] {
            var training = try FastTraining(samples: x, task: .sequences([0..<6]), settings: settings(seed: seed))
            try training.trainRound(epochs: 20) { _ in .proceed }
            return try training.storedNetwork().encoded()
        }
        let first = try weights(seed: 7)
        #expect(try weights(seed: 7) == first)
        #expect(try weights(seed: 8) != first)
    }

    @Test func storedNetworkInterpolatesToFloat32RoundingInFullSpace() throws {
        let x = examples(6, 40, seed: 2)
        for task in [MemoryTask.autoencoder(count: 6), .sequences([0..<3, 3..<6])] {
            var training = try FastTraining(samples: x, task: task, settings: settings(seed: 3))
            try training.trainRound(epochs: 60) { _ in .proceed }
            let stored = try training.storedNetwork().converted(to: Double.self)
            let precise = x.converted(to: Double.self)
            let error = worstRelativeError(stored.outputs(of: precise), precise.rows(at: task.successors))
            // 24 products with weights of order 1 rounded to 6e-8 each, slack 4.
            #expect(error < 6e-6, "\(error)")
        }
    }

    @Test func trainingLowersTheLossAndReportsEveryEpoch() throws {
        var training = try FastTraining(samples: examples(5, 30, seed: 4), task: .autoencoder(count: 5), settings: settings(seed: 5))
        var losses: [Double] = []
        try training.trainRound(epochs: 80) { progress in
            losses.append(progress.loss)
            #expect(progress.epoch == losses.count)
            return .proceed
        }
        #expect(losses.count == 80)
        #expect(losses[79] < losses[0] / 4, "\(losses[0]) → \(losses[79])")
        try training.trainRound(epochs: 10) { $0.epoch == 83 ? .stop : .proceed }
        #expect(training.epochCount == 83)
    }

    @Test func contractiveNetworkStillInterpolatesAndItsJacobiansAreSmaller() throws {
        let x = examples(6, 40, seed: 2)
        var training = try FastTraining(samples: x, task: .autoencoder(count: 6), settings: settings(seed: 3))
        try training.trainRound(epochs: 5) { _ in .proceed }
        var told: [Int] = []
        let contractive = try training.contractiveNetwork(exampleWeights: Array(repeating: 1, count: 6)) { told.append($0) }
        #expect(told == Array(0..<6))
        let exact = try training.storedNetwork().converted(to: Double.self)
        let precise = x.converted(to: Double.self)
        #expect(worstRelativeError(contractive.converted(to: Double.self).outputs(of: precise), precise) < 6e-6)
        // Σ ‖A M_i‖² in span coordinates is what the solve minimises, and the exact layer is one of its candidates.
        func cost(_ network: FullyConnectedNetwork<Double>) -> Double {
            let step = 1e-5
            return (0..<6).reduce(0) { sum, row in
                let at = precise.rows(at: [row])
                let z = training.coordinates.coordinates(of: at)
                return (0..<training.coordinates.rank).reduce(sum) { sum, axis in
                    var moved = z
                    moved[0, axis] += step
                    var back = z
                    back[0, axis] -= step
                    let difference =
                        network.outputs(of: training.coordinates.samples(at: moved))
                        - network.outputs(of: training.coordinates.samples(at: back))
                    return sum + difference.elements.reduce(0) { $0 + $1 * $1 } / (4 * step * step)
                }
            }
        }
        let (before, after) = (cost(exact), cost(contractive.converted(to: Double.self)))
        #expect(after < 0.9 * before, "\(before) → \(after)")
    }

    @Test func matchedInitializerPointsTheFirstUnitsAtTheExamples() throws {
        let x = examples(6, 40, seed: 2)
        var matched = settings(seed: 3)
        matched.startsFromMatchedFilters = true
        matched.solvesOutputLayer = false
        let training = try FastTraining(samples: x, task: .autoencoder(count: 6), settings: matched)
        let first = try training.storedNetwork().layers[0].applied(to: x)
        // w = z_i/‖z_i‖, b = -‖z_i‖/2: at the example the unit stands at +‖z_i‖/2, and whitened examples of one set all have one norm.
        let own = (0..<6).map { Double(first[$0, $0]) }
        let norm = 5.0.squareRoot()
        #expect(worstRelativeError(own, Array(repeating: norm / 2, count: 6)) < 1e-4, "\(own)")
        for i in 0..<6 { for j in 0..<6 where j != i { #expect(first[i, j] < 0) } }
        var plain = matched
        plain.startsFromMatchedFilters = false
        let standard = try FastTraining(samples: x, task: .autoencoder(count: 6), settings: plain).storedNetwork()
        #expect(try training.storedNetwork().layers[1] == standard.layers[1])
    }

    @Test func targetEndsTheFirstRoundOfFastTrainingAndNoLaterOne() throws {
        var target = settings(seed: 5)
        target.maximumNoise = 0
        target.targetMeanSquaredError = 1e-2
        var training = try FastTraining(samples: examples(5, 30, seed: 4), task: .autoencoder(count: 5), settings: target)
        var losses: [Double] = []
        func onEpoch(_ progress: TrainingProgress) -> TrainingDecision {
            losses.append(progress.loss)
            return .proceed
        }
        try training.trainRound(epochs: 2000, onEpoch: onEpoch)
        #expect(losses.count < 2000 && losses.last ?? 1 <= 1e-2 && losses.dropLast().allSatisfy { $0 > 1e-2 })
        #expect(!training.hasOpenRound)
        let first = losses.count
        try training.trainRound(epochs: 30, onEpoch: onEpoch)
        #expect(losses.count == first + 30)
    }

    @Test func parametersPutBackGiveTheSameStoredNetworkAgain() throws {
        var training = try FastTraining(samples: examples(5, 30, seed: 4), task: .autoencoder(count: 5), settings: settings(seed: 5))
        try training.trainRound(epochs: 5) { _ in .proceed }
        let (parameters, stored) = (try #require(training.parameters), try training.storedNetwork())
        try training.trainRound(epochs: 5) { _ in .proceed }
        #expect(try training.storedNetwork() != stored)
        training.setParameters(parameters)
        #expect(try training.storedNetwork() == stored)
    }

    @Test func matchedInitializerInFullSpaceRisesHalfWayFromTheMeanToEachExample() throws {
        let x = examples(6, 40, seed: 2)
        let training = PaperTraining(
            samples: x, task: .autoencoder(count: 6),
            settings: .init(depth: 1, width: 8, activation: .tanh, startsFromMatchedFilters: true, seed: 1))
        let mean = x.columnMeans()
        let first = training.storedNetwork().layers[0]
        for i in 0..<6 {
            let middle = zip(x.row(i), mean).map { ($0 + $1) / 2 }
            let half = Matrix(rowCount: 1, columnCount: 40, elements: middle)
            let distance = zip(x.row(i), mean).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            #expect(abs(first.applied(to: half)[0, i]) < 1e-4 * distance)
            #expect(abs(first.applied(to: x.rows(at: [i]))[0, i] - distance / 2) < 1e-4 * distance)
        }
    }

    @Test func publishedPresetStopsAtItsTarget() throws {
        var training = PaperTraining(
            samples: examples(2, 6, seed: 6), task: .autoencoder(count: 2),
            settings: .init(depth: 1, width: 32, activation: .selu, learningRate: 1e-2, targetMeanSquaredError: 1e-4, seed: 1))
        var last = Double.infinity
        try training.trainRound(epochs: 5000) { progress in
            last = progress.loss
            return .proceed
        }
        #expect(training.hasReachedTarget)
        #expect(last <= 1e-4)
        #expect(training.epochCount < 5000)
    }

    @Test func divergenceIsAnErrorWithItsEpoch() throws {
        var training = PaperTraining(
            samples: examples(2, 6, seed: 6), task: .autoencoder(count: 2),
            settings: .init(depth: 3, width: 32, activation: .relu, optimizer: .gradientDescent, learningRate: 1e6, seed: 1))
        #expect(throws: TrainingError.self) { try training.trainRound(epochs: 500) { _ in .proceed } }
    }

    @Test func initializersHaveTheirVarianceAndRange() {
        let cases: [(Initializer, variance: Double, bound: Double)] = [
            (.standard, 1.0 / 3 / 200, 1 / 200.0.squareRoot()), (.uniform(range: 0.05), 0.05 * 0.05 / 3, 0.05),
            (.xavier, 2.0 / 300, (6.0 / 300).squareRoot()), (.kaiming, 2.0 / 200, .infinity), (.leCun, 1.0 / 200, .infinity),
            (.neuralTangent(biasScale: 0.1), 1.0 / 200, .infinity),
        ]
        for (initializer, variance, bound) in cases {
            var network = FullyConnectedNetwork<Double>(widths: [200, 100], activation: .relu)
            var generator = SplitMix64(seed: 11)
            initializer.initialize(&network, using: &generator)
            let weights = network.layers[0].weights.elements
            let found = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
            // The sample variance of 20,000 draws has relative deviation at most √(2 / 20,000) = 1 %; five of them.
            #expect(abs(found / variance - 1) < 0.05, "\(initializer): \(found), expected \(variance)")
            #expect(weights.allSatisfy { abs($0) <= bound }, "\(initializer)")
        }
    }

    @Test func cosineScheduleStartsAtItsPeakAndEndsAtItsFloor() {
        let schedule = LearningRateSchedule.cosine(peak: 2, floor: 0.1, warmUpStepCount: 0)
        #expect(abs(schedule.rate(atStep: 0, of: 101) - 2) < 1e-15)
        #expect(abs(schedule.rate(atStep: 50, of: 101) - 1.1) < 1e-12)
        #expect(abs(schedule.rate(atStep: 100, of: 101) - 0.2) < 1e-12)
        #expect(LearningRateSchedule.cosine(peak: 1, warmUpStepCount: 3).rate(atStep: 0, of: 10) == 0.25)
        #expect(LearningRateSchedule.constant(3).rate(atStep: 9, of: 10) == 3)
        // Warm-up: equal steps up to the peak, in both shapes, also where it is longer than the round.
        for schedule in [
            LearningRateSchedule(.cosine, peak: 8, warmUpStepCount: 3), LearningRateSchedule(.constant, peak: 8, warmUpStepCount: 3),
        ] {
            #expect((0..<4).map { schedule.rate(atStep: $0, of: 10) } == [2, 4, 6, 8])
            #expect(schedule.rate(atStep: 0, of: 2) == 2)
        }
        #expect(LearningRateSchedule(.constant, peak: 8, warmUpStepCount: 3).rate(atStep: 9, of: 10) == 8)
    }
}
