import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService
import Glibc

/// `engram memories`.
struct MemoriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memories",
        abstract: "What is stored, and can be asked with `recall`.",
        discussion: """
            Lists the memories of the outbox: name, number and kind of items, family, size, and when each was last verified. Reads reports
            and manifests, no weights.

            Examples:
              engram memories
              engram memories --json | jq -r '.memories[].name'
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print the same as JSON.")
    var json = false

    func run() throws {
        let pipeline = try configuration.load()
        let folders = DropFolders(pipeline)
        let list = MemoryList(outbox: folders.outbox, checks: VerificationRecord(path: folders.verificationPath).checks)
        if json {
            StandardStreams.printBytes(list.json.encoded())
        } else {
            StandardStreams.print(list.text)
        }
        if !list.problems.isEmpty { throw ExitStatus.unusableData.exitCode }
    }
}
