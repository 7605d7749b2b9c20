internal import EngramSystem
internal import Glibc
internal import Logging

extension SlurmQueue {
    // MARK: Submitting

    /// Submits what is due: what asks for the same in one array.
    func submit() async {
        guard silence == nil else { return }
        var groups: [SlurmRequest: [String]] = [:]
        for (token, entry) in entries where entry.phase == .unsubmitted && entry.worker.asked == nil {
            groups[entry.ticket.request, default: []].append(token)
        }
        for (request, tokens) in groups {
            let length = max(1, min(settings.arrayCount, arrayLimit))
            var rest = tokens.sorted { (entries[$0]?.attempt.id ?? "") < (entries[$1]?.attempt.id ?? "") }[...]
            while !rest.isEmpty, silence == nil {
                await submit(Array(rest.prefix(length)), request)
                rest = rest.dropFirst(length)
            }
        }
    }

    private func submit(_ tokens: [String], _ request: SlurmRequest) async {
        guard let first = tokens.first.flatMap({ entries[$0]?.attempt }) else { return }
        let isArray = tokens.count > 1
        let name = prefix + (isArray ? "array-" : first.id + "-") + String(Stamp.hex(randomBits(), digits: 16).prefix(8))
        let path = isArray ? "\(folder)/\(name).sh" : first.scriptPath
        var scripts: [String] = []
        do throws(DropError) {
            for (index, token) in tokens.enumerated() {
                guard var entry = entries[token] else { continue }
                (entry.ticket.name, entry.ticket.index) = (name, isArray ? index : nil)
                // Before the job can be there: who comes after this daemon has to find it.
                try entry.attempt.write(entry.ticket)
                entry.phase = .unclear(since: clock.monotonicSeconds())
                entries[token] = entry
                scripts.append(entry.attempt.scriptPath)
            }
            if isArray { try FileSystem().write(Array(SlurmScript.array(of: scripts).utf8), to: path, isDurable: false) }
        } catch {
            logger.warning("a job could not be submitted", metadata: ["reason": "\(error)"])
            for token in tokens { entries[token]?.phase = .unsubmitted }
            return
        }
        // Slurm has a copy of its own once it has the job.
        defer { if isArray { unlink(path) } }
        var arguments = [
            "--parsable", "--no-requeue", "--propagate=NONE", "--export=ALL", "--job-name=\(name)", "--chdir=/", "--output=/dev/null",
            "--error=/dev/null", "--comment=engram: " + (isArray ? "\(tokens.count) drops" : "drop \(first.id)"),
        ]
        arguments += request.arguments
        if isArray { arguments.append("--array=0-\(tokens.count - 1)") }
        let answer = await commands.run("sbatch", arguments + [path], limitSeconds: settings.commandSeconds)
        note(answer, of: tokens, isArray: isArray)
    }

    private func note(_ answer: SlurmCommands.Answer, of tokens: [String], isArray: Bool) {
        let now = clock.monotonicSeconds()
        if answer.isGood, SlurmListing.submitted(answer.lines) != nil {
            for token in tokens {
                entries[token]?.phase = .submitted
                entries[token]?.unclearCount = 0
            }
            expectNews()
        } else if SlurmCommands.isRefusal(answer.complaint) {
            let reason = SlurmCommands.reason(in: answer.complaint)
            let aboutCounts = ["array", "limit", "policy"]
            if isArray, aboutCounts.contains(where: reason.lowercased().contains) {
                // A limit of arrays, or of jobs at once; fewer may pass.
                logger.notice("an array was not taken", metadata: ["reason": "\(reason)", "drops": "\(tokens.count)"])
                arrayLimit = max(1, tokens.count / 4)
                for token in tokens { entries[token]?.phase = .unsubmitted }
                return
            }
            for token in tokens { refuse(token, reason) }
        } else {
            // It may be in the queue all the same: nothing is submitted before Slurm was asked for it.
            let complaint = answer.isOverLimit ? "sbatch took longer than \(Int(saturating: settings.commandSeconds)) s" : answer.complaint
            logger.notice("whether a job was accepted is not known", metadata: ["reason": "\(complaint)", "drops": "\(tokens.count)"])
            for token in tokens {
                entries[token]?.phase = .unclear(since: now)
                entries[token]?.unclearCount += 1
                if let entry = entries[token], entry.unclearCount >= 5 { refuse(token, "sbatch says: \(complaint)") }
            }
            nextQuestion = now
        }
    }

    /// Gives an attempt back whose job Slurm does not take; where a job began all the same, that is followed.
    private func refuse(_ token: String, _ reason: String) {
        guard let entry = entries[token] else { return }
        guard entry.attempt.takeBack() else {
            entries[token]?.phase = .unclear(since: clock.monotonicSeconds())
            return
        }
        finish(token, .refused(reason, request: entry.ticket.request, hasGrown: entry.hasGrown))
    }

    // MARK: Asking

