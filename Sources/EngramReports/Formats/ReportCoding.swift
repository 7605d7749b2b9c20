internal import Foundation

/// How every `report.json` is written: UTF-8, keys in snake case and sorted, two spaces of indentation, a newline at the end.
enum ReportCoding {
    static func encode(_ report: some Encodable) throws(ReportError) -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(report) + Data("\n".utf8)
        } catch {
            throw .unencodable(reason: String(describing: error))
        }
    }

    static func decode<Report: Decodable>(_ type: Report.Type, from json: Data) throws(ReportError) -> Report {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: json)
        } catch {
            throw .unreadable(reason: String(describing: error))
        }
    }
}
