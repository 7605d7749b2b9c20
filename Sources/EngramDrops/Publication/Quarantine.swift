internal import EngramSystem

/// Brings a drop that failed for good to `outbox/rejected/NAME/`: `source/` with its bytes, `error.json`, and the worker's log.
///
/// The order, and what a start finds after `kill -9` in each gap:
/// 1. `work/ID/rejection/error.json` flushed - *the row is still in its old state and the drop is worked on again.*
/// 2. ledger `rejecting` - *from here on every start goes on with step 3.*
/// 3. what is in `work/ID/input` moved into `rejection/source`, file by file into folders of our own: whoever dropped it may have its
///    folders open, and must not be able to put a link there later. Links, pipes, sockets and devices are not moved; `left-out.txt` names
///    them. The log beside it, all flushed - *the rest is moved.*
/// 4. the chosen place in the ledger, 5. one rename of `rejection` to `outbox/rejected/NAME` that replaces nothing - *neither `input` nor
///    `rejection` is left: it is done.*
/// 6. flushed, ledger `rejected`, 7. the rest of the work folder removed.
struct Quarantine: Sendable {
    /// Names what was not moved, where there is such.
    static let leftOutName = "left-out.txt"

    let place: DropPlace

    /// Steps 1 and 2, then the rest.
    func reject(_ row: DropRow, _ failure: Failure, at secondsSinceEpoch: Double, token: String? = nil) throws(DropError) -> DropRow {
        let work = place.folders.work(for: row.id)
        try place.files.createFolder(work.rejection)
        try place.files.write(
            ErrorFile.json(failure, of: row.name, at: secondsSinceEpoch).encoded(), to: work.rejection + "/" + ErrorFile.name)
        try place.files.synchronize(work.rejection)
        try place.ledger.move(
            row.id, to: .rejecting, from: [.claimed, .running, .retrying, .publishing], token: token, reason: failure.message
        ) {
            $0.resultPath = nil
            $0.workerProcess = nil
            $0.workerStart = nil
            $0.failureCode = failure.code
            $0.failureIsRetryable = failure.isRetryable
        }
        return try finish(row.id)
    }

    /// Steps 3 to 7 for a drop in `rejecting`.
    @discardableResult
    func finish(_ id: String) throws(DropError) -> DropRow {
        guard let row = try place.ledger.row(id) else { throw .staleAttempt(id: id, expected: "a row", found: "none") }
        let work = place.folders.work(for: id)
        var target = row.resultPath ?? place.folders.rejected
        if try place.files.exists(work.rejection) {
            if try place.files.exists(work.input) { try moveSource(of: work) }
            if try place.files.exists(work.log) { try place.files.rename(work.log, to: work.rejection + "/worker.log") }
            let log = work.rejection + "/worker.log"
            if try place.files.exists(log) { try place.files.synchronize(log) }
            try place.files.synchronize(work.rejection)
            // Whoever emptied the outbox may have taken this folder along.
            for folder in [place.folders.outbox, place.folders.rejected] where try !place.files.exists(folder) {
                try place.files.createFolder(folder)
            }
            target = try place.moveToFreePlace(work.rejection, in: place.folders.rejected, row: row, state: .rejecting, token: nil)
        }
        if try place.files.exists(work.root) { try place.files.synchronize(work.root) }
        try place.files.synchronize(place.folders.rejected)
        let rejected = try place.ledger.move(id, to: .rejected, from: [.rejecting], reason: row.reason) { [target] in
            $0.resultPath = target
            $0.path = target + "/source/" + row.entryName
        }
        try place.removeWork(of: id)
        return rejected
    }

    private func moveSource(of work: WorkFolders) throws(DropError) {
        let source = work.rejection + "/source"
        try place.files.createFolder(source, mode: 0o700)
        let leftOut = try place.files.moveContents(of: work.input, into: source)
        if !leftOut.isEmpty {
            let lines = leftOut.map { "\($0.relativePath): \($0.what)\n" }
            try place.files.write(
                Array(("What is no plain file does not lie in source/:\n" + lines.joined()).utf8),
                to: work.rejection + "/" + Self.leftOutName)
        }
        _ = try place.files.removeEmptyFolder(work.input)
    }
}
