import ArgumentParser
import Foundation
import Testing

@testable import engram
import EngramSystem

@Suite struct AnalyseCommandTests {
    private func failure(_ arguments: [String]) async throws -> CommandFailure? {
        let command = try AnalyseCommand.parse(arguments)
        do {
            try await command.run()
            return nil
        } catch let failure as CommandFailure {
            return failure
        }
    }

    @Test func aFolderThatIsNoMemoryIsRefusedWithARemedy() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let unfinished = try await failure([folder])
        #expect(unfinished?.status == .unusableData && unfinished?.code == "memory")
        #expect(unfinished?.expected?.contains("manifest.json") == true && unfinished?.remedy != nil)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/manifest.json"))
        let empty = try await failure([folder])
        #expect(empty?.file == folder + "/report.json")
    }

    @Test func anImpossibleThreadCountIsWrongUsage() {
        #expect(throws: (any Error).self) { try AnalyseCommand.parse(["memory", "--threads", "0"]) }
    }
}
