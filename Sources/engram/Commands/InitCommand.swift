import ArgumentParser
import EngramDrops
import EngramPipeline

/// `engram init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make inbox/, outbox/ and a commented pipeline.yml.",
        discussion: """
            What is already there stays as it is. The inbox that pipeline.yml names gets a marker file, .engram-inbox, by which
            `engram run` knows it from an empty mount point; run this again after replacing the inbox on purpose.

            Examples:
              engram init                          in the current folder
              engram init memories                 in memories/, which is made if it does not exist
            """)

    @Argument(help: ArgumentHelp("The folder; the current one if left out.", valueName: "dir"))
    var folder = "."

    func run() throws {
        let files = FileSystem()
        for path in [folder, folder + "/inbox", folder + "/outbox"] {
            do {
                StandardStreams.print(try FolderCreation.create(path, files: files) ? "made   \(shown(path))/" : "kept   \(shown(path))/")
            } catch {
                throw CommandFailure(.outputNotCreated, stage: .files, code: "not-created", message: "\(error)")
            }
        }
        let file = folder + "/" + ConfigurationOption.defaultPath
        let isNew = try files.facts(of: file) == nil
        if isNew { try files.write(Array(PipelineSettings.template.utf8), to: file) }
        StandardStreams.print("\(isNew ? "made" : "kept")   \(shown(file))")
        try markInbox(of: file, files: files)
        let enter = folder == "." ? "" : "  cd \(RepeatCommandText.quoted(folder))\n"
        StandardStreams.print(
            """

            Next:
            \(enter)  put a folder of pictures, a recording, a text or a table into inbox/
              engram run --once        work through the inbox, then stop (without --once: keep watching)
              engram status            what became of everything
            Every setting is explained in pipeline.yml.
            """)
    }

    /// Makes the inbox that the configuration names the one that `engram run` expects, also when it was replaced by another.
    private func markInbox(of file: String, files: FileSystem) throws {
        let pipeline = try PipelineSettings(path: file)
        let folders = DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
        do {
            try FolderCreation.create(folders.inbox, files: files)
            try FolderCreation.create(FolderCreation.parent(of: folders.state), files: files)
            try InboxMarker.renew(in: folders, files: files)
        } catch {
            throw CommandFailure(.outputNotCreated, stage: .files, code: "not-created", message: "\(error)")
        }
    }

    private func shown(_ path: String) -> String {
        TerminalText.printable(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
    }
}
