/// One part of a `report.json`: one type, encoded under its key.
///
/// A new part is one such type, and one entry with its panel in the page's list of parts.
package protocol ReportSection: Codable, Equatable, Sendable {
    /// The key in the report, in camel case; nil where the fields of the section stand in the report itself.
    static var key: String? { get }
    /// Whether a report without it cannot be read. Parts that came later than the first published reports never are.
    static var isRequired: Bool { get }
}

extension ReportSection {
    package static var isRequired: Bool { false }

    fileprivate func equals(_ other: any ReportSection) -> Bool { other as? Self == self }
}

/// An entry of a section that is a list.
package protocol ReportSectionEntry: Codable, Equatable, Sendable {
    /// The key of the list, in camel case.
    static var listKey: String { get }
    /// Whether a report without the list cannot be read.
    static var isListRequired: Bool { get }
}

extension ReportSectionEntry {
    package static var isListRequired: Bool { false }
}

extension Array: ReportSection where Element: ReportSectionEntry {
    package static var key: String? { Element.listKey }
    package static var isRequired: Bool { Element.isListRequired }
}

/// The sections of one report, at most one of each type.
package struct ReportSections: Equatable, Sendable {
    private var values: [ObjectIdentifier: any ReportSection] = [:]

    /// The given ones; of two of the same type the later.
    package init(_ sections: [any ReportSection] = []) {
        for section in sections { set(section) }
    }

    /// The section of a type; nil where the report has none.
    package subscript<Section: ReportSection>(type: Section.Type) -> Section? {
        get { values[ObjectIdentifier(type)] as? Section }
        set { values[ObjectIdentifier(type)] = newValue }
    }

    private mutating func set<Section: ReportSection>(_ section: Section) { self[Section.self] = section }

    package static func == (first: ReportSections, second: ReportSections) -> Bool {
        first.values.count == second.values.count
            && first.values.allSatisfy { type, section in second.values[type].map { section.equals($0) } ?? false }
    }
}

extension ReportSections {
    /// A key by its name.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Reads the sections of the listed types; what else the report holds is of another version and is left.
    init(from decoder: any Decoder, types: [any ReportSection.Type]) throws {
        func add<Section: ReportSection>(_ type: Section.Type) throws {
            guard let name = type.key else {
                self[type] = try Section(from: decoder)
                return
            }
            let container = try decoder.container(keyedBy: Key.self)
            self[type] =
                type.isRequired
                ? try container.decode(type, forKey: Key(name)) : try container.decodeIfPresent(type, forKey: Key(name))
        }
        self.init()
        for type in types { try add(type) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for section in values.values {
            if let name = type(of: section).key {
                try container.encode(section, forKey: Key(name))
            } else {
                try section.encode(to: encoder)
            }
        }
    }
}
