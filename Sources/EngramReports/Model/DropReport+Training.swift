extension DropReport {
    /// How the network was trained.
    package struct Training: ReportSection {
        package static let key: String? = "training"
        package static let isRequired = true

        /// The recipe, such as `discriminative`, `fast` or `paper`.
        package var preset: String
        /// Optimizer with its learning rate, such as `adam 1e-3 cosine`.
        package var optimizer: String
        /// How the weights were drawn.
        package var initializer: String
        /// Epochs of the optimizer; closed-form solves count none.
        package var epochs: Int
        /// Final mean squared error over samples and dimensions.
        @NullIfNotFinite package var mse: Double?
        /// Wall-clock seconds of training.
        @NullIfNotFinite package var seconds: Double?
        /// Why training ended, as a phrase such as `the promised property holds`.
        package var stopped: String
        /// Exponent p of the span coordinates S^(-p); null in pixel space.
        @NullIfNotFinite package var conditioning: Double?
        /// Largest scale s_max of the training noise; null when none was added.
        @NullIfNotFinite package var noise: Double?
        /// Seed of the initializer and of the training noise.
        package var seed: UInt64
        /// What training minimised, where that is no mean squared error; absent elsewhere.
        package var lossName: String?
        /// How the memory and its figures came about, in sentences; absent where there is nothing to say.
        package var remarks: [String]?

        /// Takes every value as given; nothing is computed or checked.
        package init(
            preset: String, optimizer: String, initializer: String, epochs: Int, mse: Double?, seconds: Double?, stopped: String,
            conditioning: Double? = nil, noise: Double? = nil, seed: UInt64, lossName: String? = nil,
            remarks: [String] = []
        ) {
            self.remarks = remarks.isEmpty ? nil : remarks
            self.lossName = lossName
            self.preset = preset
            self.optimizer = optimizer
            self.initializer = initializer
            self.epochs = epochs
            self.mse = mse
            self.seconds = seconds
            self.stopped = stopped
            self.conditioning = conditioning
            self.noise = noise
            self.seed = seed
        }
    }
}

extension DropReport {
    /// How it was trained and why training ended.
    package var training: Training {
        get { required() }
        set { sections[Training.self] = newValue }
    }
}
