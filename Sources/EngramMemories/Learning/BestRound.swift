internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// What a map in training is, besides what the settings give: enough to make it again.
public struct TrainingSizes: Equatable, Sendable {
    /// Number of hidden layers.
    public var depth: Int
    /// Units in each.
    public var width: Int
    /// Examples in each step; nil for all at once.
    public var batchSize: Int?
    /// Peak of the schedule.
    public var learningRate: Double
    /// The bytes that the width was narrowed to fit in; nil where it was not.
    public var narrowedWithin: Double?

    /// Sizes from their parts; those of a plan that nothing changes may be left out.
    public init(depth: Int = 0, width: Int = 0, batchSize: Int? = nil, learningRate: Double = 0, narrowedWithin: Double? = nil) {
        self.depth = depth
        self.width = width
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.narrowedWithin = narrowedWithin
    }
}

/// How good the memory of one round is.
struct RoundScore: Equatable {
    /// Verified attractors, or stable cycles.
    var verifiedCount: Int
    /// Of a sequence, the starts from uniform noise that were recalled.
    var recalledCount: Int
    /// Examples or cycles that the map gives back, whether they attract or not.
    var fittedCount: Int
    /// The largest log10 of a spectral radius.
    var log10Radius: Double

    init(verifiedCount: Int, recalledCount: Int, fittedCount: Int, log10Radius: Double) {
        self.verifiedCount = verifiedCount
        self.recalledCount = recalledCount
        self.fittedCount = fittedCount
        self.log10Radius = log10Radius
    }

    init(_ analysis: Verification, isAutoencoder: Bool) {
        verifiedCount = analysis.verdicts.count { $0 }
        // An autoencoder may have other attractors, and noise may end there.
        recalledCount =
            isAutoencoder
            ? 0 : analysis.recalls.filter { $0.batch.start == .uniformNoise }.reduce(0) { $0 + $1.isRecovered.count { $0 } }
        fittedCount = analysis.residuals.count { $0 <= analysis.tolerance }
        log10Radius = analysis.spectra.map(\.log10SpectralRadius).reduce(-.infinity) { $1.isNaN ? .infinity : max($0, $1) }
    }

    /// Whether more attractors, cycles or recalls were verified than in the other.
    func holdsMore(than other: RoundScore) -> Bool {
        [other.verifiedCount, other.recalledCount].lexicographicallyPrecedes([verifiedCount, recalledCount])
    }

    /// Whether this is the worse of the two; by the radius alone only between memories that hold as much.
    func isWorse(than other: RoundScore) -> Bool {
        let (own, others) = (
            [verifiedCount, recalledCount, fittedCount], [other.verifiedCount, other.recalledCount, other.fittedCount]
        )
        return own == others ? log10Radius > other.log10Radius : own.lexicographicallyPrecedes(others)
    }
}

/// The best round so far: how good it was, and how to make its memory again.
struct BestRound: Equatable {
    /// From 1.
    var round: Int
    var score: RoundScore
    var sizes: TrainingSizes
    /// Epochs of its network.
    var epochCount: Int
    /// In the coordinates of training.
    var parameters: [DenseLayer<Float>]
    /// Of the contractive output layer, over all examples; nil where the plain one is stored.
    var exampleWeights: [Double]?
}

extension TrainingSizes {
    func append(to writer: inout CheckpointWriter) {
        writer.append(depth)
        writer.append(width)
        writer.append(batchSize ?? 0)
        writer.append(learningRate)
        writer.append(narrowedWithin ?? 0)
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        depth = try reader.readCount()
        width = try reader.readCount()
        let size = try reader.readCount()
        batchSize = size == 0 ? nil : size
        learningRate = try reader.readDouble()
        let limit = try reader.readDouble()
        narrowedWithin = limit == 0 ? nil : limit
    }
}

extension BestRound {
    func append(to writer: inout CheckpointWriter) {
        writer.append(round)
        for count in [score.verifiedCount, score.recalledCount, score.fittedCount] { writer.append(count) }
        writer.append(score.log10Radius)
        sizes.append(to: &writer)
        writer.append(epochCount)
        writer.append(parameters.count)
        for layer in parameters {
            writer.append(layer.outputCount)
            writer.append(layer.inputCount)
            writer.append(contentsOf: layer.weights.elements)
            writer.append(contentsOf: layer.biases)
        }
        writer.append(exampleWeights?.count ?? 0)
        writer.append(contentsOf: exampleWeights ?? [])
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        round = try reader.readCount()
        score = RoundScore(
            verifiedCount: try reader.readCount(), recalledCount: try reader.readCount(), fittedCount: try reader.readCount(),
            log10Radius: try reader.readDouble())
        sizes = try TrainingSizes(from: &reader)
        epochCount = try reader.readCount()
        var layers: [DenseLayer<Float>] = []
        for _ in 0..<(try reader.readCount()) {
            let (rows, columns) = (try reader.readCount(), try reader.readCount())
            let (entryCount, overflow) = rows.multipliedReportingOverflow(by: columns)
            guard rows >= 0, columns >= 0, !overflow else { throw .otherRun(what: "sizes") }
            layers.append(
                DenseLayer(
                    weights: Matrix(rowCount: rows, columnCount: columns, elements: try reader.readValues(count: entryCount)),
                    biases: try reader.readValues(count: rows)))
        }
        parameters = layers
        let weightCount = try reader.readCount()
        exampleWeights = weightCount == 0 ? nil : try reader.readValues(count: weightCount)
    }
}
