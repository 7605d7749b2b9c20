/// How often the inbox is looked at again while there is a queue to work on.
///
/// Every drop that is taken out of the inbox is an event there, and a look reads every entry: without a pace, a burst of n drops is read
/// n times.
struct ScanPace: Sendable {
    /// The share of the time that looking may take; what comes meanwhile waits behind the queue anyway.
    static let share = 0.05

    /// Not before this moment, monotonic seconds.
    private(set) var earliest = -Double.infinity

    mutating func didScan(from start: Double, to end: Double) { earliest = end + (end - start) * (1 / Self.share - 1) }
}
