extension DropReport {
    /// Wall-clock seconds of each stage.
    package struct StageSeconds: ReportSection {
        package static let key: String? = "seconds"
        package static let isRequired = true

        /// Reading and checking the drop.
        @NullIfNotFinite package var decode: Double?
        /// Training.
        @NullIfNotFinite package var train: Double?
        /// Spectra and recall.
        @NullIfNotFinite package var analyse: Double?
        /// Writing pictures, sound and reports.
        @NullIfNotFinite package var render: Double?
        /// From claim to publication.
        @NullIfNotFinite package var total: Double?

        /// Takes every value as given; nothing is computed or checked.
        package init(decode: Double? = nil, train: Double? = nil, analyse: Double? = nil, render: Double? = nil, total: Double? = nil) {
            self.decode = decode
            self.train = train
            self.analyse = analyse
            self.render = render
            self.total = total
        }
    }
}

extension DropReport {
    /// Wall-clock time of each stage.
    package var seconds: StageSeconds {
        get { required() }
        set { sections[StageSeconds.self] = newValue }
    }
}
