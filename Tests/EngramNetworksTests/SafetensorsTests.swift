import EngramNetworks
import EngramNumerics
import Foundation
import Testing

@Suite struct SafetensorsTests {
    private let network = FullyConnectedNetwork<Float>(
        layers: [
            DenseLayer(weights: Matrix(rows: [[1, 2, 3], [4, 5, 6]]), biases: [7, 8]),
            DenseLayer(weights: Matrix(rows: [[9, 10], [11, 12], [13, 14]]), biases: [15, 16, .pi]),
        ], activation: .selu)

    /// Reads the file by the format's own description, independently of the reader under test.
    private func parse(_ bytes: [UInt8]) throws -> (header: [String: Any], data: [UInt8]) {
        let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
        return (try #require(header as? [String: Any]), Array(bytes[(8 + length)...]))
    }

    @Test func fileFollowsTheFormatDescription() throws {
        let bytes = Safetensors.encode(network, metadata: ["name": "a \"quoted\"\n name"])
        let (header, data) = try parse(bytes)
        #expect((bytes.count - data.count) % 8 == 0)
        let metadata = try #require(header["__metadata__"] as? [String: String])
        #expect(metadata["activation"] == "selu")
        #expect(metadata["name"] == "a \"quoted\"\n name")
        let bias = try #require(header["layers.1.bias"] as? [String: Any])
        #expect(bias["dtype"] as? String == "F32")
        #expect(bias["shape"] as? [Int] == [3])
        let offsets = try #require(bias["data_offsets"] as? [Int])
        #expect(offsets[1] == data.count)
        let last = data.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        #expect(Float(bitPattern: last) == .pi)
        let weight = try #require(header["layers.0.weight"] as? [String: Any])
        #expect(weight["shape"] as? [Int] == [2, 3])
        #expect(weight["data_offsets"] as? [Int] == [0, 24])
    }

    @Test func decodingGivesTheNetworkBack() throws {
        let decoded = try Safetensors.decode(Safetensors.encode(network, metadata: ["name": "x"]))
        #expect(decoded.network == network)
        #expect(decoded.metadata["name"] == "x")
    }

    @Test func damagedFilesAreRefusedAtEveryLength() {
        let bytes = Safetensors.encode(network)
        for length in 0..<bytes.count {
            #expect(throws: SafetensorsError.self) { try Safetensors.decode(Array(bytes.prefix(length))) }
        }
        #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes + [0]) }
        #expect(throws: SafetensorsError.self) { try Safetensors.decode([UInt8](repeating: 0xFF, count: 64)) }
    }

    @Test func nonFiniteWeightsAndForeignVersionsAreNamed() throws {
        var broken = network
        broken.layers[1].biases[0] = .nan
        #expect(throws: SafetensorsError.nonFinite(tensor: "layers.1.bias")) { try Safetensors.decode(Safetensors.encode(broken)) }
        let text = String(decoding: Safetensors.encode(network), as: Unicode.ASCII.self)
        let changed = try #require(text.range(of: "engram-network/1"))
        let offset = text.utf8.distance(from: text.startIndex, to: changed.lowerBound)
        var bytes = Safetensors.encode(network)
        bytes[offset + 15] = UInt8(ascii: "9")
        #expect(throws: SafetensorsError.foreignFormat(found: "engram-network/9")) { try Safetensors.decode(bytes) }
    }
}
