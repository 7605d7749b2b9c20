internal import GRDB

/// What a look at the inbox changes in the ledger.
struct InboxChanges: Sendable {
    /// The rows in the inbox, in the order of its entries.
    var rows: [DropRow] = []
    /// Rows of entries seen for the first time.
    var inserted: [DropRow] = []
    /// Rows that stand elsewhere than before.
    var updated: [DropRow] = []
    /// One for each of both.
    var transitions: [DropTransition] = []

    /// - Parameters:
    ///   - known: The rows in the inbox.
    ///   - entries: Every entry of the inbox.
    ///   - identifiers: Those of new rows by the bytes of their names: as `String`, two names that differ only in Unicode normalization would
    ///     be one.
    ///   - now: Seconds since the epoch.
    init(from known: [DropRow], to entries: [InboxObservation], identifiers: [[UInt8]: String], at now: Double) {
        var known = Dictionary(uniqueKeysWithValues: known.map { (Array($0.name.utf8), $0) })
        for entry in entries {
            let name = Array(entry.name.utf8)
            let old = known.removeValue(forKey: name)
            // Without either, its row left the inbox a moment ago: the next look finds what is there then.
            guard let id = old?.id ?? identifiers[name] else { continue }
            var row =
                old
                ?? DropRow(
                    id: id, name: entry.name, path: entry.path, state: .seen, reason: "", attempt: 0, failureCount: 0, createdAt: now,
                    updatedAt: now)
            if row.state != entry.state || row.reason != entry.reason {
                transitions.append(DropTransition(dropID: id, from: old?.state, to: entry.state, at: now, reason: entry.reason))
                row.state = entry.state
                row.reason = entry.reason
                row.updatedAt = now
                if old == nil { inserted.append(row) } else { updated.append(row) }
            }
            rows.append(row)
        }
        for var row in known.values {
            transitions.append(DropTransition(dropID: row.id, from: row.state, to: .vanished, at: now, reason: "it left the inbox"))
            row.state = .vanished
            row.reason = "it left the inbox"
            row.updatedAt = now
            updated.append(row)
        }
    }
}

extension Ledger {
    /// Ends the way of a rejected drop back into the inbox, whoever saw it there first: its row is `seen` again, or ends where a look at the
    /// inbox gave the drop a row of its own. A row that somebody took further meanwhile stays as it is.
    /// - Parameters:
    ///   - id: The drop.
    ///   - token: The row's since its return began.
    ///   - path: Its place in the inbox.
    ///   - isThere: Whether it is there.
    func concludeReturn(_ id: String, token: String?, to path: String, isThere: Bool) throws(DropError) {
        let now = clock.secondsSinceEpoch()
        try write { database in
            guard var row = try DropRow.fetch(database, sql: "SELECT * FROM drops WHERE id = ?", [id]).first,
                row.state == .rejected, row.token == token
            else { return }
            // Seen first since the latest step of this one, by which its return began; or in the inbox, where a name has one row.
            let states = DropState.inInbox.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let successor = try String.fetchOne(
                database,
                sql: """
                    SELECT drops.id FROM drops JOIN transitions ON dropID = drops.id AND fromState IS NULL
                        WHERE name = ? AND drops.id <> ? AND (state IN (\(states))
                            OR number > (SELECT max(number) FROM transitions WHERE dropID = ?)) ORDER BY number LIMIT 1
                    """, arguments: [row.name, id, id])
            let state: DropState = successor == nil && isThere ? .seen : .vanished
            row.reason =
                "its owner put it back into the inbox"
                + (successor.map { "; it goes on as \($0)" } ?? (isThere ? "" : ", and it left it"))
            try Self.log(DropTransition(dropID: id, from: row.state, to: state, at: now, reason: row.reason), database)
            row.state = state
            row.path = path
            row.resultPath = nil
            row.updatedAt = now
            row.startAnew()
            row.contentSHA256 = nil
            row.settingsSHA256 = nil
            try row.update(database)
        }
    }
}

extension DropRow {
    /// Takes back what earlier attempts left, as for a drop that was never tried.
    mutating func startAnew() {
        attempt = 0
        failureCount = 0
        notBefore = nil
        token = nil
        failureCode = nil
        failureIsRetryable = nil
    }
}
