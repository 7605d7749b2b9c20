import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@testable import EngramMemories
import EngramSystem

@Suite struct TrainingPlanningTests {
    private func settings(
        _ preset: MemorySettings.Preset = .fast, _ change: (inout MemorySettings) -> Void = { _ in }
    ) -> MemorySettings {
        var settings = MemorySettings(preset: preset)
        change(&settings)
        return settings
    }

    private func plan(_ settings: MemorySettings, _ set: TrainingSet, available: Double? = nil) throws -> TrainingPlan {
        try #require(try ExampleSets.fittedPlan(settings, for: set, available: available) as? TrainingPlan)
    }

    /// The least memory in which everything at once fits.
    private func wholeByteCount(_ settings: MemorySettings, _ set: TrainingSet) throws -> Double {
        var (failing, fitting) = (0.0, 1e12)
        while fitting - failing > 1e3 {
            let middle = (failing + fitting) / 2
            let plan = try? plan(settings, set, available: middle)
            if let plan, plan.notes.isEmpty { fitting = middle } else { failing = middle }
        }
        return fitting
    }

    @Test func whatDoesNotFitAtOnceTakesBatchesAndThenANarrowerNetwork() throws {
        let set = ExampleSets.codes(600, dimension: 4)
        let deep = settings { $0.network.depth = .value(4) }
        let wide = try plan(deep, set)
        #expect(wide.width == 2048 && wide.batchSize == nil && wide.notes.isEmpty && wide.narrowedWithin == nil)
        // From what suffices downwards: full batch, mini-batches, a narrower network, nothing.
        let planner = FastRecipe(settings: deep, threadCount: 1).planner(set)
        var seen: [String] = []
        var lastWidth = wide.width
        var available = try wholeByteCount(deep, set)
        while available > 1e7 {
            defer { available *= 0.97 }
            let found = try? plan(deep, set, available: available)
            let kind = found.map { $0.narrowedWithin != nil ? "narrowed" : $0.batchSize != nil ? "batches" : "whole" } ?? "refused"
            if seen.last != kind { seen.append(kind) }
            guard let found else { continue }
            #expect(planner.fits(found))
            #expect(found.width <= lastWidth && TrainingPlan.nextPowerOfTwo(found.width) == found.width)
            #expect(found.notes.count == (kind == "whole" ? 0 : 1))
            lastWidth = found.width
            // Twice the width would not have fitted.
            var wider = found
            wider.width *= 2
            #expect(found.narrowedWithin == nil || !planner.fits(wider), "\(available)")
        }
        #expect(seen == ["whole", "batches", "narrowed", "refused"], "\(seen)")
    }

    @Test func largeSetsAndSingleLayersStartMatchedUnlessTheSettingsRuleItOut() throws {
        let large = ExampleSets.codes(300, dimension: 9)
        let allowing = [
            settings(), settings { $0.network.depth = .value(1) }, settings { $0.network.activation = .value(.sigmoid) },
            settings { $0.training.initializer = .value(.matched) }, settings { $0.network.width = .value(400) },
        ]
        for settings in allowing {
            let plan = try plan(settings, large)
            #expect(plan.startsFromMatchedFilters && plan.depth == 1 && plan.activation == .sigmoid && plan.noiseKind == .cues)
            #expect(plan.width == (settings.network.width.given ?? 300) && plan.conditioning == 1)
        }
        let refusing = [
            settings { $0.network.depth = .value(3) }, settings { $0.network.activation = .value(.selu) },
            settings { $0.training.initializer = .value(.standard) }, settings(.paper),
        ]
        for settings in refusing {
            let plan = try plan(settings, large)
            #expect(!plan.startsFromMatchedFilters && plan.noiseKind == .coordinates, "\(settings)")
        }
        let small = ExampleSets.codes(30, dimension: 9)
        #expect(try !plan(settings(), small).startsFromMatchedFilters)
        #expect(try plan(settings { $0.network.depth = .value(1) }, small).startsFromMatchedFilters)
    }

