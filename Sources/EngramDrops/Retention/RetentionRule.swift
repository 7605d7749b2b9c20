/// Which sources are kept: what goes beyond any of the bounds is due to go, the oldest first.
package struct RetentionRule: Equatable, Sendable {
    /// Seconds since a source was archived; nil for any age.
    package var ageSeconds: Double?
    /// Sources at most; nil for any number.
    package var count: Int?
    /// Bytes of all sources at most; nil for any amount.
    package var byteCount: Int64?

    /// Takes each bound as given.
    package init(ageSeconds: Double? = nil, count: Int? = nil, byteCount: Int64? = nil) {
        (self.ageSeconds, self.count, self.byteCount) = (ageSeconds, count, byteCount)
    }

    /// Whether all is kept.
    package var keepsAll: Bool { ageSeconds == nil && count == nil && byteCount == nil }
}
