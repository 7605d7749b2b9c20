/// Where a drop stands. The order is that of its life.
package enum DropState: String, CaseIterable, Sendable {
    /// Noticed; nothing known yet.
    case seen
    /// Still changing, or not yet complete.
    case settling
    /// Somebody has to do something about it first; the reason says what.
    case waiting
    /// All there; a worker will take it.
    case ready
    /// It is being moved out of the inbox.
    case claiming
    /// It is in its work folder.
    case claimed
    /// A worker trains it.
    case running
    /// The last attempt failed for a passing reason; there will be another.
    case retrying
    /// The worker is done and the result is on its way to the outbox.
    case publishing
    /// The result is in the outbox.
    case published
    /// The same bytes and settings have a result already.
    case reused
    /// It failed for good and is on its way to `outbox/rejected`.
    case rejecting
    /// It is in `outbox/rejected` with its reason. Final.
    case rejected
    /// Its result is in the outbox and its source in the archive. Final.
    case archived
    /// It left the inbox before it was claimed. Final.
    case vanished

    /// The entry still lies in the inbox.
    package var isInInbox: Bool { [.seen, .settling, .waiting, .ready].contains(self) }
    /// Nothing more will happen.
    package var isFinal: Bool { [.rejected, .archived, .vanished].contains(self) }
    /// It is between inbox and outbox, so a restart has to go on with it.
    package var isUnfinished: Bool { !isInInbox && !isFinal }

    static let inInbox: Set<DropState> = Set(allCases.filter(\.isInInbox))
}

/// One row of the ledger: a drop from its first sight to its archive.
package struct DropRow: Equatable, Sendable {
    /// Unique, sorts by the time of the first sight.
    package let id: String
    /// Its path below the inbox.
    package let name: String
    /// Where its source is now.
    package var path: String
    /// Where it stands.
    package var state: DropState
    /// Why it stands there.
    package var reason: String
    /// `TreeHash.sha256` of the source.
    package var contentSHA256: String?
    /// The fingerprint of everything that the settings say about it.
    package var settingsSHA256: String?
    /// Workers started for it.
    package var attempt: Int
    /// Attempts that failed for a passing reason.
    package var failureCount: Int
    /// Who may publish: each attempt has its own.
    package var token: String?
    /// The worker's process, and when that started in ticks since boot: together they name one process of this boot.
    package var workerProcess: Int?
    /// See `workerProcess`.
    package var workerStart: Int?
    /// Not before this moment, seconds since the epoch.
    package var notBefore: Double?
    /// The published or rejected folder.
    package var resultPath: String?
    /// The drop whose result this one shares.
    package var reusedFrom: String?
    /// What the latest failure was, as in `error.json`; nil for a drop that never failed.
    package var failureCode: String?
    /// Whether that failure may pass by itself.
    package var failureIsRetryable: Bool?
    /// Seconds since the epoch.
    package var createdAt: Double
    /// Seconds since the epoch.
    package var updatedAt: Double
    /// What its content was found to be for, by the worker that read it; nil before.
    package var foundKind: JobKind?
}

/// One step of a drop's life.
package struct DropTransition: Equatable, Sendable {
    /// The drop.
    package var dropID: String
    /// nil for the first.
    package var from: DropState?
    /// The new state.
    package var to: DropState
    /// Seconds since the epoch.
    package var at: Double
    /// Why.
    package var reason: String
}

/// What a scan has to say about one entry of the inbox.
struct InboxObservation: Equatable, Sendable {
    var name: String
    var path: String
    var state: DropState
    var reason: String
}
