extension DropReport {
    /// One stored cycle and its stability.
    public struct Cycle: Codable, Equatable, Sendable {
        /// Name of the sequence.
        public var name: String
        /// Index of its first example, from 0.
        public var first: Int
        /// Number of examples in it.
        public var length: Int
        /// log10 of max |λ| of the Jacobian product once round; null when every eigenvalue is exactly 0 or when it is not finite.
        @NullIfNotFinite public var log10SpectralRadius: Double?
        /// Whether max |λ| is below 1.
        public var stable: Bool

        /// Takes every value as given; nothing is computed or checked.
        public init(name: String, first: Int, length: Int, log10SpectralRadius: Double?, stable: Bool) {
            self.name = name
            self.first = first
            self.length = length
            self.log10SpectralRadius = log10SpectralRadius
            self.stable = stable
        }
    }
}
