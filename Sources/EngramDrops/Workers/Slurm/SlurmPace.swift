/// When Slurm is asked next: soon while something changes, seldom while nothing does, and ever more seldom while it does not answer.
struct SlurmPace: Equatable, Sendable {
    /// Between two questions while something changes.
    var shortestSeconds: Double
    /// Questions in a row that brought no news.
    private(set) var quietCount = 0
    /// Questions in a row that were not answered.
    private(set) var failureCount = 0

    /// With no change the pause grows by half each time, up to this many times the shortest.
    static let longestQuietFactor = 12.0
    /// Without an answer it doubles each time, up to this many times the shortest.
    static let longestFailureFactor = 60.0

    /// Starts as if something had changed.
    init(shortestSeconds: Double) { self.shortestSeconds = shortestSeconds }

    /// Slurm answered.
    mutating func noteAnswer(hasNews: Bool) {
        failureCount = 0
        quietCount = hasNews ? 0 : min(quietCount + 1, 64)
    }

    /// Slurm did not answer.
    mutating func noteFailure() { failureCount = min(failureCount + 1, 64) }

    /// Something is expected to change: a job was submitted or cancelled.
    mutating func expectNews() { quietCount = 0 }

    /// Seconds until the next question.
    /// - Parameter jitter: In [0, 1): daemons that were started together must not ask together; the pause is longer or shorter by a quarter.
    func pause(jitter: Double) -> Double {
        var factor = 1.0
        if failureCount > 0 {
            for _ in 1..<max(1, failureCount) { factor = min(2 * factor, Self.longestFailureFactor) }
        } else {
            for _ in 0..<quietCount { factor = min(1.5 * factor, Self.longestQuietFactor) }
        }
        return shortestSeconds * factor * (0.75 + 0.5 * jitter)
    }
}
