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
    func archive(_ id: String) throws(DropError) {
        guard let row = try place.ledger.row(id) else { return }
        let work = place.folders.work(for: id)
        let archive = place.folders.archive(for: id)
        if try place.files.exists(work.input) {
            guard try place.files.renameIfFree(work.input, to: archive) else { throw .outputNotEmpty(path: archive) }
        }
        try place.files.synchronize(place.folders.archive)
        try place.files.synchronize(work.root)
        try place.ledger.move(id, to: .archived, from: [.published, .reused], reason: row.reason) {
            $0.path = archive + "/" + row.entryName
        }
        try place.removeWork(of: id)
    }

    private func origin(of row: DropRow) throws(DropError) -> ResultManifest.Origin {
        let hash = try InputHashes(place: place).load(row)
        return ResultManifest.Origin(
            name: row.name, contentSHA256: row.contentSHA256 ?? hash.sha256, settingsSHA256: row.settingsSHA256, inputs: hash.files,
            versions: versions)
    }
}

/// The hashes of a claimed source, computed once and kept beside it for the manifest.
struct InputHashes: Sendable {
    let place: DropPlace

    func compute(_ row: DropRow) throws(DropError) -> TreeHash {
        let work = place.folders.work(for: row.id)
        let source = work.input + "/" + row.entryName
        let hash = try TreeHash.compute(source, files: place.files)
        // Who put it there may have left the writing to the kernel, and may remove the original once there is a result.
        for file in hash.files { try place.files.synchronize(file.relativePath.isEmpty ? source : source + "/" + file.relativePath) }
        try place.files.write(ResultManifest.json(of: hash.files).encoded(), to: work.inputHashes, isDurable: false)
        return hash
    }

    /// Reads what `compute` kept; computes again if that is gone or is not about the same bytes.
    func load(_ row: DropRow) throws(DropError) -> TreeHash {
        let path = place.folders.work(for: row.id).inputHashes
        if let bytes = try? place.files.read(path, count: 64 << 20), let json = try? JSONValue.parse(bytes, path: path),
            let kept = try? ResultManifest.files(json, path: path, member: "inputs")
        {
            let hash = TreeHash(files: kept)
            if hash.sha256 == row.contentSHA256 { return hash }
        }
        return try compute(row)
    }
}
