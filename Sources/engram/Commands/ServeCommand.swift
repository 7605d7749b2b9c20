import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService

/// `engram serve`: the page, without being the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Show everything on a page in the browser.",
        discussion: """
            Reads the ledger and the outbox while `engram run` works, and when it does not; `engram run --http ADDRESS` has the page in the
            daemon. On it: what is learned now, what waits, memories with their pictures and reports, uploads, and asking a memory by
            painting over a picture.

            Only this machine can reach 127.0.0.1. Any other address asks for a token, which http_token_file names. Ctrl-C ends it.

            Examples:
              engram serve                          http://127.0.0.1:8080/
              engram serve --http 9000
              engram serve --http 0.0.0.0:8080      needs http_token_file in pipeline.yml
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Option(help: ArgumentHelp("Where to listen; instead of http_address.", valueName: "address"))
    var http: String?

    func run() async throws {
        let pipeline = try configuration.load()
        let place = try PagePlace(option: http ?? (pipeline.service.http.address == "none" ? "127.0.0.1:8080" : nil), pipeline)
        let schedule = try ScheduleOptions.schedule(pipeline.schedule)
        let source = ServiceSource(pipeline, folders: DropFolders(pipeline).real) { schedule }
        let server = PageServer(source, try place.settings())
        let interruption = Interruption()
        let page = Task {
            try await server.run { port in StandardStreams.printError("the page is at \(place.text(port: port)); Ctrl-C ends it") }
        }
        let listening = await interruption.listen { _ in page.cancel() }
        defer { listening.cancel() }
        do {
            try await page.value
        } catch let fault as PageServer.Fault {
            throw PagePlace.failure(fault)
        } catch is CancellationError {}
        if let signal = interruption.signal { Interruption.endProcess(by: signal) }
    }
}
