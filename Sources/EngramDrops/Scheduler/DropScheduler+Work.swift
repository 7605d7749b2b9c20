internal import EngramSystem
internal import Glibc
internal import Logging
internal import Synchronization

extension DropScheduler {
    /// Takes one drop from state to state until it is done or has to wait.
    func workUntilParked(_ id: String) async {
        while true {
            let row: DropRow
            do {
                guard let current = try ledger.row(id), !current.state.isFinal, !current.state.isInInbox else { return }
                row = current
                guard try await advance(row) else { return }
            } catch {
                guard handle(error, of: id) else { return }
            }
        }
    }

    /// Does what the drop's state asks for; returns false when the drop has to wait.
    private func advance(_ row: DropRow) async throws(DropError) -> Bool {
        let place = place
        switch row.state {
        case .seen, .settling, .waiting, .ready, .rejected, .archived, .vanished: return false
        case .claiming:
            try await DedicatedThread.run { () throws(DropError) in try Claim(place: place).recover(row) }
        case .claimed, .retrying:
            guard !isDraining else { return false }
            guard try hasRoom(forClaimed: row) else { return false }
            guard try SourceCopy(place: place).isReliable(of: row) else {
                try await identify(row)
                return takeSlot(for: row.id)
            }
            if try await reuse(row) { return true }
            guard !isTwinAtWork(row) else {
                duplicates.insert(row.id)
                return false
            }
            if let closed = windows.train {
                try wait(row, closed)
                return false
            }
            guard try await passesGate(row) else { return false }
            return try await train(row)
        case .running:
            // Its worker ended, but the ledger could not be told (a full disk): the attempt is lost, its checkpoint is not.
            try ledger.move(row.id, to: .claimed, from: [.running], reason: "its attempt could not be concluded; it goes on") {
                Self.forgetWorker(&$0)
            }
        case .publishing:
            guard let token = row.token else { throw .staleAttempt(id: row.id, expected: "a token", found: "none") }
            if try isInWork(row), let change = try await change(of: row) {
                return try fail(row, token: token, with: ownFailure(row, .sourceChanged(what: change), stage: .publish))
            }
            let publisher = Publisher(place: place, versions: settings.versions)
            let published = try await reading(row.id) { () throws(DropError) in try publisher.publish(row.id, token: token) }
            let path = published.resultPath ?? folders.outbox
            summary.published.append(.init(name: row.name, detail: path))
            environment.observer(.published(id: row.id, name: row.name, path: path))
            logger.info("published", metadata: ["drop": "\(row.name)", "path": "\(path)"])
        case .published, .reused:
            // It reads the source once more, which the next start can do as well.
            let publisher = Publisher(place: watchedPlace, versions: settings.versions)
            let returned = try await reading(row.id) { () throws(DropError) in try publisher.archive(row.id) }
            if let returned {
                logger.warning(
                    "a source changed after it was learned; it is in the inbox again",
                    metadata: ["drop": "\(row.name)", "returned": "\(returned)"])
                isScanDue = true
            }
        case .rejecting:
            let rejected = try await DedicatedThread.run { () throws(DropError) in try Quarantine(place: place).finish(row.id) }
            announceRejection(rejected)
        }
        return true
    }

    func settingsPath(of row: DropRow) throws(DropError) -> String? {
        let path = folders.work(for: row.id).copy + "/" + row.entryName + InboxScanner.settingsSuffix
        guard (row.entryName + InboxScanner.settingsSuffix).utf8.count <= 255 else { return nil }
        return try environment.files.facts(of: path)?.kind == .file ? path : nil
    }

    /// Lets an earlier result stand for this drop, if there is one and it is in the outbox as it was published.
    private func reuse(_ row: DropRow) async throws(DropError) -> Bool {
        guard let content = row.contentSHA256, let fingerprint = row.settingsSHA256 else { return false }
        var unusable: Set<String> = [row.id]
        // Asked anew after each look at the disk: another drop of the same bytes may have been published meanwhile.
        while let earlier = try ledger.published(contentSHA256: content, settingsSHA256: fingerprint, besides: unusable) {
            if let result = earlier.resultPath, try environment.files.exists(result), try await isWhole(result, of: earlier) {
                try ledger.move(
                    row.id, to: .reused, from: [.claimed, .retrying],
                    reason: "the same bytes and settings were trained before, as \(earlier.name)"
                ) {
                    $0.resultPath = result
                    $0.reusedFrom = earlier.id
                    $0.foundKind = earlier.foundKind
                }
                summary.reused.append(.init(name: row.name, detail: result))
                environment.observer(.reused(id: row.id, name: row.name, path: result))
                return true
            }
            unusable.insert(earlier.id)
        }
        return false
    }

