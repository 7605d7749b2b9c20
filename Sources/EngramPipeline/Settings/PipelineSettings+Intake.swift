package import EngramMemories

/// How drops are noticed, admitted and tried again: keys at the top of `pipeline.yml`.
package struct IntakeSettings: Equatable, Sendable {
    /// How the inbox is watched.
    package enum Watch: String, SettingChoice, Sendable {
        case auto, inotify, polling
    }

    /// What an inbox without a marker is.
    package enum Marker: String, SettingChoice, Sendable {
        case create, require
    }

    /// How the inbox is watched.
    package var watch = Watch.auto
    /// Between looks at the inbox where events are reported.
    package var rescan: Duration = .seconds(300)
    /// Between looks at the inbox where they are not.
    package var poll: Duration = .seconds(10)
    /// What an inbox without a marker is.
    package var marker = Marker.create
    /// Bytes that stay free; below them nothing is taken.
    package var minFreeByteCount: AutoOr<Int> = .auto
    /// Attempts for a drop that fails for passing reasons.
    package var attempts = 3
    /// Without a change, before a link, an empty file and what else cannot be taken is rejected; zero: never.
    package var giveUpAfter: Duration = .seconds(86_400)
    /// Before the second attempt; four times as long before each further one.
    package var retryWait: Duration = .seconds(30)

    /// The built-in defaults.
    package init() {}
}

extension PipelineSettings {
    static let intakeFields: [SettingsField<PipelineSettings>] = [
        .init(
            "watch", \.intake.watch, .choice(IntakeSettings.Watch.self),
            "How new drops are noticed; auto: inotify where the file system reports events and a test file proves it, else polling"),
        .init(
            "rescan", \.intake.rescan, .duration(.seconds(1)...(.seconds(86_400))),
            "Time between looks at the whole inbox where inotify works, varied by up to a quarter"),
        .init(
            "poll", \.intake.poll, .duration(.milliseconds(100)...(.seconds(86_400))),
            "The same where the inbox is watched by polling"),
        .init(
            "inbox_marker", \.intake.marker, .choice(IntakeSettings.Marker.self),
            "create: the first start makes inbox and marker; require: only engram init does, for inbox and state on one mount"),
        .init(
            "min_free_space", \.intake.minFreeByteCount, .integer(0...Int.max).orAuto,
            "Bytes to keep free: below them no drop is taken; auto is 5 % of the file system, at most 256 MiB; 0 does not look at the disk"),
        .init(
            "give_up_after", \.intake.giveUpAfter, .duration(.zero...(.seconds(365 * 86_400))),
            "Links, empty files and folders, and what waits for its owner otherwise, are rejected after this long without a change; 0s: never"
        ),
        .init(
            "attempts", \.intake.attempts, .integer(1...1_000), "Attempts for a drop that fails for a passing reason, before it is rejected"
        ),
        .init(
            "retry_wait", \.intake.retryWait, .duration(.zero...(.seconds(86_400))),
            "Before the second attempt; four times as long before each further one, at most an hour"),
    ]
}
