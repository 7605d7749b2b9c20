internal import GRDB

extension Ledger {
    /// One step of a drop's life with how long it lasted.
    package struct Activity: Equatable, Sendable {
        /// The drop.
        package var dropID: String
        /// Where it came to.
        package var state: DropState
        /// When, seconds since the epoch.
        package var at: Double
        /// When its next step was; nil while it stands there.
        package var until: Double?
    }

    /// The steps into these states that lasted beyond a moment, oldest first. A step that only renews its reason is one of its own.
    package func activities(in states: Set<DropState>, since moment: Double) throws(DropError) -> [Activity] {
        do {
            return try pool.read { database in
                let marks = databaseQuestionMarks(count: states.count)
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT * FROM (SELECT dropID, toState, at, lead(at) OVER (PARTITION BY dropID ORDER BY number) AS until
                            FROM transitions WHERE dropID IN (SELECT dropID FROM transitions WHERE at >= ?
                                UNION SELECT id FROM drops WHERE state IN (\(marks))))
                        WHERE toState IN (\(marks)) AND (at >= ? OR until IS NULL OR until >= ?) ORDER BY at, dropID
                        """,
                    arguments: StatementArguments([moment]) + StatementArguments(states.map(\.rawValue))
                        + StatementArguments(states.map(\.rawValue)) + StatementArguments([moment, moment]))
                return rows.compactMap { row in
                    DropState(rawValue: row["toState"]).map {
                        Activity(dropID: row["dropID"], state: $0, at: row["at"], until: row["until"])
                    }
                }
            }
        } catch {
            throw .ledger(path: path, reason: "\(error)")
        }
    }
}