    /// Whether every file of a published result is what its manifest says; a result that lost one must not be the answer to its own source
    /// being dropped again.
    private func isWhole(_ result: String, of row: DropRow) async throws(DropError) -> Bool {
        let files = watchedPlace.files
        let verifier = ManifestVerifier(files: files)
        do throws(DropError) {
            let (manifest, findings) = try await DedicatedThread.run { () throws(DropError) in
                let manifest = try ResultManifest.read(from: result, files: files)
                return (manifest, try verifier.differences(from: manifest, in: result))
            }
            // Its owner may have moved it on, and another result of that name have come.
            guard manifest.origin.contentSHA256 == row.contentSHA256, manifest.origin.settingsSHA256 == row.settingsSHA256 else {
                return false
            }
            guard let first = findings.first else { return true }
            logger.warning(
                "an earlier result is damaged, so its source is trained again",
                metadata: ["drop": "\(row.name)", "path": "\(result)", "reason": "\(first)"])
        } catch {
            if case .interrupted = error { throw error }
            logger.warning(
                "an earlier result cannot be read, so its source is trained again",
                metadata: ["drop": "\(row.name)", "path": "\(result)", "reason": "\(error)"])
        }
        return false
    }

    private func isTwinAtWork(_ row: DropRow) -> Bool {
        guard let content = row.contentSHA256, let fingerprint = row.settingsSHA256 else { return false }
        let key = content + fingerprint
        if active.contains(where: { $0.key != row.id && $0.value.key == key }) { return true }
        active[row.id]?.key = key
        return false
    }

    // MARK: One attempt

    /// Runs one worker and writes down how it ended.
    private func train(_ row: DropRow) async throws(DropError) -> Bool {
        let bits = environment.randomBits
        let token = Stamp.hex(bits(), digits: 16) + Stamp.hex(bits(), digits: 16)
        let attempt = row.attempt + 1
        let running = try ledger.move(row.id, to: .running, from: [.claimed, .retrying], reason: "attempt \(attempt)") {
            $0.token = token
            $0.attempt = attempt
            $0.notBefore = nil
            $0.resultPath = nil
        }
        let worker = try start(running, token: token)
        active[row.id]?.worker = worker
        // A drain that began a moment ago did not see this worker.
        if isDraining { worker.send(signal: SIGTERM) }
        do throws(DropError) {
            if !worker.isRemote {
                try ledger.move(row.id, to: .running, from: [.running], token: token, reason: running.reason) {
                    $0.workerProcess = Int(worker.processID)
                    $0.workerStart = worker.startTicks
                }
            }
        } catch {
            worker.send(signal: SIGKILL)
            _ = await worker.wait()
            active[row.id]?.worker = nil
            throw error
        }
        environment.observer(.started(id: row.id, name: row.name, attempt: attempt, processID: worker.processID))
        logger.info("at work", metadata: ["drop": "\(row.name)", "id": "\(row.id)", "attempt": "\(attempt)"])
        return try await attend(running, token: token, worker: worker)
    }

    private func start(_ row: DropRow, token: String) throws(DropError) -> any WorkerHandle {
        let work = folders.work(for: row.id)
        let output = work.output(token: token)
        try environment.files.createFolder(output)
        let job = WorkerJob(
            id: row.id, job: row.job, name: row.entryName, attempt: row.attempt, token: token,
            inputPath: work.copy + "/" + row.entryName,
            settingsPath: try settingsPath(of: row),
            configPath: try place.configuration(of: row.id) ?? settings.configPath, outputPath: output, checkpointPath: work.checkpoint)
        return try executor.start(job, onLine: progressListener(row))
    }

    /// Waits for a worker and writes down how its attempt ended.
    func attend(_ row: DropRow, token: String, worker: any WorkerHandle) async throws(DropError) -> Bool {
        let deadline = worker.limitWallTime(to: settings.workerSeconds, graceSeconds: settings.workerGraceSeconds, clock: clock)
        let end = await worker.wait()
        deadline.cancel()
        active[row.id]?.worker = nil
        // The ledger names the attempt, and the next daemon looks for it.
        if end.isLeftAtWork { return false }
        let death = WorkerDeath(
            exit: end.exit, overrun: end.overrun, isMemoryKillLikely: end.isMemoryKillLikely, limits: settings.workerLimits)
        return try conclude(row, token: token, end: end, death: death)
    }

    func progressListener(_ row: DropRow) -> @Sendable ([UInt8]) -> Void {
        let recorder = ProgressRecorder(path: folders.work(for: row.id).progress, clock: clock)
        let observer = environment.observer
        return { line in
            recorder.record(line)
            observer(.progress(id: row.id, name: row.name, line: line))
        }
    }

