import EngramMemories
import EngramNetworks
import EngramReports
import Foundation
import Synchronization
import Testing

@testable import EngramPipeline
import EngramSystem

@Suite struct TrainingRoundsTests {
    /// Too small steps to learn anything, so that verification fails round after round.
    private static let hopeless = ["sequence_length=3", "network.depth=1", "training.learning_rate=1e-7", "recall.iterations=5"]
    private static let descent = [
        "training.optimizer=gradient_descent", "training.learning_rate_schedule=constant", "network.depth=1", "network.width=24",
        "training.initializer=default",
        "training.exact_output_layer=false", "recall.starts=2", "recall.iterations=5", "report.animation=false",
    ]

    private func digits(_ overrides: [String], _ folder: String, in work: TemporaryFolder) throws -> DropReport {
        let path = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
        return try DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "digits", overrides: overrides),
            context: .init(dropName: "digits", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 })
        ).process(inputPath: path, into: try work.folder(folder))
    }

    @Test func divergenceInTheFirstRoundIsTriedOnceMoreAtATenthOfTheRateAndSaid() throws {
        let work = try TemporaryFolder()
        let overrides = Self.descent + ["kind=autoencoder", "training.learning_rate=10", "training.epochs=30"]
        let report = try digits(overrides, "out", in: work)
        #expect(report.training.epochs == 30)
        #expect(report.training.optimizer == "gradient_descent 1.0 constant")
        #expect(report.notes.contains { $0.hasSuffix("at learning rate 10.0 and was begun again at 1.0.") })
        // What is published repeats what was done in the end.
        let settings = try DropSettings(file: SettingsFile(path: work.path + "/out/settings.yml"))
        #expect(settings.training.learningRate == .value(1))
    }

    @Test func divergenceAtBothRatesIsAnErrorThatNamesTheSetting() throws {
        let work = try TemporaryFolder()
        let overrides = Self.descent + ["kind=autoencoder", "training.learning_rate=10", "network.activation=exp", "training.noise=20"]
        let failure = #expect(throws: Failure.self) { _ = try digits(overrides, "out", in: work) }
        #expect(failure?.code == "diverged" && failure?.stage == .train && failure?.isRetryable == false)
        #expect(failure?.message.contains("learning rate 10.0, and again") == true, "\(failure?.message ?? "")")
        #expect(failure?.remedy?.contains("training.learning_rate") == true)
    }

    @Test func divergenceInALaterRoundPublishesTheBestEarlierOne() throws {
        let work = try TemporaryFolder()
        // The rate rises over 500 epochs: the first round ends below what diverges, the second passes it.
        let late = Self.descent + ["sequence_length=10", "training.learning_rate=10", "training.warm_up=500", "training.noise=0"]
        let report = try digits(late + ["training.epochs=1500"], "out", in: work)
        #expect(report.training.stopped.hasPrefix("training diverged in epoch "))
        #expect(report.training.stopped.hasSuffix("published is round 1 of 2, which held best"), "\(report.training.stopped)")
        // The first round alone gives the same network.
        let first = try digits(late + ["training.epochs=\(report.training.epochs)"], "first", in: work)
        #expect(first.training.epochs == report.training.epochs)
        #expect(try work.bytes("out/network.safetensors") == work.bytes("first/network.safetensors"))
        #expect(first.training.mse == report.training.mse)
    }

    @Test func networkOfAutomaticSizeGrowsWhereRoundsStopHelpingAndAnyStopEndsInTheSameFiles() throws {
        let bench = try ResumeBench(overrides: Self.hopeless + ["network.width=auto", "training.epochs=905"])
        let whole = try bench.attempt()
        #expect(
            whole.report.notes.contains { $0.hasPrefix("After 2 rounds, 900 epochs, ") && $0.hasSuffix("one hidden layer of 512 units.") })
        let csv = try #require(whole.files["training.csv"].map { String(decoding: $0, as: UTF8.self) })
        #expect(csv.contains("\n905,"), "epochs count on over both networks")
        // Steps of the first round, of the third, and of the verification between.
        for step in [10, 299, 301, whole.steps - 6, whole.steps] {
            let folder = try bench.work.folder("at \(step)")
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: step) }
            let resumed = try bench.attempt(checkpoints: folder)
            #expect(resumed.files == whole.files, "stopped at step \(step)")
        }
        // A given size is kept.
        let given = try ResumeBench(overrides: Self.hopeless + ["training.epochs=905"]).attempt()
        #expect(given.report.network.width == 6 && !given.report.notes.contains { $0.contains("began again") })
    }

    @Test func aNarrowedRunGoesOnAtItsWidthWhenMoreMemoryIsFree() throws {
        let bench = try ResumeBench(
            overrides: ["kind=autoencoder", "preset=fast", "network.width=auto", "training.epochs=5", "recall.iterations=5"])
        let whole = try bench.attempt(availableMemory: 68e6)
        let width = try #require(whole.report.network.width)
        #expect(width < 256)
        #expect(whole.report.notes.contains { $0.contains("narrowed to \(width)") }, "\(whole.report.notes)")
        #expect(try bench.attempt(availableMemory: 1e9).report.network.width == 256)
        let folder = try bench.work.folder("checkpoints")
        #expect(throws: CancellationError.self) {
            try bench.attempt(checkpoints: folder, cancelAtStep: 3, availableMemory: 68e6)
        }
        let resumed = try bench.attempt(checkpoints: folder, availableMemory: 1e9)
        #expect(resumed.files == whole.files)
        #expect(resumed.steps == whole.steps - 3)
    }

    @Test func deeperIsTheWayOutWhereTheWidthIsGiven() throws {
        let bench = try ResumeBench(overrides: Self.hopeless.filter { !$0.contains("depth") } + ["training.epochs=902"])
        let report = try bench.attempt().report
        #expect(report.notes.contains { $0.hasSuffix("4 hidden layers of 6 units.") }, "\(report.notes)")
    }

    @Test func theBudgetHoldsVerificationToo() throws {
        // A step of training or verification takes a second. The first round has 300 epochs.
        let bench = try ResumeBench(overrides: Self.hopeless + ["training.epochs=3000", "training.budget=400s"], secondsPerStep: 1)
        let report = try bench.attempt().report
        #expect(report.training.stopped.hasPrefix("the budget of 400 s was used up"), "\(report.training.stopped)")
        let total = try #require(report.seconds.train) + (try #require(report.seconds.analyse))
        // A second beyond it for the last epoch, and as much for what begins verification.
        #expect(total <= 403, "\(total)")
        #expect(total > 380, "\(total)")
        // Less than the first verification needs: said, and verified all the same.
        let short = try ResumeBench(overrides: Self.hopeless + ["training.budget=3s"], secondsPerStep: 1).attempt().report
        #expect(short.training.epochs == 5)
        #expect(short.training.stopped.hasPrefix("the budget of 3 s was used up"))
        #expect(short.cycles.count == 2)
    }

    @Test func progressTellsEpochLossLearningRateAndTimeLeft() throws {
        let path = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
        let work = try TemporaryFolder()
        let watch = Watch()
        let processor = DropProcessor(
            settings: try PipelineSettings().dropSettings(
                named: "digits",
                overrides: ["preset=paper", "network.width=8", "network.depth=1", "training.epochs=30", "training.learning_rate=0.25"]),
            context: .init(
                dropName: "digits", threadCount: 1, versions: [:], command: "",
                // Half a second passes with each look at the clock.
                monotonicSeconds: { watch.seconds() }, onProgress: { watch.take($0) }, isCancelled: { watch.isAsked(forThe: 20) }))
        #expect(throws: CancellationError.self) { try processor.process(inputPath: path, into: try work.folder("out")) }
        let progress = watch.training.filter { $0.epoch != nil }
        // Cancelled in epoch 20: none was begun after it.
        #expect(progress.last?.epoch == 20)
        #expect(progress.allSatisfy { $0.plannedEpochCount == 30 && $0.learningRate == 0.25 && ($0.loss ?? -1) > 0 })
        let secondsPerEpoch = try #require(progress.last).elapsedSeconds - progress[progress.count - 2].elapsedSeconds
        let left = try #require(progress.last?.remainingSeconds)
        #expect(abs(left - 10 * secondsPerEpoch) < 2 * secondsPerEpoch, "\(left), \(secondsPerEpoch) an epoch")
    }

    private final class Watch: Sendable {
        private let state = Mutex((seconds: 0.0, asked: 0, training: [PipelineProgress]()))
        var training: [PipelineProgress] { state.withLock { $0.training } }
        func take(_ progress: PipelineProgress) { state.withLock { if progress.stage == .train { $0.training.append(progress) } } }
        func seconds() -> Double {
            state.withLock {
                $0.seconds += 0.5
                return $0.seconds
            }
        }
        func isAsked(forThe count: Int) -> Bool {
            state.withLock {
                $0.asked += 1
                return $0.asked == count
            }
        }
    }

    /// Every choice that the settings name, with both presets that train: it runs, is reported, and repeats.
    @Test(arguments: ["fast", "paper"])
    func everyChoiceOfTheSettingsTrains(preset: String) throws {
        let optimizers = DropSettings.Optimizer.allCases.map { "training.optimizer=\($0.rawValue)" }
        let initializers = DropSettings.Initializer.allCases.map { "training.initializer=\($0.rawValue)" }
        let activations = DropSettings.ActivationName.allCases.map { "network.activation=\($0.rawValue)" }
        let schedules = DropSettings.Schedule.allCases.map { "training.learning_rate_schedule=\($0.rawValue)" }
        var networks: Set<[UInt8]> = []
        let choices = optimizers + initializers + activations + schedules + ["training.warm_up=1", "training.batch_size=2"]
        for choice in choices {
            let bench = try ResumeBench(
                overrides: ["preset=\(preset)", "kind=autoencoder", "network.depth=2", "training.epochs=2", "recall.iterations=2", choice])
            let attempt = try bench.attempt()
            #expect(attempt.report.training.epochs == 2, "\(choice)")
            networks.insert(try #require(attempt.files["network.safetensors"]))
        }
        // The default of each kind is the same run; all others differ. So does matched, which is another start.
        #expect(networks.count == choices.count - 3, "\(networks.count) networks of \(choices.count) choices")
    }

    @Test(arguments: [
        ["training.optimizer=rmsprop"], ["training.optimizer=gradient_descent"], ["training.optimizer=momentum"],
        ["training.optimizer=momentum_weight_decay", "training.batch_size=4"], ["training.batch_size=2"],
        ["training.initializer=ntk", "training.batch_size=1"],
    ])
    func aRunWithAnyOptimizerOrBatchStoppedAtAnyStepEndsInTheSameFiles(overrides: [String]) throws {
        for preset in ["paper", "fast"] {
            let bench = try ResumeBench(
                overrides: ["preset=\(preset)", "sequence_length=3", "network.depth=1", "training.epochs=5", "recall.iterations=5"]
                    + overrides)
            let whole = try bench.attempt()
            for step in 1...5 {
                let folder = try bench.work.folder("\(preset) \(step)")
                #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: step) }
                let resumed = try bench.attempt(checkpoints: folder)
                #expect(resumed.files == whole.files, "\(preset), stopped at step \(step)")
                #expect(resumed.steps == whole.steps - step, "an epoch was done again")
            }
        }
    }
}
