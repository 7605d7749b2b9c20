extension DropReport {
    /// Fixed-point verdicts over all examples. A sequence has none: `total` is 0 and the numbers are null.
    public struct Attractors: Codable, Equatable, Sendable {
        /// Examples with spectral radius below 1 and a small residual.
        public var verified: Int
        /// Examples that were checked.
        public var total: Int
        /// Largest max |λ| of the Jacobian over the examples.
        @NullIfNotFinite public var spectralRadiusMax: Double?
        /// Median of max |λ| over the examples.
        @NullIfNotFinite public var spectralRadiusMedian: Double?
        /// Largest ‖f(x_i) - x_i‖ over the examples, Euclidean.
        @NullIfNotFinite public var residualMax: Double?
        /// Largest ‖J(x_i)‖₂ over the examples: by how much one step can enlarge a small error at most.
        @NullIfNotFinite public var operatorNormMax: Double?
        /// Median of ‖J(x_i)‖₂ over the examples.
        @NullIfNotFinite public var operatorNormMedian: Double?
        /// How far the radii can be off, where only the largest eigenvalues were sought; null where all were computed.
        @NullIfNotFinite public var spectralRadiusErrorBound: Double?

        /// Takes every value as given; nothing is computed or checked.
        public init(
            verified: Int = 0, total: Int = 0, spectralRadiusMax: Double? = nil, spectralRadiusMedian: Double? = nil,
            residualMax: Double? = nil, operatorNormMax: Double? = nil, operatorNormMedian: Double? = nil,
            spectralRadiusErrorBound: Double? = nil
        ) {
            self.verified = verified
            self.total = total
            self.spectralRadiusMax = spectralRadiusMax
            self.spectralRadiusMedian = spectralRadiusMedian
            self.residualMax = residualMax
            self.operatorNormMax = operatorNormMax
            self.operatorNormMedian = operatorNormMedian
            self.spectralRadiusErrorBound = spectralRadiusErrorBound
        }
    }
}
