import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@Suite struct CheckpointTests {
    private struct Killed: Error {}

    /// What is compared: the bytes of the stored network and the bits of every loss.
    private struct Outcome: Equatable {
        var network: [UInt8] = []
        var losses: [UInt64] = []
        var epochs: [Int] = []
        var plannedEpochs: [Int] = []
        var rates: [Double] = []
    }

    private static let rounds = [7, 9]

    private func examples(seed: UInt64 = 1, count: Int = 5, dimension: Int = 12) -> Matrix<Float> {
        var generator = SplitMix64(seed: seed)
        return Matrix(
            rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in Float(generator.nextUniform()) })
    }

    private func fast(
        _ samples: Matrix<Float>? = nil, task: MemoryTask = .sequences([0..<5]), learningRate: Double = 1e-3, noise: Double = 0.5,
        optimizer: Optimizer = .adam(), initializer: Initializer = .standard, batchSize: Int? = nil, cueNoise: CueNoise? = nil
    ) throws -> FastTraining {
        try FastTraining(
            samples: samples ?? examples(), task: task,
            settings: .init(
                depth: 2, width: 9, activation: .selu, conditioning: 1, maximumNoise: noise, learningRate: learningRate,
                warmUpEpochCount: 2,
                optimizer: optimizer, batchSize: batchSize, initializer: initializer, cueNoise: cueNoise, seed: 3))
    }

    private func paper(_ optimizer: Optimizer, target: Double = 0, batchSize: Int? = nil) -> PaperTraining {
        PaperTraining(
            samples: examples(), task: .autoencoder(count: 5),
            settings: .init(
                depth: 1, width: 8, activation: .swish, optimizer: optimizer, learningRate: 1e-2, batchSize: batchSize,
                targetMeanSquaredError: target, seed: 4))
    }

    /// Trains all rounds; in epoch `killEpoch`, and at the end of each round after it, the training is thrown away and a fresh one
    /// goes on from its bytes.
    private func outcome(
        from fresh: () throws -> any MemoryTraining, killEpoch: Int? = nil, byThrowing: Bool = true
    ) throws -> Outcome {
        var result = Outcome()
        var training = try fresh()
        var isKilled = false
        func onEpoch(_ progress: TrainingProgress) throws -> TrainingDecision {
            result.losses.append(progress.loss.bitPattern)
            result.epochs.append(progress.epoch)
            result.plannedEpochs.append(progress.plannedEpochCount)
            result.rates.append(progress.learningRate)
            if progress.epoch == killEpoch && !isKilled {
                isKilled = true
                if byThrowing { throw Killed() }
                return .pause
            }
            return .proceed
        }
        for epochs in Self.rounds {
            do { try training.trainRound(epochs: epochs, onEpoch: onEpoch) } catch is Killed {}
            if isKilled {
                let bytes = try #require(training.encodeCheckpoint())
                training = try fresh()
                try training.restore(bytes[...])
            }
            try training.continueRound(onEpoch: onEpoch)
        }
        result.network = try training.storedMap().encoded()
        return result
    }

    @Test(arguments: [true, false])
    func trainingKilledInAnyEpochOfEitherRoundEndsInTheSameBytes(byThrowing: Bool) throws {
        let trainings: [(name: String, make: () throws -> any MemoryTraining)] = [
            ("fast", { try fast() }), ("fast without noise", { try fast(noise: 0) }), ("Adam", { paper(.adam()) }),
            ("RMSprop", { paper(.rmsProp()) }), ("momentum", { paper(.momentum(0.9, weightDecay: 1e-4)) }),
            ("descent", { paper(.gradientDescent) }), ("momentum without decay", { paper(.momentum(0.9)) }),
            ("fast in batches", { try fast(batchSize: 2) }), ("Adam in batches", { paper(.adam(), batchSize: 3) }),
            ("RMSprop in batches", { paper(.rmsProp(), batchSize: 2) }), ("descent in batches", { paper(.gradientDescent, batchSize: 1) }),
            ("momentum in batches", { paper(.momentum(0.9, weightDecay: 1e-4), batchSize: 2) }),
            ("damaged cues", { try fast(cueNoise: CueNoise(range: 0...1, maximumFraction: 0.5)) }),
            (
                "damaged cues in batches",
                {
                    let raster = Raster(height: 3, width: 4)
                    return try fast(
                        batchSize: 2,
                        cueNoise: CueNoise(range: 0...1, maximumFraction: 0.5, maximumArea: 0.5, raster: raster))
                }
            ),
            ("tangent", { try fast(optimizer: .momentum(0.5), initializer: .neuralTangent(biasScale: 0.1), batchSize: 3) }),
        ]
        for (name, make) in trainings {
            let whole = try outcome(from: make)
            #expect(whole.epochs == Array(1...16))
            for epoch in 1...16 {
                let resumed = try outcome(from: make, killEpoch: epoch, byThrowing: byThrowing)
                #expect(resumed == whole, "\(name), killed in epoch \(epoch)")
            }
        }
    }

    @Test func roundThatIsKilledInTheEpochThatReachesItsTargetIsOver() throws {
        let whole = paper(.adam(), target: 0.05)
        var uninterrupted = whole
        try uninterrupted.trainRound(epochs: 2000) { _ in .proceed }
        let last = uninterrupted.epochCount
        #expect(uninterrupted.hasReachedTarget && last > 2 && last < 2000)
        for decision in [TrainingDecision.pause, .stop, .proceed] {
            var killed = whole
            do {
                try killed.trainRound(epochs: 2000) { progress in
                    guard progress.epoch == last else { return .proceed }
                    if decision == .proceed { throw Killed() }
                    return decision
                }
            } catch is Killed {}
            var resumed = whole
            try resumed.restore(try #require(killed.encodeCheckpoint())[...])
            #expect(resumed.hasReachedTarget && !resumed.hasOpenRound && resumed.epochCount == last)
            try resumed.continueRound { _ in .proceed }
            #expect(resumed.hasReachedTarget && resumed.epochCount == last)
            #expect(resumed.storedNetwork() == uninterrupted.storedNetwork())
        }
    }

    /// A checkpoint in the middle of a round.
    private func checkpoint(of training: FastTraining) throws -> [UInt8] {
        var training = training
        try training.trainRound(epochs: 6) { $0.epoch == 4 ? .pause : .proceed }
        return try #require(training.encodeCheckpoint())
    }

    @Test func checkpointCutShortAnywhereOrWithAnyByteChangedIsRefusedAndChangesNothing() throws {
        let bytes = try checkpoint(of: fast())
        var training = try fast()
        let before = training.encodeCheckpoint()
        for length in 0..<bytes.count {
            #expect(throws: CheckpointError.self) { try training.restore(bytes.prefix(length)) }
        }
        #expect(throws: CheckpointError.self) { try training.restore((bytes + [0])[...]) }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(throws: CheckpointError.self, "byte \(index)") { try training.restore(damaged[...]) }
        }
        #expect(training.encodeCheckpoint() == before)
        // A slice that does not start at 0 reads as well as one that does.
        try training.restore(([1, 2, 3] + bytes).dropFirst(3))
        #expect(training.epochCount == 4 && training.hasOpenRound)
        #expect(training.encodeCheckpoint() == bytes)
    }

    @Test func checkpointOfAnotherRunIsRefusedByName() throws {
        let bytes = try checkpoint(of: fast())
        func refusal(_ training: any MemoryTraining) -> CheckpointError? {
            var training = training
            return #expect(throws: CheckpointError.self) { try training.restore(bytes[...]) }
        }
        #expect(refusal(try fast(learningRate: 2e-3)) == .otherRun(what: "training settings"))
        #expect(refusal(try fast(batchSize: 2)) == .otherRun(what: "training settings"))
        #expect(refusal(try fast(examples(seed: 2))) == .otherRun(what: "examples"))
        #expect(refusal(try fast(examples(dimension: 13))) == .otherRun(what: "examples"))
        #expect(refusal(try fast(task: .autoencoder(count: 5))) == .otherRun(what: "targets"))
        #expect(refusal(paper(.adam())) == .notACheckpoint)
        var oneBit = examples()
        oneBit[4, 11] = oneBit[4, 11].nextUp
        #expect(refusal(try fast(oneBit)) == .otherRun(what: "examples"))
    }

    @Test func checkpointOfAnotherVersionOrByteOrderIsRefusedByName() throws {
        // The layout: letters, byte-order mark, version, length, eight bytes each.
        var older = try checkpoint(of: fast())
        older[16] = 0
        var training = try fast()
        #expect(throws: CheckpointError.otherVersion(found: 0, expected: 1)) { try training.restore(older[...]) }
        var swapped = try checkpoint(of: fast())
        swapped[8..<16].reverse()
        #expect(throws: CheckpointError.otherByteOrder) { try training.restore(swapped[...]) }
    }

    @Test func refusalsSayWhatWasExpectedAndFound() {
        #expect("\(CheckpointError.otherVersion(found: 3, expected: 1))" == "its format has version 3, this program reads version 1")
        #expect("\(CheckpointError.wrongLength(expectedByteCount: 9, foundByteCount: 4))" == "it should have 9 bytes and has 4")
        #expect("\(CheckpointError.otherRun(what: "settings"))" == "it belongs to a run with other settings")
        #expect("\(CheckpointError.malformed(byteOffset: 8))" == "its content is not in order at byte 8")
        for error in [CheckpointError.notACheckpoint, .damaged, .otherByteOrder] { #expect("\(error)".hasPrefix("it ")) }
    }

    /// Values of the reference implementation, version 0.8.4, over bytes b_i = 131·i + 7 mod 256.
    @Test func checksumsAgreeWithTheReferenceImplementation() {
        let known: [(Int, UInt64)] = [
            (0, 0xef46_db37_51d8_e999), (1, 0xa96c_7f0c_e858_bbb7), (3, 0xbed4_3740_ee63_32bb), (4, 0xfa21_2ae4_4b3b_b23d),
            (7, 0x2744_460d_d675_d2c0), (8, 0x994b_676b_71ce_94dd), (11, 0x97f0_78da_7a1a_590c), (12, 0xb92f_588c_e720_786e),
            (15, 0x09e6_451e_d2ff_8b1d), (31, 0x6711_d55e_306b_5d8f), (32, 0x07f7_b8e3_bc5d_6e25), (33, 0x09f8_5eeb_4e1c_be9f),
            (39, 0xb13c_137a_0fb7_01c3), (44, 0xd02b_2028_c27a_5329), (63, 0xb7c9_968c_066c_b6a5), (64, 0x50d4_159a_0411_632e),
            (65, 0xd277_176b_ff86_3efc), (97, 0x7683_defa_1456_dab5), (1000, 0x0bf0_bdbc_c82e_b373),
        ]
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: 131 * $0 + 7) }
        for (count, value) in known { #expect(Checksum64.of(bytes.prefix(count)) == value, "\(count) bytes") }
    }
}
