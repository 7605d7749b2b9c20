/// What one drop came to: the exact content of `report.json` of a memory, whose keys are these names in snake case.
package struct DropReport: JobReport {
    package static let currentSchema = "engram-report/1"
    package static let jobName = "memorize"

    /// What the network was trained to do.
    package enum Kind: String, Codable, Equatable, Sendable {
        /// f(x_i) = x_i: every example is to be a fixed point.
        case autoencoder
        /// f(x_i) = x_next(i): the examples are to form limit cycles.
        case sequence
    }

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    /// - Parameter sections: Those that not every drop has, such as `Theory`.
    package init(
        name: String, kind: Kind, samples: Int, dimension: Int, media: Media, network: Network, training: Training,
        attractors: Attractors = .init(), cycles: [Cycle] = [], recall: [Recall] = [], recovery: [Recovery] = [],
        seconds: StageSeconds = .init(), seed: UInt64, threads: Int, versions: [String: String] = [:], notes: [String] = [],
        sections: [(any ReportSection)?] = []
    ) {
        header = Self.header(name: name, seed: seed, threads: threads, versions: versions, notes: notes)
        let subject = Subject(kind: kind, samples: samples, dimension: dimension)
        self.sections = ReportSections(
            [subject, media, network, training, attractors, cycles, recall, recovery, seconds] + sections.compactMap(\.self))
    }
}

extension DropReport {
    /// What was to be learned; its fields stand in the report itself.
    package struct Subject: ReportSection {
        package static let key: String? = nil
        package static let isRequired = true

        /// Whether each example maps to itself or to its successor.
        package var kind: Kind
        /// Number of training examples n.
        package var samples: Int
        /// Number of values d in one example.
        package var dimension: Int
    }

    private var subject: Subject {
        get { required() }
        set { sections[Subject.self] = newValue }
    }

    /// Seed that every generator of the drop was derived from.
    package var seed: UInt64 {
        get { header.seed ?? 0 }
        set { header.seed = newValue }
    }

    /// Whether each example maps to itself or to its successor.
    package var kind: Kind {
        get { subject.kind }
        set { subject.kind = newValue }
    }

    /// Number of training examples n.
    package var samples: Int {
        get { subject.samples }
        set { subject.samples = newValue }
    }

    /// Number of values d in one example.
    package var dimension: Int {
        get { subject.dimension }
        set { subject.dimension = newValue }
    }
}
