internal import EngramNumerics
internal import Foundation

/// One file of a result.
enum ResultFile {
    /// Writes a file, and makes the folders above it.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

extension Matrix where Scalar == Double {
    /// What a missed recall that runs off may grow to in a file; far beyond every range, and still a float.
    private static var largestFileValue: Double { 1e30 }

    /// The elements as media files hold them.
    var fileValues: [Float] { elements.map { Float(min(max($0, -Self.largestFileValue), Self.largestFileValue)) } }
}
