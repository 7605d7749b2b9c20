import ComplexModule
import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@testable import EngramMemories
import EngramSystem

@Suite struct LearnerTests {
    /// Four vectors of six entries, far apart.
    private static let vectors = Matrix<Float>(rows: [
        [0, 1, 0.25, 0.75, 1, 0], [1, 0, 0.5, 0, 0.125, 1], [0.5, 0.5, 1, 0.25, 0, 0.375], [0.875, 1, 0, 1, 0.625, 0.5],
    ])
    private static let cycle = TrainingSet(examples: vectors.rows(at: [0, 1, 2]), task: .sequences([0..<3]))

    private func learner(_ change: (inout MemorySettings) -> Void = { _ in }) -> Learner {
        var settings = MemorySettings(preset: .fast)
        change(&settings)
        return Learner(settings: settings)
    }

    /// The Jacobian by central differences at 1e-5, whose errors, h²·f‴/6 and ε/h, stay below 1e-9 for maps of this size.
    private func differences(of map: any DifferentiableMap, at x: [Double]) -> Matrix<Double> {
        let step = 1e-5
        let columns = x.indices.map { index in
            var (up, down) = (x, x)
            up[index] += step
            down[index] -= step
            let values = map.outputs(of: Matrix(rows: [up, down]))
            return zip(values.row(0), values.row(1)).map { ($0 - $1) / (2 * step) }
        }
        return Matrix(rows: columns).transposed()
    }

    private func meanSquares(_ left: Matrix<Double>, _ right: Matrix<Double>) -> [Double] {
        (0..<left.rowCount).map { squaredDistance(left.row($0), right.row($0)) / Double(left.columnCount) }
    }

    @Test func fourVectorsBecomeAttractorsWhoseFiguresHoldForTheStoredFileAlone() throws {
        let learned = try learner().learn(Self.vectors)
        let verification = learned.verification
        #expect(verification.verdicts == [true, true, true, true])
        #expect(verification.spectra.count == 4 && verification.log10ImageNorms.isEmpty)
        #expect(learned.stopReason == "every example was verified to be an attractor")
        #expect(learned.account.recipe == "fast" && learned.notes.isEmpty)
        #expect(verification.tolerance == 1e-7)

        let map = try MapRegistry.map(decoding: learned.memory.stored.encoded()).iterable()
        let examples = Self.vectors.converted(to: Double.self)
        let errors = meanSquares(map.outputs(of: examples), examples)
        for (example, error) in errors.enumerated() {
            #expect(error <= 1e-7)
            #expect(abs(error - verification.residuals[example]) <= 1e-12 * error + 1e-30)
            // The spectrum of the whole Jacobian by differences; eigenvalues of small maps of this kind have condition numbers below 100.
            let radius = try differences(of: map, at: examples.row(example)).eigenvalues()[0].length
            #expect(radius < 1 && abs(radius - verification.spectra[example].spectralRadius) < 1e-6)
        }
        #expect(abs(learned.memory.meanSquaredError - errors.reduce(0, +) / 4) < 1e-12 * learned.memory.meanSquaredError + 1e-30)
        // An attractor takes back what was moved a little; the slowest of these loses a tenth of its distance in a few steps.
        var states = examples
        for index in 0..<4 { states[index, index] += 0.01 }
        for _ in 0..<500 { states = map.outputs(of: states) }
        #expect(meanSquares(states, examples).allSatisfy { $0 <= 1e-7 })
    }

    @Test func whatIsRecalledFromDamagedVectorsIsWhatTheyWereMadeFrom() throws {
        let learned = try learner().learn(Self.vectors)
        let recalls = learned.verification.recalls
        #expect(recalls.map(\.batch.start) == [.uniformNoise, .gaussianNoise, .corrupted(fraction: 0.1)])
        #expect(recalls.map(\.outcomes.count) == [20, 20, 4])
        #expect(recalls[2].batch.sources == [0, 1, 2, 3] && recalls[2].isRecovered == [true, true, true, true])
        for recall in recalls {
            for (index, outcome) in recall.outcomes.enumerated() where recall.isRecovered[index] {
                // Iterated by hand, in the whole space.
                var state = Matrix(rows: [recall.batch.starts.row(index)])
                for _ in 0...outcome.iterationCount { state = learned.memory.map.outputs(of: state) }
                let reached = try #require(outcome.reachedExample)
                #expect(meanSquares(state, Self.vectors.rows(at: [reached]).converted(to: Double.self))[0] <= 1e-7)
                #expect(recall.meanSquaredErrors[index] <= 1e-7)
            }
        }
        var cues = Self.vectors.converted(to: Double.self)
        for row in 0..<4 { cues[row, row] += 0.05 }
        let again = try learned.recall(from: cues, of: TrainingSet(examples: Self.vectors))
        #expect(again.map(\.example) == [0, 1, 2, 3] && again.map(\.nearestExample) == [0, 1, 2, 3])
        for (row, found) in again.enumerated() {
            let distance = squaredDistance(found.values, Self.vectors.row(row).map(Double.init)).squareRoot()
            #expect(distance * distance <= 6 * 1e-7 && abs(found.distance - distance) < 1e-9)
        }
    }

