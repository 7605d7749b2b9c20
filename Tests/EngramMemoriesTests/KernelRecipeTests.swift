import ComplexModule
import EngramDynamics
import EngramKernels
import EngramNumerics
import Testing

@testable import EngramMemories
import EngramSystem

@Suite struct KernelRecipeTests {
    private static let set = ExampleSets.codes(12, dimension: 40)

    private func learner(_ change: (inout MemorySettings) -> Void = { _ in }) -> Learner {
        var settings = MemorySettings()
        settings.network.family = .value(.kernel)
        change(&settings)
        return Learner(settings: settings)
    }

    /// The default kernel is smooth, exact, contracting at every example, and leads every noise start to something stored.
    @Test func theDefaultKernelStoresEveryExampleAndRecallsFromNoise() throws {
        let learned = try learner().learn(Self.set)
        #expect(learned.verification.verdicts == Array(repeating: true, count: 12))
        #expect(learned.memory.stored.familyName == "kernel")
        #expect(learned.memory.stored.facts.properties["kernel"] == "gaussian")
        for run in learned.verification.recalls {
            #expect(run.isRecovered.allSatisfy { $0 }, "\(run.batch.start.name)")
            // Recall ends when a step is shorter than 1e-8; the last state is as near as that, and mostly far nearer.
            #expect(run.meanSquaredErrors.allSatisfy { $0 < 1e-16 }, "\(run.batch.start.name)")
        }
        // Off-diagonal kernel values are below e^-8/n, and so is the largest slope, times the steepness of at most a few hundred.
        #expect(learned.verification.spectra.allSatisfy { $0.isComplete && $0.spectralRadius < 0.1 })
    }

    /// The radius is that of the whole d×d Jacobian by central differences.
    @Test func verifiedRadiiAreThoseOfTheStoredFile() throws {
        let learned = try learner { $0.network.bandwidth = .value(0.35) }.learn(Self.set)
        let map = try MapRegistry.map(decoding: learned.memory.stored.encoded()).iterable()
        let examples = Self.set.examples.converted(to: Double.self)
        for row in [0, 5, 11] {
            let x = examples.row(row)
            let step = 1e-5
            let columns = x.indices.map { index in
                var (up, down) = (x, x)
                up[index] += step
                down[index] -= step
                let values = map.outputs(of: Matrix(rows: [up, down]))
                return zip(values.row(0), values.row(1)).map { ($0 - $1) / (2 * step) }
            }
            let expected = try Matrix(rows: columns).eigenvalues()[0].length
            // Differences keep 1e-9; defective eigenvalues near 0 could lose more, the largest does not.
            #expect(abs(learned.verification.spectra[row].spectralRadius - expected) < 1e-6)
        }
    }

    /// What is chosen is written down, and said; without `auto` nothing is.
    @Test func aRidgeIsChosenWhereItIsLeftOpen() throws {
        let learned = try learner { settings in
            settings.network.ridge = .auto
            settings.network.kernel = .value(.ntk)
        }.learn(Self.set)
        let ridge = try #require(learned.resolvedSettings.network.ridge.given)
        #expect(ridge > 0 && learned.account.notes.contains { $0.contains("The ridge \(ridge)") }, "\(learned.account.notes)")
        let repeated = try learner { settings in
            settings.network.ridge = .value(ridge)
            settings.network.kernel = .value(.ntk)
            settings.network.norm = learned.resolvedSettings.network.norm
        }.learn(Self.set)
        #expect(repeated.memory.stored.encoded() == learned.memory.stored.encoded() && repeated.account.notes.isEmpty)
        #expect(try learner().learn(Self.set).resolvedSettings.network.ridge == .value(0))
    }

    @Test func sequencesBecomeStableCyclesRecalledFromNoise() throws {
        let cycles = ExampleSets.codes(10, dimension: 30, task: .sequences([0..<6, 6..<10]))
        let learned = try learner().learn(cycles)
        #expect(learned.verification.verdicts == [true, true])
        #expect(learned.verification.recalls.allSatisfy { $0.isRecovered.allSatisfy { $0 } })
        #expect(learned.stopReason.hasSuffix("every cycle was verified to be stable and every start from uniform noise was recalled"))
    }

