import EngramSystem
import Foundation

@testable import EngramMedia

/// Files that other tools made, beside the script that made their expected values.
enum Fixture {
    static let root = (Bundle.module.resourcePath ?? ".") + "/Fixtures"

    static func path(_ name: String) -> String { "\(root)/\(name)" }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    /// Rows of a table without its heading.
    static func table(_ path: String) -> [[String]] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The folder that ENGRAM_DATA names: complete conformance sets, not shipped.
    static let dataFolder = ProcessInfo.processInfo.environment["ENGRAM_DATA"]
}

/// A folder that is gone after the test.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "engram-media-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let full = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: full))
        return full
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): seeded bytes for mutations.
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// CRC-32 over the little-endian float32 bytes of values, as make_fixtures.py takes it.
func crcOfFloats(_ values: some Sequence<Float>) -> String {
    var bytes: [UInt8] = []
    for value in values {
        let bits = value.bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return hexadecimal(crc32(bytes))
}

func hexadecimal(_ value: UInt32) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
}

/// The error that `body` throws, or nil.
func mediaError(_ body: () throws -> Void) -> MediaError? {
    do {
        try body()
        return nil
    } catch {
        return error as? MediaError
    }
}

/// An IDX file by hand.
func idxBytes(type: UInt8, dimensions: [UInt32], data: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, type, UInt8(dimensions.count)]
    for dimension in dimensions { bytes.appendBigEndian(UInt64(dimension), byteCount: 4) }
    return bytes + data
}

/// A mono 16-bit WAV by hand, so that tests do not rest on our encoder.
func wavBytes(_ samples: [Int16], rate: UInt32 = 8000) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) } }
    let data = samples.flatMap { little(UInt32(truncatingIfNeeded: Int32($0)), 2) }
    var bytes = Array("RIFF".utf8) + little(UInt32(36 + data.count), 4) + Array("WAVEfmt ".utf8) + little(16, 4)
    bytes += little(1, 2) + little(1, 2) + little(rate, 4) + little(2 * rate, 4) + little(2, 2) + little(16, 2)
    return bytes + Array("data".utf8) + little(UInt32(data.count), 4) + data
}

/// Bytes as a file that may still grow.
func growing<Result>(_ bytes: [UInt8], named name: String = "x", _ body: (GrowingFile<Never>) -> Result) -> Result {
    body(
        GrowingFile(name: name, byteCount: Int64(bytes.count)) { (offset, count) throws(Never) in
            Array(bytes.dropFirst(Int(offset)).prefix(count))
        })
}
