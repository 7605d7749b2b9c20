internal import Logging

extension DropScheduler {
    /// Looks at the disk: pauses below the floor, goes on an eighth above it, so that a file system at its edge does not go to and fro.
    func updatePause() {
        guard let room = settings.admission.room(folders.state) else { return }
        let floor = settings.admission.floor(totalByteCount: room.totalByteCount)
        let isFull = pauseReason == nil ? room.freeByteCount < floor : room.freeByteCount < floor + floor / 8
        // The text names no number that changes by itself: each new reason is a line of the drop's history.
        let reason = "the disk is nearly full; at least \(DiskAdmission.text(floor)) must stay free (min_free_space) at \(folders.state)"
        if isFull, pauseReason == nil {
            logger.warning(
                "the intake is paused", metadata: ["reason": "\(reason)", "free": "\(DiskAdmission.text(room.freeByteCount))"])
        } else if !isFull, pauseReason != nil {
            logger.notice("the intake goes on", metadata: ["free": "\(DiskAdmission.text(room.freeByteCount))"])
        }
        pauseReason = isFull ? reason : nil
        board.set(
            "intake",
            .object([
                .init("paused", .bool(isFull)), .init("reason", isFull ? .string(reason) : .null), .init("floor_bytes", .integer(floor)),
            ]))
    }

    /// Why the drop cannot be begun for want of room, as far as is known: its need is estimated when its turn comes.
    func shortage(of key: String) -> String? {
        if let pauseReason { return pauseReason }
        guard let need = needs[key] else { return nil }
        guard !fits(need) else {
            needs[key] = nil
            return nil
        }
        return "it is expected to take \(DiskAdmission.text(need)) of disk, and there is not so much room above what must stay free "
            + "(min_free_space); waiting for room"
    }

    /// Whether there is room for a drop of the inbox; notes its need if there is not.
    func hasRoom(forReady row: DropRow) -> Bool {
        let path = folders.inbox + "/" + row.name
        let copied = copyByteCount(path, of: row)
        // One that is too long takes no room: it is rejected unread.
        let need = copied.map { estimate(path, settingsPath: path + InboxScanner.settingsSuffix) &+ $0 } ?? 0
        if pauseReason == nil, fits(need) { return true }
        needs[row.name] = need
        return false
    }

    /// Whether there is room for an attempt of a claimed drop; keeps it while the drop is at work.
    ///
    /// The source lies where whoever dropped it may still change it, so nothing is read of it but sizes: before there is a copy, the need is
    /// that of the copy.
    func hasRoom(forClaimed row: DropRow) throws(DropError) -> Bool {
        updatePause()
        let copy = folders.work(for: row.id).copy
        let isCopied = try environment.files.exists(copy)
        let need =
            isCopied ? estimate(copy + "/" + row.entryName, settingsPath: try settingsPath(of: row)) : copyByteCount(row.path, of: row) ?? 0
        active[row.id]?.roomByteCount = 0
        guard pauseReason == nil, fits(need) else {
            needs[row.id] = need
            return false
        }
        needs[row.id] = nil
        active[row.id]?.roomByteCount = need
        return true
    }

    func estimate(_ path: String, settingsPath: String?) -> Int64 {
        max(0, settings.admission.estimate(path, snapshot(path)?.byteCount ?? 0, settingsPath))
    }

    /// What the copy of a source takes; nil where one of its files is longer than it may be.
    private func copyByteCount(_ path: String, of row: DropRow) -> Int64? {
        guard let snapshot = snapshot(path) else { return 0 }
        let limit = settings.largestFileByteCount(row.entryName)
        return snapshot.files.contains { $0.byteCount > limit } ? nil : snapshot.byteCount
    }

    /// A source that cannot be looked at has no size; what is wrong with it is said elsewhere.
    private func snapshot(_ path: String) -> TreeSnapshot? {
        (try? TreeSnapshot.take(path, files: environment.files)).flatMap { $0 }
    }

    private func fits(_ need: Int64) -> Bool {
        guard settings.admission.floorByteCount != 0, let room = settings.admission.room(folders.state) else { return true }
        // What the drops at work have written already is counted twice, which errs on the safe side until they end.
        let taken = active.values.reduce(Int64(0)) { $0 &+ $1.roomByteCount }
        return room.freeByteCount - taken - settings.admission.floor(totalByteCount: room.totalByteCount) >= need
    }
}
