/// Why a report could not be written or read.
package enum ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `report.json` could not be encoded.
    case unencodable(reason: String)
    /// The bytes are not a `report.json` of the schema this version knows.
    case unreadable(reason: String)
    /// The report names a schema this version does not know.
    case unknownSchema(found: String)

    /// The text for a person: what was found, what was expected and what to do.
    package var description: String {
        switch self {
        case .unencodable(let reason):
            "report.json could not be encoded: \(reason). This is a defect of the program; please report it with the drop's settings.yml."
        case .unreadable(let reason):
            "These bytes are not a report.json of schema \(DropReport.currentSchema): \(reason). Read report.json from a folder with a manifest."
        case .unknownSchema(let found):
            "report.json has schema \(found), this version reads \(DropReport.currentSchema); use the version that its manifest names."
        }
    }
}
