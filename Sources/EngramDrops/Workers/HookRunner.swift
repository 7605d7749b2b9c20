internal import Glibc
package import Logging
internal import Synchronization

/// Programs of the operator that are asked or told about drops: children of the daemon, outside of the workers' sandbox.
///
/// Each gets a JSON text (`engram-hook/1`) on its standard input. What `before` answers decides about the drop; what the others do is
/// logged if it fails and changes nothing.
package final class HookRunner: Sendable {
    /// The programs.
    package struct Commands: Equatable, Sendable {
        /// Program and arguments; empty for none.
        package var before: [String]
        /// Program and arguments; empty for none.
        package var after: [String]
        /// Program and arguments; empty for none.
        package var failure: [String]
        /// Program and arguments; empty for none.
        package var digest: [String]
        /// The longest that one may run.
        package var timeoutSeconds: Double

        /// Creates the commands.
        package init(
            before: [String] = [], after: [String] = [], failure: [String] = [], digest: [String] = [], timeoutSeconds: Double = 30
        ) {
            self.digest = digest
            self.before = before
            self.after = after
            self.failure = failure
            self.timeoutSeconds = timeoutSeconds
        }
    }

    private struct State {
        var commands: Commands
        var last: Task<Void, Never>?
        var waitingCount = 0
        var isAbandoned = false
        var asked: [String: Task<DropGateVerdict, Never>] = [:]
    }

    private let folders: DropFolders
    private let environment: [String: String]
    private let ledger: Ledger
    private let files: FileSystem
    private let clock: any DropClock
    private let logger: Logger
    private let state: Mutex<State>

    /// Creates the runner.
    /// - Parameters:
    ///   - folders: Where drops lie, and what the programs get and say.
    ///   - environment: Of the programs.
    package init(
        _ commands: Commands, folders: DropFolders, environment: [String: String], ledger: Ledger, files: FileSystem = FileSystem(),
        clock: any DropClock = SystemDropClock(), logger: Logger
    ) {
        self.folders = folders
        self.environment = environment
        self.ledger = ledger
        self.files = files
        self.clock = clock
        self.logger = logger
        state = Mutex(State(commands: commands))
    }

    /// Takes other commands for what comes from now on.
    package func use(_ commands: Commands) { state.withLock { $0.commands = commands } }

    /// Asks `before` about a drop: exit code 0 lets it pass, 75 holds it, any other refuses it with the first line of standard output for a
    /// reason. A program that cannot be started, or takes too long, holds: it may be there to keep something out.
    package func verdict(on row: DropRow) async -> DropGateVerdict {
        let commands = state.withLock { $0.commands }
        guard !commands.before.isEmpty else { return .proceed }
        // A task of its own, so that `stopAsking` can end it.
        let task = Task { await self.ask(row, commands) }
        state.withLock { $0.asked[row.id] = task }
        defer { state.withLock { $0.asked[row.id] = nil } }
        return await task.value
    }

    /// Tells `after` or `failure` of an event that one of them is about, one at a time and in order.
    package func note(_ event: DropEvent) {
        switch event {
        case .published(let id, _, _), .reused(let id, _, _): tell("after", id) { $0.after }
        case .rejected(let id, _, _, _): tell("failure", id) { $0.failure }
        case .waiting, .claimed, .started, .progress, .postponed, .interrupted: break
        }
    }

    /// Tells `digest` of a new digest, whose text is put on its standard input.
    package func tellOfDigest(at path: String) {
        enqueue("digest", about: "a digest") {
            $0.digest
        } _: { [self] words, limit throws(DropError) in
            try await run(words, "digest", input: path, limit)
        }
    }

    /// Ends what is asked now: the daemon ends, and the drops will be asked about again.
    package func stopAsking() { for task in state.withLock({ Array($0.asked.values) }) { task.cancel() } }

    /// Waits until everybody was told.
    package func finish() async {
        // What is noted while this waits is waited for as well.
        while let last = state.withLock({ state in state.waitingCount > 0 ? state.last : nil }) { await last.value }
    }

    /// Ends what runs, and tells nobody any more.
    package func abandon() {
        let last = state.withLock { state in
            state.isAbandoned = true
            return state.last
        }
        last?.cancel()
    }

    private func ask(_ row: DropRow, _ commands: Commands) async -> DropGateVerdict {
        do throws(DropError) {
            let result = try await run(commands.before, "before", row, commands.timeoutSeconds)
            if result.isCancelled { return .hold(reason: "the daemon ended while the hook before was asked") }
            if result.isOverLimit {
                return .hold(reason: "the hook before took longer than \(Int(saturating: commands.timeoutSeconds)) s; it is asked again")
            }
            switch result.exit {
            case .exited(0): return .proceed
            case .exited(WorkerExit.temporaryFailureCode):
                return .hold(reason: "the hook before holds it: \(result.lines.first ?? "without a reason")")
            case .exited(let code):
                return .refuse(reason: "the hook before refused it: \(result.lines.first ?? "exit code \(code)")")
            case .signalled(let number): return .hold(reason: "the hook before was ended by signal \(number); it is asked again")
            case .unseen: return .hold(reason: "how the hook before ended was not seen; it is asked again")
            }
        } catch {
            return .hold(reason: "the hook before could not be asked: \(error)")
        }
    }

    private func tell(_ name: String, _ id: String, _ command: (Commands) -> [String]) {
        enqueue(name, about: id, command) { [self] words, limit throws(DropError) in
            guard let row = try ledger.row(id) else { return nil }
            return try await run(words, name, row, limit)
        }
    }

    /// Runs a program once those before it are done.
    /// - Parameter body: Runs the program, by its words and the longest that it may take; nil where there is nothing to tell.
    private func enqueue(
        _ name: String, about subject: String, _ command: (Commands) -> [String],
        _ body: @escaping @Sendable ([String], Double) async throws(DropError) -> ChildCommand.Result?
    ) {
        state.withLock { state in
            let words = command(state.commands)
            guard !words.isEmpty else { return }
            let (limit, earlier) = (state.commands.timeoutSeconds, state.last)
            state.waitingCount += 1
            state.last = Task { [self] in
                await withTaskCancellationHandler {
                    await earlier?.value
                } onCancel: {
                    earlier?.cancel()
                }
                await tell(name, subject, limit) { () async throws(DropError) in try await body(words, limit) }
                self.state.withLock { $0.waitingCount -= 1 }
            }
        }
    }

    private func tell(
        _ name: String, _ subject: String, _ limit: Double, _ body: () async throws(DropError) -> ChildCommand.Result?
    ) async {
        guard !Task.isCancelled, !state.withLock({ $0.isAbandoned }) else {
            return logger.warning("a hook was not run, since the daemon ended", metadata: ["hook": "\(name)", "id": "\(subject)"])
        }
        do throws(DropError) {
            guard let result = try await body(), result.exit != .exited(code: 0) else { return }
            let how =
                switch result.exit {
                case _ where result.isOverLimit: "it took longer than \(Int(saturating: limit)) s"
                case .exited(let code): "exit code \(code)"
                case .signalled(let number): "ended by signal \(number)"
                case .unseen: "how it ended was not seen"
                }
            logger.warning(
                "a hook failed",
                metadata: ["hook": "\(name)", "id": "\(subject)", "reason": "\(how)", "said": "\(result.lines.last ?? "")"])
        } catch {
            logger.warning("a hook failed", metadata: ["hook": "\(name)", "id": "\(subject)", "reason": "\(error)"])
        }
    }

    private func run(_ words: [String], _ name: String, _ row: DropRow, _ limit: Double) async throws(DropError) -> ChildCommand.Result {
        try files.createFolder(folders.hooks, mode: 0o700)
        let event = "\(folders.hooks)/\(name)-\(row.id).json"
        try files.write(json(name, row).encoded(), to: event, isDurable: false)
        defer { unlink(event) }
        return try await run(words, name, input: event, limit)
    }

    /// Runs a program with a file on its standard input.
    private func run(_ words: [String], _ name: String, input: String, _ limit: Double) async throws(DropError) -> ChildCommand.Result {
        guard let program = words.first, access(program, X_OK) == 0 else {
            throw .workerNotStarted(executable: words.first ?? "", code: errno)
        }
        let folder = folders.hooks
        try files.createFolder(folder, mode: 0o700)
        let log = "\(folder)/\(name).log"
        // What earlier runs said is of no use any more.
        if let facts = try files.facts(of: log), facts.byteCount > 1 << 20 { try files.removeTree(log) }
        // The shell puts the file on standard input and becomes the program.
        let launch = WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", #"exec <"$0" && exec "$@""#, input] + words, environment: environment,
            workingFolder: folder, logPath: log)
        return try await ChildCommand.run(launch, limitSeconds: limit, graceSeconds: 2, clock: clock)
    }

    private func json(_ name: String, _ row: DropRow) -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        // A published drop is on its way to the archive, or there already.
        let source = name == "after" ? folders.archive(for: row.id) + "/" + row.entryName : row.path
        return .object([
            .init("schema", .string("engram-hook/1")), .init("event", .string(name)), .init("id", .string(row.id)),
            .init("name", .string(row.name)), .init("state", .string(row.state.rawValue)), .init("reason", .string(row.reason)),
            .init("attempt", .integer(Int64(row.attempt + (name == "before" ? 1 : 0)))), .init("source", .string(source)),
            .init("result", text(row.resultPath)),
            .init("reused", .bool(row.reusedFrom != nil)), .init("content_sha256", text(row.contentSHA256)),
            .init("settings_sha256", text(row.settingsSHA256)), .init("at", .string(Stamp.iso8601(clock.secondsSinceEpoch()))),
        ])
    }
}

extension DropFolders {
    /// What hooks get and say.
    package var hooks: String { state + "/hooks" }
}
