@testable import EngramDrops
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkerProcessTests {
    private let scratch = Scratch()

    private func launch(_ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"]) -> WorkerProcess.Launch {
        WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", script], environment: environment, workingFolder: scratch.path,
            logPath: scratch.path + "/log")
    }

    private func run(_ launch: WorkerProcess.Launch) async throws -> (exit: WorkerExit, lines: [String]) {
        let lines = Mutex<[String]>([])
        let worker = try WorkerProcess(launch) { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        let exit = await worker.waitUntilExit()
        return (exit, lines.withLock { $0 })
    }

    @Test(arguments: [0, 1, 65, 75, 255] as [Int32])
    func theExitCodeIsReported(code: Int32) async throws {
        #expect(try await run(launch("exit \(code)")).exit == .exited(code: code))
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGSEGV])
    func theSignalIsReported(number: Int32) async throws {
        #expect(try await run(launch("ulimit -c 0; kill -\(number) $$")).exit == .signalled(number: number))
    }

    @Test func outputIsCutIntoLinesAndErrorsGoToTheLog() async throws {
        let (exit, lines) = try await run(
            launch(#"echo one; printf 'two\n\nthree'; echo; echo oops >&2; pwd; echo "$A$HOME""#, environment: ["A": "b c"]))
        #expect(exit == .exited(code: 0))
        #expect(lines == ["one", "two", "three", scratch.path, "b c"])
        #expect(try scratch.text("log") == "oops\n")
    }

    @Test func aLineWithoutEndIsDroppedAndTheNextIsRead() async throws {
        let (_, lines) = try await run(launch("head -c 300000 /dev/zero; echo; echo next"))
        #expect(lines == ["next"])
    }

    @Test func aGrandchildThatKeepsTheOutputOpenEndsWithItsWorker() async throws {
        let (exit, lines) = try await run(launch("sleep 1000 & echo $!; exit 3"))
        #expect(exit == .exited(code: 3))
        let grandchild = try #require(lines.first.flatMap { Int32($0) })
        // Killed; until init has reaped it, it is a zombie.
        let status = (try? FileSystem().read("/proc/\(grandchild)/stat", count: 200)).map { String(decoding: $0, as: UTF8.self) }
        #expect(status == nil || status?.contains(") Z ") == true || kill(grandchild, 0) != 0)
    }

    @Test func aSignalReachesTheWholeGroup() async throws {
        let ready = AsyncStream<Void>.makeStream()
        let worker = try WorkerProcess(launch("trap 'exit 75' TERM; echo ready; sleep 1000 & wait")) { _ in ready.continuation.yield() }
        for await _ in ready.stream { break }
        #expect(WorkerProcess.startTicks(of: worker.processID) == worker.startTicks)
        worker.send(signal: SIGTERM)
        #expect(await worker.waitUntilExit() == .exited(code: 75))
        // Nothing happens to whoever has the number next.
        worker.send(signal: SIGKILL)
    }

    @Test func signalsThatTheDaemonIgnoresAreHeardByTheWorker() async throws {
        let before = signal(SIGUSR1, SIG_IGN)
        defer { signal(SIGUSR1, before) }
        #expect(try await run(launch("kill -USR1 $$; exit 0")).exit == .signalled(number: SIGUSR1))
    }

    @Test func aProgramThatIsNotThereIsAnError() async {
        var missing = launch("")
        missing.executable = "/nonexistent/engram"
        #expect(throws: DropError.workerNotStarted(executable: "/nonexistent/engram", code: ENOENT)) {
            _ = try WorkerProcess(missing) { _ in }
        }
    }

    @Test(arguments: [(-1, SIGTERM), (0, SIGKILL)])
    func anOrphanIsKilledOnlyIfItIsStillTheSameProcess(difference: Int, expected: Int32) async throws {
        let ready = AsyncStream<Void>.makeStream()
        let worker = try WorkerProcess(launch("echo ready; exec sleep 1000")) { _ in ready.continuation.yield() }
        for await _ in ready.stream { break }
        WorkerProcess.killOrphan(process: worker.processID, start: worker.startTicks + difference)
        // Too late for one that was killed, and the end of one that was not.
        worker.send(signal: SIGTERM)
        #expect(await worker.waitUntilExit() == .signalled(number: expected))
    }
}
