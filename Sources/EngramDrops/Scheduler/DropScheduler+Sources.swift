internal import EngramSystem

extension DropScheduler {
    /// The `code` of a drop whose source changed after it was taken.
    static let sourceChangedCode = "source-changed"

    /// Copies and hashes a claimed source, and hashes what the settings say about it.
    func identify(_ row: DropRow) async throws(DropError) {
        let (fingerprint, configuration) = (settingsFingerprint, settings.configPath)
        let copy = SourceCopy(place: watchedPlace, largestFile: settings.largestFileByteCount(row.entryName))
        let (work, place) = (folders.work(for: row.id), place)
        try await reading(row.id) { () throws(DropError) in
            try place.keepConfiguration(configuration, of: row.id)
            let (drop, companions) = try copy.make(of: row)
            let content = drop.sha256
            let source = work.copy + "/" + row.entryName
            let sidecar = source + InboxScanner.settingsSuffix
            let hasSidecar =
                (row.entryName + InboxScanner.settingsSuffix).utf8.count <= 255 ? try place.files.facts(of: sidecar)?.kind == .file : false
            let own = fingerprint(source, hasSidecar ? sidecar : nil, row.job)
            // With another mask, other labels, it is another drop.
            let settings = own.map { own in companions.map { SHA256.hash("\(own)\n\($0.sha256)".utf8) } ?? own }
            // What an attempt at other bytes left is nothing to go on from.
            if let old = row.contentSHA256 ?? (row.attempt > 0 ? "" : nil), old != content {
                for path in [work.slurm, work.nextRequest] { try place.files.removeTree(path) }
                for folder in [work.checkpoint, work.output] {
                    try place.files.removeTree(folder)
                    try place.files.createFolder(folder, mode: 0o700)
                }
            }
            try place.ledger.move(row.id, to: row.state, from: [row.state], reason: row.reason) {
                $0.contentSHA256 = content
                $0.settingsSHA256 = settings
            }
        }
    }

    /// What is different in the source from what was taken.
    func change(of row: DropRow) async throws(DropError) -> String? {
        let copy = SourceCopy(place: watchedPlace)
        return try await reading(row.id) { () throws(DropError) in try copy.change(of: row) }
    }

    /// Reads files of a drop on a thread of their own. What takes long gives the drop's place up meanwhile: the next drop is begun.
    func reading<Value: Sendable>(
        _ id: String, _ body: @escaping @Sendable () throws(DropError) -> Value
    ) async throws(DropError) -> Value {
        // Weak: a run that is over is not kept, and its ledger not open, by a task that has yet to notice that it was cancelled.
        let patience = Task { [settings, weak self] in
            // Time as it passes: what is slow is the disk.
            await SystemDropClock().sleep(seconds: settings.slowSourceSeconds)
            if !Task.isCancelled { await self?.giveUpSlot(of: id) }
        }
        defer { patience.cancel() }
        return try await DedicatedThread.run(body)
    }

    /// The folders, where reading a source ends when the run is to end.
    var watchedPlace: DropPlace {
        DropPlace(folders: folders, ledger: ledger, files: stop.watched(environment.files, from: .drain))
    }

    /// What to say of a folder whose numbered files go on where an earlier drop of its name ended; nil for others.
    ///
    /// It happens when a writer pauses for longer than the settle rule waits: one film becomes two memories.
    func continuation(_ row: DropRow) throws(DropError) -> String? {
        guard let snapshot = try? TreeSnapshot.take(folders.inbox + "/" + row.name, files: environment.files), snapshot.isFolder,
            let earlier = try ledger.find(exactly: row.name).first(where: {
                $0.id != row.id && $0.name.utf8.elementsEqual(row.name.utf8) && !$0.state.isInInbox && $0.state != .vanished
            })
        else { return nil }
        var names: [String]?
        if let result = earlier.resultPath, let manifest = try? ResultManifest.read(from: result, files: environment.files),
            manifest.origin.contentSHA256 == earlier.contentSHA256
        {
            names = manifest.origin.inputs.map(\.relativePath)
        } else if let taken = try? TreeSnapshot.take(earlier.path, files: environment.files) {
            names = taken.files.map(\.relativePath)
        }
        guard let names,
            let (last, first) = NumberedNames(snapshot.files.map(\.relativePath)).continuation(of: NumberedNames(names))
        else { return nil }
        return "its files go on from \(first), where the drop of the same name that was taken before ended with \(last): each becomes a "
            + "memory of its own. To store them as one, put all files into one folder and rename it into the inbox"
    }

    // MARK: Places at work

    /// Drops that are read for longer than `slowSourceSeconds`, besides those at work, are not more than this.
    static let slowSourceLimit = 16

    /// Drops that take a place among `jobs`.
    var slotCount: Int { active.values.count { $0.hasSlot } }

    /// Drops whose workers run elsewhere.
    private var remoteCount: Int { active.values.count { $0.isRemote } }

    /// Whether one more drop whose worker runs elsewhere may be begun. What is read here first is not more than a few at once.
    var hasRemotePlace: Bool {
        remoteCount < executor.remoteLimit && active.values.count { $0.isRemote && $0.worker == nil } < Self.slowSourceLimit
    }

    /// Whether one more drop may be begun whose worker runs there.
    func hasPlace(on place: WorkerPlace) -> Bool {
        guard place == .machine else { return hasRemotePlace }
        return slotCount < settings.jobs && active.count - remoteCount < settings.jobs + Self.slowSourceLimit
    }

    /// The same for a drop. One that is only on its way to its place needs none of another machine's.
    func hasPlace(for row: DropRow) -> Bool {
        hasPlace(on: [.claimed, .retrying].contains(row.state) ? executor.place(ofDropNamed: row.entryName) : .machine)
    }

    /// The next ready drop that there is a place for.
    func popReady() -> Ready? {
        let index = readyQueue.lastIndex { hasPlace(on: executor.place(ofDropNamed: $0.row.entryName)) }
        return index.map { readyQueue.remove(at: $0) }
    }

    private func giveUpSlot(of id: String) {
        guard active[id]?.hasSlot == true else { return }
        active[id]?.hasSlot = false
        wake()
    }

    /// Whether the drop may go on at once: it has its place still, or there is one.
    func takeSlot(for id: String) -> Bool {
        if active[id]?.hasSlot == true || active[id]?.isRemote == true { return true }
        guard slotCount < settings.jobs else { return false }
        active[id]?.hasSlot = true
        return true
    }
}

extension DropRow {
    /// Takes back what was known of the source's bytes.
    mutating func forgetContent() {
        contentSHA256 = nil
        settingsSHA256 = nil
    }
}
