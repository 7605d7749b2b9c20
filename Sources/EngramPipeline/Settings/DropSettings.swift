package import EngramMemories
package import EngramReports

/// Everything that decides how one drop is read, trained, recalled and reported; all values resolved.
package struct DropSettings: Codable, Equatable, Sendable {
    /// What the network maps an example to.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// To itself: examples become fixed points.
        case autoencoder
        /// To the next one, the last to the first: examples become a limit cycle.
        case sequence
        /// To the class that its folder is called after; see `Predict`.
        case classes
    }

    /// What a drop can be for, besides what its place in the inbox says.
    package enum Job: String, Codable, Sendable, CaseIterable {
        /// To be stored.
        case memorize
        /// A table whose missing cells are to be filled.
        case complete
        /// Pictures whose missing pixels are to be filled.
        case inpaint
        /// To learn its labels, and predict those that are missing.
        case predict
    }

    /// Keys under `predict:`.
    package struct Predict: Codable, Equatable, Sendable {
        /// How labels are predicted.
        package enum Model: String, Codable, Sendable, CaseIterable {
            /// Kernel ridge regression with the Laplace kernel.
            case laplace
            /// A Recursive Feature Machine.
            case features
            /// The infinitely deep network's classifier.
            case deep
            /// A fully connected network, trained by gradient descent.
            case network
        }

        /// What the target is.
        package enum Task: String, Codable, Sendable, CaseIterable {
            case classification, regression
        }

        /// The column of a table with the labels; `auto` is one called class, label or target.
        package var label: AutoOr<String> = .auto
        /// Classes or a number; `auto` goes by the column.
        package var task: AutoOr<Task> = .auto
        /// The model; `auto` is what predicts examples best that it did not learn from.
        package var model: AutoOr<Model> = .auto
        /// Folds of cross-validation.
        package var folds = 5
        /// Most rounds of a feature machine. [R23] uses up to 5; the fourth changes little.
        package var rounds = 4
        /// L of the Laplace kernel on standardised columns; `auto` is the published 10, or another that predicts better.
        package var bandwidth: AutoOr<Double> = .auto
        /// Whether the mean gradient is subtracted.
        package var centered = false
        /// d for which the infinitely deep network is consistent; `auto` is estimated from neighbours.
        package var dimension: AutoOr<Double> = .auto
    }

    /// Keys under `audio:`.
    package struct Audio: Codable, Equatable, Sendable {
        /// Length of the windows that a recording is cut into.
        package var window: Duration = .seconds(1)
    }

    /// Keys under `text:`.
    package struct Text: Codable, Equatable, Sendable {
        /// What a text is cut into.
        package enum Unit: String, Codable, Sendable, CaseIterable {
            /// Words with the white space after them.
            case words
            /// Characters.
            case characters
            /// Bytes.
            case bytes
        }

        /// What texts are cut into.
        package var unit: AutoOr<Unit> = .auto
        /// Tokens of a window.
        package var context: AutoOr<Int> = .auto
    }

    /// What is known of a cue; keys under `recall:`.
    package struct Cue: Codable, Equatable, Sendable {
        /// The code, as the cue's file stores it, that stands for a missing entry; `auto` for none.
        package var missing: AutoOr<Double> = .auto
    }

    /// Keys under `report:`.
    package struct Report: Codable, Equatable, Sendable {
        /// Whether `from-noise.apng` is written.
        package var animation = true
    }

    /// Keys under `limits:`; all are checked before memory is taken.
    package struct Limits: Codable, Equatable, Sendable {
        /// Longest input file, in bytes.
        package var maxFileByteCount = 1_073_741_824
        /// Most examples in one drop.
        package var maxSampleCount = 100_000
        /// Largest width or height of an image, in pixels.
        package var maxImageSide = 16_384
        /// Most bytes that one drop may take once decoded and decompressed.
        package var maxDecodedByteCount = 4_294_967_296
        /// Most bytes that training and analysis may take beyond the decoded drop; `auto` is what the machine has left.
        package var maxMemoryByteCount: AutoOr<Int> = .auto
    }

    /// What is done with the drop; `auto` goes by its content.
    package var job: AutoOr<Job> = .auto
    /// How the network is trained.
    package var preset = Preset.standard
    /// Autoencoder or sequence.
    package var kind: AutoOr<Kind> = .auto
    /// Examples in each cycle; `auto` takes folders or the whole drop as one.
    package var sequenceLength: AutoOr<Int> = .auto
    /// Seed of every random number.
    package var seed = 1
    /// Size and non-linearity.
    package var network = Network()
    /// Optimisation.
    package var training = Training()
    /// The family unet.
    package var unet = UNet()
    /// The preset closed-form.
    package var closedForm = ClosedForm()
    /// Recall from noise.
    package var recall = Recall()
    /// What is known of a cue that a memory is asked with.
    package var cue = Cue()
    /// What is computed about the trained map.
    package var analysis = Analysis()
    /// Labels.
    package var predict = Predict()
    /// Recordings.
    package var audio = Audio()
    /// Texts.
    package var text = Text()
    /// Tables with missing cells.
    package var complete = Complete()
    /// Pictures with missing pixels.
    package var inpaint = Inpaint()
    /// Published files.
    package var report = Report()
    /// How the media of a published memory were read, by which they are read again; no setting. nil: as drops are.
    package var publishedMedia: DropReport.Media?
    /// Bounds on input.
    package var limits = Limits()

    /// The built-in defaults of a preset, the weakest layer.
    package init(preset: Preset = .standard) {
        memory = MemorySettings(preset: preset)
    }

    /// What the library that learns and verifies has to know.
    package var memory: MemorySettings {
        get {
            var memory = MemorySettings(preset: preset)
            memory.seed = seed
            (memory.network, memory.training, memory.closedForm) = (network, training, closedForm)
            memory.unet = unet
            (memory.recall, memory.analysis) = (recall, analysis)
            memory.maxMemoryByteCount = limits.maxMemoryByteCount
            return memory
        }
        set {
            (preset, seed) = (newValue.preset, newValue.seed)
            (network, training, closedForm) = (newValue.network, newValue.training, newValue.closedForm)
            unet = newValue.unet
            (recall, analysis) = (newValue.recall, newValue.analysis)
            limits.maxMemoryByteCount = newValue.maxMemoryByteCount
        }
    }
}

