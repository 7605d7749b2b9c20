extension DropScheduler {
    // MARK: Waking

    func inboxChanged(_ change: InboxWatcher.Change) {
        for name in change.movedIn { tracker.noteMovedIn(name) }
        isScanDue = true
        wake()
    }

    func wake() {
        isWakePending = true
        resumeLoop()
    }

    func resumeLoop() {
        waiter?.resume()
        waiter = nil
    }

    /// Waits until the loop that works on the inbox has come round to hear it. A loop that hangs does not answer.
    /// - Returns: false, at once, when the loop has ended.
    package func pulse() async -> Bool {
        guard !isOver else { return false }
        return await withCheckedContinuation { continuation in
            pulses.append(continuation)
            resumeLoop()
        }
    }

    func answerPulses() {
        for pulse in pulses { pulse.resume(returning: !isOver) }
        pulses = []
    }

    func endPulses() {
        isOver = true
        answerPulses()
    }

    func waitForWake(until deadline: Double?) async {
        answerPulses()
        guard !isWakePending else {
            isWakePending = false
            return
        }
        let timer = deadline.map { deadline in
            Task { [clock] in
                await clock.sleep(seconds: max(0, deadline - clock.monotonicSeconds()))
                if !Task.isCancelled { self.wake() }
            }
        }
        while !isWakePending {
            await withCheckedContinuation { waiter = $0 }
            answerPulses()
        }
        timer?.cancel()
        isWakePending = false
    }

    /// When something is due without anything happening, monotonic seconds.
    func nextDeadline() throws(DropError) -> Double? {
        let moment = clock.monotonicSeconds()
        var deadlines = [scanDeadline, windows.nextChange, try nextRetry()].compactMap { $0 }
        if pauseReason != nil || !needs.isEmpty { deadlines.append(moment + DiskAdmission.recheckSeconds) }
        return deadlines.min()
    }

    /// When the next drop that failed may be tried again, monotonic seconds.
    func nextRetry() throws(DropError) -> Double? {
        let moment = clock.monotonicSeconds()
        var deadlines = parked.values.map(\.until).filter { $0 > moment && $0 < .infinity }
        for row in try ledger.rows(in: [.retrying]) {
            if active[row.id] == nil, let due = dueMoment(of: row) { deadlines.append(max(moment, due)) }
        }
        return deadlines.min()
    }

    /// When a drop that failed is due, monotonic seconds; nil for one that need not wait.
    ///
    /// The ledger has the moment by the real-time clock, for other processes and the next start. That clock may be set, so this run counts by
    /// the other one, and nothing waits for longer than the longest step.
    func dueMoment(of row: DropRow) -> Double? {
        guard let notBefore = row.notBefore else { return nil }
        let (now, moment) = (clock.secondsSinceEpoch(), clock.monotonicSeconds())
        let longest = max(settings.firstBackoffSeconds, settings.longestBackoffSeconds)
        var due = moment + min(max(0, notBefore - now), longest)
        if let known = retryMoments[row.id], known.notBefore == notBefore { due = known.moment }
        var said = notBefore
        if notBefore - now > longest {
            // The clock was set back; `status` has to say what is so.
            said = now + max(0, due - moment)
            let corrected = said
            _ = try? ledger.move(row.id, to: row.state, from: [row.state], reason: row.reason) { $0.notBefore = corrected }
        }
        retryMoments[row.id] = (said, due)
        return due
    }
}
