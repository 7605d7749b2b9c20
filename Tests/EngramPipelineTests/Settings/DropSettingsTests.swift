import EngramMemories
import Testing

@testable import EngramPipeline

/// Written by hand beside the schema, so that a key that fills the wrong property is seen.
private let everyKeyChanged = """
    preset: paper
    kind: sequence
    sequence_length: 10
    seed: 77
    network:
      depth: 5
      width: 128
      activation: leaky_relu
    training:
      optimizer: momentum_weight_decay
      learning_rate: 2.5e-3
      momentum: 0.75
      weight_decay: 0.002
      learning_rate_schedule: cosine
      warm_up: 11
      batch_size: 64
      epochs: 12
      target_mse: 1e-10
      conditioning: 0.5
      noise: 0.3
      budget: 1h30m
      exact_output_layer: true
      initializer: uniform
      uniform_range: 0.02
      bias_scale: 0.375
    closed_form:
      filters: whitened
      steepness: 25
      threshold: 0.35
      inhibition: 0.75
      ridge: 0.125
      silence: mean
    recall:
      starts: 3
      iterations: 400
      corruption: 0.25
      missing: 0
    analysis:
      eigenvalues: false
    audio:
      window: 250ms
    report:
      animation: false
    limits:
      max_file_bytes: 1000
      max_samples: 20
      max_image_side: 64
      max_decoded_bytes: 4096
      max_memory: 8000000000
    """

@Suite struct DropSettingsTests {
    private func settings(_ yaml: String) throws(SettingsError) -> DropSettings {
        try DropSettings(file: SettingsFile(source: "drop.yml", text: yaml))
    }

    private func error(_ yaml: String) -> SettingsError? {
        do throws(SettingsError) {
            _ = try settings(yaml)
            return nil
        } catch { return error }
    }

    @Test func everyKeyFillsItsOwnProperty() throws {
        var expected = DropSettings(preset: .paper)
        expected.kind = .value(.sequence)
        expected.sequenceLength = .value(10)
        expected.seed = 77
        expected.network = .init(depth: .value(5), width: .value(128), activation: .value(.leakyReLU))
        expected.training.optimizer = .momentumWeightDecay
        expected.training.learningRate = .value(0.0025)
        expected.training.momentum = 0.75
        expected.training.weightDecay = 0.002
        expected.training.learningRateSchedule = .cosine
        expected.training.warmUp = 11
        expected.training.batchSize = .value(64)
        expected.training.epochs = 12
        expected.training.targetMSE = 1e-10
        expected.training.conditioning = .value(0.5)
        expected.training.noise = .value(0.3)
        expected.training.budget = .seconds(5400)
        expected.training.exactOutputLayer = true
        expected.training.initializer = .value(.uniform)
        expected.training.uniformRange = 0.02
        expected.training.biasScale = 0.375
        (expected.closedForm.filters, expected.closedForm.silence) = (.value(.whitened), .value(.mean))
        (expected.closedForm.steepness, expected.closedForm.threshold) = (.value(25), .value(0.35))
        (expected.closedForm.inhibition, expected.closedForm.ridge) = (.value(0.75), .value(0.125))
        (expected.recall.starts, expected.recall.iterations, expected.recall.corruption) = (3, .value(400), 0.25)
        expected.cue.missing = .value(0)
        expected.analysis.eigenvalues = false
        expected.audio.window = .milliseconds(250)
        expected.report.animation = false
        expected.limits.maxFileByteCount = 1000
        expected.limits.maxSampleCount = 20
        expected.limits.maxImageSide = 64
        expected.limits.maxDecodedByteCount = 4096
        expected.limits.maxMemoryByteCount = .value(8_000_000_000)
        #expect(try settings(everyKeyChanged) == expected)
    }

    @Test func writtenSettingsReadBackEqualAndAreStable() throws {
        for original in [DropSettings(), DropSettings(preset: .paper), try settings(everyKeyChanged)] {
            let text = original.yaml
            let again = try settings(text)
            #expect(again == original)
            #expect(again.yaml == text)
        }
    }

    @Test func writtenSettingsNameEveryKeyOfTheSchema() throws {
        let lines = DropSettings().yaml.split(separator: "\n")
        for field in DropSettings.schema.fields {
            #expect(lines.contains { $0.drop { $0 == " " }.hasPrefix("\(field.name): ") }, "\(field.path)")
        }
    }

    @Test func emptyAndCommentOnlyTextsGiveTheDefaults() throws {
        for text in ["", "\n", "# nothing\n", "---\n", "network:\ntraining: ~\n"] {
            #expect(try settings(text) == DropSettings())
        }
    }

    @Test func presetMovesDefaultsAndNotWhatWasGiven() throws {
        let paper = try settings("training: { epochs: 9 }\npreset: paper")
        #expect(paper.training.learningRate == .value(1e-4))
        #expect(paper.training.exactOutputLayer == false)
        #expect(paper.training.epochs == 9)
    }

