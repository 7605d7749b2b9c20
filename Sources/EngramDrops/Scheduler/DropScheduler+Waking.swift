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
        let (now, moment) = (clock.secondsSinceEpoch(), clock.monotonicSeconds())
        var deadlines = parked.values.map(\.until).filter { $0 > moment && $0 < .infinity }
        for row in try ledger.rows(in: [.retrying]) {
            if let notBefore = row.notBefore, active[row.id] == nil { deadlines.append(moment + max(0, notBefore - now)) }
        }
        return deadlines.min()
    }
}
