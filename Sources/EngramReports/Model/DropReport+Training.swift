extension DropReport {
    /// How the network was trained.
    public struct Training: Codable, Equatable, Sendable {
        /// `fast`, `paper` or `closed-form`.
        public var preset: String
        /// Optimizer with its learning rate, such as `adam 1e-3 cosine`.
        public var optimizer: String
        /// How the weights were drawn.
        public var initializer: String
        /// Epochs of the optimizer; closed-form solves count none.
        public var epochs: Int
        /// Final mean squared error over samples and dimensions.
        @NullIfNotFinite public var mse: Double?
        /// Wall-clock seconds of training.
        @NullIfNotFinite public var seconds: Double?
        /// Why training ended, as a phrase such as `the promised property holds`.
        public var stopped: String
        /// Exponent p of the span coordinates S^(-p); null in pixel space.
        @NullIfNotFinite public var conditioning: Double?
        /// Largest scale s_max of the training noise; null when none was added.
        @NullIfNotFinite public var noise: Double?
        /// Seed of the initializer and of the training noise.
        public var seed: UInt64

        /// Takes every value as given; nothing is computed or checked.
        public init(
            preset: String, optimizer: String, initializer: String, epochs: Int, mse: Double?, seconds: Double?, stopped: String,
            conditioning: Double? = nil, noise: Double? = nil, seed: UInt64
        ) {
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
