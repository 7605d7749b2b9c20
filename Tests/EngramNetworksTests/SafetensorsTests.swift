import EngramDynamics
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
        let bytes = network.encoded(metadata: ["name": "a \"quoted\"\n name"])
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

    private func decoded(_ bytes: [UInt8]) throws(SafetensorsError) -> FullyConnectedNetwork<Float> {
        try FullyConnectedNetwork(from: Safetensors(decoding: bytes))
    }

    @Test func decodingGivesTheNetworkBack() throws {
        let bytes = network.encoded(metadata: ["name": "x"])
        #expect(try decoded(bytes) == network)
        #expect(try Safetensors(decoding: bytes).metadata["name"] == "x")
        #expect(try Safetensors.metadata(of: bytes) == Safetensors(decoding: bytes).metadata)
    }

    @Test func whatTheMapSaysOfItselfIsStrongerThanMetadataOfTheCaller() throws {
        let metadata = try Safetensors.metadata(of: network.encoded(metadata: ["format": "x", "family": "y", "activation": "z"]))
        #expect(metadata == ["format": "engram-network/1", "family": "fully-connected", "activation": "selu"])
    }

    @Test func damagedFilesAreRefusedAtEveryLength() {
        let bytes = network.encoded()
        for length in 0..<bytes.count {
            #expect(throws: SafetensorsError.self, "\(length) bytes") { try decoded(Array(bytes.prefix(length))) }
        }
        #expect(throws: SafetensorsError.self) { try decoded(bytes + [0]) }
        #expect(throws: SafetensorsError.self) { try decoded([UInt8](repeating: 0xFF, count: 64)) }
    }

    @Test func nonFiniteWeightsAreNamed() {
        var broken = network
        broken.layers[1].biases[0] = .nan
        #expect(throws: SafetensorsError.nonFinite(tensor: "layers.1.bias")) { try decoded(broken.encoded()) }
    }

    @Test func tensorsThatMakeNoNetworkAreNamed() {
        func refusal(_ change: (inout Safetensors) -> Void) -> SafetensorsError? {
            var file = network.safetensors()
            change(&file)
            return #expect(throws: SafetensorsError.self) { try FullyConnectedNetwork<Float>(from: file) }
        }
        #expect(refusal { $0.metadata["activation"] = "softsign" } == .unsupported(entry: "activation", found: "softsign"))
        #expect(refusal { $0.tensors = [] } == .wrongTensor(name: "layers.0.weight", reason: "it is missing"))
        #expect(
            refusal { $0.tensors[1] = .init(name: "layers.0.bias", vector: [7] as [Float]) }
                == .wrongTensor(name: "layers.0.bias", reason: "1 entries for 2 outputs"))
        #expect(
            refusal { $0.tensors[0] = .init(name: "layers.0.weight", vector: [7] as [Float]) }
                == .wrongTensor(name: "layers.0.weight", reason: "shape [1], expected rank 2"))
        #expect(
            refusal { $0.tensors[1] = .init(name: "layers.0.bias", vector: [7, 8] as [Double]) }
                == .wrongTensor(name: "layers.0.bias", reason: "type F64, expected F32"))
        #expect(
            refusal { $0.tensors[2] = .init(name: "layers.1.weight", matrix: Matrix<Float>(rowCount: 3, columnCount: 4)) }
                == .wrongTensor(name: "layers.1.weight", reason: "4 inputs after a layer of 2 outputs"))
    }
}
