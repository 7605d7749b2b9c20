internal import Logging

extension DropScheduler {
    /// Makes the ledger true again after any end of an earlier daemon. The states themselves say how to go on.
    func recover() throws(DropError) {
        for row in try ledger.rows(in: [.claiming, .running]) {
            if row.state == .claiming {
                try Claim(place: place).recover(row)
            } else if try !attach(to: row) {
                try ledger.move(row.id, to: .claimed, from: [.running], reason: "the daemon ended while it was trained; it goes on") {
                    Self.forgetWorker(&$0)
                }
            }
        }
        for name in try environment.files.names(in: folders.work) { try reconcile(name) }
        try Requeue(place: place).finishInterrupted()
        try Leftovers(folders: folders, files: environment.files, configPath: settings.configPath).remove()
    }

    /// Goes on with the worker of an earlier daemon; returns false where nothing is left of it.
    private func attach(to row: DropRow) throws(DropError) -> Bool {
        guard let attempt = WorkerAttempt(row), let worker = executor.attach(to: attempt, onLine: progressListener(row)) else {
            return false
        }
        let current = try ledger.move(
            row.id, to: .running, from: [.running], token: attempt.token, reason: "attempt \(row.attempt); its worker outlived the daemon"
        ) {
            $0.workerProcess = Int(worker.processID)
            $0.workerStart = worker.startTicks
        }
        logger.notice("a worker outlived its daemon", metadata: ["drop": "\(row.name)", "process": "\(worker.processID)"])
        environment.observer(.started(id: row.id, name: row.name, attempt: row.attempt, processID: worker.processID))
        resume(current, token: attempt.token, worker: worker)
        active[row.id]?.roomByteCount = estimate(row.path, settingsPath: try settingsPath(of: row))
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