    @Test func sequencesOfMoreStatesThanDimensionsAreTrainedWithLessNoise() throws {
        let cycle = MemoryTask.sequences([0..<30])
        #expect(try plan(settings(), ExampleSets.codes(30, dimension: 9, task: cycle)).maximumNoise == 0.3)
        #expect(try plan(settings(), ExampleSets.codes(30, dimension: 36, task: cycle)).maximumNoise == 1)
    }

    @Test func deepNetworksStartWithSignalsThatKeepTheirSize() throws {
        let small = ExampleSets.codes(30, dimension: 9)
        func deep(
            _ depth: Int, _ preset: MemorySettings.Preset = .fast, activation: MemorySettings.ActivationName? = nil
        ) -> MemorySettings {
            settings(preset) {
                $0.network.depth = .value(depth)
                if let activation { $0.network.activation = .value(activation) }
            }
        }
        func initializer(_ settings: MemorySettings) throws -> MemorySettings.Initializer { try plan(settings, small).initializerName }
        #expect(try initializer(deep(16)) == .standard)
        #expect(try initializer(deep(17)) == .lecun)
        #expect(try initializer(deep(31, activation: .relu)) == .kaiming)
        #expect(try initializer(deep(31, activation: .tanh)) == .standard)
        #expect(try plan(deep(16), small).learningRate == 1.5e-3)
        #expect(try plan(deep(17), small).learningRate == 5e-4)
        // What is given, and what was published, stays.
        var given = deep(31)
        given.training.initializer = .value(.standard)
        #expect(try initializer(given) == .standard)
        #expect(try initializer(deep(31, .paper)) == .standard)
    }

    @Test func whatTheSettingsGiveIsNeverChanged() throws {
        let set = ExampleSets.codes(600, dimension: 4)
        let wide = settings { $0.network.width = .value(700) }
        var both = wide
        both.training.batchSize = .value(600)
        let given = try plan(both, set)
        #expect(given.width == 700 && given.batchSize == 600)
        let failure = #expect(throws: Failure.self) { _ = try plan(both, set, available: 1e7) }
        #expect(failure?.code == "memory")
        let least = try wholeByteCount(wide, set)
        let batches = try plan(wide, set, available: 0.985 * least)
        #expect(batches.width == 700 && batches.batchSize == 256)
        #expect(batches.notes.count == 1)
    }

    @Test func anAutomaticWidthHoldsEveryExampleWhereMemoryDoes() throws {
        let set = ExampleSets.codes(4200, dimension: 4)
        let deep = settings { $0.network.depth = .value(4) }
        #expect(try plan(deep, set).width == 4224)
        #expect(try plan(deep, set, available: 4e9).width < 4199)
    }

    @Test func aGivenWidthThatCannotHoldTheExamplesIsRefusedWithTheOneNeeded() throws {
        let set = ExampleSets.codes(40, dimension: 9, repeated: 10)
        func width(_ width: Int, _ preset: MemorySettings.Preset = .fast) -> MemorySettings {
            settings(preset) { $0.network.width = .value(width) }
        }
        let failure = #expect(throws: Failure.self) { _ = try plan(width(28), set) }
        #expect(failure?.code == "too-narrow")
        // Thirty differ, and an output layer with its bias can fit one more than it has units.
        #expect(failure?.expected == "a network.width of at least 29, or auto")
        #expect(try plan(width(29), set).width == 29)
        var approximate = width(8)
        approximate.training.exactOutputLayer = false
        #expect(try plan(approximate, set).width == 8)
        #expect(try plan(width(8, .paper), set).width == 8)
    }

    @Test func equalExamplesAreTrainedOnOnce() {
        let set = ExampleSets.codes(12, dimension: 9, repeated: 4)
        #expect(set.trainingExamples == Array(0..<8))
        #expect(set.trainingTask == .autoencoder(count: 8) && set.trainingSamples == set.examples.rows(at: Array(0..<8)))
        // A sequence that passes a state twice needs both places.
        let cycle = ExampleSets.codes(12, dimension: 9, repeated: 4, task: .sequences([0..<12]))
        #expect(cycle.trainingExamples == Array(0..<12) && cycle.trainingTask == cycle.task && cycle.trainingSamples == cycle.examples)
    }
}
