import ArgumentParser
import EngramDrops

/// `engram recheck`: the older name of `engram verify --recall`.
struct RecheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recheck", abstract: "The older name of `engram verify --recall`.",
        discussion: "Does what `engram verify --recall` does, and says so.", shouldDisplay: false)

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup(visibility: .hidden) var verification: RecallVerification

    func run() async throws {
        StandardStreams.printError("engram recheck is called engram verify --recall now")
        try await verification.run(configuration, names: [])
    }
}
