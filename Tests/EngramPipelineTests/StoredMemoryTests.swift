import EngramDynamics
import EngramMemories
import EngramNetworks
import EngramNumerics
import EngramReports
import Foundation
import Testing

@testable import EngramPipeline
import EngramSystem

@Suite struct StoredMemoryTests {
    private let work: TemporaryFolder
    private let folder: String
    private let digits: String

    init() throws {
        digits = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
        work = try TemporaryFolder()
        folder = try work.folder("memory")
        let settings = try PipelineSettings().dropSettings(
            named: "digits", overrides: ["preset=closed-form", "sequence_length=10", "analysis.recovery=none", "analysis.census=0"])
        _ = try Self.processor(settings).process(inputPath: digits, into: folder)
        _ = try work.write(Array("{}".utf8), "memory/manifest.json")
    }

    private static func processor(_ settings: DropSettings) -> DropProcessor {
        DropProcessor(
            settings: settings,
            context: .init(
                dropName: "digits", threadCount: 1, versions: ["engram": "test"], command: "engram process digits", monotonicSeconds: { 0 })
        )
    }

    private func readingFault() -> Failure? {
        do throws(Failure) {
            _ = try StoredMemory(folder: folder)
            return nil
        } catch { return error }
    }

    @Test func aPublishedMemoryReadsBackAndItsFiguresHold() throws {
        let memory = try StoredMemory(folder: folder)
        #expect(memory.report.cycles.count == 2)
        #expect(memory.map.inputDimension == 784)
        let figures = try Self.processor(memory.settings).recheck(memory, examplesPath: folder + "/recovered")
        #expect(figures.count >= 6)
        for figure in figures { #expect(figure.agrees, "\(figure)") }
        #expect(try Self.processor(memory.settings).recheck(memory, examplesPath: digits).allSatisfy(\.agrees))
    }

    @Test func aNetworkThatWasChangedNoLongerAgrees() throws {
        let memory = try StoredMemory(folder: folder)
        var changed = try #require(memory.map as? FullyConnectedNetwork<Float>)
        changed.layers[1].weights.scale(by: 0.5)
        _ = try work.write(changed.encoded(), "memory/network.safetensors")
        let figures = try Self.processor(memory.settings).recheck(try StoredMemory(folder: folder), examplesPath: digits)
        #expect(figures.contains { !$0.agrees })
    }

    @Test func otherExamplesAreRefused() throws {
        let memory = try StoredMemory(folder: folder)
        var settings = memory.settings
        settings.sequenceLength = .auto
        let other = try work.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4], "small-idx3-ubyte")
        let failure = #expect(throws: Failure.self) { try Self.processor(settings).recheck(memory, examplesPath: other) }
        #expect(failure?.code == "other-examples")
    }

    @Test func everyDamageIsNamedWithItsPlaceAndARemedy() throws {
        let network = try #require(try StoredMemory(folder: folder).map as? FullyConnectedNetwork<Float>)
        let file = "memory/network.safetensors"
        let whole = try work.bytes(file)
        func expectFault(_ bytes: [UInt8], _ found: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            _ = try work.write(bytes, file)
            let fault = try #require(readingFault(), sourceLocation: sourceLocation)
            #expect(fault.file == folder + "/network.safetensors", sourceLocation: sourceLocation)
            #expect(fault.found?.contains(found) == true, "\(fault)", sourceLocation: sourceLocation)
            #expect(fault.expected != nil && fault.remedy != nil, sourceLocation: sourceLocation)
        }
        try expectFault(Array(whole.dropLast(10)), "promises")
        try expectFault([], "promises 8 bytes")
        let text = String(decoding: whole.prefix(4000), as: UTF8.self)
        #expect(text.contains("engram-network/1"))
        var future = whole
        let place = try #require(future.firstRange(of: Array("engram-network/1".utf8)))
        future[place.upperBound - 1] = UInt8(ascii: "9")
        try expectFault(future, "engram-network/9")
        var diverged = network
        diverged.layers[0].weights[3, 4] = .nan
        try expectFault(diverged.encoded(), "not finite")
        var narrow = network
        narrow.layers[1] = DenseLayer(inputCount: network.layers[1].inputCount, outputCount: 5)
        try expectFault(narrow.encoded(), "from 784 to 5 values")
        try expectFault(FullyConnectedNetwork<Float>(widths: [3, 2, 3], activation: .relu).encoded(), "one on 3")
        try FileManager.default.removeItem(atPath: work.path + "/" + file)
        #expect(readingFault()?.expected == "a file that can be read")
    }

    @Test func reportsOfOtherVersionsAndUnfinishedFoldersAreRefused() throws {
        let report = try work.bytes("memory/report.json")
        let other = String(decoding: report, as: UTF8.self).replacingOccurrences(of: "engram-report/1", with: "engram-report/7")
        _ = try work.write(Array(other.utf8), "memory/report.json")
        #expect(readingFault()?.found?.contains("engram-report/7") == true)
        _ = try work.write(Array("{".utf8), "memory/report.json")
        #expect(readingFault()?.file == folder + "/report.json")
        _ = try work.write(report, "memory/report.json")
        _ = try work.write(Array("no: such: settings".utf8), "memory/settings.yml")
        #expect(readingFault()?.file == folder + "/settings.yml")
        try FileManager.default.removeItem(atPath: folder + "/manifest.json")
        #expect(readingFault()?.found == "none")
    }
}