    /// Writes down how an attempt ended; returns false when the drop has to wait.
    private func conclude(_ row: DropRow, token: String, end: WorkerEnd, death: WorkerDeath) throws(DropError) -> Bool {
        let output = folders.work(for: row.id).output(token: token)
        let isDraining = isDraining || windows.stopsTraining
        let left = ErrorFile.left(in: output, files: environment.files)
        let isEmpty = try environment.files.rawNames(in: output).isEmpty
        switch end.exit {
        case .exited(0) where !isEmpty:
            let checkpoint = folders.work(for: row.id).checkpoint
            let kind = end.job ?? WorkerExitRecord.job(token: token, in: checkpoint, files: environment.files)
            try ledger.move(row.id, to: .publishing, from: [.running], token: token, reason: "the worker is done") {
                if let kind { $0.foundKind = kind }
            }
            return true
        case .exited(0) where !isDraining:
            return try fail(row, token: token, with: Self.emptyResult)
        case _ where death.overrun != nil:
            // It ended because it was told to, whatever it says itself.
            return try fail(row, token: token, with: death.failure)
        case _ where end.failure != nil && !(isDraining && end.failure?.isRetryable == true):
            return try fail(row, token: token, with: end.failure ?? death.failure)
        case .exited(let code)
        where code != 0 && code != WorkerExit.temporaryFailureCode && left?.isRetryable != true && !(isDraining && left == nil):
            return try fail(row, token: token, with: left ?? death.failure)
        case .unseen where !isDraining && left?.isRetryable == false:
            return try fail(row, token: token, with: left ?? death.failure)
        case .signalled where !isDraining && left == nil && !death.isRetryable:
            return try fail(row, token: token, with: death.failure)
        default: break
        }
        if isDraining {
            try ledger.move(
                row.id, to: .claimed, from: [.running], token: token, reason: windows.train ?? "interrupted; it goes on at the next start"
            ) {
                Self.forgetWorker(&$0)
            }
            environment.observer(.interrupted(id: row.id, name: row.name))
            return false
        }
        var failure = left ?? death.failure
        failure.isRetryable = true
        return try fail(row, token: token, with: failure)
    }

    private static let emptyResult = Failure(
        stage: .worker, code: "empty-result", message: "the worker ended well and left no result", expected: "files in its output folder",
        found: "an empty folder", remedy: "read worker.log")

    static func forgetWorker(_ row: inout DropRow) {
        row.token = nil
        row.workerProcess = nil
        row.workerStart = nil
    }

    // MARK: Failures

    /// Tries again later, or rejects for good. Returns false: either way this drop has nothing to do now.
    func fail(_ row: DropRow, token: String?, with failure: Failure) throws(DropError) -> Bool {
        if failure.isWaiting { return try waitForOthers(row, token: token, with: failure) }
        let failureCount = row.failureCount + 1
        guard failure.isRetryable, failureCount < settings.attemptLimit else {
            var final = failure
            if failure.isRetryable { final.message += " (\(failureCount) attempts)" }
            announceRejection(try Quarantine(place: place).reject(row, final, at: clock.secondsSinceEpoch(), token: token))
            return false
        }
        try tryAgain(row, token: token, with: failure, failureCount: failureCount, after: settings.backoff(failureCount: failureCount))
        return false
    }

    /// Waiting for what is not the drop's own says nothing about it, so it is no failed attempt. Memory that does not come is given up in the
    /// end; a program that is not there is waited for without end, since no drop could be worked on any better.
    private func waitForOthers(_ row: DropRow, token: String?, with failure: Failure) throws(DropError) -> Bool {
        let count = (waitCounts[row.id] ?? 0) + 1
        waitCounts[row.id] = count
        var said = failure
        if failure.code == Failure.waitingCode {
            let limit = settings.waitLimit
            guard count <= limit else {
                said.message += " (it waited \(limit) times)"
                announceRejection(try Quarantine(place: place).reject(row, said, at: clock.secondsSinceEpoch(), token: token))
                return false
            }
            said.message += " (waiting, \(count) of \(limit))"
        }
        try tryAgain(row, token: token, with: said, failureCount: row.failureCount, after: settings.backoff(failureCount: count))
        return false
    }

    private func tryAgain(
        _ row: DropRow, token: String?, with failure: Failure, failureCount: Int, after wait: Double
    ) throws(DropError) {
        let notBefore = clock.secondsSinceEpoch() + wait
        retryMoments[row.id] = (notBefore, clock.monotonicSeconds() + wait)
        try ledger.move(
            row.id, to: .retrying, from: [.claimed, .retrying, .running, .publishing], token: token, reason: failure.message
        ) {
            Self.forgetWorker(&$0)
            $0.failureCount = failureCount
            $0.failureCode = failure.code
            $0.failureIsRetryable = true
            $0.notBefore = notBefore
            $0.resultPath = nil
            if failure.code == Self.sourceChangedCode { $0.forgetContent() }
        }
        environment.observer(.postponed(id: row.id, name: row.name, reason: failure.message, seconds: wait))
        logger.warning("tried again later", metadata: ["drop": "\(row.name)", "reason": "\(failure.message)", "seconds": "\(wait)"])
    }

