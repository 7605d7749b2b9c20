/// The state folder in the hands of one process: the lock first, then the ledger, which only the lock's holder may create or bring up to
/// date. Another process's ledger is not migrated under its feet, and nothing is written by who then finds that he is the second.
package final class StateHold: Sendable {
    /// What happened to every drop.
    package let ledger: Ledger
    /// The holder that ended without releasing the lock, nil if the last one released it.
    package var staleHolder: String? { lock.staleHolder }
    private let lock: InstanceLock

    /// Takes the lock, then opens or makes the ledger.
    /// - Parameters:
    ///   - folders: From `DropFolders.prepared`.
    ///   - clock: For the ledger's moments.
    ///   - files: The disk.
    /// - Throws: What `InstanceLock.init` and `Ledger.init` throw, and `DropError.lostLedger`.
    package init(
        _ folders: DropFolders, clock: any DropClock = SystemDropClock(), files: FileSystem = FileSystem()
    ) throws(DropError) {
        lock = try InstanceLock(path: folders.lockPath)
        do throws(DropError) {
            if let trace = try folders.traceOfALostLedger(files: files) {
                throw DropError.lostLedger(path: folders.ledgerPath, trace: trace)
            }
            ledger = try Ledger(path: folders.ledgerPath, clock: clock, files: files)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Gives the folder back; the ledger can still be read.
    package func release() { lock.release() }
}

extension DropFolders {
    /// A file that only a drop leaves behind, where no ledger knows of any drop; nil where there is a ledger, or nothing that needs one.
    ///
    /// A new ledger would train everything again that it does not know, and publish it twice.
    package func traceOfALostLedger(files: FileSystem = FileSystem()) throws(DropError) -> String? {
        // SQLite makes an empty file first; a ledger that was ever used has at least a page.
        if let facts = try files.facts(of: ledgerPath), facts.byteCount > 0 { return nil }
        for (folder, file) in [(outbox, "/" + ResultManifest.fileName), (rejected, "/" + ErrorFile.name), (archive, "")]
        where try files.exists(folder) {
            for raw in try files.rawNames(in: folder).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                guard let name = String(validating: raw, as: UTF8.self), !name.hasPrefix("."), folder != outbox || name != "rejected"
                else { continue }
                let path = folder + "/" + name
                guard try files.facts(of: path)?.kind == .folder else { continue }
                if file.isEmpty { return path }
                if try files.facts(of: path + file)?.kind == .file { return path + file }
            }
        }
        return nil
    }
}
