extension DropReport {
    /// Wall-clock seconds of each stage.
    public struct StageSeconds: Codable, Equatable, Sendable {
        /// Reading and checking the drop.
        @NullIfNotFinite public var decode: Double?
        /// Training.
        @NullIfNotFinite public var train: Double?
        /// Spectra and recall.
        @NullIfNotFinite public var analyse: Double?
        /// Writing pictures, sound and reports.
        @NullIfNotFinite public var render: Double?
        /// From claim to publication.
        @NullIfNotFinite public var total: Double?

        /// Takes every value as given; nothing is computed or checked.
        public init(decode: Double? = nil, train: Double? = nil, analyse: Double? = nil, render: Double? = nil, total: Double? = nil) {
            self.decode = decode
            self.train = train
            self.analyse = analyse
            self.render = render
            self.total = total
        }
    }
}
