package import Foundation

/// What every `report.json` says of itself, whatever its job.
package struct ReportHeader: Codable, Equatable, Sendable {
    /// Version of the layout; readers should refuse one they do not know.
    package var schema: String
    /// The job; absent in reports of memories from before there were other jobs.
    package var job: String?
    /// The drop's name in the outbox. It comes from a file name, so treat it as hostile text.
    package var name: String
    /// Seed that every generator of the drop was derived from; absent where none was drawn.
    package var seed: UInt64?
    /// Threads of the linear-algebra library; results are reproducible for the same count.
    package var threads: Int
    /// Version of the program and of each library, by name.
    package var versions: [String: String]
    /// Warnings and remarks in plain sentences, most important first.
    package var notes: [String]

    /// The job, also of an older report.
    package var jobName: String { job ?? DropReport.jobName }

    /// Reads the header of any report.
    /// - Throws: `ReportError.unreadable` for what is no report.
    package init(json: Data) throws(ReportError) { self = try ReportCoding.decode(ReportHeader.self, from: json) }

    /// Takes every value as given.
    init(
        schema: String, job: String?, name: String, seed: UInt64?, threads: Int, versions: [String: String], notes: [String]
    ) {
        self.schema = schema
        self.job = job
        self.name = name
        self.seed = seed
        self.threads = threads
        self.versions = versions
        self.notes = notes
    }
}

/// The exact content of a `report.json`: a header, and the sections of one job.
///
/// It only states what was measured elsewhere. `Documentation/FileFormats.md` gives each field's unit and meaning.
@dynamicMemberLookup
package protocol JobReport: Codable, Equatable, Sendable {
    /// The layout that this version writes.
    static var currentSchema: String { get }
    /// What `job` says.
    static var jobName: String { get }
    /// Every section that a report of this job can have.
    static var sectionTypes: [any ReportSection.Type] { get }

    /// What every report says.
    var header: ReportHeader { get set }
    /// What this one says.
    var sections: ReportSections { get set }

    /// Takes both as given.
    init(header: ReportHeader, sections: ReportSections)
}

extension JobReport {
    /// The header of a report that this version writes.
    package static func header(
        name: String, seed: UInt64?, threads: Int, versions: [String: String], notes: [String]
    ) -> ReportHeader {
        ReportHeader(schema: currentSchema, job: jobName, name: name, seed: seed, threads: threads, versions: versions, notes: notes)
    }

    /// A part of the header, as if it were the report's own.
    package subscript<Part>(dynamicMember part: WritableKeyPath<ReportHeader, Part>) -> Part {
        get { header[keyPath: part] }
        set { header[keyPath: part] = newValue }
    }

    /// A section that no report of this job is without: its initialiser takes it, and reading demands it.
    func required<Section: ReportSection>(_ type: Section.Type = Section.self) -> Section {
        guard let section = sections[type] else { preconditionFailure("a report without its \(type.key ?? "header")") }
        return section
    }

    package init(from decoder: any Decoder) throws {
        self.init(header: try ReportHeader(from: decoder), sections: try ReportSections(from: decoder, types: Self.sectionTypes))
    }

    package func encode(to encoder: any Encoder) throws {
        try header.encode(to: encoder)
        try sections.encode(to: encoder)
    }

    /// Returns the bytes of `report.json`: UTF-8, keys in snake case and sorted, two spaces of indentation, a newline at the end.
    ///
    /// NaN and infinities become `null` where a section allows that. Equal reports give equal bytes.
    /// - Throws: `ReportError.unencodable` for other numbers that are not finite.
    package func json() throws(ReportError) -> Data { try ReportCoding.encode(self) }

    /// Reads the bytes of a `report.json`.
    /// - Throws: `ReportError.unreadable` for anything but a complete report, `.unknownSchema` for one of another schema.
    package init(json: Data) throws(ReportError) {
        let decoded = try ReportCoding.decode(Self.self, from: json)
        guard decoded.header.schema == Self.currentSchema else { throw .unknownSchema(found: decoded.header.schema) }
        self = decoded
    }
}
