import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramSystem
import Testing

@testable import EngramMemories

/// Texts in recurrent networks, through the loop that every memory goes through.
@Suite struct RecurrentRecipeTests {
    private static func set(_ texts: [[Int]]) -> TrainingSet {
        let size = (texts.joined().max() ?? 0) + 1
        var (start, cycles) = (0, [Range<Int>]())
        for text in texts {
            cycles.append(start..<start + text.count)
            start += text.count
        }
        return TrainingSet(
            examples: Matrix(rows: texts.joined().map { token in (0..<size).map { $0 == token ? 1 : 0 } }), task: .sequences(cycles),
            valueRange: 0...1)
    }

    private static func settings(_ preset: MemorySettings.Preset = .standard) -> MemorySettings {
        var settings = MemorySettings(preset: preset)
        settings.network.family = .value(.recurrent)
        settings.network.width = .value(32)
        settings.recall.starts = 6
        return settings
    }

    // MARK: Pasts

    /// Against the definition: what went before is equal for as long as any two pasts can differ.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func pastsAreToldApartExactlyWhereTheyDiffer(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let texts = (0..<1 + Int(generator.next() % 3)).map { _ in
                (0..<1 + Int(generator.next() % 9)).map { _ in Int(generator.next() % 2) }
            }
            let set = Self.set(texts + [[0, 1]])
            let found = set.task.pasts(of: set.equalExamples)
            let all = set.task.cycles.flatMap { cycle in cycle.map { (cycle, $0) } }
            func past(_ item: (Range<Int>, Int)) -> [Int] {
                (1...40).map { back in
                    set.equalExamples[
                        item.0.lowerBound + ((item.1 - item.0.lowerBound - back) % item.0.count + item.0.count) % item.0.count]
                }
            }
            let pasts = all.map(past)
            let expected = pasts.map { own in pasts.firstIndex(of: own) ?? -1 }
            #expect(found == expected, "\(texts)")
        }
    }

    /// Against the definition, and where a text has no two places alike.
    @Test(
        arguments: [
            ([[0, 1, 2]], 1), ([[0, 1, 0, 2]], 2), ([[0, 0, 0, 1]], 3), ([[0, 1, 0, 1]], 1), ([[0]], 1), ([[0, 1, 2], [0, 1, 3]], 3),
        ] as [([[Int]], Int)])
    func asManyTokensAreNeededAsTellPlacesApart(texts: [[Int]], needed: Int) throws {
        #expect(try TokenTexts(Self.set(texts)).neededPast == needed)
    }

    // MARK: Memories

    /// Repeats, a period, one token, one token again and again, and texts that share words.
    @Test(arguments: [
        [[0, 1, 2, 0, 1, 3]], [[0, 1, 0, 1]], [[0]], [[0, 0, 0, 0, 1]], [[0, 1, 2, 0, 3], [2, 0, 1], [1]], [[0, 0, 0]],
        [[0, 1, 2], [1, 2, 0]],
    ])
    func everyTextIsACycleThatNoiseLeadsTo(texts: [[Int]]) throws {
        let set = Self.set(texts)
        let learned = try Learner(settings: Self.settings()).learn(set)
        #expect(learned.memory.stored.familyName == "recurrent" && learned.verification.verdicts == texts.map { _ in true })
        for run in learned.verification.recalls {
            #expect(run.isExact.allSatisfy { $0 } && run.isRecovered.allSatisfy { $0 }, "\(run.batch.start.name)")
        }
        let decay = 0.9
        for (text, spectrum) in zip(texts, learned.verification.spectra) {
            #expect(abs(spectrum.spectralRadius - power(decay, text.count)) <= 1e-5, "\(spectrum.spectralRadius)")
        }
        // The census starts anywhere.
        var quick = Self.settings()
        (quick.analysis.recovery, quick.analysis.census) = (.none, .value(12))
        let census = try BasinStudy(settings: quick, context: LearningContext()).measure(learned, of: set, began: 0).census
        #expect(census?.census.storedCount == 24)
    }

    private func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * base } }

    /// What tells two places apart lies 40 tokens back: the state has to remember longer than usual.
    @Test func aLongRepeatIsRememberedFromBeforeIt() throws {
        let stretch = (0..<40).map { 2 + $0 % 3 }
        let learned = try Learner(settings: Self.settings()).learn(Self.set([[0] + stretch + [1] + stretch]))
        #expect(learned.verification.verdicts == [true] && learned.memory.map.inputDimension == 5 + 32)
    }

    @Test func theSameSettingsGiveTheSameBytes() throws {
        let set = Self.set([[0, 1, 0, 2]])
        let first = try Learner(settings: Self.settings()).learn(set)
        #expect(first.resolvedSettings.network.family == .value(.recurrent))
        let again = try Learner(settings: first.resolvedSettings).learn(set)
        #expect(first.memory.stored.encoded() == again.memory.stored.encoded())
        var other = first.resolvedSettings
        other.seed += 1
        #expect(try Learner(settings: other).learn(set).memory.stored.encoded() != first.memory.stored.encoded())
    }

    // MARK: Refusals

    private func refusal(_ set: TrainingSet, _ settings: MemorySettings) -> Failure? {
        do {
            _ = try Learner(settings: settings).learn(set)
            return nil
        } catch { return error as? Failure }
    }

    @Test func whatIsNoTextIsRefused() {
        let pictures = TrainingSet(examples: Matrix(rows: [[0.5, 1], [1, 0]]), task: .sequences([0..<2]))
        #expect(refusal(pictures, Self.settings())?.code == "tokens")
        let alone = TrainingSet(examples: Matrix(rows: [[0, 1], [1, 0]]))
        #expect(refusal(alone, Self.settings())?.found == "kind: autoencoder")
        let text = Self.set([[0, 1]])
        #expect(refusal(text, Self.settings(.tournament))?.found == "preset: tournament")
        #expect(refusal(Self.set([[0, 1], [1]]), Self.settings(.paper))?.code == "several-texts")
        var small = Self.settings()
        small.maxMemoryByteCount = .value(1000)
        #expect(refusal(text, small)?.code == "memory")
        // One direction for every token: places cannot be told apart.
        var narrow = Self.settings()
        narrow.network.width = .value(1)
        #expect(refusal(Self.set([Array(0..<40) + [0, 1] + Array((2..<40).reversed())]), narrow)?.code == "alike")
    }

    // MARK: Training

    private static var trained: MemorySettings {
        var own = settings(.paper)
        (own.network.width, own.network.depth) = (.value(24), .value(2))
        own.training.learningRate = .value(3e-3)
        own.training.epochs = 1500
        return own
    }

    @Test func aTrainedNetworkPlaysATextWithRepeats() throws {
        let learned = try Learner(settings: Self.trained).learn(Self.set([[0, 1, 0, 2, 3]]))
        #expect(learned.account.lossName == "cross-entropy" && learned.account.initializer == "lecun")
        #expect(learned.verification.verdicts == [true], "\(learned.stopReason)")
        #expect((learned.losses.first?.mse ?? 0) > 1 && learned.losses.contains { $0.mse < 0.1 })
    }

    /// Parameters, moments and the state in which the next pass begins.
    @Test func trainingGoesOnFromACheckpointAsThoughItHadNotStopped() throws {
        let tokens = Self.set([[0, 1, 0, 2, 3]]).examples
        var own = RecurrentTraining.Settings(seed: 4)
        (own.width, own.depth, own.initializer, own.learningRate) = (12, 2, .leCun, 1e-3)
        func trained(_ training: inout RecurrentTraining, _ count: Int) throws {
            try training.trainRound(epochs: count) { _ in .proceed }
        }
        var whole = RecurrentTraining(tokens: tokens, settings: own)
        try trained(&whole, 20)
        try trained(&whole, 20)
        var first = RecurrentTraining(tokens: tokens, settings: own)
        try trained(&first, 20)
        let saved = try #require(first.encodeCheckpoint())
        var second = RecurrentTraining(tokens: tokens, settings: own)
        try second.restore(saved[...])
        try trained(&second, 20)
        #expect(second.encodeCheckpoint() == whole.encodeCheckpoint() && second.epochCount == 40)
        #expect(second.storedMap().encoded() == whole.storedMap().encoded())
        own.width = 13
        var other = RecurrentTraining(tokens: tokens, settings: own)
        #expect(throws: CheckpointError.self) { try other.restore(saved[...]) }
    }
}
