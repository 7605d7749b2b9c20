import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramSystem
import Testing

@testable import EngramMemories

/// Small pictures: discs of random place and size on ramps of random slope, which half of a picture missing looks like.
private func pictures(_ count: Int, side: Int = 10, seed: UInt64 = 4) -> TrainingSet {
    var generator = SplitMix64(seed: seed)
    var rows: [[Float]] = []
    for _ in 0..<count {
        let (x, y) = (Double(side) * generator.nextUniform(), Double(side) * generator.nextUniform())
        let radius = 1 + 3 * generator.nextUniform()
        let (across, down) = (generator.nextUniform() - 0.5, generator.nextUniform() - 0.5)
        rows.append(
            (0..<side * side).map { index in
                let (dx, dy) = (Double(index % side) - x, Double(index / side) - y)
                let ramp =
                    0.4 + 0.8 * (across * (Double(index % side) / Double(side) - 0.5) + down * (Double(index / side) / Double(side) - 0.5))
                return Float(dx * dx + dy * dy < radius * radius ? ramp + 0.15 : ramp)
            })
    }
    return TrainingSet(
        examples: Matrix(rows: rows), raster: Raster(height: side, width: side), valueRange: 0...1)
}

@Suite("Discriminative recipe")
struct DiscriminativeTests {
    @Test("coordinates of the contrasts give the same filters, for few and for many items", arguments: [6, 130])
    func spanFiltersAgree(count: Int) throws {
        let set = pictures(count)
        let contrast = ContrastItems(DistinctItems(of: set).items.converted(to: Double.self))
        let span = try ContrastSpan(of: contrast)
        let filters = span.filters(noiseVariance: 0.2) * span.basis
        let wanted = contrast.scores(of: try contrast.filters(noiseVariance: 0.2), noiseVariance: 0.2).weights
        // Directions below 1e-12 of the largest square are left out: their share of a filter is at most the root, over v.
        #expect((filters - wanted).frobeniusNorm < 1e-5 * wanted.frobeniusNorm)
        let products = span.basis.multiplied(by: span.basis, transposingOther: true)
        #expect((products - .identity(products.rowCount)).frobeniusNorm < 1e-5)
    }

    @Test("copies drawn in coordinates are distributed as damaged examples are")
    func copiesAreDistributedAsDamage() throws {
        let set = pictures(5)
        let items = DistinctItems(of: set).items.converted(to: Double.self)
        let span = try ContrastSpan(of: ContrastItems(items))
        let damages = BasinPlan.damages(.auto, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
        var generator = CounterBasedGenerator(seed: 7)
        let copies = try DamagedCopies(of: items, span: span, damages: damages, using: &generator) { _ in }
        var plain = SplitMix64(seed: 1)
        for (index, damage) in damages.enumerated() where !damage.corruption.coversPlaces {
            var counts = [Int](repeating: 0, count: damages.count + 1)
            counts[index + 1] = 20_000
            let (rows, labels) = copies.draw(counts: counts, using: &generator)
            let item = 2
            let own = labels.indices.filter { labels[$0] == item }
            let damaged = damage.corruption.applied(to: items.rows(at: Array(repeating: item, count: 4000)), using: &plain)
                .multiplied(by: span.basis, transposingOther: true)
            for axis in 0..<span.basis.rowCount {
                let (mean, deviation) = moments(own.map { Double(rows[$0, axis]) })
                let (wanted, spread) = moments((0..<4000).map { damaged[$0, axis] })
                // Means of 4,000 are off by deviation/63 each, deviations by 1/90; five times both, and a tenth for the common variance.
                #expect(abs(mean - wanted) < 5 * 0.023 * spread + 1e-9, "\(damage.name) \(damage.level), axis \(axis)")
                #expect(
                    abs(deviation / max(spread, 1e-12) - 1) < 0.25, "\(damage.name) \(damage.level), axis \(axis): \(deviation) \(spread)")
            }
        }
        let (clean, labels) = copies.draw(counts: [50] + Array(repeating: 0, count: damages.count), using: &generator)
        for row in 0..<50 {
            for axis in 0..<span.basis.rowCount { #expect(clean[row, axis] == Float(span.coordinates[labels[row], axis])) }
        }
    }

    private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
    }

    @Test("training keeps every item exact and recalls more held-back copies", arguments: [MemoryTask?.none, .sequences([0..<40])])
    func trainingHelps(task: MemoryTask?) throws {
        let plain = pictures(40)
        let set = TrainingSet(examples: plain.examples, task: task, raster: plain.raster, valueRange: 0...1)
        var settings = MemorySettings(preset: .discriminative)
        // Two steps each: there are few pictures.
        settings.training.epochs = 60
        settings.recall.starts = 8
        let learned = try Learner(settings: settings).learn(set)
        let stored = try #require(learned.memory.stored as? StoredTournamentMap)
        #expect(stored.shortlist != nil)
        #expect(learned.memory.meanSquaredError == 0)
        #expect(learned.verification.verdicts.allSatisfy { $0 })
        #expect(learned.verification.spectra.allSatisfy { $0.log10SpectralRadius == -.infinity })
        #expect(learned.account.remarks.contains { $0.contains("held-back") })
        #expect(learned.losses.filter { $0.learningRate != nil }.count == 60)
    }

