internal import Logging

extension DropScheduler {
    // MARK: The inbox

    /// An inbox whose file system is gone looks empty, and what was in it would be written down as gone.
    func checkInbox() throws(DropError) {
        // Read once, at the start: the state folder may vanish with the inbox. Folders that were prepared without a marker have none.
        if marker == nil { marker = try InboxMarker.read(folders.markerPath, files: environment.files) }
        guard let marker else { return }
        let facts = try environment.files.facts(of: folders.inbox)
        do throws(DropError) {
            try InboxMarker.check(folders.inbox, against: marker, files: environment.files)
            if inboxIdentity == nil, let facts { inboxIdentity = (facts.device, facts.inode) }
        } catch {
            // The very folder that it was, with the state folder's own copy in its place: only the file was taken away or written over, as
            // whoever may drop something can do.
            guard let facts, let known = inboxIdentity, known == (facts.device, facts.inode),
                try InboxMarker.read(folders.markerPath, files: environment.files) == marker
            else { throw error }
            logger.warning(
                "the inbox lost its marker and gets it again; it is the same folder",
                metadata: ["inbox": "\(folders.inbox)", "reason": "\(error)"])
            // Something that cannot be written over may have its name; while this runs, the folder itself is known.
            try? marker.write(into: folders.inbox, files: environment.files)
        }
    }

    /// When the next look at the inbox is due, nil while nothing asks for one. Monotonic seconds.
    var scanDeadline: Double? {
        let asked = isScanDue ? -.infinity : settleDeadline
        return readyQueue.isEmpty ? asked : asked.map { max($0, scanPace.earliest) }
    }

    func scanInbox() throws(DropError) {
        let start = clock.monotonicSeconds()
        defer { scanPace.didScan(from: start, to: clock.monotonicSeconds()) }
        isScanDue = false
        try checkInbox()
        let entries = try InboxScanner(inbox: folders.inbox, files: environment.files).scan()
        // It may have gone between the two; what was listed then is not believed.
        try checkInbox()
        tracker.keepOnly(entries.map(\.name))
        settleDeadline = nil
        isMemoryAwaited = false
        blocked = []
        var observations: [InboxObservation] = []
        for entry in entries {
            guard let (state, reason) = try standingOrTrouble(of: entry, among: entries) else { continue }
            observations.append(
                InboxObservation(name: entry.name, path: folders.inbox + "/" + entry.name, state: state, reason: reason))
        }
        let now = clock.secondsSinceEpoch()
        let bits = environment.randomBits
        let rows = try ledger.recordInbox(observations) {
            Stamp.identifier(secondsSinceEpoch: now, random: bits())
        }
        let marked = Set(entries.filter { $0.kind.isMarkedDone }.map { Array($0.name.utf8) })
        readyQueue = rows.reversed().filter { $0.state == .ready }.map {
            Ready(row: $0, isMarkedDone: marked.contains(Array($0.name.utf8)))
        }
        for row in rows where row.state == .waiting && row.updatedAt == now {
            environment.observer(.waiting(id: row.id, name: row.name, reason: row.reason))
        }
    }

    /// What cannot be looked at waits with the reason: one entry must not keep the others from being looked at.
    private func standingOrTrouble(
        of entry: InboxScanner.Entry, among entries: [InboxScanner.Entry]
    ) throws(DropError) -> (DropState, String)? {
        do throws(DropError) {
            return try standing(of: entry, among: entries)
        } catch {
            guard case .system = error else { throw error }
            return (.waiting, "\(error)")
        }
    }

    func standing(
        of entry: InboxScanner.Entry, among entries: [InboxScanner.Entry]
    ) throws(DropError) -> (DropState, String)? {
        if let parked = parked[entry.name], parked.until > clock.monotonicSeconds() {
            if !settings.settle.isSinglePass { noteSettleDeadline(parked.until) }
            blocked.insert(Array(entry.name.utf8))
            return (.waiting, "it could not be taken out of the inbox and is tried again: \(parked.reason)")
        }
        switch entry.kind {
        case .waiting(let reason): return (.waiting, reason)
        case .unreadable(let reason):
            guard case .ready(let reason) = try tracker.look(atUnreadable: entry.name, reason: reason) else { return (.waiting, reason) }
            return windows.intake.map { (.waiting, $0) } ?? (.ready, reason)
        case .drop(_, let isMarkedDone):
            switch try tracker.look(at: entry.name, isMarkedDone: isMarkedDone) {
            case nil: return nil
            case .ready(let reason):
                if let closed = windows.intake { return (.waiting, closed) }
                if let awaited = try awaitedMemory(of: entry.name, among: entries) {
                    isMemoryAwaited = true
                    return (.waiting, awaited)
                }
                guard let shortage = shortage(of: entry.name) else { return (.ready, reason) }
                if !settings.settle.isSinglePass { noteSettleDeadline(clock.monotonicSeconds() + DiskAdmission.recheckSeconds) }
                return (.waiting, shortage)
            case .wait(let reason, let until):
                if let until { noteSettleDeadline(until) }
                return (until == nil ? .waiting : .settling, reason)
            case .blocked(let reason, let until):
                if let until { noteSettleDeadline(until) }
                blocked.insert(Array(entry.name.utf8))
                return (.waiting, reason)
            }
        }
    }

    /// Why a cue has to wait: its memory is not in the outbox yet, and a drop that will become it is on its way. A memory that nobody is
    /// learning is no reason; its worker says so.
    func awaitedMemory(of name: String, among entries: [InboxScanner.Entry]) throws(DropError) -> String? {
        // A result that is reached through a link or a mount is none of this daemon's doing, and its worker finds out what it is.
        guard let memory = DropJob(ofEntryAt: name).memory,
            let isThere = try? environment.files.exists(folders.outbox + "/" + memory + "/" + ResultManifest.fileName), !isThere
        else { return nil }
        let isMeant = { (name: String) in !DropJob(ofEntryAt: name).kind.asksMemory && MemoryName.isMeant(name, by: memory) }
        let atWork = try ledger.rows(in: Set(DropState.allCases.filter { $0.isUnfinished && $0 != .published && $0 != .reused }))
        // At the first look an entry of the inbox has no row yet.
        let coming = atWork.first { isMeant($0.name) }?.name ?? entries.first { isMeant($0.name) }?.name
        return coming.map { "the memory \(memory.debugDescription) is not learned yet; the drop \($0) is on its way" }
    }

    func noteSettleDeadline(_ deadline: Double) { settleDeadline = min(settleDeadline ?? deadline, deadline) }
}
