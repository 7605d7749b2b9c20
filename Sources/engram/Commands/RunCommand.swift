import ArgumentParser
import EngramDrops
import EngramPipeline
import Logging

/// `engram run`: the daemon.
struct RunCommand: AsyncParsableCommand, ConfinedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the inbox and work through it.",
        discussion: """
            Each drop is moved out of the inbox, trained by a process of its own and published to the outbox, or to outbox/rejected with
            the reason.

            Ctrl-C or SIGTERM: what is at work is asked to stop within stop_timeout and goes on at the next start; a second one ends it
            at once. SIGHUP reads pipeline.yml again, for the drops that are taken from then on; a file with a mistake changes nothing.
            With --once the schedule is left aside: whatever starts it decides about the time.

            As root it works only with --as-root, and then without most of root's rights; --user NAME has it become that user.

            The inbox has a marker file, .engram-inbox. When it is missing, because the inbox's file system is not mounted, nothing is
            taken or written down as gone, and the command ends with code 72.

            Examples:
              engram run                  keep watching
              engram run --once           work through what is there, then stop
              engram run --http 8080      with a page at http://127.0.0.1:8080/ (engram serve --help)
              engram run --config /srv/engram/pipeline.yml --log-level info
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Stop when the inbox is empty; exit code 1 if a drop was rejected, failed or could not be taken.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "With --once: wait for the next attempt of a drop that failed for a passing reason if it is due within this time of the start.",
            valueName: "seconds"))
    var retryFor = 600

    @Option(help: ArgumentHelp("Show a page there, such as 127.0.0.1:8080; instead of http_address.", valueName: "address"))
    var http: String?

    @Flag(help: "Work as root, which is refused otherwise.") var asRoot = false

    @Option(help: ArgumentHelp("Become this user first; for a start as root.", valueName: "name")) var user: String?

    @OptionGroup var displayOptions: DisplayOptions

    @Option(
        help: ArgumentHelp("What is logged: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
        transform: Self.logLevel(named:))
    var logLevel: Logger.Level = .warning

    func validate() throws {
        guard retryFor >= 0 else { throw ValidationError("--retry-for must not be negative, found \(retryFor).") }
        guard !once || http == nil else { throw ValidationError("--http is of no use with --once; `engram serve` shows the page.") }
        guard !asRoot || user == nil else { throw ValidationError("--as-root and --user say different things; give one.") }
    }

    func confine() throws {
        // The first thing: an upgrade may take the file away at any moment.
        OwnProgram.hold()
        try DaemonUser(isRootAllowed: asRoot, name: user).take()
    }

    func run() async throws {
        let pipeline = try configuration.load()
        let overlaps = FolderCheck.overlaps(of: pipeline, configurationPath: configuration.path)
        guard overlaps.isEmpty else { throw FolderCheck.failure(overlaps, configurationPath: configuration.path) }
        let folders = try DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
            .prepared(policy: IntakeOptions.markerPolicy(pipeline.intake))
        let display = displayOptions.display()
        let journal = RunJournal(display: display)
        let level = logLevel
        let logger = Logger(label: "engram") { _ in DisplayLogHandler(display: display, logLevel: level) }
        // Before anything is written there.
        let hold = try StateHold(folders)
        defer { hold.release() }
        let setup = try DaemonSetup(configuration: configuration, folders: folders, once: once, retryFor: retryFor)
        if let missing = setup.missingConfinement {
            logger.warning("workers are not wholly fenced off", metadata: ["kernel": "\(missing)"])
        }
        let daemon = try Daemon(
            setup, configuration: configuration, folders: folders, hold: hold, once: once, display: display, logger: logger,
            journal: journal)
        if !once, http != nil || pipeline.service.http.address != "none" {
            let place = try PagePlace(option: http, pipeline)
            daemon.show(try place.settings(), at: place)
        }

        let inbox = TerminalText.printable(PathText.shown(folders.inbox))
        let wait = ProgressText.duration(pipeline.settle / .seconds(1))
        display.show("\(once ? "working through" : "watching") \(inbox); a drop is taken once it has not changed for \(wait)")
        let summary = try await display.ticking { try await daemon.run() }
        guard once else { return }
        StandardStreams.print(RunSummaryText.text(summary, rejections: journal.rejections, outcome: journal.outcome(ofResult:)))
        if !summary.rejected.isEmpty || !summary.failed.isEmpty || !summary.blocked.isEmpty { throw ExitStatus.someDropsFailed.exitCode }
        if let reason = summary.pauseReason {
            throw CommandFailure(
                .temporaryFailure, stage: .files, code: "paused", message: "nothing more was begun: \(reason).",
                remedy: "free some space and run it again")
        }
    }

    private static func logLevel(named name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("expected one of \(known), found \(name.debugDescription).")
        }
        return level
    }
}
