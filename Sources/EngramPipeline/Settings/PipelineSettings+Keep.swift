package import EngramMemories

extension PipelineSettings {
    /// Keys under `keep:`: how long sources stay in the archive once their memory was verified.
    package struct Keep: Equatable, Sendable {
        /// Since a source was archived.
        package var age: AutoOr<Duration> = .auto
        /// Sources at most.
        package var count: AutoOr<Int> = .auto
        /// Bytes of all sources at most.
        package var byteCount: AutoOr<Int> = .auto

        static let ages: ClosedRange<Duration> = .seconds(3600)...(.seconds(100 * 365 * 86_400))

        /// An age as people write it; nil for what the setting would refuse.
        package static func age(_ text: String) -> Duration? { DurationText.parse(text).flatMap { ages.contains($0) ? $0 : nil } }
    }

    static let keepSection = (
        name: "keep",
        summary:
            "Which archived sources stay; only one whose memory was verified to give it back exactly is ever deleted, by `engram clean`."
    )

    static let keepFields: [SettingsField<PipelineSettings>] = [
        .init(
            "keep.age", \.keep.age, .duration(Keep.ages).orAuto,
            "Older sources are due to go; auto keeps them"),
        .init("keep.count", \.keep.count, .integer(0...Int.max).orAuto, "More sources than so many are due to go, the oldest first"),
        .init("keep.bytes", \.keep.byteCount, .integer(0...Int.max).orAuto, "Sources beyond so many bytes are due to go, the oldest first"),
    ]
}