    @Test(arguments: [MemorySettings.KernelName.laplace, .gaussian, .ntk, .nngp])
    func everyKernelStoresItsExamplesExactly(kernel: MemorySettings.KernelName) throws {
        let learned = try learner { $0.network.kernel = .value(kernel) }.learn(Self.set)
        let tolerance = learned.verification.tolerance
        #expect(learned.verification.residuals.allSatisfy { $0 <= tolerance })
        #expect(learned.verification.spectra.allSatisfy { ($0.log10ContractionBound != nil) == (kernel == .laplace) })
        // The Laplace kernel has a cusp, and its examples count as attractors by what bounds every small error.
        if kernel == .laplace { #expect(learned.verification.verdicts.allSatisfy { $0 } && !learned.account.notes.isEmpty) }
    }

    @Test func equalExamplesAreOneItem() throws {
        let set = ExampleSets.codes(6, dimension: 20, repeated: 2)
        let learned = try learner().learn(set)
        let stored = try #require(learned.memory.stored as? StoredKernelMap)
        #expect(stored.items.rowCount == 4 && learned.verification.verdicts == Array(repeating: true, count: 6))
    }

    /// The study is of the different examples, under their numbers in the set; a dense memory has none.
    @Test func whatSomeExamplesTeachIsStudied() throws {
        let set = ExampleSets.codes(6, dimension: 20, repeated: 2)
        let learned = try learner { $0.network.kernel = .value(.ntk) }.learn(set)
        var settings = learned.resolvedSettings
        (settings.analysis.recovery, settings.analysis.census) = (.none, .value(0))
        let study = try #require(
            BasinStudy(settings: settings, context: LearningContext()).measure(learned, of: set, began: 0).learnabilityStudy)
        #expect(study.exampleCount == 4 && study.levels.map(\.exampleCount) == [1, 2, 3])
        #expect(study.items.map(\.example) == set.equalExamples.indices.filter { set.equalExamples[$0] == $0 })
        #expect(study.items.allSatisfy { item in study.items.contains { $0.example == item.nearest } && item.nearest != item.example })
        for level in study.levels { #expect(abs(level.sum - Double(level.exampleCount)) < 1e-10 * level.sum) }
        let alone = try learner().learn(Matrix<Float>(rows: [[0.25, 0.5, 1]]))
        #expect(
            try KernelRecipe(settings: alone.resolvedSettings, threadCount: 1).learnabilityStudy(
                of: alone.memory, for: TrainingSet(examples: Matrix<Float>(rows: [[0.25, 0.5, 1]]), valueRange: 0...1)
            ) { _, _ in } == nil)
    }

    @Test func oneExampleIsStored() throws {
        let learned = try learner().learn(Matrix<Float>(rows: [[0.25, 0.5, 1]]))
        #expect(learned.verification.verdicts == [true])
    }

    /// What was chosen is written down, and repeats the same file.
    @Test func resolvedSettingsRepeatTheRun() throws {
        for kernel in [MemorySettings.KernelName.gaussian, .laplace, .ntk] {
            let first = try learner { $0.network.kernel = .value(kernel) }.learn(Self.set)
            let again = try Learner(settings: first.resolvedSettings).learn(Self.set)
            let (one, two) = try #require(
                (first.memory.stored as? StoredKernelMap).flatMap { one in
                    (again.memory.stored as? StoredKernelMap).map { (one, $0) }
                })
            // The bandwidth goes through a square root and back.
            let worst = zip(one.mixing.elements, two.mixing.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(worst < 1e-9 && one.norm == two.norm)
        }
    }

    @Test func whatCannotBeAKernelMachineIsRefusedByExampleAndFigure() throws {
        func failure(_ set: TrainingSet, _ change: (inout MemorySettings) -> Void) -> Failure? {
            do {
                _ = try learner(change).learn(set)
                return nil
            } catch {
                return error as? Failure
            }
        }
        let rays = TrainingSet(examples: Matrix<Float>(rows: [[1, 0], [2, 0], [-3, 1], [0, -1]]))
        let parallel = failure(rays) { $0.network.kernel = .value(.ntk) }
        #expect(parallel?.code == "parallel" && parallel?.examples == [0, 1])
        #expect(failure(rays) { _ in } == nil)
        let mean = TrainingSet(examples: Matrix<Float>(rows: [[1, 0], [-1, 0], [0, 0]]))
        #expect(failure(mean) { $0.network.kernel = .value(.nngp) }?.code == "no-direction")
        #expect(failure(mean) { _ in } == nil)
        let memory = failure(Self.set) { $0.maxMemoryByteCount = .value(1 << 20) }
        #expect(memory?.code == "memory" && memory?.message.contains("MB") == true)
        let activation = failure(Self.set) {
            $0.network.kernel = .value(.ntk)
            $0.network.activation = .value(.selu)
        }
        #expect(activation?.code == "activation" && activation?.expected?.contains("erf") == true)
    }
}
