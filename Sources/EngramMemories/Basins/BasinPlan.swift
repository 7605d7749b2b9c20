internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

/// Which damage is tried, on how many examples, and how many starts a census has: what the settings say, and for `auto` what a given
/// number of operations allows. Times would differ from machine to machine, and with them the bytes of the report.
public struct BasinPlan: Sendable {
    /// Mean squared errors that count as recovered, in units of the squared range of the samples: that of [RBU20], and two at which a
    /// picture is recognised.
    public static let criteria = [1e-7, 1e-3, 5e-3]

    /// A second or so on an ordinary machine.
    private static let affordableOperationCount = 5e10
    /// Cues or starts below which a rate says nothing.
    private static let fewest = 8
    private static let quickSourceCount = 100
    /// Where states meet, cues cost their first step alone, and more of them say more.
    private static let mergedSourceCount = 120
    /// Products of each cue with the examples: the map's, and those of the baselines.
    private static let cuePassCount = 5.0
    /// Cues in one batch run at the machine's rate.
    private static let mergedShare = 4.0
    private static let fullSourceCount = 1000
    private static let censusStartCount = 100
    /// Starts of the census take at most so much memory where nobody asked for more.
    private static let startByteCount = 256e6
    /// Iterations that a recall takes as a rule, for the estimate.
    private static let usualIterationCount = 100

    /// Operations of one application of the map to one state.
    let operationCountPerStep: Double
    let exampleCount: Int
    let dimension: Int
    let isAutoencoder: Bool
    let longestCycle: Int
    /// Whether states meet, so that after a step there are no more of them than examples.
    let mergesStates: Bool

    /// Steps that a sequence is played before it is compared with the frame that is due.
    var stepCount: Int { max(longestCycle, 100) }

    /// Most iterations of an autoencoder's cue: slow examples are looked at where they are by then, as [JP20] does after 50.
    func iterationCount(_ recovery: MemorySettings.Recovery, given: Int?) -> Int {
        isAutoencoder ? given ?? (recovery == .full ? 1000 : 200) : stepCount
    }

    /// Most iterations of a census start.
    func censusIterationCount(given: Int?) -> Int { given ?? (isAutoencoder ? 1000 : 3 * longestCycle + 200) }

    /// Operations of the Hopfield baseline's choice of β: all distances between examples.
    var pairOperationCount: Double { 2 * Double(exampleCount) * Double(exampleCount) * Double(dimension) }

    /// How many examples are damaged; 0 for none.
    func sourceCount(_ recovery: MemorySettings.Recovery, damageCount: Int) -> Int {
        switch recovery {
        case .none: return 0
        case .full: return min(exampleCount, Self.fullSourceCount)
        case .quick: return min(exampleCount, Self.quickSourceCount)
        case .auto:
            guard pairOperationCount < Self.affordableOperationCount else { return 0 }
            let steps = Double(isAutoencoder ? Self.usualIterationCount : stepCount)
            let damages = Double(max(damageCount, 1))
            if mergesStates {
                // The first step of every cue is in the space of the examples, and an autoencoder is there; of a sequence as many states are
                // played from then on as there are examples.
                let cue = 2 * Double(exampleCount) * Double(dimension) * Self.cuePassCount
                let played = isAutoencoder ? 0 : operationCountPerStep * steps * Double(exampleCount)
                let affordable = max(0, Self.affordableOperationCount * Self.mergedShare - played) / (cue * damages)
                return min(exampleCount, Self.mergedSourceCount, max(Self.fewest, Int(saturating: min(affordable, 1e9))))
            }
            let affordable = Self.affordableOperationCount / (operationCountPerStep * steps * damages)
            return min(exampleCount, Self.quickSourceCount, max(Self.fewest, Int(saturating: min(affordable, 1e9))))
        }
    }

    /// Starts of each kind in the census; 0 for none.
    func startCount(_ census: AutoOr<Int>, kindCount: Int) -> Int {
        if let given = census.given { return given }
        // A large photograph leaves little room for many starts of its size.
        let fitting = Self.startByteCount / (8 * Double(dimension) * Double(kindCount))
        guard fitting >= Double(Self.fewest) else { return 0 }
        let steps = Double(isAutoencoder ? 2 * Self.usualIterationCount : censusIterationCount(given: nil))
        let affordable = Self.affordableOperationCount / (operationCountPerStep * steps * Double(kindCount))
        return min(Self.censusStartCount, max(Self.fewest, Int(saturating: min(affordable, fitting, 1e9))))
    }

    /// Damage of every kind that examples of this form can take.
    static func damages(
        _ recovery: MemorySettings.Recovery, raster: Raster, valueRange: ClosedRange<Double>, sampleRange: Double
    ) -> [RecoveryMeasurement.Damage] {
        let isFull = recovery == .full
        let shares = isFull ? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] : [0.1, 0.3, 0.5, 0.7]
        let areas = isFull ? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] : [0.1, 0.3, 0.5]
        let radii = isFull ? [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2] : [0.1, 0.3, 1]
        let isFlat = raster.height == 1
        let halves: [Corruption.Half] = isFlat ? [.left, .right] : isFull ? Corruption.Half.allCases : [.left, .top]
        // Black, silence; where the medium has neither, its least value.
        let blank = valueRange.contains(0) ? 0 : valueRange.lowerBound
        return shares.map { .init(name: "uniform noise", level: $0, corruption: .uniformEntries(fraction: $0, range: valueRange)) }
            + areas.map {
                .init(
                    name: isFlat ? "blank stretch" : "square", level: $0, corruption: .square(area: $0, raster: raster, range: valueRange))
            }
            + radii.map { radius in
                .init(name: "gaussian noise", level: radius * sampleRange, corruption: .gaussian(radius: radius * sampleRange))
            }
            + halves.map { half in
                let name = isFlat ? (half == .left ? "first" : "second") : half.rawValue
                return .init(name: "masked \(name) half", level: 0.5, corruption: .masked(half, raster: raster, value: blank))
            }
    }

    /// `count` of `items`, evenly spread.
    static func spread(_ items: [Int], count: Int) -> [Int] {
        guard count < items.count else { return items }
        return (0..<count).map { items[$0 * items.count / count] }
    }
}

extension BasinPlan {
    /// - Parameter operationCountPerStep: Operations of one application of the map to one state.
    init(_ settings: MemorySettings, memory: Memory, set: TrainingSet, operationCountPerStep: Double) {
        self.init(
            operationCountPerStep: operationCountPerStep, exampleCount: set.examples.rowCount, dimension: set.examples.columnCount,
            isAutoencoder: set.task.isAutoencoder, longestCycle: set.longestCycle, mergesStates: memory.map.mergesStates)
    }
}
