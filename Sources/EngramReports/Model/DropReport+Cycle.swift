extension DropReport {
    /// One stored cycle and its stability.
    package struct Cycle: ReportSectionEntry {
        package static let listKey = "cycles"
        package static let isListRequired = true

        /// Name of the sequence.
        package var name: String
        /// Index of its first example, from 0.
        package var first: Int
        /// Number of examples in it.
        package var length: Int
        /// log10 of max |λ| of the Jacobian product once round; null when every eigenvalue is exactly 0 or when it is not finite.
        @NullIfNotFinite package var log10SpectralRadius: Double?
        /// Whether max |λ| is below 1 and the residual is small: without the second, f does not go round the cycle at all.
        package var stable: Bool
        /// Largest ‖f(x_i) - x_(i+1)‖ round the cycle, Euclidean.
        @NullIfNotFinite package var residualMax: Double?
        /// log10 of the operator norm of the same product: by how much one round can enlarge a small error at most.
        @NullIfNotFinite package var log10OperatorNorm: Double?

        /// Takes every value as given; nothing is computed or checked.
        package init(
            name: String, first: Int, length: Int, log10SpectralRadius: Double?, stable: Bool, residualMax: Double? = nil,
            log10OperatorNorm: Double? = nil
        ) {
            self.name = name
            self.first = first
            self.length = length
            self.log10SpectralRadius = log10SpectralRadius
            self.stable = stable
            self.residualMax = residualMax
            self.log10OperatorNorm = log10OperatorNorm
        }

        /// Whether every eigenvalue is exactly 0: -infinity as measured, or null as `report.json` has it.
        var hasZeroRadius: Bool {
            log10SpectralRadius.map { $0 == -.infinity } ?? stable
        }

        /// Whether errors shrink round the cycle although it is not stable: f does not follow it.
        var isNotFollowed: Bool {
            !stable && log10SpectralRadius.map { $0 < 0 } ?? false
        }
    }
}

extension DropReport {
    /// One entry per stored cycle; empty for an autoencoder.
    package var cycles: [Cycle] {
        get { required() }
        set { sections[[Cycle].self] = newValue }
    }
}
