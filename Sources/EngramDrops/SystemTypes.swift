@_exported public import EngramSystem

/// The disk, for everything that concerns drops.
package typealias FileSystem = FileAccess<DropError>

extension JSONValue {
    /// Parses the text of the file `path`.
    /// - Throws: `DropError.malformedJSON` with `path`, the byte and what was expected there.
    package static func parse(_ bytes: [UInt8], path: String) throws(DropError) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try parse(bytes)
        } catch {
            throw .malformedJSON(path: path, byteOffset: error.byteOffset, expected: error.expected)
        }
    }
}