extension DropSettings {
    /// See `MemorySettings`.
    package typealias Preset = MemorySettings.Preset
    /// See `MemorySettings`.
    package typealias Family = MemorySettings.Family
    /// See `MemorySettings`.
    package typealias KernelName = MemorySettings.KernelName
    /// See `MemorySettings`.
    package typealias ActivationName = MemorySettings.ActivationName
    /// See `MemorySettings`.
    package typealias Optimizer = MemorySettings.Optimizer
    /// See `MemorySettings`.
    package typealias Schedule = MemorySettings.Schedule
    /// See `MemorySettings`.
    package typealias NoiseKind = MemorySettings.NoiseKind
    /// See `MemorySettings`.
    package typealias Initializer = MemorySettings.Initializer
    /// See `MemorySettings`.
    package typealias Filters = MemorySettings.Filters
    /// See `MemorySettings`.
    package typealias Silence = MemorySettings.Silence
    /// See `MemorySettings`.
    package typealias Recovery = MemorySettings.Recovery
    /// See `MemorySettings`.
    package typealias Spectra = MemorySettings.Spectra
    /// See `MemorySettings`.
    package typealias Upsampling = MemorySettings.Upsampling
    /// See `MemorySettings`.
    package typealias UNet = MemorySettings.UNet
    /// See `MemorySettings`.
    package typealias Network = MemorySettings.Network
    /// See `MemorySettings`.
    package typealias Training = MemorySettings.Training
    /// See `MemorySettings`.
    package typealias ClosedForm = MemorySettings.ClosedForm
    /// See `MemorySettings`.
    package typealias Recall = MemorySettings.Recall
    /// See `MemorySettings`.
    package typealias Analysis = MemorySettings.Analysis
}

extension MemorySettings.Preset: SettingChoice {}
extension DropSettings.Job: SettingChoice {}
extension DropSettings.Kind: SettingChoice {}
extension DropSettings.Text.Unit: SettingChoice {}
extension DropSettings.Predict.Model: SettingChoice {}
extension DropSettings.Predict.Task: SettingChoice {}
extension MemorySettings.Family: SettingChoice {}
extension MemorySettings.Upsampling: SettingChoice {}
extension MemorySettings.KernelName: SettingChoice {}
extension MemorySettings.ActivationName: SettingChoice {}
extension MemorySettings.Optimizer: SettingChoice {}
extension MemorySettings.Schedule: SettingChoice {}
extension MemorySettings.Initializer: SettingChoice {}
extension MemorySettings.NoiseKind: SettingChoice {}
extension MemorySettings.Recovery: SettingChoice {}
extension MemorySettings.Spectra: SettingChoice {}
extension MemorySettings.Filters: SettingChoice {}
extension MemorySettings.Silence: SettingChoice {}
