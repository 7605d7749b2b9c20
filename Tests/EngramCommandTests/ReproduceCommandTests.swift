import ArgumentParser
import EngramExperiments
import Testing

@testable import engram
import EngramSystem

@Suite struct ReproduceCommandTests {
    @Test func listNamesEveryExperimentWithItsSource() throws {
        let lines = try ReproduceCommand.listing().split(separator: "\n")
        for entry in try ExperimentCatalogue.entries() {
            #expect(lines.contains { $0.hasPrefix(entry.name + " ") && $0.contains(entry.source) }, "\(entry.name)")
        }
    }

    /// ArgumentParser is the oracle: the command of a report parses to the same run.
    @Test func commandOfAReportRepeatsTheRun() throws {
        let command = try #require(
            try Engram.parseAsRoot([
                "reproduce", "fig5", "--preset", "paper", "--scale", "0.25", "--seed", "7", "--cells", "a:8x1,b:9x2", "--epochs", "50",
                "--fast-epochs", "60", "--data", "somewhere",
            ]) as? ReproduceCommand)
        let words = command.commandText(name: "fig5", threadCount: 3).split(separator: " ").dropFirst().map(String.init)
        let again = try #require(try Engram.parseAsRoot(words) as? ReproduceCommand)
        #expect(again.name == "fig5" && again.preset == .paper && again.scale == 0.25 && again.seed == 7 && again.cells == "a:8x1,b:9x2")
        #expect(again.epochs == 50 && again.fastEpochs == 60 && again.threads == 3 && again.data == nil)
    }

    @Test func failuresHaveTheirExitCodes() {
        #expect(CommandFailure(unknown: "fig0", known: ["fig1"]).status == .usage)
        #expect(CommandFailure(.missingData(what: "images", lookedFor: ["a"], folder: "b")).status == .noInput)
        #expect(CommandFailure(.unusableData(path: "a", reason: "b")).status == .unusableData)
    }
}
