internal import Hummingbird
internal import Logging
internal import NIOCore

/// What is known of one request beside what it says.
struct PageContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection; nil in tests without one.
    let channel: (any Channel)?
    /// Who asks.
    var session = Sessions.Session(id: "", isAuthorised: false)
    /// The fields of a form that was sent.
    var form: [String: String] = [:]

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Closes the connection once an answer had the time to go out: whoever sends more than is read would go on for as long as it takes.
    func closeSoon() {
        guard let channel else { return }
        channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}

extension PageContext {
    private struct NoConnection: RequestContextSource {
        let logger: Logger
    }

    /// Of a request that came over no connection.
    init(logger: Logger) {
        coreContext = CoreRequestContextStorage(source: NoConnection(logger: logger))
        channel = nil
    }
}
