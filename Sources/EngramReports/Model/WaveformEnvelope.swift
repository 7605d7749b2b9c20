/// The outline of a stretch of sound: for consecutive equal stretches, the lowest and the highest sample.
package struct WaveformEnvelope: Equatable, Sendable {
    /// Lowest sample of each stretch, in [-1, 1].
    package var minimum: [Float]
    /// Highest sample of each stretch; same count as `minimum`.
    package var maximum: [Float]

    /// Takes every value as given; nothing is computed or checked.
    package init(minimum: [Float], maximum: [Float]) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The outline of `samples`, interleaved or not, in at most 600 stretches.
    package init(outlining samples: [Float]) {
        let count = min(Self.stretchCount, samples.count)
        let parts = (0..<count).map { samples[$0 * samples.count / count..<($0 + 1) * samples.count / count] }
        self.init(minimum: parts.map { $0.min() ?? 0 }, maximum: parts.map { $0.max() ?? 0 })
    }

    private static let stretchCount = 600
}
