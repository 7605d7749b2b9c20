import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@testable import EngramMemories

@Suite struct FamilyRegistryTests {
    private let network = FullyConnectedNetwork<Float>(
        layers: [
            DenseLayer(weights: Matrix(rows: [[1, 2, 3], [4, 5, 6]]), biases: [7, 8]),
            DenseLayer(weights: Matrix(rows: [[9, 10], [11, 12], [13, 14]]), biases: [15, 16, .pi]),
        ], activation: .tanh)

    /// What a kernel machine stores: more than a third of its numbers need more than 24 bits.
    private let tensors = Safetensors(
        tensors: [
            .init(name: "centres", matrix: Matrix<Double>(rows: [[.pi, -1 / 3, 1e-300], [1e300, .ulpOfOne, -0.0]])),
            .init(name: "offset", vector: [0.1, -.leastNonzeroMagnitude, .greatestFiniteMagnitude]),
            .init(name: "ridge", shape: [], values: .float64([1e-9])),
            .init(name: "steps", vector: [1, 2] as [Float]),
        ], metadata: ["format": "engram-network/1", "family": "holographic", "note": "\u{e9}\u{1}\"\\"])

    private func refusal(_ bytes: [UInt8]) -> SafetensorsError? {
        #expect(throws: SafetensorsError.self) { try MapRegistry.map(decoding: bytes) }
    }

    @Test func aFullyConnectedNetworkIsReadBackEqualByItsFamilyName() throws {
        let bytes = network.encoded(metadata: ["name": "x"])
        let found = try MapRegistry.map(decoding: bytes)
        #expect(found as? FullyConnectedNetwork<Float> == network)
        #expect(found.familyName == "fully-connected" && MapRegistry.familyNames.contains("fully-connected"))
        #expect(found.inputDimension == 3 && found.outputDimension == 3)
        #expect(found.facts == MapFacts(depth: 1, width: 2, activation: "tanh", parameterCount: 17))
        #expect(found.encoded(metadata: ["name": "x"]) == bytes)
        // Row by row by hand: 9 tanh(1 + 2·0 + 3·0 + 7) + 10 tanh(4 + 8) + 15, where float64 rounds either tanh to 1 - 2e-7 and better.
        let output = try #require(found.iterable().outputs(of: Matrix(rows: [[1, 0, 0]])).elements.first)
        #expect(abs(output - 34) < 9 * 2.3e-7 + 1e-12)
    }

    @Test func everyFamilyHasANameOfItsOwn() {
        #expect(Set(MapRegistry.familyNames).count == MapRegistry.familyNames.count)
        #expect(MapRegistry.families.map { $0.familyName } == MapRegistry.familyNames)
    }

    @Test func anUnknownFamilyIsRefusedByItsName() {
        let refusal = refusal(tensors.encoded())
        #expect(refusal == .unsupported(entry: "family", found: "holographic"))
        #expect(refusal?.description == "The network file says family 'holographic', which this version does not know.")
        var unnamed = tensors
        unnamed.metadata["family"] = nil
        #expect(self.refusal(unnamed.encoded()) == .unsupported(entry: "family", found: "(none)"))
    }

