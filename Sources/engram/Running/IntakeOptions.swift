import EngramDrops
import EngramMemories
import EngramPipeline

/// The intake's settings in the scheduler's terms.
enum IntakeOptions {
    /// Whether a start may make a new inbox.
    static func markerPolicy(_ intake: IntakeSettings) -> InboxMarker.Policy {
        switch intake.marker {
        case .create: .create
        case .require: .require
        }
    }

    /// Fills in what the intake's settings say.
    static func apply(_ intake: IntakeSettings, to settings: inout DropSchedulerSettings) {
        settings.watch =
            switch intake.watch {
            case .auto: .auto
            case .inotify: .inotify
            case .polling: .polling
            }
        settings.intervals = InboxWatcher.Intervals(
            rescanSeconds: intake.rescan / .seconds(1), pollingSeconds: intake.poll / .seconds(1))
        settings.admission.floorByteCount = intake.minFreeByteCount.given.map { Int64($0) }
        settings.settle.giveUpSeconds = intake.giveUpAfter == .zero ? .infinity : intake.giveUpAfter / .seconds(1)
        settings.attemptLimit = intake.attempts
        settings.firstBackoffSeconds = intake.retryWait / .seconds(1)
    }
}
