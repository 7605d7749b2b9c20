public import EngramNumerics

/// What a memory gave back for one cue.
public struct Retrieval: Sendable {
    /// How an iteration that reached nothing stored ended.
    public enum Ending: Sendable, Equatable {
        /// On something stored.
        case item
        /// On a fixed point that is nothing stored.
        case spuriousFixedPoint
        /// On a cycle of this many states that is nothing stored.
        case spuriousCycle(length: Int)
        /// It had not settled after all iterations.
        case unsettled
        /// It ran off to where numbers end.
        case diverged
    }

    /// An item and how far off it is.
    public struct Neighbour: Sendable, Equatable {
        /// Row of the item.
        public let item: Int
        /// Root mean square difference, over the entries that were compared.
        public let distance: Double
    }

    /// How the cue's missing entries were dealt with.
    public let method: CueMethod
    /// What each method that was tried led to: the item, or nil.
    public let tried: [(method: CueMethod, item: Int?)]
    /// How iteration ended.
    public let ending: Ending
    /// The item that the cue stands for: of a sequence the one whose successors were met, in step. nil where nothing stored was reached.
    public let item: Int?
    /// Applications of the map until the item was reached, or all that were made.
    public let stepCount: Int
    /// The last state, shape `[d]`; of a sequence the state at `item`, as the cycle plays it.
    public let values: [Double]
    /// Root mean square difference of `values` to the item, or to the nearest one where none was reached.
    public let error: Double
    /// Of a sequence the whole round from `item` on, shape `[cycle length, d]`, as the map plays it; nil elsewhere.
    public let round: Matrix<Double>?
    /// Whether `values`, and every state of `round`, round to exactly what is stored.
    public let isExact: Bool
    /// The states on the way, the start first, shape `[m, d]`, and the step that each belongs to.
    public let path: (states: Matrix<Double>, steps: [Int])
    /// Root mean square difference of each state on the way, the start first, to the item that is due at that step; to the nearest item
    /// at the end where none was reached.
    public let distances: [Double]
    /// The two items nearest to the cue over its known entries, the nearest first; one where there is only one.
    public let neighbours: [Neighbour]
    /// The two items nearest to the last state.
    public let finalNeighbours: [Neighbour]
    /// How sure the answer is; nil where nothing was reached or nobody asked.
    public var assurance: RecallAssurance?

    /// How much nearer the recalled state is to its item than to the next one, root mean square; nil where there is only one.
    public var margin: Double? { finalNeighbours.count > 1 ? finalNeighbours[1].distance - finalNeighbours[0].distance : nil }
}

/// How far a cue may be off before it leads elsewhere.
public struct RecallAssurance: Sendable, Equatable {
    /// The smallest perturbation of the cue that was found to lead elsewhere, as a root mean square; nil where none was found.
    public var escape: Double?
    /// The item that it leads near to.
    public var escapeItem: Int?
    /// The largest perturbation that was tried.
    public var largestTried: Double
    /// Directions that were tried.
    public var directionCount: Int
    /// ‖J‖₂ at the item, on the subspace of outputs.
    public var jacobianNorm: Double
    /// Half the distance to the nearest other item, divided by ‖J‖₂, as a root mean square: how far a cue may be off the item before one
    /// step brings it nearer to another, to first order. Infinite where J is 0.
    public var firstOrderRadius: Double
}
