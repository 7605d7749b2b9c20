internal import EngramNetworks
internal import EngramNumerics

/// The choices of a recipe that makes a recurrent network.
public struct RecurrentPlan: RecipePlan {
    /// w, of the state.
    var width: Int
    /// Layers of each of the two maps.
    var depth: Int
    /// Bytes that learning and analysis may take; nil where nobody said.
    public var memoryLimit: Double?
    /// Nothing had to be fitted.
    public var notes: [String] { [] }
    /// Depth and width.
    public var sizes: TrainingSizes {
        get { TrainingSizes(depth: depth, width: width, learningRate: learningRate) }
        set { (depth, width, learningRate) = (newValue.depth, newValue.width, newValue.learningRate) }
    }
    /// Of a network that is trained.
    var learningRate = 0.0
    /// The network, where it is written down, from when the texts were looked at.
    var written: PlaceNetwork?
    /// Tokens that tell places apart; nil before the texts were looked at.
    var neededPast: Int?
    /// "a recurrent network with a state of 128 values".
    public var shapeText: String { "a recurrent network with a state of \(width) values" }
}

extension RecurrentPlan {
    /// Bytes that a set takes with its states, its places and what verification makes of them.
    /// - Parameter unitCount: Units of the largest layer.
    func byteCount(for set: TrainingSet, unitCount: Int, startCount: Int) -> Double {
        let (n, vocabulary) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let d = vocabulary + Double(width)
        let weights = Double(width) * (d + Double(unitCount)) * 12
        return weights + 8 * (5 * n * d + 3 * d * d + Double(startCount) * (3 * d + 2 * Double(unitCount) + Double(set.longestCycle) * d))
            + 64e6
    }
}
