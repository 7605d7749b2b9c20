import EngramService
import EngramPipeline
import Foundation
import Glibc
import Synchronization
import Testing

@testable import EngramDrops
@testable import engram
import EngramSystem

/// The built program, confined as workers are; the kernel is the oracle.
@Suite(.timeLimit(.minutes(2))) struct ConfinementTests {
    private static let support = SandboxSupport.ofThisKernel()
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("in", to: "in/drop")
        try folder.write("secret", to: "outside/secret")
        try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
    }

    private func run(_ arguments: [String], variables: [String: String] = [:]) async throws -> (
        exit: WorkerExit, lines: [String], log: String
    ) {
        let lines = Mutex<[String]>([])
        let environment = ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
        let worker = try WorkerProcess(
            WorkerProcess.Launch(
                executable: BuiltProgram.path(), arguments: arguments, environment: environment, workingFolder: folder.path,
                logPath: folder.path + "/log")
        ) { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        let exit = await worker.waitUntilExit()
        return (exit, lines.withLock { $0 }, (try? folder.text(of: "log")) ?? "")
    }

    private func probe(_ options: [String], variables: [String: String] = [:]) async throws -> (
        exit: WorkerExit, codes: [String: Int32], log: String
    ) {
        let (exit, lines, log) = try await run(
            ["probe", "--input=\(folder.path)/in/drop", "--output=\(folder.path)/out", "--outside=\(folder.path)/outside"] + options,
            variables: variables)
        var codes: [String: Int32] = [:]
        for line in lines {
            let words = line.split(separator: " ")
            if words.count >= 2 { codes[String(words[0])] = Int32(words[1]) }
        }
        return (exit, codes, log)
    }

    private static let allowed = [
        "read-own-status", "read-input", "write-output", "rename-in-output", "remove-in-output", "signal-self", "private-memory",
    ]
    /// Refused by Landlock, whatever the filter of system calls says.
    private static let fencedOff = [
        "write-input", "read-outside", "write-outside", "make-outside", "remove-outside", "list-outside", "read-passwd", "list-root",
        "read-parent-environment", "list-processes", "read-outside-task", "read-outside-thread",
    ]
    /// Refused by seccomp, with or without Landlock.
    private static let takenAway = FenceAttempt.all.map(\.name).filter { name in
        !allowed.contains(name) && !fencedOff.contains(name) && name != "shorten-outside"
    }

    /// Without it, the tests below could pass because the attempts fail by themselves.
    @Test func withoutConfinementTheAttemptsSucceed() async throws {
        let (exit, codes, log) = try await probe(["--sandbox=off"])
        #expect(exit == .exited(code: 0), "\(log)")
        for attempt in FenceAttempt.all { #expect(codes[attempt.name] == 0, "\(attempt.name): \(codes[attempt.name] ?? -1)") }
        #expect(codes["read-outside-task"] == 0 && codes["read-outside-thread"] == 0)
    }

    @Test(.enabled(if: support.landlockVersion >= 3, "this kernel has \(support)"))
    func aConfinedWorkerReachesItsDropAndNothingElse() async throws {
        let (exit, codes, log) = try await probe(["--sandbox=auto"])
        #expect(exit == .exited(code: 0), "\(log)")
        for name in Self.allowed { #expect(codes[name] == 0, "\(name)") }
        for name in Self.fencedOff { #expect([EACCES, EXDEV, EPERM].contains(codes[name] ?? 0), "\(name): \(codes[name] ?? -1)") }
        #expect(codes["shorten-outside"] == EACCES)
        #expect(try folder.text(of: "outside/secret") == "secret")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outside") == ["secret"])
    }

    /// What an older kernel lacks of Landlock, the filter denies by itself.
    @Test(.enabled(if: support.hasCallFilter, "this kernel has \(support)"), arguments: [0, 1, 2, 3, 4, 5, 6, .max])
    func aConfinedWorkerMakesNoForbiddenCall(newestLandlock: Int) async throws {
        let (exit, codes, log) = try await probe(["--sandbox=auto", "--calls", "--landlock=\(newestLandlock)"])
        #expect(exit == .exited(code: 0), "\(log)")
        for name in Self.takenAway { #expect([EPERM, EACCES].contains(codes[name] ?? 0), "\(name): \(codes[name] ?? -1)") }
        if newestLandlock == 0 {
            for name in Self.takenAway { #expect(codes[name] == EPERM, "\(name): \(codes[name] ?? -1)") }
        }
        #expect(CallFilter.denied.count > 130)
        for call in CallFilter.denied { #expect(codes["denied-\(call.name)"] == EPERM, "\(call.name)") }
        for attempt in CallFilter.attempts { #expect(codes["judged-\(attempt.name)"] == attempt.error, "\(attempt.name)") }
    }

    /// The probe's answers under three fences are the table that people read.
    @Test(.enabled(if: support.landlockVersion >= 3 && support.hasCallFilter, "this kernel has \(support)"))
    func theDocumentationHasTheTablesOfTheProbe() async throws {
        var columns: [[String: Int32]] = []
        for options in [["--sandbox=off"], ["--sandbox=auto", "--landlock=0"], ["--sandbox=auto"]] {
            try folder.write("secret", to: "outside/secret")
            try? FileManager.default.removeItem(atPath: folder.path + "/outside/new")
            for name in ["link", "symlink", "fifo"] { try? FileManager.default.removeItem(atPath: folder.path + "/out/" + name) }
            columns.append(try await probe(options).codes)
        }
        let words: [Int32: String] = [0: "yes", EPERM: "EPERM", EACCES: "EACCES", EXDEV: "EXDEV"]
        let lines = FenceAttempt.all.map { attempt in
            "| \(attempt.text) | " + columns.map { words[$0[attempt.name] ?? -1] ?? "?" }.joined(separator: " | ") + " |"
        }
        let table = (["| a worker tries to | no fence | seccomp alone | the fence |", "|---|---|---|---|"] + lines).joined(separator: "\n")
        let text = try Self.documentation("Security.md")
        #expect(text.contains("\n" + table + "\n"), "Documentation/Security.md should have\n\(table)")
        #if arch(x86_64)
            #expect(text.contains("\n" + CallFilter.table + "\n"), "Documentation/Security.md should have\n\(CallFilter.table)")
        #endif
    }

    private static func documentation(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("Documentation/" + name), encoding: .utf8)
    }

    /// The kernel counts no threads of root, so the daemon looks.
    @Test func aWorkerWithManyThreadsIsEnded() async throws {
        let arguments = ["probe", "--input=\(folder.path)/in/drop", "--output=\(folder.path)/out", "--outside=\(folder.path)/outside"]
        var launch = WorkerProcess.Launch(
            executable: try BuiltProgram.path(), arguments: arguments + ["--exhaust=threads"],
            environment: ProcessInfo.processInfo.environment, workingFolder: folder.path, logPath: folder.path + "/log")
        launch.threadCountLimit = 300
        let worker = try WorkerProcess(launch) { _ in }
        let end = await worker.wait()
        guard case .threads(let count) = end.overrun else {
            Issue.record("\(end)")
            return
        }
        #expect(count > 300 && end.exit == .signalled(number: SIGKILL))
        #expect(WorkerDeath(exit: end.exit, overrun: end.overrun).failure.code == "threads")
    }

    /// An upgrade replaces the program's file while a daemon runs: its workers stay what it is.
    @Test func aProgramWhoseFileIsGoneStillStartsItself() async throws {
        let path = folder.path + "/engram"
        // By another process: a descriptor for writing that a child of this one inherited would keep the copy from being started.
        let copying = WorkerProcess.Launch(
            executable: "/bin/cp", arguments: [try BuiltProgram.path(), path], environment: [:], workingFolder: folder.path,
            logPath: folder.path + "/log")
        #expect(try await ChildCommand.run(copying, limitSeconds: 60).exit == .exited(code: 0))
        try folder.write("settle: 0s\nthreads: 1\ndefaults: {preset: closed-form, report: {animation: false}}\n", to: "pipeline.yml")
        let drop: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<16).map { UInt8($0 * $0) }
        let daemon = try WorkerProcess(
            WorkerProcess.Launch(
                executable: path, arguments: ["run", "--as-root"], environment: ProcessInfo.processInfo.environment,
                workingFolder: folder.path, logPath: folder.path + "/log")
        ) { _ in }
        try await waitUntil { access(folder.path + "/inbox/.engram-inbox", F_OK) == 0 }
        try FileManager.default.removeItem(atPath: path)
        _ = FileManager.default.createFile(atPath: folder.path + "/inbox/d-idx3-ubyte", contents: Data(drop))
        try await waitUntil { access(folder.path + "/outbox/d-idx3-ubyte/manifest.json", F_OK) == 0 }
        daemon.send(signal: SIGTERM)
        #expect(await daemon.waitUntilExit() == .exited(code: 0), "\((try? folder.text(of: "log")) ?? "")")
    }

    private func waitUntil(_ condition: () -> Bool) async throws {
        for _ in 0..<600 where !condition() { try await Task.sleep(for: .milliseconds(100)) }
        try #require(condition(), "\((try? folder.text(of: "log")) ?? "")")
    }

    @Test(.enabled(if: geteuid() == 0, "only root is refused"))
    func theDaemonWorksAsRootOnlyWhenItIsTold() async throws {
        try folder.write("", to: "pipeline.yml")
        let (exit, _, log) = try await run(["run", "--once"])
        #expect(exit == .exited(code: ExitStatus.wrongConfiguration.rawValue) && log.contains("--as-root"), "\(log)")
        #expect(access(folder.path + "/inbox", F_OK) != 0)
        let unknown = try await run(["run", "--once", "--user=no-such-user"])
        #expect(unknown.exit == .exited(code: ExitStatus.usage.rawValue) && unknown.log.contains("no user no-such-user"))
        #expect(try await run(["run", "--once", "--as-root"]).exit == .exited(code: 0))
    }

    @Test func eachLimitEndsAWorkerInItsOwnWay() async throws {
        let memory = try await probe(["--memory=100000000", "--exhaust=memory"])
        #expect(memory.exit == .exited(code: WorkerExit.outOfMemoryCode) && memory.log.contains("out of memory"), "\(memory)")
        #expect(WorkerDeath(exit: memory.exit).failure.code == "out-of-memory")
        let file = try await probe(["--largest-file=5000000", "--exhaust=file"])
        #expect(WorkerDeath(exit: file.exit).failure.code == "file-size", "\(file)")
        let longest = try FileManager.default.attributesOfItem(atPath: folder.path + "/out/long")[.size] as? Int
        #expect(longest == 5_000_000)
        let processor = try await probe(["--cpu-seconds=1", "--exhaust=cpu"])
        #expect(WorkerDeath(exit: processor.exit).failure.code == "cpu-time", "\(processor)")
        let files = try await probe(["--open-files=64", "--exhaust=files"])
        #expect(files.exit == .exited(code: ExitStatus.temporaryFailure.rawValue) && files.log.contains("Too many open files"), "\(files)")
    }

    /// A drop made by hand, worked on by a real worker with every limit and, where the kernel can, the whole fence.
    @Test(arguments: [PipelineSettings.Worker.Sandbox.off, .auto])
    func aRealWorkerWorksWithinItsLimits(sandbox: PipelineSettings.Worker.Sandbox) async throws { try await work(in: sandbox) }

    @Test(.enabled(if: support.isWhole, "this kernel has \(support)"))
    func aRealWorkerWorksWithinItsFence() async throws { try await work(in: .require) }

    private func work(in sandbox: PipelineSettings.Worker.Sandbox) async throws {
        // Four different images of 2 x 2 pixels.
        let drop: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<16).map { UInt8($0 * $0) }
        _ = FileManager.default.createFile(atPath: folder.path + "/in/d-idx3-ubyte", contents: Data(drop))
        try folder.write("preset: closed-form\nreport: {animation: false}\n", to: "in/d-idx3-ubyte.drop.yml")
        try FileManager.default.createDirectory(atPath: folder.path + "/checkpoint", withIntermediateDirectories: true)
        let job = WorkerJob(
            id: "1", name: "d-idx3-ubyte", attempt: 1, token: "t", inputPath: folder.path + "/in/d-idx3-ubyte",
            settingsPath: folder.path + "/in/d-idx3-ubyte.drop.yml", configPath: nil, outputPath: folder.path + "/out",
            checkpointPath: folder.path + "/checkpoint")
        var limits = WorkerLimits(PipelineSettings(), threadCount: 2, memory: MemoryAvailability())
        limits.sandbox = sandbox
        let (exit, _, log) = try await run(WorkerArguments.arguments(for: job, threadCount: 2, limits: limits))
        let reason = (try? folder.text(of: "out/failure.json")) ?? ""
        #expect(exit == .exited(code: 0), "\(log) \(reason)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out").contains("report.html"))
    }

    /// The operator's configuration opens the fence for images outside of the drop; the drop's own settings do not.
    @Test(.enabled(if: support.landlockVersion > 0, "this kernel has \(support)"), arguments: [true, false])
    func foreignImagesAreReadWhereTheOperatorNamesThem(isOperators: Bool) async throws {
        func idx(_ values: [UInt8]) -> Data { Data([0, 0, 8, 3, 0, 0, 0, UInt8(values.count / 4), 0, 0, 0, 2, 0, 0, 0, 2] + values) }
        let paths = (drop: folder.path + "/in/d-idx3-ubyte", foreign: folder.path + "/outside/images")
        _ = FileManager.default.createFile(atPath: paths.drop, contents: idx((0..<16).map { UInt8($0 * $0) }))
        _ = FileManager.default.createFile(atPath: paths.foreign, contents: idx((0..<12).map { UInt8(255 - 5 * $0) }))
        let setting = "analysis: {foreign: \(paths.foreign)}\n"
        try folder.write("preset: closed-form\nreport: {animation: false}\n" + (isOperators ? "" : setting), to: "in/d-idx3-ubyte.drop.yml")
        try folder.write(isOperators ? "defaults:\n  " + setting : "jobs: 1\n", to: "pipeline.yml")
        try FileManager.default.createDirectory(atPath: folder.path + "/checkpoint", withIntermediateDirectories: true)
        let job = WorkerJob(
            id: "1", name: "d-idx3-ubyte", attempt: 1, token: "t", inputPath: paths.drop, settingsPath: paths.drop + ".drop.yml",
            configPath: folder.path + "/pipeline.yml", outputPath: folder.path + "/out", checkpointPath: folder.path + "/checkpoint")
        let pipeline = try PipelineSettings(path: folder.path + "/pipeline.yml")
        var limits = WorkerLimits(pipeline, threadCount: 2, memory: MemoryAvailability())
        limits.sandbox = .auto
        let readable = WorkerArguments.readablePaths(forDropNamed: job.name, pipeline)
        let (exit, _, log) = try await run(WorkerArguments.arguments(for: job, threadCount: 2, limits: limits, readable: readable))
        let verdict = try folder.text(of: isOperators ? "out/report.json" : "out/failure.json")
        #expect(exit == .exited(code: isOperators ? 0 : ExitStatus.unusableData.rawValue), "\(log) \(verdict)")
        #expect(
            verdict.contains(isOperators ? "foreign examples" : "'analysis.foreign' must be a path inside the drop's own folder"),
            "\(verdict)")
    }

    @Test(.enabled(if: support.landlockVersion > 0, "this kernel has \(support)"))
    func aFenceThatIsOnlyClaimedIsNotBelieved() async throws {
        let (exit, codes, log) = try await probe(["--sandbox=auto"], variables: [WorkerConfinement.guardVariable: "1"])
        #expect(exit == .exited(code: ExitStatus.internalError.rawValue) && codes.isEmpty)
        #expect(log.contains("keeping the worker out of / failed"), "\(log)")
    }

    @Test func aKernelWithoutAFenceIsSaid() {
        let none = SandboxSupport(landlockVersion: 0, hasCallFilter: true)
        #expect(!none.isWhole && none.description.hasPrefix("no Landlock") && none.description.hasSuffix("seccomp: system calls"))
        let failure = WorkerConfinement.missing(none)
        #expect(failure.status == .wrongConfiguration && failure.message.contains("worker.sandbox is require"))
        let whole = SandboxSupport(landlockVersion: 7, hasCallFilter: true)
        #expect(whole.isWhole && StatusReport.Sandbox(mode: .auto, support: whole).text.hasPrefix("Workers are fenced off ("))
        #expect(StatusReport.Sandbox(mode: .off, support: whole).text == "Workers are not fenced off (worker.sandbox: off).")
        #expect(StatusReport.Sandbox(mode: .auto, support: none).text.hasPrefix("Workers are not wholly fenced off: no Landlock"))
    }

    @Test func loadedFilesAreReadFromTheKernelsList() {
        let maps = """
            55d0-55d1 r-xp 00000000 08:01 1 /opt/with space/engram
            7f00-7f01 r--p 00000000 08:01 2 /lib/libdata.so
            7f01-7f02 r-xp 00001000 08:01 2 /lib/libm.so.6
            7f02-7f03 r-xp 00001000 08:01 2 /lib/libold.so (deleted)
            7ffd-7ffe r-xp 00000000 00:00 0 [vdso]
            """
        #expect(Confinement.loadedFiles(in: maps) == ["/lib/libm.so.6", "/opt/with space/engram"])
    }
}
