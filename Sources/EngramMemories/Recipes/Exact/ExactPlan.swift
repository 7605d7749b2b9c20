/// The choices of a recipe that writes its memory down from scores of the items.
public struct ExactPlan: RecipePlan {
    /// As a note names the map: "a tournament".
    let mapName: String
    /// The scores; nil before the examples were looked at.
    var choice: ScoreSelection.Choice?
    /// Bytes that learning and analysis may take; nil where nobody said.
    public var memoryLimit: Double?
    /// Nothing had to be fitted.
    public var notes: [String] { [] }
    /// Nothing of such a memory changes with the memory of the machine.
    public var sizes: TrainingSizes {
        get { TrainingSizes() }
        set {}
    }
    /// "a tournament".
    public var shapeText: String { mapName }

    init(mapName: String, memoryLimit: Double?) {
        self.mapName = mapName
        self.memoryLimit = memoryLimit
    }
}

extension ScoreSelection.Choice {
    /// What a report says of how the scores were found.
    var note: String {
        let counts =
            total > 0
            ? " On \(total) damaged copies of items that no reported figure uses, their largest score names the right item for "
                + "\(rightCount), the nearest neighbour for \(nearestCount)."
            : ""
        guard let variance else {
            return "Filters without brightness do not tell all items apart, so scores are those of the nearest neighbour." + counts
        }
        return "Scores are matched filters without brightness for a noise variance of \(variance) squared ranges." + counts
    }
}
