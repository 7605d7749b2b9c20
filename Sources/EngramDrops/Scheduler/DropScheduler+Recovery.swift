internal import Glibc
internal import Logging

extension DropScheduler {
    /// Makes the ledger true again after any end of an earlier daemon. The states themselves say how to go on.
    func recover() throws(DropError) {
        for row in try ledger.rows(in: [.claiming, .running]) {
            if row.state == .claiming {
                // If it fails, the queue finds the row in `claiming` and tries again.
                try going(on: "a claim could not be put right", row.name) { () throws(DropError) in try Claim(place: place).recover(row) }
            } else if try !attach(to: row) {
                try ledger.move(row.id, to: .claimed, from: [.running], reason: "the daemon ended while it was trained; it goes on") {
                    Self.forgetWorker(&$0)
                }
            }
        }
        for name in try environment.files.textNames(in: folders.work) {
            try going(on: "a work folder could not be put right and is left", folders.work + "/" + name) { () throws(DropError) in
                try reconcile(name)
            }
        }
        try going(on: "a requeue could not be ended", folders.rejected) { () throws(DropError) in
            try Requeue(place: place).finishInterrupted()
        }
        try going(on: "a deletion could not be ended", folders.archive) { () throws(DropError) in
            try Retention(folders: folders, ledger: ledger, files: environment.files, clock: environment.clock).finishInterrupted()
        }
        try going(on: "leftovers could not be removed", folders.state) { () throws(DropError) in
            try Leftovers(folders: folders, files: environment.files, configPath: settings.configPath).remove()
        }
    }

    /// Does one part of the recovery. What is wrong with one place is logged and keeps nothing else from being put right; what is wrong with
    /// the ledger, or may be the whole disk, ends the start.
    private func going(on what: String, _ path: String, _ body: () throws(DropError) -> Void) throws(DropError) {
        do throws(DropError) {
            try body()
        } catch {
            switch error {
            case .ledger, .damagedLedger, .newerLedger, .inboxGone: throw error
            case .system(_, _, ENOSPC), .system(_, _, EDQUOT), .system(_, _, EIO): throw error
            default: logger.warning("\(what)", metadata: ["path": "\(path)", "reason": "\(error)"])
            }
        }
    }

    /// Goes on with the worker of an earlier daemon; returns false where nothing is left of it.
    private func attach(to row: DropRow) throws(DropError) -> Bool {
        guard let attempt = WorkerAttempt(row), let worker = executor.attach(to: attempt, onLine: progressListener(row)) else {
            return false
        }
        let current = try ledger.move(
            row.id, to: .running, from: [.running], token: attempt.token, reason: "attempt \(row.attempt); its worker outlived the daemon"
        ) {
            $0.workerProcess = worker.isRemote ? nil : Int(worker.processID)
            $0.workerStart = worker.isRemote ? nil : worker.startTicks
        }
        logger.notice("a worker outlived its daemon", metadata: ["drop": "\(row.name)", "process": "\(worker.processID)"])
        environment.observer(.started(id: row.id, name: row.name, attempt: row.attempt, processID: worker.processID))
        resume(current, token: attempt.token, worker: worker)
        active[row.id]?.roomByteCount = estimate(
            folders.work(for: row.id).copy + "/" + row.entryName, settingsPath: try settingsPath(of: row))
        return true
    }

    /// A work folder whose drop is done, or that no row knows (the ledger was lost).
    private func reconcile(_ id: String) throws(DropError) {
        if let row = try ledger.row(id) {
            if row.state.isFinal { try place.removeWork(of: id) }
            return
        }
        executor.endWorkers(ofDrop: id)
        let input = folders.work(for: id).input
        if try environment.files.exists(input) {
            let origin = folders.work(for: id).place
            let path =
                try environment.files.exists(origin) ? String(decoding: try environment.files.read(origin, count: 4096), as: UTF8.self) : ""
            let job = DropJob(ofEntryAt: path)
            let folder = folders.inbox + job.inboxFolder
            try place.makeInboxFolder(of: job)
            for name in try environment.files.names(in: input) {
                let isBack = try environment.files.renameIfFree(input + "/" + name, to: folder + "/" + name)
                logger.warning("a claim that the ledger does not know", metadata: ["name": "\(name)", "returned": "\(isBack)"])
            }
        }
        try place.removeWork(of: id)
    }
}
