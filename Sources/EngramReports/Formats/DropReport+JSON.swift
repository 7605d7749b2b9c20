public import Foundation

extension DropReport {
    /// Returns the bytes of `report.json`: UTF-8, keys in snake case and sorted, two spaces of indentation, a newline at the end.
    ///
    /// NaN and infinities become `null`. Equal reports give equal bytes.
    /// - Throws: `ReportError.unencodable`, which a report made through the public initialisers does not cause.
    public func json() throws(ReportError) -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self) + Data("\n".utf8)
        } catch {
            throw .unencodable(reason: String(describing: error))
        }
    }

    /// Reads the bytes of a `report.json`.
    /// - Throws: `ReportError.unreadable` for anything but a complete report, `.unknownSchema` for one of another schema.
    public init(json: Data) throws(ReportError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let decoded: DropReport
        do {
            decoded = try decoder.decode(DropReport.self, from: json)
        } catch {
            throw .unreadable(reason: String(describing: error))
        }
        guard decoded.schema == Self.currentSchema else { throw .unknownSchema(found: decoded.schema) }
        self = decoded
    }
}
