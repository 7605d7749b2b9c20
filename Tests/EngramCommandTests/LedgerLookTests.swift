import ArgumentParser
import Foundation
import Glibc
import Testing

@testable import EngramDrops
@testable import engram
import EngramSystem

/// What commands that only look say where they may not and where there is nothing; what a second `run` leaves alone.
@Suite(.timeLimit(.minutes(2))) struct LedgerLookTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["inbox", "outbox", "state"] { try folder.write("", to: name + "/.keep") }
        try folder.write("inbox: inbox\noutbox: outbox\nstate: state\nsettle: 0s\n", to: "pipeline.yml")
    }

    private var folders: DropFolders {
        DropFolders(inbox: folder.path + "/inbox", outbox: folder.path + "/outbox", state: folder.path + "/state")
    }

    /// Runs `body` on a thread of its own without the rights of root, which the kernel gives and takes thread by thread (setfsuid(2)).
    private func asNobody(_ body: @escaping @Sendable () throws -> Void) async throws {
        typealias Change = @convention(c) (uid_t) -> Int32
        let change = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: Change.self)
        try await ComputeThread.run {
            let isRoot = geteuid() == 0
            if isRoot { _ = change(65_534) }
            defer { if isRoot { _ = change(0) } }
            try body()
        }
    }

    @Test func aStateFolderThatMayNotBeReadIsAnErrorWithItsMode() async throws {
        _ = try Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        chmod(folders.state, 0)
        defer { chmod(folders.state, 0o700) }
        let folders = folders
        try await asNobody {
            let failure = #expect(throws: CommandFailure.self) { try LedgerLook.ledger(in: folders) }
            #expect(failure?.status == .inputOutputError && failure?.message.contains(folders.state + " may not be read") == true)
            #expect(failure?.found?.hasPrefix("mode 00, of user ") == true)
        }
    }

    @Test func withoutAnyDropThereIsNoLedgerAndThatIsNoError() throws {
        #expect(try LedgerLook.ledger(in: folders) == nil)
        #expect(try LedgerLook.ledger(in: DropFolders(inbox: "/i", outbox: "/o", state: folder.path + "/none/deeper")) == nil)
    }

    @Test func aLostLedgerIsNotTheSameAsNone() throws {
        try folder.write("{}", to: "outbox/a/manifest.json")
        #expect(throws: DropError.self) { try LedgerLook.ledger(in: folders) }
    }

    // MARK: The second of two

    @Test func whoFindsTheFolderTakenHasWrittenNothing() async throws {
        let lock = try InstanceLock(path: folders.lockPath)
        defer { lock.release() }
        let command = try RunCommand.parse(["--once", "--config", folder.path + "/pipeline.yml"])
        let error = await #expect(throws: DropError.self) { try await command.run() }
        guard case .alreadyRunning = error else { throw try #require(error) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folders.state)
        #expect(Set(names) == [".keep", "lock", "inbox-marker", "work", "archive"])
    }

    /// A start that fails before it has put right what the last one left must not have begun a job.
    @Test func theScheduleBeginsAfterTheLastRunIsPutRight() async throws {
        let schedule = "schedule: { jobs: [{ cron: \"* * * * *\", action: digest }] }\n"
        try folder.write(try folder.text(of: "pipeline.yml") + schedule, to: "pipeline.yml")
        // A link in place of the work folder cannot be listed.
        let script = #"rm -rf state/work; mkdir elsewhere; ln -s ../elsewhere state/work; exec "$1" run --as-root"#
        let launch = WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", script, "sh", try BuiltProgram.path()],
            environment: ProcessInfo.processInfo.environment, workingFolder: folder.path, logPath: folder.path + "/log")
        let failed = try await ChildCommand.run(launch, limitSeconds: 60)
        #expect(failed.exit == .exited(code: ExitStatus.inputOutputError.rawValue), "\((try? folder.text(of: "log")) ?? "")")
        #expect(access(folders.schedulePath, F_OK) != 0)

        // And it does begin.
        try FileManager.default.removeItem(atPath: folders.work)
        let daemon = try WorkerProcess(
            WorkerProcess.Launch(
                executable: try BuiltProgram.path(), arguments: ["run", "--as-root"], environment: ProcessInfo.processInfo.environment,
                workingFolder: folder.path, logPath: folder.path + "/log")
        ) { _ in }
        while access(folders.schedulePath, F_OK) != 0 { try await Task.sleep(for: .milliseconds(10)) }
        daemon.send(signal: SIGTERM)
        #expect(await daemon.waitUntilExit() == .exited(code: 0))
    }
}
