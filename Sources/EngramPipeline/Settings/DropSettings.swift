public import EngramMemories

/// Everything that decides how one drop is read, trained, recalled and reported; all values resolved.
public struct DropSettings: Codable, Equatable, Sendable {
    /// What the network maps an example to.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// To itself: examples become fixed points.
        case autoencoder
        /// To the next one, the last to the first: examples become a limit cycle.
        case sequence
    }

    /// Keys under `audio:`.
    public struct Audio: Codable, Equatable, Sendable {
        /// Length of the windows that a recording is cut into.
        public var window: Duration = .seconds(1)
    }

    /// What is known of a cue; keys under `recall:`.
    public struct Cue: Codable, Equatable, Sendable {
        /// The code, as the cue's file stores it, that stands for a missing entry; `auto` for none.
        public var missing: AutoOr<Double> = .auto
    }

    /// Keys under `report:`.
    public struct Report: Codable, Equatable, Sendable {
        /// Whether `from-noise.apng` is written.
        public var animation = true
    }

    /// Keys under `limits:`; all are checked before memory is taken.
    public struct Limits: Codable, Equatable, Sendable {
        /// Longest input file, in bytes.
        public var maxFileByteCount = 1_073_741_824
        /// Most examples in one drop.
        public var maxSampleCount = 100_000
        /// Largest width or height of an image, in pixels.
        public var maxImageSide = 16_384
        /// Most bytes that one drop may take once decoded and decompressed.
        public var maxDecodedByteCount = 4_294_967_296
        /// Most bytes that training and analysis may take beyond the decoded drop; `auto` is what the machine has left.
        public var maxMemoryByteCount: AutoOr<Int> = .auto
    }

    /// How the network is trained.
    public var preset: Preset = .fast
    /// Autoencoder or sequence.
    public var kind: AutoOr<Kind> = .auto
    /// Examples in each cycle; `auto` takes folders or the whole drop as one.
    public var sequenceLength: AutoOr<Int> = .auto
    /// Seed of every random number.
    public var seed = 1
    /// Size and non-linearity.
    public var network = Network()
    /// Optimisation.
    public var training = Training()
    /// The preset closed-form.
    public var closedForm = ClosedForm()
    /// Recall from noise.
    public var recall = Recall()
    /// What is known of a cue that a memory is asked with.
    public var cue = Cue()
    /// What is computed about the trained map.
    public var analysis = Analysis()
    /// Recordings.
    public var audio = Audio()
    /// Published files.
    public var report = Report()
    /// Bounds on input.
    public var limits = Limits()

    /// The built-in defaults of a preset, the weakest layer.
    public init(preset: Preset = .fast) {
        memory = MemorySettings(preset: preset)
    }

    /// What the library that learns and verifies has to know.
    public var memory: MemorySettings {
        get {
            var memory = MemorySettings(preset: preset)
            memory.seed = seed
            (memory.network, memory.training, memory.closedForm) = (network, training, closedForm)
            (memory.recall, memory.analysis) = (recall, analysis)
            memory.maxMemoryByteCount = limits.maxMemoryByteCount
            return memory
        }
        set {
            (preset, seed) = (newValue.preset, newValue.seed)
            (network, training, closedForm) = (newValue.network, newValue.training, newValue.closedForm)
            (recall, analysis) = (newValue.recall, newValue.analysis)
            limits.maxMemoryByteCount = newValue.maxMemoryByteCount
        }
    }
}

extension DropSettings {
    /// See `MemorySettings`.
    public typealias Preset = MemorySettings.Preset
    /// See `MemorySettings`.
    public typealias Family = MemorySettings.Family
    /// See `MemorySettings`.
    public typealias KernelName = MemorySettings.KernelName
    /// See `MemorySettings`.
    public typealias ActivationName = MemorySettings.ActivationName
    /// See `MemorySettings`.
    public typealias Optimizer = MemorySettings.Optimizer
    /// See `MemorySettings`.
    public typealias Schedule = MemorySettings.Schedule
    /// See `MemorySettings`.
    public typealias NoiseKind = MemorySettings.NoiseKind
    /// See `MemorySettings`.
    public typealias Initializer = MemorySettings.Initializer
    /// See `MemorySettings`.
    public typealias Filters = MemorySettings.Filters
    /// See `MemorySettings`.
    public typealias Silence = MemorySettings.Silence
    /// See `MemorySettings`.
    public typealias Recovery = MemorySettings.Recovery
    /// See `MemorySettings`.
    public typealias Spectra = MemorySettings.Spectra
    /// See `MemorySettings`.
    public typealias Network = MemorySettings.Network
    /// See `MemorySettings`.
    public typealias Training = MemorySettings.Training
    /// See `MemorySettings`.
    public typealias ClosedForm = MemorySettings.ClosedForm
    /// See `MemorySettings`.
    public typealias Recall = MemorySettings.Recall
    /// See `MemorySettings`.
    public typealias Analysis = MemorySettings.Analysis
}

extension MemorySettings.Preset: SettingChoice {}
extension DropSettings.Kind: SettingChoice {}
extension MemorySettings.Family: SettingChoice {}
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