    private func announceRejection(_ row: DropRow) {
        let path = row.resultPath ?? folders.rejected
        summary.rejected.append(.init(name: row.name, detail: row.reason))
        environment.observer(.rejected(id: row.id, name: row.name, path: path, reason: row.reason))
        logger.warning("rejected", metadata: ["drop": "\(row.name)", "path": "\(path)", "reason": "\(row.reason)"])
    }

    /// Decides what an error of our own means for the drop; returns whether to go on with it at once.
    func handle(_ error: DropError, of id: String) -> Bool {
        if case .interrupted = error {
            // The run ends; the next one goes on from the same state.
            return false
        }
        logger.error("a drop could not be gone on with", metadata: ["id": "\(id)", "reason": "\(error)"])
        if case .staleAttempt = error {
            // Somebody else took it further; the ledger is right.
            park(id, because: error)
            return false
        }
        do throws(DropError) {
            guard let row = try ledger.row(id) else { return false }
            // Without an output folder the rename to the outbox is done: what fails then must not undo or repeat it.
            let hasOutput = try isInWork(row)
            switch row.state {
            case .claimed, .retrying, .running:
                return try fail(row, token: nil, with: ownFailure(row, error, stage: .worker))
            case .publishing where error.isFailedFlush && hasOutput:
                // The kernel may have dropped what it could not write: flushing again would only look like success.
                return try fail(row, token: nil, with: ownFailure(row, error, stage: .publish))
            case .publishing where error.isFailedFlush, .published where error.isFailedFlush, .rejecting where error.isFailedFlush:
                // The rename is done and visible, but not known to be durable. To do the work again would publish it twice, and to flush
                // again would prove nothing: the source stays where it is until the next start.
                parked[id] = Parked(until: .infinity, count: 0, reason: "\(error)")
                return false
            case .publishing where error.isAboutContent && hasOutput:
                return try fail(row, token: nil, with: ownFailure(row, error, stage: .publish))
            default:
                // The result, or the verdict, is safe in the work folder: only its last steps are tried again, and as often as it takes. An
                // outbox that is not there, or another, says nothing about the drop.
                park(id, because: error)
                return false
            }
        } catch {
            logger.error("the ledger could not be told", metadata: ["id": "\(id)", "reason": "\(error)"])
            park(id, because: error)
            return false
        }
    }

    func isInWork(_ row: DropRow) throws(DropError) -> Bool {
        guard let token = row.token else { return false }
        return try environment.files.exists(folders.work(for: row.id).output(token: token))
    }

    private func ownFailure(_ row: DropRow, _ error: DropError, stage: Failure.Stage) -> Failure {
        let (code, isRetryable): (String, Bool) =
            switch error {
            case .sourceChanged: (Self.sourceChangedCode, true)
            case .fileTooLong: ("over-limit", false)
            // Too many arguments would be the drop's own fault; nothing else is.
            case .workerNotStarted(_, let code) where code != E2BIG: (Failure.notStartedCode, true)
            default: (error.isRetryable ? "environment" : "unusable", error.isRetryable || error.isFailedFlush)
            }
        // Where it lies at the moment is of no use to whoever reads this later.
        let work = folders.work(for: row.id)
        let message = "\(error)".replacing(work.input + "/", with: "").replacing(work.copy + "/", with: "")
        return Failure(stage: stage, code: code, message: message, isRetryable: isRetryable)
    }
}

extension DropError {
    /// Whether it is about what was found, and not about the place where it should go.
    var isAboutContent: Bool {
        switch self {
        case .emptyResult, .unexpectedEntry, .unusableName, .system("opening", _, ELOOP): true
        default: false
        }
    }

    var isFailedFlush: Bool {
        guard case .system("flushing", _, _) = self else { return false }
        return true
    }
}

/// Keeps the latest progress line in a file, for `engram status`.
private final class ProgressRecorder: Sendable {
    private let path: String
    private let clock: any DropClock
    private let nextWrite = Mutex(-Double.infinity)

    init(path: String, clock: any DropClock) {
        self.path = path
        self.clock = clock
    }

    func record(_ line: [UInt8]) {
        let now = clock.monotonicSeconds()
        // Twice a second is as often as anybody looks.
        let isDue = nextWrite.withLock { next in
            guard now >= next else { return false }
            next = now + 0.5
            return true
        }
        // Progress is a courtesy: a failed write costs nothing but the look.
        if isDue { try? FileSystem().write(line, to: path, isDurable: false) }
    }
}
