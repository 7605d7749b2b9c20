extension DropReport {
    /// Distances within which every state leads exactly where an example leads: proven from the weights, in one step.
    package struct CertifiedRadii: ReportSection {
        package static let key: String? = "certifiedRadii"

        /// Euclidean, in units of the medium.
        @NullIfNotFinite package var least: Double?
        /// The middle one.
        @NullIfNotFinite package var median: Double?
        /// The largest.
        @NullIfNotFinite package var largest: Double?
        /// The example of the least.
        package var leastExample: String
        /// The least as a root mean square over the entries, in units of the range of the samples.
        @NullIfNotFinite package var leastPerEntry: Double?

        /// Takes every value as given.
        package init(least: Double?, median: Double?, largest: Double?, leastExample: String, leastPerEntry: Double?) {
            self.least = least
            self.median = median
            self.largest = largest
            self.leastExample = leastExample
            self.leastPerEntry = leastPerEntry
        }
    }
}

extension DropReport {
    /// Certified distances; absent where the family of the map has none.
    package var certifiedRadii: CertifiedRadii? {
        get { sections[CertifiedRadii.self] }
        set { sections[CertifiedRadii.self] = newValue }
    }
}