    @Test func aSequenceOfThreeIsPlayedInOrderFromNoise() throws {
        let learned = try learner().learn(Self.cycle)
        #expect(learned.verification.verdicts == [true] && learned.verification.log10ImageNorms.count == 1)
        #expect(learned.stopReason == "every cycle was verified to be stable and every start from uniform noise was recalled")
        let noise = try #require(learned.verification.recalls.first { $0.batch.start == .uniformNoise })
        #expect(noise.isRecovered.allSatisfy { $0 } && noise.outcomes.allSatisfy { $0.states.rowCount == 3 })
        // By hand: each maps to the next, and from anywhere the cycle comes, in some phase.
        let examples = Self.cycle.examples.converted(to: Double.self)
        let map = learned.memory.map
        #expect(meanSquares(map.outputs(of: examples), examples.rows(at: [1, 2, 0])).allSatisfy { $0 <= 1e-7 })
        var states = noise.batch.starts
        for _ in 0..<300 { states = map.outputs(of: states) }
        for row in 0..<states.rowCount {
            let phase = try #require((0..<3).first { meanSquares(states.rows(at: [row]), examples.rows(at: [$0]))[0] <= 1e-7 })
            let next = map.outputs(of: states.rows(at: [row]))
            #expect(meanSquares(next, examples.rows(at: [(phase + 1) % 3]))[0] <= 1e-7)
        }
        // The product of three Jacobians by differences has the radius that the cycle is said to have.
        let product = (0..<3).reduce(Matrix<Double>.identity(6)) { differences(of: map, at: examples.row($1)) * $0 }
        let radius = try product.eigenvalues()[0].length
        #expect(radius < 1 && abs(radius - learned.verification.spectra[0].spectralRadius) < 1e-6)
    }

    @Test(arguments: MemorySettings.Preset.allCases) func theSameSetSettingsAndSeedGiveTheSameBytes(preset: MemorySettings.Preset) throws {
        func learned(seed: Int = 1, threads: Int = 1) throws -> LearnedMemory {
            var settings = MemorySettings(preset: preset)
            settings.seed = seed
            // A preset that trains no layers has no width, and what is written down no epochs.
            let isDense = preset == .fast || preset == .paper
            if isDense { settings.training.epochs = 40 }
            settings.network.width = isDense ? .value(24) : .auto
            return try Learner(settings: settings, context: LearningContext(threadCount: threads)).learn(Self.vectors)
        }
        let (first, second) = (try learned(), try learned())
        #expect(first.memory.stored.encoded() == second.memory.stored.encoded())
        #expect(first.losses == second.losses && first.resolvedSettings == second.resolvedSettings)
        #expect(first.verification.spectra == second.verification.spectra)
        #expect(first.verification.recalls.map(\.outcomes) == second.verification.recalls.map(\.outcomes))
        // What is written down follows from the vectors, and the seed only decides what it is tried on.
        if preset == .fast || preset == .paper || preset == .discriminative {
            #expect(try learned(seed: 2).memory.stored.encoded() != first.memory.stored.encoded())
        }
        // The settings that are given back repeat the run.
        let again = try Learner(settings: first.resolvedSettings).learn(Self.vectors)
        #expect(again.memory.stored.encoded() == first.memory.stored.encoded() && again.resolvedSettings == first.resolvedSettings)
    }

    @Test func theClosedFormIsWrittenDownWithoutAnEpoch() throws {
        let learned = try Learner(settings: MemorySettings(preset: .closedForm)).learn(Self.vectors)
        #expect(learned.verification.verdicts == [true, true, true, true] && learned.memory.epochCount == 0)
        #expect(learned.account.recipe == "closed-form" && learned.account.optimizer == "none")
        #expect(learned.memory.stored.facts.width == 4 && learned.memory.stored.facts.activation == "sigmoid")
        #expect(learned.stopReason.hasPrefix("the weights were written down in closed form; every example was verified"))
    }

    @Test func everyRecipeIsFoundByItsPreset() {
        for preset in MemorySettings.Preset.allCases {
            let recipe = RecipeRegistry.recipe(for: MemorySettings(preset: preset), threadCount: 1)
            #expect(type(of: recipe).name == preset.rawValue && recipe.settings.preset == preset)
        }
    }

    @Test func aCancelledRunEndsAndASetBeyondTheMemoryIsRefusedBeforeAnythingIsTrained() {
        let cancelled = Learner(context: LearningContext(isCancelled: { true }))
        #expect(throws: CancellationError.self) { try cancelled.learn(Self.vectors) }
        let crowded = Learner(
            settings: learner { $0.network.width = .value(65_536) }.settings, context: LearningContext(memory: { (1e9, 1e9) }))
        let failure = #expect(throws: Failure.self) { try crowded.learn(Self.vectors) }
        #expect(failure?.code == "memory" && failure?.found?.contains("4 examples of 6 values") == true)
        #expect("\(failure.map(String.init(describing:)) ?? "")" == failure?.message)
    }
}
