import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramSystem
import Testing

@testable import EngramMemories

@Suite struct UNetRecipeTests {
    private func set(_ count: Int, height: Int, width: Int, channels: Int = 1, task: MemoryTask? = nil) -> TrainingSet {
        var generator = CounterBasedGenerator(seed: 4)
        let dimension = height * width * channels
        return TrainingSet(
            examples: Matrix(rowCount: count, columnCount: dimension, elements: generator.uniforms(count: count * dimension)), task: task,
            raster: Raster(height: height, width: width, channels: channels), valueRange: 0...1)
    }

    private func settings(_ change: (inout MemorySettings) -> Void = { _ in }) -> MemorySettings {
        var settings = MemorySettings()
        settings.network.family = .value(.unet)
        change(&settings)
        return settings
    }

    @Test func smallPicturesBecomeAttractorsThatAreReadBack() throws {
        let set = set(4, height: 8, width: 8)
        let learned = try Learner(
            settings: settings {
                $0.unet.channels = .value(8)
                $0.recall.starts = 4
            }
        ).learn(set)
        #expect(learned.verification.verdicts == [true, true, true, true])
        #expect(learned.memory.meanSquaredError < 1e-10)
        #expect(learned.account.recipe == "unet" && learned.account.notes.contains { $0.contains("sees the whole picture") })
        let stored = try MapRegistry.map(decoding: learned.memory.stored.encoded())
        #expect(stored as? UNet<Float> == learned.memory.stored as? UNet<Float>)
        let resolved = learned.resolvedSettings
        #expect(resolved.network.family == .value(.unet) && resolved.unet.levels == .value(2) && resolved.unet.channels == .value(8))
        // Every choice is written down, so that the same network is planned again.
        #expect(UNetPlan(resolved, for: set).shape == UNetPlan(settings { $0.unet.channels = .value(8) }, for: set).shape)
    }

    @Test(arguments: [(32, 32, 3, 10), (32, 32, 3, 100), (28, 28, 1, 50), (64, 48, 3, 5), (8, 8, 1, 3), (3, 2, 1, 2), (33, 5, 1, 4)])
    func aPlanSeesTheWholePictureAndFitsExactly(_ sizes: (Int, Int, Int, Int)) {
        let set = set(sizes.3, height: sizes.0, width: sizes.1, channels: sizes.2)
        let shape = UNetPlan(settings(), for: set).shape
        #expect(shape.receptiveField.coversPicture)
        #expect(sizes.3 * shape.lastConvolution.cellCount <= shape.lastConvolution.patchWidth + 1)
        #expect(UNetRecipe.fieldWarning(shape) == nil)
    }

    @Test func aFieldThatIsTooSmallIsWarnedAboutWithItsConsequence() throws {
        let set = set(3, height: 32, width: 32)
        let plan = try UNetRecipe(
            settings: settings {
                $0.unet.levels = .value(2)
                $0.unet.stride = .value(2)
            }, threadCount: 1
        ).plan(for: set, within: nil)
        let note = try #require(plan.notes.first)
        #expect(note.contains("see 7×7 pixels each, not the whole picture of 32×32") && note.contains("mixtures"))
    }

    @Test func whatIsNoPictureAndWhatIsASequenceIsRefused() {
        let recipe = UNetRecipe(settings: settings(), threadCount: 1)
        let sound = #expect(throws: Failure.self) { try recipe.plan(for: set(3, height: 1, width: 100), within: nil) }
        #expect(sound?.code == "no-pictures")
        let film = set(3, height: 8, width: 8, task: .sequences([0..<3]))
        let sequence = #expect(throws: Failure.self) { try recipe.plan(for: film, within: nil) }
        #expect(sequence?.code == "sequence" && sequence?.remedy?.contains("kind: autoencoder") == true)
    }

    @Test func whatDoesNotFitTheMemoryIsRefusedWithWhatToSet() {
        let recipe = UNetRecipe(settings: settings(), threadCount: 1)
        let failure = #expect(throws: Failure.self) { try recipe.plan(for: set(10, height: 32, width: 32, channels: 3), within: 100e6) }
        #expect(failure?.code == "memory" && failure?.remedy?.contains("unet.channels below 128") == true)
    }
}
