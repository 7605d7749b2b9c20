/// What filling pictures came to: the exact content of `report.json` of the job `inpaint`, whose keys are these names in snake case.
package struct InpaintReport: JobReport {
    package static let currentSchema = "engram-inpaint/1"
    package static let jobName = "inpaint"

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    package init(
        header: ReportHeader, summary: JobSummary, interpretation: DropReport.Interpretation, pictures: [Picture], seconds: Seconds
    ) {
        self.header = header
        sections = ReportSections([summary, interpretation, pictures, seconds])
    }

    /// What came of it.
    package var summary: JobSummary {
        get { required() }
        set { sections[JobSummary.self] = newValue }
    }

    /// The pictures, in the order of the drop.
    package var pictures: [Picture] {
        get { required() }
        set { sections[[Picture].self] = newValue }
    }

    /// Wall-clock time.
    package var seconds: Seconds {
        get { required() }
        set { sections[Seconds.self] = newValue }
    }

    /// Wall-clock seconds.
    package struct Seconds: ReportSection {
        package static let key: String? = "seconds"
        package static let isRequired = true

        /// Choosing networks and solving, all pictures together.
        package var complete = 0.0
        /// From start to end.
        package var total = 0.0

        /// All zero.
        package init() {}
    }
}

extension InpaintReport {
    /// One picture.
    package struct Picture: ReportSectionEntry {
        package static let listKey = "pictures"
        package static let isListRequired = true

        /// Its path in the drop.
        package var name: String
        /// Its files, by what they show.
        package var files: Files
        /// Pixels across.
        package var width: Int
        /// Pixels down.
        package var height: Int
        /// Channels that were filled.
        package var channels: Int
        /// Bits of a code.
        package var bits: Int
        /// Pixels that were missing.
        package var missing: Int
        /// Side of the largest square without a known pixel.
        package var largestHole: Int
        /// The network that filled it.
        package var network: Network
        /// The second network, where the picture is the mean of two.
        package var partner: Network?
        /// All networks that were tried.
        package var candidates: [Network]
        /// Standard deviation of missing pixels, the mean and the largest, over the channel's range; absent where all known pixels are
        /// equal.
        package var meanDeviation: Double?
        package var largestDeviation: Double?
        /// The pixel that the influence is of, from 0.
        package var explainedRow: Int
        package var explainedColumn: Int
        /// Iterations of conjugate gradients; 0 for a direct solution.
        package var iterations: Int
        /// Largest relative residual of a right side.
        package var residual: Double
        /// Wall-clock seconds.
        package var seconds: Double
        /// How near each way came to the original; absent without one.
        package var quality: [Quality]?

        /// A picture without the figures that follow.
        package init(name: String, files: Files, width: Int, height: Int, channels: Int, bits: Int, network: Network) {
            (self.name, self.files, self.width, self.height) = (name, files, width, height)
            (self.channels, self.bits, self.network) = (channels, bits, network)
            (missing, largestHole, explainedRow, explainedColumn, iterations) = (0, 0, 0, 0, 0)
            (residual, seconds) = (0, 0)
            candidates = []
        }
    }

    /// The files of one picture, below the folder of the result.
    package struct Files: Codable, Equatable, Sendable {
        /// The picture itself.
        package var filled: String
        /// Before and after, side by side.
        package var beforeAfter: String
        /// How uncertain each pixel is.
        package var uncertainty: String
        /// Which pixels the explained one came from.
        package var influence: String
        /// Their weights.
        package var weights: String
        /// The baselines; the first is absent where it failed.
        package var biharmonic: String?
        package var nearest: String

        /// Takes every value as given.
        /// - Parameter details: The folder of everything but the picture, with its slash: beside pictures, which may have any name.
        package init(filled: String, details: String) {
            self.filled = filled
            beforeAfter = details + "before-after.png"
            uncertainty = details + "uncertainty.png"
            influence = details + "influence.png"
            weights = details + "influence.csv"
            biharmonic = details + "biharmonic.png"
            nearest = details + "nearest.png"
        }
    }

    /// A network with what it came to on held-out pixels.
    package struct Network: Codable, Equatable, Sendable {
        /// How often it halves the picture.
        package var levels: Int
        /// How it doubles it again: `nearest` or `bilinear`.
        package var upsampling: String
        /// Further convolutions after each doubling.
        package var smoothing: Int
        /// λ over K(x, x).
        package var ridge: Double?
        /// Root mean square error on held-out pixels, over the channel's range.
        package var heldOutError: Double?
        /// The same of a solve with all known pixels but a twentieth; absent for networks that were not compared so.
        package var solvedError: Double?

        /// Takes every value as given.
        package init(
            levels: Int, upsampling: String, smoothing: Int, ridge: Double?, heldOutError: Double?, solvedError: Double? = nil
        ) {
            self.levels = levels
            self.upsampling = upsampling
            self.smoothing = smoothing
            self.ridge = ridge
            self.heldOutError = heldOutError
            self.solvedError = solvedError
        }
    }

    /// How near a filled picture is to the original.
    package struct Quality: Codable, Equatable, Sendable {
        /// `network`, `biharmonic` or `nearest`.
        package var method: String
        /// In decibels; absent for equal pictures.
        package var psnr: Double?
        /// Mean structural similarity; absent for pictures below 7 pixels.
        package var ssim: Double?

        /// Takes every value as given.
        package init(method: String, psnr: Double?, ssim: Double?) {
            self.method = method
            self.psnr = psnr
            self.ssim = ssim
        }
    }
}