    /// One question for all jobs of this user.
    func ask() async {
        let began = clock.monotonicSeconds()
        let arguments = ["--noheader", "--array", "--states=all", "--user=\(geteuid())", "--format=\(SlurmListing.queueFormat)"]
        let answer = await commands.run("squeue", arguments, limitSeconds: settings.commandSeconds)
        guard answer.isGood else { return noteSilence(answer) }
        if silence != nil { logger.notice("Slurm answers again") }
        silence = nil
        let before = entries.mapValues(\.sighting)
        let jobs = SlurmListing.jobs(in: answer.lines, prefix: prefix)
        let isCleaning = noteAnswered()
        let gone = apply(jobs, askedAt: began)
        if !gone.isEmpty { await askAccounting(gone) }
        await askExitCodes()
        strays = isCleaning ? unwanted(jobs) : []
        pace.shortestSeconds = settings.pollSeconds
        pace.noteAnswer(hasNews: entries.mapValues(\.sighting) != before || !gone.isEmpty)
        nextQuestion = clock.monotonicSeconds() + pace.pause(jitter: jitter())
    }

    private func noteSilence(_ answer: SlurmCommands.Answer) {
        let now = clock.monotonicSeconds()
        let complaint = answer.isOverLimit ? "squeue took longer than \(Int(saturating: settings.commandSeconds)) s" : answer.complaint
        if silence == nil {
            logger.warning("Slurm does not answer; its jobs are left as they are", metadata: ["reason": "\(complaint)"])
            silence = (now, complaint)
        }
        pace.noteFailure()
        nextQuestion = now + pace.pause(jitter: jitter())
    }

    /// Compares the attempts with what Slurm lists; returns those whose jobs it does not list any more.
    private func apply(_ jobs: [SlurmSighting], askedAt began: Double) -> [String] {
        var byName: [String: SlurmSighting] = [:]
        var byID: [String: SlurmSighting] = [:]
        for job in jobs {
            byName[Self.key(job.name, job.index)] = job
            byID[job.id] = job
        }
        var gone: [String] = []
        for (token, entry) in entries {
            guard entry.phase != .unsubmitted, let name = entry.ticket.name else { continue }
            // The job that works at the attempt counts, should there be two.
            let working = entry.attempt.workingJob.flatMap { byID[$0] }
            if let job = working ?? byName[Self.key(name, entry.ticket.index)] {
                entries[token]?.phase = .submitted
                entries[token]?.unclearCount = 0
                see(job, by: token)
            } else if case .unclear(let since) = entry.phase, !entry.attempt.hasBegun {
                // What `sbatch` sent last may be looked at later than a question that came after it.
                guard began - since >= min(5, settings.pollSeconds) else { continue }
                // Slurm has no such job, and none has begun.
                entries[token]?.phase = .unsubmitted
            } else if entry.phase == .submitted || entry.attempt.hasBegun {
                gone.append(token)
            }
        }
        return gone
    }

    private static func key(_ name: String, _ index: Int?) -> String { index.map { "\(name) \($0)" } ?? name }

    private func see(_ job: SlurmSighting, by token: String) {
        guard var entry = entries[token] else { return }
        entry.sighting = job
        defer { if entries[token] != nil { entries[token] = entry } }
        guard case .ended(let cause) = job.state else {
            entry.overSince = nil
            return
        }
        let now = clock.monotonicSeconds()
        let since = entry.overSince ?? now
        entry.overSince = since
        // A record that came while Slurm was asked is for the next look.
        guard entry.attempt.end() == nil else { return }
        let isUsual = [.completed, .failed, .launchFailure].contains(cause)
        // A record is to be expected of a job that ended by itself. Of another it may be on its way.
        let patience = isUsual && entry.exitCode == nil ? visibilitySeconds : 2 * settings.lookSeconds
        guard now - since >= patience else { return expectNews() }
        end(token, entry, SlurmVerdict(cause: cause, sighting: job, request: entry.ticket.request, exitCode: entry.exitCode))
    }

    /// An attempt is over without a record. What the daemon asked for itself is no failure.
    private func end(_ token: String, _ entry: Entry, _ verdict: SlurmVerdict) {
        var verdict = verdict
        if let asked = entry.worker.asked {
            verdict.exit = asked == SIGKILL ? .signalled(number: SIGKILL) : .exited(code: WorkerExit.temporaryFailureCode)
            (verdict.failure, verdict.larger) = (nil, nil)
        }
        finish(token, verdict)
    }

