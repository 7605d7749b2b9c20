import ArgumentParser
import EngramDrops
import EngramPipeline
import Glibc

/// `engram verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check published results against their manifests.",
        discussion: """
            Reads every byte of every result and compares sizes and SHA-256 sums; also names files that are missing or were added. DIR is one
            result or a folder of results; without it, the outbox that pipeline.yml names. Nothing is changed.

            Exit code 65 if something is damaged, missing or not a whole result.

            Examples:
              engram verify
              engram verify outbox/speech.wav
              engram verify --json | jq '.results[] | select(.intact | not)'
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print the same as JSON.")
    var json = false

    @Argument(help: ArgumentHelp("One result, or a folder of results; the outbox if left out.", valueName: "dir"))
    var folder: String?

    func run() throws {
        let path = try folder ?? configuration.load().outbox
        // Through a link, which an outbox may be.
        guard try FileSystem().facts(of: path + "/.") != nil else {
            throw CommandFailure(
                .noInput, stage: "files", code: "no-input", message: "there is no folder \(path).", remedy: "name a result or an outbox")
        }
        let verifier = OutboxVerifier()
        var checks: [OutboxVerifier.Check] = []
        for result in try verifier.folders(in: path == "/" ? path : path + "/.") {
            // The dot is for links only.
            let shown = result.hasPrefix(path + "/./") ? path + result.dropFirst(path.utf8.count + 2) : path
            var check = verifier.check(result)
            check.path = shown
            checks.append(check)
            if !json { StandardStreams.print(VerificationText.lines(check)) }
        }
        if json {
            StandardStreams.write(VerificationText.json(checks).encoded(), to: STDOUT_FILENO)
        } else {
            StandardStreams.print(VerificationText.summary(checks))
        }
        if checks.contains(where: { !$0.isIntact }) { throw ExitStatus.unusableData.exitCode }
    }
}