    /// A later version may store what this one has no name for.
    @Test func anUnknownFamilyIsRefusedBeforeItsTensorsAreRead() {
        let header =
            #"{"__metadata__":{"family":"holographic","format":"engram-network/1"},"#
            + #""h":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#
        let bytes =
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(refusal(bytes) == .unsupported(entry: "family", found: "holographic"))
        #expect(throws: SafetensorsError.wrongTensor(name: "h", reason: "type C64, expected F32 or F64")) {
            try Safetensors(decoding: bytes)
        }
    }

    @Test func aForeignFormatIsRefusedByItsNameWhateverTheFamily() {
        for format in ["engram-network/9", "pt", ""] {
            var foreign = tensors
            foreign.metadata["format"] = format
            #expect(refusal(foreign.encoded()) == .foreignFormat(found: format))
        }
        #expect(refusal(Safetensors(tensors: [], metadata: [:]).encoded()) == .foreignFormat(found: "(none)"))
        #expect(
            SafetensorsError.foreignFormat(found: "pt").description
                == "The network file says format 'pt', this version reads 'engram-network/1'.")
    }

    @Test func aFamilyThatIsKnownButNotItsTensorsIsRefusedByThem() {
        var bare = tensors
        (bare.metadata["family"], bare.metadata["activation"]) = ("fully-connected", "relu")
        #expect(refusal(bare.encoded()) == .wrongTensor(name: "layers.0.weight", reason: "it is missing"))
    }

    @Test func float64TensorsComeBackBitByBit() throws {
        let bytes = tensors.encoded()
        let found = try Safetensors(decoding: bytes)
        #expect(found == tensors)
        #expect(found.encoded() == bytes)
        let (centres, shape) = try found.float64("centres", rank: 2)
        #expect(shape == [2, 3])
        // Equal is not enough: -0.0 equals 0.
        #expect(centres.map(\.bitPattern) == [.pi, -1 / 3, 1e-300, 1e300, Double.ulpOfOne, -0.0].map(\.bitPattern))
        #expect(try found.float64("offset", rank: 1).values == [0.1, -.leastNonzeroMagnitude, .greatestFiniteMagnitude])
        #expect(try found.float64("ridge", rank: 0).values == [1e-9])
        #expect(try found.float32("steps", rank: 1).values == [1, 2])
        #expect(throws: SafetensorsError.wrongTensor(name: "centres", reason: "type F64, expected F32")) {
            try found.float32("centres", rank: 2)
        }
        #expect(throws: SafetensorsError.wrongTensor(name: "steps", reason: "type F32, expected F64")) {
            try found.float64("steps", rank: 1)
        }
        #expect(throws: SafetensorsError.wrongTensor(name: "centres", reason: "shape [2, 3], expected rank 1")) {
            try found.float64("centres", rank: 1)
        }
        #expect(throws: SafetensorsError.wrongTensor(name: "weights", reason: "it is missing")) { try found.float64("weights", rank: 1) }
        #expect(try found.entry("note") == "\u{e9}\u{1}\"\\")
        #expect(throws: SafetensorsError.unsupported(entry: "kernel", found: "(none)")) { try found.entry("kernel") }
    }

    /// Little-endian IEEE 754 in eight bytes, written out by hand.
    @Test func float64TensorsLieInTheFileAsTheFormatSays() {
        let bytes = Safetensors(tensors: [.init(name: "x", vector: [1, -2] as [Double])], metadata: [:]).encoded()
        #expect(Array(bytes.suffix(16)) == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0])
        let header = String(decoding: bytes.dropFirst(8).dropLast(16), as: UTF8.self)
        #expect(header.contains(#""x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}"#))
        #expect((bytes.count - 16) % 8 == 0)
    }

    @Test func aFileCutShortAnywhereOrAddedToIsRefused() {
        for bytes in [tensors.encoded(), network.encoded()] {
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                #expect(throws: SafetensorsError.self, "\(length) bytes") { try Safetensors(decoding: cut) }
                #expect(throws: SafetensorsError.self, "\(length) bytes") { try MapRegistry.map(decoding: cut) }
            }
            #expect(throws: SafetensorsError.truncated(expectedByteCount: bytes.count, foundByteCount: bytes.count + 1)) {
                try Safetensors(decoding: bytes + [0])
            }
        }
    }

    @Test func float64ValuesThatAreNotFiniteAreRefusedByTheTensorsName() {
        for value in [Double.nan, .infinity, -.infinity] {
            let file = Safetensors(tensors: [.init(name: "gamma", vector: [0, value])], metadata: [:])
            #expect(throws: SafetensorsError.nonFinite(tensor: "gamma")) { try Safetensors(decoding: file.encoded()) }
        }
    }
}
