internal import EngramSystem

/// Brings a worker's output to the outbox, and afterwards the source to the archive.
///
/// The order, and what a start finds after `kill -9` in each gap:
/// 1. ledger `publishing`, only if the row still carries the attempt's token: a late worker of an old attempt ends here.
///    *Before it: the row is `running`, its worker is ended and the drop is trained on from its checkpoint.*
/// 2. files flushed, `manifest.json` last and flushed - *done again; the same bytes.*
/// 3. the chosen place in the ledger - *done again.*
/// 4. one rename to `outbox/NAME` that replaces nothing - *the output folder is gone from the work folder, and only this rename takes it
///    away: the result was published, even if somebody already moved it on.*
/// 5. outbox flushed, 6. ledger `published` - *after it: the source is archived.*
/// 7. `work/ID/input` renamed to `archive/ID`, flushed, 8. ledger `archived`, 9. the rest of the work folder removed - *it is removed at
///    the next start.*
///
/// A source that is not any more what was learned does not go to the archive as if it were: there the copy of what was learned goes (7a),
/// and the source goes back to the inbox as a drop of its own (7b) - *with both an archive and an input, 7b is gone on with.*
struct Publisher: Sendable {
    let place: DropPlace
    let versions: [String: String]

    /// Steps 1 to 6.
    @discardableResult
    func publish(_ id: String, token: String) throws(DropError) -> DropRow {
        let row = try place.ledger.move(id, to: .publishing, from: [.running, .publishing], token: token, reason: "the worker is done")
        let work = place.folders.work(for: id)
        let output = work.output(token: token)
        var target = row.resultPath
        if try place.files.exists(output) {
            try ResultFolder(files: place.files).seal(output, origin: try origin(of: row))
            // Whoever took it away gets his results all the same.
            if try !place.files.exists(place.folders.outbox) { try place.files.createFolder(place.folders.outbox) }
            target = try place.moveToFreePlace(output, in: place.folders.outbox, row: row, state: .publishing, token: token)
        }
        try place.files.synchronize(work.output)
        try place.files.synchronize(place.folders.outbox)
        return try place.ledger.move(id, to: .published, from: [.publishing], token: token, reason: "its result is in the outbox") {
            [target] in
            $0.resultPath = target
            $0.workerProcess = nil
            $0.workerStart = nil
        }
    }

    /// Steps 7 to 9, for a drop with a result of its own or of an earlier drop.
    /// - Returns: Where its source lies in the inbox again, because it changed after it was taken; nil otherwise.
    @discardableResult
    func archive(_ id: String) throws(DropError) -> String? {
        guard let row = try place.ledger.row(id) else { return nil }
        let work = place.folders.work(for: id)
        let archive = place.folders.archive(for: id)
        var (reason, returned) = (row.reason, nil as String?)
        if try place.files.exists(work.input) {
            if try place.files.exists(archive) {
                returned = try giveBack(row)
            } else if let change = try SourceCopy(place: place).change(of: row), try place.files.exists(work.copy) {
                guard try place.files.renameIfFree(work.copy, to: archive) else { throw .outputNotEmpty(path: archive) }
                try place.files.synchronize(place.folders.archive)
                returned = try giveBack(row)
                reason += "; afterwards its source changed (\(change))"
            } else {
                guard try place.files.renameIfFree(work.input, to: archive) else { throw .outputNotEmpty(path: archive) }
            }
        }
        if let returned { reason += "; its source is in the inbox again, as \(returned)" }
        try place.files.synchronize(place.folders.archive)
        try place.files.synchronize(work.root)
        try place.ledger.move(id, to: .archived, from: [.published, .reused], reason: reason) {
            $0.path = archive + "/" + row.entryName
        }
        try place.removeWork(of: id)
        return returned
    }

    private func freeName(in inbox: String, like name: String, hasSettings: Bool) throws(DropError) -> String {
        var number = 1
        while true {
            let candidate = ResultFolder.candidate(name, number: number)
            number += 1
            if try place.files.exists(inbox + "/" + candidate) { continue }
            if hasSettings, try place.files.exists(inbox + "/" + candidate + InboxScanner.settingsSuffix) { continue }
            // A mask that waits there alone belongs to another drop.
            if try !InboxScanner.companions(of: inbox + "/" + candidate, files: place.files).isEmpty { continue }
            return candidate
        }
    }

    /// Puts a source back into the inbox under the first free name, with its settings before it.
    private func giveBack(_ row: DropRow) throws(DropError) -> String {
        let (files, input) = (place.files, place.folders.work(for: row.id).input)
        let inbox = place.folders.inbox + row.job.inboxFolder
        try place.makeInboxFolder(of: row.job)
        let settings = row.entryName + InboxScanner.settingsSuffix
        let name = try freeName(in: inbox, like: row.entryName, hasSettings: try files.exists(input + "/" + settings))
        for raw in try files.rawNames(in: input) {
            guard let companion = String(validating: raw, as: UTF8.self), !companion.utf8.elementsEqual(row.entryName.utf8) else {
                continue
            }
            if companion.utf8.elementsEqual((row.entryName + InboxScanner.doneSuffix).utf8) {
                // It is not done after all.
                try files.removeTree(input + "/" + companion)
            } else {
                let target =
                    companion.utf8.elementsEqual(settings.utf8)
                    ? name + InboxScanner.settingsSuffix : Self.companionName(companion, of: row.entryName, as: name)
                if try !files.renameIfFree(input + "/" + companion, to: inbox + "/" + target) {
                    throw .outputNotEmpty(path: inbox + "/" + target)
                }
            }
        }
        if try files.exists(input + "/" + row.entryName) {
            guard try files.renameIfFree(input + "/" + row.entryName, to: inbox + "/" + name) else {
                throw .outputNotEmpty(path: inbox + "/" + name)
            }
        }
        try files.synchronize(inbox)
        try files.synchronize(input)
        return DropJob.path(of: name, in: row.job)
    }

    /// What a companion of `drop` is called where the drop is called `name`.
    private static func companionName(_ companion: String, of drop: String, as name: String) -> String {
        let (old, new) = (Companion.names(of: drop), Companion.names(of: name))
        guard let index = old.firstIndex(where: { $0.utf8.elementsEqual(companion.utf8) }), index < new.count else { return companion }
        return new[index]
    }

    private func origin(of row: DropRow) throws(DropError) -> ResultManifest.Origin {
        let hash = try InputHashes(place: place).load(row)
        return ResultManifest.Origin(
            name: row.name, contentSHA256: row.contentSHA256 ?? hash.sha256, settingsSHA256: row.settingsSHA256, inputs: hash.files,
            versions: versions, job: row.job.kind.nameWhereFound)
    }
}

/// The hashes of a claimed source, kept beside its copy for the manifest.
struct InputHashes: Sendable {
    let place: DropPlace

    /// Reads what `SourceCopy.make` kept; hashes the copy again if that is gone or is not about the same bytes.
    func load(_ row: DropRow) throws(DropError) -> TreeHash {
        let work = place.folders.work(for: row.id)
        let path = work.inputHashes
        if let bytes = try? place.files.read(path, count: 64 << 20), let json = try? JSONValue.parse(bytes, path: path),
            let kept = try? ResultManifest.files(json, path: path, member: "inputs")
        {
            let hash = TreeHash(files: kept)
            if hash.sha256 == row.contentSHA256 { return hash }
        }
        let folder = try place.files.exists(work.copy) ? work.copy : work.input
        return try TreeHash.compute(folder + "/" + row.entryName, files: place.files)
    }
}
