/// Takes a drop out of the inbox by rename.
///
/// The order, and what a start finds after `kill -9` in each gap:
/// 1. ledger `claiming` - *nothing was moved: what came along so far goes back, the row is `seen` again and settles anew.*
/// 2. companions (`NAME.drop.yml`, `NAME.done`, `Companion`) to `work/ID/input/` - *the same: they go back to the inbox.*
/// 3. the drop itself to `work/ID/input/NAME` - *it is claimed: steps 4 and 5 are done. Its companions came before it, so one in the inbox
///    belongs to a newer drop of that name.*
/// 4. both folders flushed.
/// 5. ledger `claimed`.
struct Claim: Sendable {
    let place: DropPlace

    /// - Returns: nil when the entry left the inbox meanwhile.
    func claim(_ row: DropRow) throws(DropError) -> DropRow? {
        try row.checkName()
        let work = place.folders.work(for: row.id)
        try place.ledger.move(row.id, to: .claiming, from: DropState.inInbox, reason: row.reason)
        for folder in [work.root, work.input, work.output, work.checkpoint] { try place.files.createFolder(folder, mode: 0o700) }
        let folder = place.folders.inbox + row.job.inboxFolder
        for suffix in [InboxScanner.settingsSuffix, InboxScanner.doneSuffix] {
            let companion = "/" + row.entryName + suffix
            guard try InboxScanner.companion(suffix, of: folder + "/" + row.entryName, files: place.files) != nil else { continue }
            try place.files.rename(folder + companion, to: work.input + companion)
        }
        for (name, _) in try InboxScanner.companions(of: folder + "/" + row.entryName, files: place.files) {
            try place.files.rename(folder + "/" + name, to: work.input + "/" + name)
        }
        // Should the ledger be lost, a cue must not come back as something to memorize.
        if row.job.kind.asksMemory { try place.files.write(Array(row.name.utf8), to: work.place) }
        do {
            try place.files.rename(folder + "/" + row.entryName, to: work.input + "/" + row.entryName)
        } catch {
            guard case .system(_, _, let code) = error, code == 2 else { throw error }
            return try undo(row, to: .vanished, reason: "it left the inbox before it was claimed")
        }
        return try finish(row)
    }

    /// Finishes or undoes a claim that was interrupted.
    func recover(_ row: DropRow) throws(DropError) {
        let work = place.folders.work(for: row.id)
        if try place.files.exists(work.input + "/" + row.entryName) {
            _ = try finish(row)
        } else {
            _ = try undo(row, to: .seen, reason: "its claim was interrupted; it is looked at again")
        }
    }

    private func finish(_ row: DropRow) throws(DropError) -> DropRow {
        let work = place.folders.work(for: row.id)
        try place.files.synchronize(work.input)
        try place.files.synchronize(work.root)
        try place.files.synchronize(place.folders.work)
        try place.files.synchronize(place.folders.inbox + row.job.inboxFolder)
        return try place.ledger.move(row.id, to: .claimed, from: [.claiming], reason: row.reason) {
            $0.path = work.input + "/" + row.entryName
        }
    }

    private func undo(_ row: DropRow, to state: DropState, reason: String) throws(DropError) -> DropRow? {
        let work = place.folders.work(for: row.id)
        if try place.files.exists(work.input) {
            var areAllBack = true
            let folder = place.folders.inbox + row.job.inboxFolder
            try place.makeInboxFolder(of: row.job)
            for name in try place.files.names(in: work.input) {
                let isBack = try place.files.renameIfFree(work.input + "/" + name, to: folder + "/" + name)
                areAllBack = areAllBack && isBack
            }
            // A newer companion of the same name lies there: the old one is kept, not put over it.
            if !areAllBack { try archiveLeftovers(of: row.id) }
            try place.files.synchronize(folder)
        }
        // An entry that took the name meanwhile has a row of its own; there can be only one in the inbox.
        let hasSuccessor = try place.ledger.rows(in: DropState.inInbox).contains { $0.name.utf8.elementsEqual(row.name.utf8) }
        let isGone = try !place.files.exists(place.folders.inbox + "/" + row.name)
        let final: DropState = hasSuccessor || isGone ? .vanished : state
        try place.ledger.move(row.id, to: final, from: [.claiming], reason: reason) {
            $0.path = place.folders.inbox + "/" + row.name
        }
        try place.removeWork(of: row.id)
        return nil
    }

    private func archiveLeftovers(of id: String) throws(DropError) {
        var number = 1
        let name = "/" + id + "-leftover"
        while try !place.files.renameIfFree(
            place.folders.work(for: id).input, to: place.folders.archive + ResultFolder.candidate(name, number: number))
        { number += 1 }
        try place.files.synchronize(place.folders.archive)
    }
}
