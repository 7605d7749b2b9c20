internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem

/// The way from noise to a memory as animation frames, with the stored examples it leads to beside it.
struct NoiseAnimation {
    /// One picture and the stored one it approaches; nil values stand for the start itself.
    struct Frame {
        let values: [Double]
        let example: Int
        let seconds: Double
    }

    let frames: [Frame]

    /// At most this many steps of the way to a cycle are shown, the last ones: before them is only noise.
    static let longestTransient = 48
    /// How many starts of an autoencoder are shown one after another.
    static let startCount = 6

    /// Builds the animation from the first starts that were recalled, or failing those from the first start.
    ///
    /// - Parameter fromNoise: Whether the starts are noise, or else damaged copies.
    init(
        analysis: Verification, map: any IterableMap, task: MemoryTask, framesPerSecond: Double,
        fromNoise: Bool = true
    ) {
        let restriction = analysis.restriction
        guard
            let run = analysis.recalls.first(where: { $0.batch.start.isNoise == fromNoise && $0.isRecovered.contains(true) })
                ?? analysis.recalls.first(where: { $0.batch.start.isNoise == fromNoise }), !run.outcomes.isEmpty
        else {
            frames = []
            return
        }
        let recovered = run.isRecovered.indices.filter { run.isRecovered[$0] }
        var built: [Frame] = []
        if task.isAutoencoder {
            // One start for each example that was reached, then others.
            var seen: Set<Int> = []
            let distinct = recovered.filter { seen.insert(run.outcomes[$0].reachedExample ?? -1).inserted }
            for index in (distinct.isEmpty ? [0] : distinct).prefix(Self.startCount) {
                let outcome = run.outcomes[index]
                let steps = Self.spreadSteps(upTo: min(outcome.iterationCount, 400))
                let way = restriction.trajectory(of: map, from: run.batch.starts.row(index), count: (steps.last ?? 0) + 1)
                built.append(Frame(values: run.batch.starts.row(index), example: outcome.nearestExample, seconds: 0.5))
                for step in steps {
                    let values = restriction.points(at: way.rows(at: [step])).elements
                    built.append(Frame(values: values, example: outcome.nearestExample, seconds: step == steps.last ? 1.2 : 0.12))
                }
            }
        } else {
            let index = recovered.min { run.outcomes[$0].iterationCount < run.outcomes[$1].iterationCount } ?? 0
            let outcome = run.outcomes[index]
            let firstHit = outcome.reachedExample ?? outcome.nearestExample
            let transient = outcome.reachedExample == nil ? 60 : outcome.iterationCount - 1
            let shown = min(transient, Self.longestTransient)
            var example = firstHit
            let predecessors = Self.inverse(of: task.successors)
            for _ in 0..<shown { example = predecessors[example] }
            built.append(Frame(values: run.batch.starts.row(index), example: example, seconds: 0.8))
            let way = restriction.points(
                at: restriction.trajectory(of: map, from: run.batch.starts.row(index), count: max(transient, 1)).rows(
                    at: (transient - shown)..<max(transient, 1)))
            for row in 0..<min(shown, way.rowCount) {
                // The first steps are shown slowly: that is where the noise turns into a picture.
                built.append(Frame(values: way.row(row), example: example, seconds: row < 12 ? 0.2 : 1 / framesPerSecond))
                example = task.successors[example]
            }
            let round = restriction.points(at: outcome.states)
            for row in 0..<round.rowCount where outcome.reachedExample != nil {
                built.append(Frame(values: round.row(row), example: example, seconds: 1 / framesPerSecond))
                example = task.successors[example]
            }
        }
        frames = built
    }

    /// Steps 0, 1, 2, … that lie further apart the later they are: settling is fast at first and then slow.
    private static func spreadSteps(upTo last: Int) -> [Int] {
        var steps: [Int] = []
        var step = 0
        while step < last {
            steps.append(step)
            step = max(step + 1, step * 5 / 4)
        }
        return steps + [last]
    }

    private static func inverse(of successors: [Int]) -> [Int] {
        var result = successors
        for (index, successor) in successors.enumerated() { result[successor] = index }
        return result
    }
}

extension SampleSet {
    /// An APNG of pictures; nil where the samples are no pictures.
    func animation(_ frames: [(values: [Double], seconds: Double)]) throws(MediaError) -> [UInt8]? {
        guard let format = previewFormat, !frames.isEmpty else { return nil }
        var encoded: [APNGFrame] = []
        for frame in frames {
            guard let picture = preview(of: frame.values.map { Float($0) }) else { return nil }
            encoded.append(
                APNGFrame(
                    codes: picture.codes, delayNumerator: UInt16(saturating: (frame.seconds * 1000).rounded()), delayDenominator: 1000))
        }
        return try APNGEncoder(width: format.width, height: format.height, colorKind: format.colorKind).encode(encoded)
    }
}