    /// Jobs that Slurm does not list any more: the accounting may know them; else their record decides, which may take a while to be seen.
    private func askAccounting(_ tokens: [String]) async {
        let now = clock.monotonicSeconds()
        let ids = tokens.compactMap { entries[$0]?.sighting?.id ?? entries[$0]?.attempt.workingJob }
        var jobs: [SlurmSighting] = []
        if !hasNoAccounting, !ids.isEmpty {
            let answer = await commands.run(
                "sacct",
                [
                    "--allocations", "--array", "--noheader", "--parsable2", "--jobs=\(ids.joined(separator: ","))",
                    "--format=\(SlurmListing.accountingFormat)",
                ], limitSeconds: settings.commandSeconds)
            if answer.isGood {
                jobs = SlurmListing.jobs(in: answer.lines.map { $0.replacing(" by ", with: "+by+") }, prefix: prefix)
            } else {
                hasNoAccounting = answer.complaint.contains("disabled")
                logger.info("Slurm has no accounting", metadata: ["reason": "\(answer.complaint)"])
            }
        }
        for token in tokens {
            guard let entry = entries[token] else { continue }
            let id = entry.sighting?.id ?? entry.attempt.workingJob
            if let job = jobs.last(where: { $0.id == id }), case .ended = job.state {
                see(job, by: token)
                continue
            }
            let since = entry.overSince ?? now
            entries[token]?.overSince = since
            if now - since >= visibilitySeconds, entry.attempt.end() == nil { end(token, entry, .gone(id: id)) }
        }
    }

    /// A job that ended at once says by its exit code why it could not begin.
    private func askExitCodes() async {
        for (token, entry) in entries {
            guard let job = entry.sighting, entry.exitCode == nil, let since = entry.overSince, job.state == .ended(.failed),
                clock.monotonicSeconds() - since >= 2 * settings.lookSeconds, entry.attempt.end() == nil
            else { continue }
            let answer = await commands.run("scontrol", ["show", "job", "--oneliner", job.id], limitSeconds: settings.commandSeconds)
            let codes = [SlurmScript.notSeenCode, SlurmScript.noProgramCode]
            guard let code = SlurmListing.exitCode(in: answer.lines), codes.contains(code) else { continue }
            entries[token]?.exitCode = code
        }
    }

    // MARK: Cancelling

    /// Attempts that the daemon does not want any more and that no job has begun are over at once.
    func takeBackUnbegun() {
        for (token, entry) in entries {
            guard let asked = entry.worker.asked, entry.phase == .unsubmitted || !entry.attempt.hasBegun, entry.attempt.takeBack() else {
                continue
            }
            var verdict = SlurmVerdict.gone(id: nil)
            verdict.exit = asked == SIGKILL ? .signalled(number: SIGKILL) : .exited(code: WorkerExit.temporaryFailureCode)
            verdict.failure = nil
            finish(token, verdict)
            // Its job is a stray from now on.
            if entry.phase != .unsubmitted { clean() }
        }
    }

    /// Passes on what the daemon asked of workers that are at work.
    func passSignalsOn() async {
        let now = clock.monotonicSeconds()
        var wanted: [Int32: [(token: String, id: String)]] = [:]
        for (token, entry) in entries {
            guard let asked = entry.worker.asked, asked == SIGKILL || silence == nil else { continue }
            if let sent = entry.sent, sent.signal == asked {
                // Slurm took it and lets the job linger, or the record does not come: its attempt is over all the same.
                if asked == SIGKILL, now - sent.at > max(10, 4 * settings.lookSeconds) { end(token, entry, .gone(id: entry.sighting?.id)) }
                continue
            }
            if let id = entry.attempt.workingJob ?? entry.sighting?.id {
                wanted[asked, default: []].append((token, id))
            } else if asked == SIGKILL, silence != nil {
                finish(token, .gone(id: nil), isLeftAtWork: true)
            }
        }
        for (signal, jobs) in wanted {
            for start in stride(from: 0, to: jobs.count, by: 200) {
                let part = jobs[start..<min(start + 200, jobs.count)]
                let options = signal == SIGKILL ? [] : ["--batch", "--signal=TERM"]
                let answer = await commands.run("scancel", options + part.map(\.id), limitSeconds: settings.commandSeconds)
                for (token, _) in part {
                    if answer.isGood {
                        entries[token]?.sent = (signal, clock.monotonicSeconds())
                    } else if signal == SIGKILL {
                        // Nobody can reach it: the next daemon finds it as it is.
                        finish(token, .gone(id: nil), isLeftAtWork: true)
                    }
                }
                if answer.isGood { expectNews() }
            }
        }
    }

    /// Jobs of this state folder that no attempt in the queue has asked for, or that another job works in the place of.
    private func unwanted(_ jobs: [SlurmSighting]) -> [SlurmSighting] {
        var wanted: Set<String> = []
        for entry in entries.values {
            if let name = entry.ticket.name { wanted.insert(Self.key(name, entry.ticket.index)) }
        }
        return jobs.filter { job in
            if case .ended = job.state { return false }
            return job.stateName != "COMPLETING" && !wanted.contains(Self.key(job.name, job.index))
        }
    }

    func cancelStrays() async {
        guard silence == nil, !strays.isEmpty else { return }
        let jobs = strays
        strays = []
        for start in stride(from: 0, to: jobs.count, by: 200) {
            let part = jobs[start..<min(start + 200, jobs.count)]
            logger.notice("jobs that no attempt wants are cancelled", metadata: ["jobs": "\(part.map(\.id).joined(separator: " "))"])
            _ = await commands.run("scancel", part.map(\.id), limitSeconds: settings.commandSeconds)
        }
        clean()
        expectNews()
    }
}
