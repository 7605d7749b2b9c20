extension DropReport {
    /// Fixed-point verdicts over all examples. A sequence has none: `total` is 0 and the numbers are null.
    package struct Attractors: ReportSection {
        package static let key: String? = "attractors"
        package static let isRequired = true

        /// Examples with spectral radius below 1 and a small residual.
        package var verified: Int
        /// Examples that were checked.
        package var total: Int
        /// Largest max |λ| of the Jacobian over the examples.
        @NullIfNotFinite package var spectralRadiusMax: Double?
        /// Median of max |λ| over the examples.
        @NullIfNotFinite package var spectralRadiusMedian: Double?
        /// Largest ‖f(x_i) - x_i‖ over the examples, Euclidean.
        @NullIfNotFinite package var residualMax: Double?
        /// Largest ‖J(x_i)‖₂ over the examples: by how much one step can enlarge a small error at most.
        @NullIfNotFinite package var operatorNormMax: Double?
        /// Median of ‖J(x_i)‖₂ over the examples.
        @NullIfNotFinite package var operatorNormMedian: Double?
        /// How far the radii can be off, where only the largest eigenvalues were sought; null where all were computed.
        @NullIfNotFinite package var spectralRadiusErrorBound: Double?

        /// Takes every value as given; nothing is computed or checked.
        package init(
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

extension DropReport {
    /// Fixed-point verdicts; `total` is 0 for a sequence.
    package var attractors: Attractors {
        get { required() }
        set { sections[Attractors.self] = newValue }
    }
}