    @Test("the same seed gives the same bytes, and another seed other scores")
    func sameSeedSameBytes() throws {
        let set = pictures(20)
        func bytes(_ seed: Int) throws -> [UInt8] {
            var settings = MemorySettings(preset: .discriminative)
            settings.training.epochs = 3
            settings.seed = seed
            return try Learner(settings: settings).learn(set).memory.stored.encoded()
        }
        #expect(try bytes(1) == bytes(1))
        #expect(try bytes(1) != bytes(2))
    }

    @Test("it is the preset of whoever names none, and a described network means the preset fast")
    func whatIsMeant() throws {
        #expect(MemorySettings() == MemorySettings(preset: .discriminative) && MemorySettings().withMeantPreset == MemorySettings())
        var settings = MemorySettings()
        settings.network.width = .value(16)
        #expect(settings.withMeantPreset.preset == .fast && settings.withMeantPreset.training == MemorySettings(preset: .fast).training)
        settings.training.epochs = 7
        #expect(settings.withMeantPreset.training.epochs == 7)
        var trained = MemorySettings()
        trained.training.optimizer = .momentum
        #expect(trained.withMeantPreset.preset == .fast)
        trained = MemorySettings()
        trained.training.budget = .seconds(7)
        #expect(trained.withMeantPreset == trained)
        settings.preset = .tournament
        #expect(settings.withMeantPreset == settings)
        settings = MemorySettings()
        settings.network.family = .value(.kernel)
        settings.network.depth = .value(2)
        #expect(settings.withMeantPreset == settings)
    }

    @Test("examples that are one to a float32 tournament go to another recipe, and that is said")
    func otherRecipe() throws {
        var settings = MemorySettings(preset: .discriminative)
        settings.maxMemoryByteCount = .value(1)
        #expect(throws: Failure.self) { try Learner(settings: settings).learn(pictures(5)) }
        settings.maxMemoryByteCount = .auto
        settings.training.epochs = 3
        let base: [Float] = (0..<16).map { 0.1 + 0.05 * Float($0) }
        var twin = base
        twin[3] = twin[3].nextUp
        let learned = try Learner(settings: settings).learn(
            TrainingSet(examples: Matrix(rows: [base, twin, base.reversed()]), valueRange: 0...1))
        #expect(learned.account.recipe == "fast")
        #expect(learned.notes.contains { $0.contains("the preset was fast instead of discriminative") })
        #expect(learned.resolvedSettings.preset == .fast)
    }
}

@Suite("Exact recipes")
struct ExactRecipeTests {
    @Test(
        "store every item exactly", arguments: [MemorySettings.Preset.tournament, .normalised], [MemoryTask?.none, .sequences([0..<30])])
    func storeExactly(preset: MemorySettings.Preset, task: MemoryTask?) throws {
        let plain = pictures(30)
        let set = TrainingSet(examples: plain.examples, task: task, raster: plain.raster, valueRange: 0...1)
        var settings = MemorySettings(preset: preset)
        settings.recall.starts = 10
        let learned = try Learner(settings: settings).learn(set)
        #expect(learned.verification.verdicts.allSatisfy { $0 })
        #expect(learned.memory.meanSquaredError < 1e-24)
        for run in learned.verification.recalls where run.batch.start.isNoise { #expect(run.isRecovered.allSatisfy { $0 }) }
        let read = try MapRegistry.map(decoding: learned.memory.stored.encoded())
        #expect(read.encoded() == learned.memory.stored.encoded())
        #expect(
            read.iterable().outputs(of: set.examples.converted(to: Double.self))
                == learned.memory.map.outputs(of: set.examples.converted(to: Double.self)))
    }

    @Test(
        "one item, constant items, the line, and pictures that differ in contrast alone",
        arguments: [MemorySettings.Preset.tournament, .normalised, .discriminative])
    func oddSets(preset: MemorySettings.Preset) throws {
        var settings = MemorySettings(preset: preset)
        settings.recall.starts = 4
        settings.training.epochs = preset == .discriminative ? 2 : 0
        let ramp: [Float] = (0..<16).map { Float($0) / 16 }
        let sets: [[[Float]]] = [
            [ramp], [Array(repeating: 0.5, count: 16), ramp], [[0.1], [0.5], [0.9]],
            [ramp, ramp.map { 0.25 + $0 / 2 }, ramp.reversed()],
        ]
        for rows in sets {
            let set = TrainingSet(examples: Matrix(rows: rows), valueRange: 0...1)
            let learned = try Learner(settings: settings).learn(set)
            #expect(learned.memory.meanSquaredError < 1e-20, "\(rows.count) items of \(rows[0].count)")
            #expect(learned.verification.verdicts.allSatisfy { $0 }, "\(rows.count) items of \(rows[0].count)")
        }
    }

    @Test("choices are made on cues that no report shows")
    func seedsDiffer() {
        let settings = MemorySettings()
        #expect(HeldBackCues.seedMask ^ UInt64(settings.seed) != UInt64(settings.seed) ^ 0x0DA_4A6E)
    }
}
