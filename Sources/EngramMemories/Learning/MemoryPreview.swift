internal import EngramDynamics
internal import EngramNetworks
public import EngramNumerics

/// Shows, while a memory is made, what it recalls so far from a few cues.
public struct MemoryPreview: Sendable {
    /// States to begin from, shape `[count, d]`.
    public var cues: Matrix<Double>
    /// Applications of the map to each.
    public var stepCount: Int
    /// Given the states that the cues led to, shape `[count, d]`.
    public var show: @Sendable (Matrix<Double>) -> Void

    /// Names the cues and who is shown what they lead to.
    public init(cues: Matrix<Double>, stepCount: Int, show: @escaping @Sendable (Matrix<Double>) -> Void) {
        self.cues = cues
        self.stepCount = stepCount
        self.show = show
    }
}

/// When to show one: at most every few seconds, and so that it takes at most a hundredth of the time. Training is paused at the end of an
/// epoch, as it is to be saved, which changes none of its numbers.
struct PreviewKeeper {
    private let preview: MemoryPreview
    private var nextSeconds: Double

    /// Seconds between two; the first comes after as many.
    static let interval = 3.0
    /// The share of the time that previews may take.
    static let costShare = 0.01

    init?(_ preview: MemoryPreview?, at seconds: Double) {
        guard let preview else { return nil }
        self.preview = preview
        nextSeconds = seconds + Self.interval
    }

    func isDue(at seconds: Double) -> Bool { seconds >= nextSeconds }

    /// Shows what the map recalls. That it cannot be made is no reason to end a run: there is one picture less.
    mutating func show(_ training: some MemoryTraining, clock: () -> Double) {
        let start = clock()
        if let map = try? training.storedMap().iterable(), map.outputDimension == preview.cues.columnCount {
            var states = preview.cues
            for _ in 0..<preview.stepCount { states = map.outputs(of: states) }
            preview.show(states)
        }
        let end = clock()
        nextSeconds = end + max(Self.interval, (end - start) / Self.costShare)
    }
}
