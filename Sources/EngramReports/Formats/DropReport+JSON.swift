package import Foundation

extension DropReport {
    /// Returns the bytes of `report.json`: UTF-8, keys in snake case and sorted, two spaces of indentation, a newline at the end.
    ///
    /// NaN and infinities become `null`. Equal reports give equal bytes.
    /// - Throws: `ReportError.unencodable`, which a report made through the public initialisers does not cause.
    package func json() throws(ReportError) -> Data {
        try ReportCoding.encode(self)
    }

    /// Reads the bytes of a `report.json`.
    /// - Throws: `ReportError.unreadable` for anything but a complete report, `.unknownSchema` for one of another schema.
    package init(json: Data) throws(ReportError) {
        let decoded = try ReportCoding.decode(DropReport.self, from: json)
        guard decoded.schema == Self.currentSchema else { throw .unknownSchema(found: decoded.schema) }
        self = decoded
    }
}
