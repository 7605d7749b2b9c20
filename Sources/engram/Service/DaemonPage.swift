import EngramService
import Logging

/// The page of a daemon: it comes and goes with it, and drops are learned whether there is one or not.
struct DaemonPage: Sendable {
    let server: PageServer
    let place: PagePlace

    /// Serves until the task is cancelled. That the port is taken is a warning: nothing that was dropped waits for a page.
    func run(display: LiveDisplay, logger: Logger) async {
        do {
            try await server.run { port in display.show("the page is at \(place.text(port: port))") }
        } catch is CancellationError {
        } catch {
            display.show(TerminalText.printable("warning: there is no page: \(error); drops are taken and learned all the same"))
            logger.warning("there is no page", metadata: ["reason": "\(error)"])
        }
    }
}
