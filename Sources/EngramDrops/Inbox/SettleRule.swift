internal import EngramSystem

/// Decides when an entry is all there: its sizes and times no longer change, and its formats say that they are complete.
package struct SettleRule: Equatable, Sendable {
    /// Seconds without a change; 5 because scanners and copiers pause for less.
    package var settleSeconds: Double
    /// Seconds after which a stable entry that looks incomplete is handed over, so that the decoder says what is wrong with it.
    package var patienceSeconds: Double
    /// Seconds after which an unchanged entry that only its owner could complete, such as an empty file, is handed over as well and rejected.
    package var giveUpSeconds: Double
    /// One pass over the inbox (`--once`): it did not see the last change, so both waits begin with the last modification.
    package var isSinglePass: Bool

    /// Creates the rule.
    package init(settleSeconds: Double = 5, patienceSeconds: Double = 60, giveUpSeconds: Double = 86_400, isSinglePass: Bool = false) {
        self.settleSeconds = settleSeconds
        self.patienceSeconds = patienceSeconds
        self.giveUpSeconds = giveUpSeconds
        self.isSinglePass = isSinglePass
    }

    /// A folder has to be quiet for so many times the longest pause between two of its files, because whoever writes one file after the other
    /// pauses for about as long each time.
    static let pauseFactor = 3.0
    /// A folder with a single file does not tell how long its writer pauses, and a film of one frame is seldom meant: so many times
    /// `settleSeconds`.
    static let singleFileFactor = 12.0
    /// The most that a pause is waited for, seconds: what comes later is another drop.
    static let longestQuietSeconds = 300.0

    /// Seconds without a change that an entry needs.
    func quietSeconds(for snapshot: TreeSnapshot) -> Double {
        // 0: its operator wants no waiting.
        guard snapshot.isFolder, settleSeconds > 0 else { return settleSeconds }
        let count = snapshot.files.count { !SettingsName.isInside($0.relativePath) }
        let pause = count == 1 ? Self.singleFileFactor * settleSeconds : Self.pauseFactor * snapshot.longestPauseSeconds
        return max(settleSeconds, min(pause, Self.longestQuietSeconds))
    }

    /// What to do with an entry now.
    package enum Verdict: Equatable, Sendable {
        /// Claim it. `reason` says why it is thought to be all there.
        case ready(reason: String)
        /// Look again at `until` (monotonic seconds); nil: only a change of the entry can help.
        case wait(reason: String, until: Double?)
        /// It cannot be read, or not be taken out of the inbox, as it is; `until` as above.
        case blocked(reason: String, until: Double?)
    }

    /// What is known about one entry from earlier looks.
    struct Memory: Sendable {
        var snapshot: TreeSnapshot
        /// When the entry is thought to have become what it is, monotonic seconds.
        var since: Double
        /// When it came, monotonic seconds: copiers give a file the times of its original, which may be years old.
        var arrivedAt: Double
        /// What the formats say about this snapshot, once asked.
        var completeness: EntryCompleteness?
    }

    /// - Parameters:
    ///   - memory: From earlier looks; updated.
    ///   - snapshot: The entry now.
    ///   - isMarkedDone: There is a `NAME.done`.
    ///   - wasMovedIn: It came by a rename, so it was complete when it came.
    ///   - clock: For the age of the entry.
    ///   - completeness: Asked at most once for a snapshot, and only when the answer matters: it reads the files.
    func verdict(
        memory: inout Memory?, snapshot: TreeSnapshot, isMarkedDone: Bool, wasMovedIn: Bool, clock: any DropClock,
        completeness: () throws(DropError) -> EntryCompleteness
    ) throws(DropError) -> Verdict {
        let now = clock.monotonicSeconds()
        if memory?.snapshot != snapshot {
            // A change between two looks happened now, whatever time its author gave it; a time to come is no beginning either.
            let isFirst = isSinglePass && memory == nil
            func age(_ moment: Double) -> Double { isFirst ? max(0, clock.secondsSinceEpoch() - moment) : 0 }
            memory = Memory(
                snapshot: snapshot, since: now - age(snapshot.newestModification),
                arrivedAt: now - age(max(snapshot.newestModification, snapshot.newestArrival)))
        }
        let since = memory?.since ?? now
        let arrivedAt = memory?.arrivedAt ?? now

        if isMarkedDone { return .ready(reason: "its done marker is there") }
        if !snapshot.isFolder, snapshot.byteCount == 0 {
            return awaiting("it is empty; waiting for its content", since: arrivedAt, now: now)
        }
        let quiet = quietSeconds(for: snapshot)
        let settledAt = wasMovedIn ? since : since + quiet
        guard now >= settledAt else {
            let grows = quiet > settleSeconds ? " (its files come slowly; a rename into the inbox, or NAME.done, ends the wait)" : ""
            return .wait(reason: "waiting until it stops changing" + grows, until: settledAt)
        }

        let found = if let known = memory?.completeness { known } else { try completeness() }
        memory?.completeness = found
        switch found {
        case .complete:
            return .ready(reason: wasMovedIn ? "it was renamed into the inbox and is complete" : "it is stable and complete")
        case .awaited(let reason):
            return awaiting(reason, since: arrivedAt, now: now)
        case .incomplete(let reason):
            let givenUpAt = since + max(settleSeconds, patienceSeconds)
            guard now >= givenUpAt else { return .wait(reason: "waiting for the rest: \(reason)", until: givenUpAt) }
            return .ready(reason: "it no longer changes, though \(reason)")
        }
    }

    /// The verdict on what waits for its owner: a long time, and not without end.
    func awaiting(_ reason: String, since: Double, now: Double) -> Verdict {
        guard now - since >= max(settleSeconds, giveUpSeconds) else { return .wait(reason: reason, until: nil) }
        return .ready(reason: "nothing came of it for \(DurationName.text(giveUpSeconds)) (give_up_after): \(reason)")
    }
}
