/// Everything the report files are made from: the report and the data of its plots.
package struct ReportContent: Equatable, Sendable {
    /// The content of `report.json`.
    package var report: DropReport
    /// Animation and original for the top of the page; nil where there is no picture.
    package var showcase: Showcase?
    /// The same from damaged copies; nil where there is none.
    package var cueShowcase: Showcase?
    /// Loss history in the order of training.
    package var loss: [LossRow]
    /// Eigenvalues, those of one owner together.
    package var eigenvalues: [EigenvalueRow]
    /// Moduli of the largest 1 % of the d eigenvalues of each example of an autoencoder, those that are exactly 0 included.
    package var leadingModuli: [Double]
    /// Pictures of spurious attractors, in the order of `report.spurious`.
    package var spuriousPictures: [SpuriousPicture]
    /// One verdict per example.
    package var examples: [ExampleVerdict]
    /// Pairs of pictures; the page shows at most 48.
    package var pictures: [PicturePair]
    /// Pairs of sound outlines; the page shows at most 12.
    package var waveforms: [WaveformPair]
    /// One row for each place of texts, in order; empty for memories without a state.
    package var tokens: [TokenRow] = []
    /// Further short facts for the line under the title.
    package var facts: [String]
    /// The command that makes this result again, ready for a shell.
    package var command: String

    /// Takes every value as given; nothing is computed or checked.
    package init(
        report: DropReport, showcase: Showcase? = nil, cueShowcase: Showcase? = nil, loss: [LossRow] = [],
        eigenvalues: [EigenvalueRow] = [],
        leadingModuli: [Double] = [], spuriousPictures: [SpuriousPicture] = [],
        examples: [ExampleVerdict] = [], pictures: [PicturePair] = [], waveforms: [WaveformPair] = [], facts: [String] = [], command: String
    ) {
        self.report = report
        self.showcase = showcase
        self.cueShowcase = cueShowcase
        self.loss = loss
        self.eigenvalues = eigenvalues
        self.leadingModuli = leadingModuli
        self.spuriousPictures = spuriousPictures
        self.examples = examples
        self.pictures = pictures
        self.waveforms = waveforms
        self.facts = facts
        self.command = command
    }
}
