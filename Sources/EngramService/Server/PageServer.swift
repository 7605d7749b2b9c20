internal import EngramDrops
internal import Glibc
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix

/// The page, for as long as its task lives.
package struct PageServer: Sendable {
    private let routes: PageRoutes
    private let settings: PageSettings

    /// Seconds that a browser has to take something that waits to be sent.
    private static let stallSeconds: Int64 = 60

    /// Why there is no page.
    package enum Fault: Error, Equatable, CustomStringConvertible {
        /// Another program has the port.
        case portTaken(host: String, port: Int)
        /// The address cannot be listened on.
        case unusableAddress(host: String, port: Int, reason: String)

        /// The text for people.
        package var description: String {
            switch self {
            case .portTaken(let host, let port): "port \(port) of \(host) is taken by another program; name another port"
            case .unusableAddress(let host, let port, let reason): "nothing can listen on \(host), port \(port): \(reason)"
            }
        }
    }

    /// Nothing listens yet.
    package init(_ source: ServiceSource, _ settings: PageSettings) {
        self.settings = settings
        routes = PageRoutes(source, settings)
    }

    /// Serves until the task is cancelled.
    /// - Parameter onListening: Told the port, once requests are answered.
    /// - Throws: `Fault` where nothing can listen.
    package func run(onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws {
        await routes.uploads.sweep()
        // One thread: what takes long is done elsewhere (`Blocking`), and training needs the processors.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var logger = Logging.Logger(label: "engram.page") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [StalledWriterHandler(limit: .seconds(Self.stallSeconds))],
            idleTimeout: .seconds(settings.idleSeconds),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let application = Application(
            responder: routes.responder(), server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "engram",
                availableConnectionsDelegate: .maximum(settings.connectionLimit, logger: logger)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) }, eventLoopGroupProvider: .shared(group),
            logger: logger)
        let failure: (any Error)?
        do {
            try await application.run()
            failure = nil
        } catch {
            failure = error
        }
        await routes.feed.end()
        try? await group.shutdownGracefully()
        guard let failure, !Task.isCancelled else { return }
        throw fault(failure)
    }

    private func fault(_ error: any Error) -> any Error {
        guard let error = error as? IOError else {
            return error is SocketAddressError || error is NIOConnectionError
                ? Fault.unusableAddress(host: settings.host, port: settings.port, reason: "\(error)") : error
        }
        if error.errnoCode == EADDRINUSE { return Fault.portTaken(host: settings.host, port: settings.port) }
        return Fault.unusableAddress(host: settings.host, port: settings.port, reason: error.description)
    }
}
