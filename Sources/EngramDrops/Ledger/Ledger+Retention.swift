internal import GRDB

extension Ledger {
    /// A source that was deleted.
    package struct Deletion: Equatable, Sendable {
        /// Its drop's name.
        package var name: String
        /// Seconds since the epoch.
        package var at: Double
        /// Why.
        package var reason: String
    }

    /// Gives a finished drop another reason, which is a step of its life and no news of the drop: its moment stays.
    /// - Throws: `DropError.staleAttempt` if it is not archived; nothing is written then.
    func remark(_ id: String, reason: String) throws(DropError) {
        let now = clock.secondsSinceEpoch()
        try write { database in
            guard var row = try DropRow.fetch(database, sql: "SELECT * FROM drops WHERE id = ?", [id]).first, row.state == .archived else {
                throw DropError.staleAttempt(id: id, expected: "state archived", found: "another, or none")
            }
            guard row.reason != reason else { return }
            row.reason = reason
            try row.update(database)
            try Self.log(DropTransition(dropID: id, from: .archived, to: .archived, at: now, reason: reason), database)
        }
    }

    /// Sources that were deleted since a moment, oldest first.
    package func deletions(since moment: Double) throws(DropError) -> [Deletion] {
        do {
            return try pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT name, at, transitions.reason AS why FROM transitions JOIN drops ON drops.id = dropID
                        WHERE toState = 'archived' AND at >= ? AND transitions.reason GLOB ? ORDER BY number
                        """, arguments: [moment, Retention.deleted + "*"]
                ).map { Deletion(name: $0["name"], at: $0["at"], reason: $0["why"]) }
            }
        } catch {
            throw .ledger(path: path, reason: "\(error)")
        }
    }
}
