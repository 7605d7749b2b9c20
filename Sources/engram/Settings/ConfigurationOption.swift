import ArgumentParser
import EngramPipeline
import Glibc
import EngramSystem

/// `--config`, for the commands that need a configuration.
struct ConfigurationOption: ParsableArguments {
    /// What `engram init` writes and every command looks for in the current folder.
    static let defaultPath = "pipeline.yml"

    @Option(name: [.customLong("config"), .customShort("c")], help: ArgumentHelp("The configuration file.", valueName: "file"))
    var path = defaultPath

    /// Reads and checks the file.
    func load() throws(CommandFailure) -> PipelineSettings { try load(try file()) }

    /// Checks a text that was read from the file.
    func load(_ file: SettingsFile) throws(CommandFailure) -> PipelineSettings {
        do {
            let pipeline = try PipelineSettings(file: file, path: path)
            _ = try ScheduleOptions.schedule(pipeline.schedule)
            return pipeline
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Reads the file.
    func file() throws(CommandFailure) -> SettingsFile {
        do {
            return try SettingsFile(path: path)
        } catch {
            var failure = CommandFailure(error)
            if case .unreadable = error, path == Self.defaultPath, access(path, F_OK) != 0 {
                failure.message = "there is no \(path) in this folder."
                failure.remedy = "run `engram init` to make one, or name another with --config"
            }
            throw failure
        }
    }
}
