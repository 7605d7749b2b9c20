internal import NIOPosix

/// Runs what waits for a disk or a database on threads of its own, so that neither the daemon's tasks nor other requests wait for it.
enum Blocking {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
