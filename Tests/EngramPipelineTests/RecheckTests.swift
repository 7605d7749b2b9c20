import EngramDynamics
import EngramNetworks
import EngramPipeline
import EngramReports
import Foundation
import Testing
import EngramSystem

/// Recall from a published network, compared with what its report says.
@Suite struct RecheckTests {
    private func processor() throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(
                named: "counting", overrides: ["network.width=96", "sequence_length=10", "recall.starts=4", "report.animation=false"]),
            context: .init(dropName: "counting", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }))
    }

    @Test func theSameStartsComeBackAndAChangedNetworkLosesThem() throws {
        let digits = try #require(Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")).path
        let work = try TemporaryFolder()
        let report = try processor().process(inputPath: digits, into: try work.folder("out"))
        let path = work.path + "/out/network.safetensors"
        let again = try processor().recheckRecall(inputPath: digits, networkPath: path)
        #expect(again.map(\.start) == report.recall.map(\.start))
        #expect(again.map(\.starts) == report.recall.map(\.starts))
        #expect(again.map(\.recovered) == report.recall.map(\.recovered))
        #expect(again.map(\.exact) == report.recall.map(\.exact))

        // The same network with its last layer's biases moved recalls something else.
        var network = try FullyConnectedNetwork<Float>(from: Safetensors(decoding: work.bytes("out/network.safetensors")))
        let last = network.layers.count - 1
        network.layers[last].biases = network.layers[last].biases.map { $0 + 0.25 }
        let broken = try work.write(network.encoded(metadata: ["name": "counting"]), "broken.safetensors")
        #expect(try processor().recheckRecall(inputPath: digits, networkPath: broken).allSatisfy { $0.exact == 0 })
    }

    @Test func aFileThatIsNoNetworkIsAFailureWithItsPath() throws {
        let digits = try #require(Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")).path
        let work = try TemporaryFolder()
        let junk = try work.write([1, 2, 3], "junk.safetensors")
        let failure = #expect(throws: Failure.self) { try processor().recheckRecall(inputPath: digits, networkPath: junk) }
        #expect(failure?.message.contains(junk) == true)
    }
}