    @Test func autoIsAValueOnlyWhereTheSchemaAllowsIt() throws {
        #expect(try settings("network: { depth: auto }").network.depth == .auto)
        #expect(
            error("seed: auto")
                == .wrongType(
                    SettingsLocation(source: "drop.yml", line: 1, column: 7), key: "seed", expected: "an integer from 0", found: "'auto'"))
    }

    @Test(arguments: [
        ("network:\n  depht: 3", 2, 3, "network.depht", "network.depth"),
        ("trainig:\n  epochs: 3", 1, 1, "trainig", "training"),
        ("learning_rate: 3", 1, 1, "learning_rate", "training.learning_rate"),
        ("seed: 3\nnetwork:\n  epoch: 3", 3, 3, "network.epoch", "training.epochs"),
        ("\"kind \": auto", 1, 1, "kind ", "kind"),
    ])
    func unknownKeyNamesItsPlaceAndTheNearestKey(text: String, line: Int, column: Int, key: String, suggestion: String) throws {
        guard case .unknownKey(let location, let foundKey, let foundSuggestion, _)? = error(text) else {
            Issue.record("\(text) gave \(String(describing: error(text)))")
            return
        }
        #expect(location == SettingsLocation(source: "drop.yml", line: line, column: column))
        #expect(foundKey == key)
        #expect(foundSuggestion == suggestion)
    }

    @Test func unknownKeyWithNothingNearListsWhatIsKnownThere() {
        let expected = SettingsError.unknownKey(
            SettingsLocation(source: "drop.yml", line: 2, column: 3), key: "recall.xylophone", suggestion: nil,
            known: ["starts", "iterations", "corruption", "missing"])
        #expect(error("recall:\n  xylophone: 1") == expected)
    }

    @Test(arguments: [
        "seed: 1.5", "seed: \"1\"", "seed: one", "seed: [1]", "seed: {a: 1}", "seed:", "seed: 0x10", "seed: 1e3",
        "preset: slow", "preset: FAST", "network: 3", "network: [depth]", "network: { activation: gelu }",
        "training: { learning_rate: nan }", "training: { learning_rate: inf }", "training: { learning_rate: 0x1p3 }",
        "training: { learning_rate: '0.1' }", "training: { exact_output_layer: yes }", "training: { exact_output_layer: 1 }",
        "training: { budget: 10 }", "training: { budget: 10x }", "training: { budget: -5s }", "training: { learning_rate: . }",
        "training: { learning_rate: 1e }", "training: { learning_rate: 1.2.3 }", "- seed", "seed", "? [a, b]\n: 3",
    ])
    func aValueOfAnotherTypeIsRefused(text: String) {
        guard case .wrongType(let location, _, _, _)? = error(text) else {
            Issue.record("\(text) gave \(String(describing: error(text)))")
            return
        }
        #expect(location.line == 1 && location.column != nil)
    }

    @Test(arguments: [
        "seed: -1", "seed: 9223372036854775808", "network: { depth: 0 }", "network: { width: 65537 }", "sequence_length: 1",
        "training: { learning_rate: 0 }", "training: { learning_rate: 10.001 }", "training: { learning_rate: 1e999 }",
        "training: { conditioning: -0.1 }", "training: { conditioning: 1.1 }", "training: { noise: -1 }", "training: { budget: 0s }",
        "training: { target_mse: -1e-9 }", "recall: { starts: -1 }", "recall: { corruption: 1.01 }", "audio: { window: 999us }",
        "limits: { max_samples: 0 }",
    ])
    func aValueOutsideItsRangeIsRefused(text: String) {
        guard case .outOfRange(let location, _, _, _)? = error(text) else {
            Issue.record("\(text) gave \(String(describing: error(text)))")
            return
        }
        #expect(location.line == 1)
    }

    @Test(arguments: [
        "seed: 0", "seed: 9223372036854775807", "network: { depth: 256, width: 1 }", "sequence_length: 2",
        "training: { learning_rate: 10, conditioning: 0, noise: 0, target_mse: 0, epochs: 0, budget: 1s }",
        "training: { learning_rate: 1e-300, conditioning: 1.0 }", "training: { learning_rate: .5 }", "recall: { starts: 0, corruption: 1 }",
        "preset: \"fast\"", "audio: { window: '1ms' }",
    ])
    func theEndsOfEveryRangeAreAccepted(text: String) {
        #expect(error(text) == nil)
    }

    @Test func aKeyTwiceIsRefusedWithItsPlace() {
        for text in ["seed: 1\nkind: auto\nseed: 2", "seed: 1\n\"seed\": 2"] {
            guard case .duplicateKey(let location, let key)? = error(text) else {
                Issue.record("\(text) gave \(String(describing: error(text)))")
                continue
            }
            #expect(key == "seed" && location.line != nil)
        }
    }
}
