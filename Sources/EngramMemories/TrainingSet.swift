public import EngramDynamics
public import EngramNumerics

/// What is to be memorized, as numbers: examples, what each is to map to, and what is known of their entries.
public struct TrainingSet: Sendable {
    /// Shape `[n, d]`, finite.
    public let examples: Matrix<Float>
    /// Which example each maps to.
    public let task: MemoryTask
    /// How the d entries of an example lie.
    public let raster: Raster
    /// The range that uniform noise is drawn from: that of the medium.
    public let valueRange: ClosedRange<Double>
    /// For each example the first that equals it.
    public let equalExamples: [Int]
    /// Largest less smallest value of all examples; 1 where they are all the same.
    public private(set) var sampleRange: Double
    /// Mean squared error within which a state counts as an example: the published 1e-7, in units of the squared range of the samples.
    ///
    /// The published experiments have data on [0, 1]; quiet recordings and float data of another scale need the same relative nearness.
    public private(set) var recoveryTolerance: Double
    /// How a refusal for want of memory advises to make the set smaller.
    public var sizeAdvice = "make the examples smaller or fewer"
    /// When values count as exactly those of an example.
    public let rounding: any ExampleRounding
    /// What tells equal samples apart; the last entries of each example. nil where no example has any.
    public private(set) var marks: RepeatMarks?
    /// Entries at the end of each example that a map with a state carries from one sample to the next; 0 elsewhere.
    public private(set) var stateEntryCount = 0

    /// A set of examples.
    ///
    /// - Parameters:
    ///   - examples: Shape `[n, d]`, finite, n and d at least 1.
    ///   - task: Of n examples; nil to map each to itself.
    ///   - raster: Of d entries; nil for a line of them.
    ///   - valueRange: Of the medium; nil for that of the examples.
    ///   - rounding: nil for float32.
    public init(
        examples: Matrix<Float>, task: MemoryTask? = nil, raster: Raster? = nil, valueRange: ClosedRange<Double>? = nil,
        rounding: (any ExampleRounding)? = nil
    ) {
        let task = task ?? .autoencoder(count: examples.rowCount)
        precondition(
            examples.rowCount >= 1 && examples.columnCount >= 1 && task.count == examples.rowCount,
            "\(examples.rowCount) examples of \(examples.columnCount) entries do not fit a task of \(task.count).")
        self.examples = examples
        self.task = task
        self.raster = raster ?? Raster(height: 1, width: examples.columnCount)
        let (least, greatest) = (Double(examples.elements.min() ?? 0), Double(examples.elements.max() ?? 0))
        self.valueRange = valueRange ?? least...Swift.max(greatest, least.nextUp)
        equalExamples = examples.equalRowGroups()
        let range = greatest - least
        recoveryTolerance = Self.recoveryTolerance(valueRange: range)
        sampleRange = (recoveryTolerance / 1e-7).squareRoot()
        self.rounding = rounding ?? FloatRounding(examples: examples)
    }

    /// `recoveryTolerance` of samples whose values lie this far apart.
    static func recoveryTolerance(valueRange: Double) -> Double { 1e-7 * (valueRange > 0 ? valueRange * valueRange : 1) }

    /// The square of the length of `valueRange`.
    public var squaredValueRange: Double {
        let length = valueRange.upperBound - valueRange.lowerBound
        return length * length
    }

    /// The examples that are trained on: all of a sequence, and of an autoencoder the first of each that are equal.
    public var trainingExamples: [Int] {
        task.isAutoencoder ? distinctExamples : Array(equalExamples.indices)
    }

    /// What is to be learned from the examples that are trained on.
    public var trainingTask: MemoryTask {
        task.isAutoencoder ? .autoencoder(count: trainingExamples.count) : task
    }

    /// The examples that are trained on.
    public var trainingSamples: Matrix<Float> {
        let kept = trainingExamples
        return kept.count == examples.rowCount ? examples : examples.rows(at: kept)
    }

    /// The length of the longest cycle; 1 for an autoencoder.
    public var longestCycle: Int { task.cycles.map(\.count).max() ?? 1 }

    /// Whether recalling `reached` recalls what `source` belongs to: an equal example, or for a sequence a cycle through the same states.
    public func isSameMemory(_ reached: Int, _ source: Int) -> Bool {
        guard !task.isAutoencoder else { return equalExamples[reached] == equalExamples[source] }
        let cycle = task.cycle(of: source) ?? source..<source
        return cycle.contains { equalExamples[$0] == equalExamples[reached] }
    }

    /// The set whose examples have these marks after their own entries.
    /// - Parameter marks: As many as there are examples, none of which has one yet.
    public func marked(by marks: RepeatMarks) -> TrainingSet {
        precondition(self.marks == nil, "The examples have marks already.")
        var set = TrainingSet(
            examples: marks.marking(examples), task: task, raster: marks.extending(raster), valueRange: valueRange,
            rounding: LeadingRounding(samples: rounding, sampleEntryCount: examples.columnCount))
        set.sizeAdvice = sizeAdvice
        set.marks = marks
        return set
    }

    /// The set with further entries at the end of each example, which are no part of what is stored.
    func carrying(_ states: Matrix<Float>) -> TrainingSet {
        var set = TrainingSet(
            examples: Matrix(rows: (0..<task.count).map { examples.row($0) + states.row($0) }), task: task,
            valueRange: valueRange, rounding: LeadingRounding(samples: rounding, sampleEntryCount: examples.columnCount))
        set.sizeAdvice = sizeAdvice
        (set.sampleRange, set.recoveryTolerance) = (sampleRange, recoveryTolerance)
        set.stateEntryCount = states.columnCount
        return set
    }

    /// Entries of a sample: those of an example without its mark and without what a map carries.
    public var sampleEntryCount: Int { examples.columnCount - (marks?.entryCount ?? 0) - stateEntryCount }

    /// The samples of states, shape `[m, d]`: what they are without their marks, shape `[m, sampleEntryCount]`.
    public func samples(of states: Matrix<Double>) -> Matrix<Double> {
        guard sampleEntryCount < states.columnCount, states.rowCount > 0 else { return states }
        return Matrix(rows: (0..<states.rowCount).map { sample(of: states.row($0)) })
    }

    /// The sample of one state, shape `[d]`.
    public func sample(of state: [Double]) -> [Double] { Array(state.prefix(sampleEntryCount)) }

    /// Whether `values` are the stored example after rounding to what the medium holds.
    public func isExactly(_ values: [Double], example: Int) -> Bool {
        rounding.isExactly(values.map { Float($0) }, example: example)
    }
}

/// When values count as exactly those of an example: after rounding to the codes of a medium. Rounding is monotonic.
public protocol ExampleRounding: Sendable {
    /// Whether `values`, shape `[d]`, round to the example.
    func isExactly(_ values: [Float], example: Int) -> Bool
}

/// Examples of which only the first entries matter for what is written.
struct LeadingRounding: ExampleRounding {
    let samples: any ExampleRounding
    let sampleEntryCount: Int

    func isExactly(_ values: [Float], example: Int) -> Bool {
        samples.isExactly(Array(values.prefix(sampleEntryCount)), example: example)
    }
}

/// Examples that are floats themselves.
private struct FloatRounding: ExampleRounding {
    let examples: Matrix<Float>

    func isExactly(_ values: [Float], example: Int) -> Bool { values == examples.row(example) }
}
