@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// Hooks that are real programs.
@Suite(.timeLimit(.minutes(1))) struct HookRunnerTests {
    private let scratch = Scratch()

    private func runner(_ commands: HookRunner.Commands) throws -> (runner: HookRunner, ledger: Ledger) {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let runner = HookRunner(
            commands, folders: folders, environment: ["PATH": "/usr/bin:/bin"], ledger: ledger, logger: quiet)
        return (runner, ledger)
    }

    private func shell(_ script: String) -> [String] { ["/bin/sh", "-c", script] }

    private func row(_ ledger: Ledger) throws -> DropRow { try ledger.insert(id: "1", name: "two words", path: "/a/two words") }

    @Test func withoutAHookEveryDropPasses() async throws {
        let (runner, ledger) = try runner(.init())
        #expect(await runner.verdict(on: try row(ledger)) == .proceed)
        runner.note(.published(id: "1", name: "a", path: "/b"))
        await runner.finish()
    }

    @Test(arguments: [
        ("exit 0", DropGateVerdict.proceed), ("echo too early; exit 75", .hold(reason: "the hook before holds it: too early")),
        ("echo a virus; echo really; exit 1", .refuse(reason: "the hook before refused it: a virus")),
        ("exit 9", .refuse(reason: "the hook before refused it: exit code 9")),
        ("kill -9 $$", .hold(reason: "the hook before was ended by signal 9; it is asked again")),
    ])
    func theExitCodeDecides(script: String, verdict: DropGateVerdict) async throws {
        let (runner, ledger) = try runner(.init(before: shell(script)))
        #expect(await runner.verdict(on: try row(ledger)) == verdict)
    }

    @Test func aProgramThatIsMissingOrHangsHoldsTheDrop() async throws {
        let (missing, ledger) = try runner(.init(before: ["/nonexistent/hook"]))
        let row = try row(ledger)
        guard case .hold(let reason) = await missing.verdict(on: row) else {
            Issue.record("a missing program must hold")
            return
        }
        #expect(reason.contains("/nonexistent/hook"))
        let (hanging, _) = try runner(.init(before: shell("sleep 1000"), timeoutSeconds: 0.05))
        #expect(await hanging.verdict(on: row) == .hold(reason: "the hook before took longer than 0 s; it is asked again"))
    }

    @Test func whatIsAskedWhenTheDaemonEndsIsEnded() async throws {
        let (runner, ledger) = try runner(.init(before: shell("touch \(scratch.path)/asked; sleep 1000"), timeoutSeconds: 1000))
        let row = try row(ledger)
        let asked = Task { await runner.verdict(on: row) }
        while try !scratch.exists("asked") { try await Task.sleep(for: .milliseconds(2)) }
        runner.stopAsking()
        guard case .hold = await asked.value else {
            Issue.record("an interrupted question must hold")
            return
        }
    }

    @Test func everyHookGetsItsJSONAndAFailureChangesNothing() async throws {
        let script = "cat > \(scratch.path)/$0; exit 3"
        let (runner, ledger) = try runner(
            .init(before: shell(script) + ["before.json"], after: shell(script) + ["after.json"], failure: shell(script) + ["failure.json"])
        )
        let row = try row(ledger)
        _ = await runner.verdict(on: row)
        try ledger.move("1", to: .archived, from: [.seen], reason: "why") { $0.resultPath = "/out/two words" }
        runner.note(.published(id: "1", name: row.name, path: "/out/two words"))
        runner.note(.rejected(id: "1", name: row.name, path: "/out", reason: "r"))
        await runner.finish()
        for name in ["before", "after", "failure"] {
            let json = try JSONValue.parse(try scratch.read(name + ".json"), path: name)
            #expect(json["schema"]?.string == "engram-hook/1" && json["event"]?.string == name && json["name"]?.string == "two words")
        }
        let after = try JSONValue.parse(try scratch.read("after.json"), path: "after")
        #expect(after["result"]?.string == "/out/two words" && after["reason"]?.string == "why" && after["state"]?.string == "archived")
        #expect(try scratch.names(".engram/hooks").filter { $0.hasSuffix(".json") }.isEmpty)
    }

    @Test func whoWasNotToldWhenTheDaemonEndsIsNotTold() async throws {
        let (runner, ledger) = try runner(.init(after: shell("echo x >> \(scratch.path)/told; sleep 1000"), timeoutSeconds: 1000))
        _ = try row(ledger)
        for _ in 0..<3 { runner.note(.published(id: "1", name: "a", path: "/b")) }
        while try !scratch.exists("told") { try await Task.sleep(for: .milliseconds(2)) }
        runner.abandon()
        await runner.finish()
        #expect(try scratch.text("told") == "x\n")
    }

    @Test func aDigestIsPutOnStandardInputAsItIs() async throws {
        let (runner, _) = try runner(.init(digest: shell("cat > \(scratch.path)/mail; exit 3")))
        try scratch.write("Subject: x\n\nbody\n", "digest.txt")
        runner.tellOfDigest(at: scratch.path + "/digest.txt")
        await runner.finish()
        #expect(try scratch.text("mail") == "Subject: x\n\nbody\n" && scratch.exists("digest.txt"))
        let (none, _) = try self.runner(.init())
        none.tellOfDigest(at: scratch.path + "/digest.txt")
        await none.finish()
    }
}
