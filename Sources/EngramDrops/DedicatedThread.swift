internal import CEngramSystem
internal import Glibc

/// Threads for calls that block: the pool that runs async functions has one thread per core, and a blocked one is missed.
enum DedicatedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ body: @escaping @Sendable () -> Void) throws(DropError) {
        let argument = Unmanaged.passRetained(Body(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw .system(operation: "starting", path: "a thread", code: code)
        }
    }

    /// Runs `body` on a thread of its own and suspends until it is done.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws(DropError) -> Value) async throws(DropError) -> Value {
        let result: Result<Value, DropError> = await withCheckedContinuation { continuation in
            do throws(DropError) {
                try start { () -> Void in
                    do throws(DropError) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}
