/// A damaged item that a memory is asked with.
public struct Cue: Sendable, Equatable {
    /// Shape `[d]`, in units of the medium; entries that are missing may hold anything finite.
    public var values: [Double]
    /// Shape `[d]`: which entries are known; nil where nobody says that any is missing.
    public var isKnown: [Bool]?

    /// A cue.
    /// - Parameters:
    ///   - values: Shape `[d]`, finite.
    ///   - isKnown: Shape `[d]`; nil, or true throughout, where nothing is known to be missing.
    public init(values: [Double], isKnown: [Bool]? = nil) {
        precondition(
            isKnown.map { $0.count == values.count } ?? true, "A mask of \(isKnown?.count ?? 0) entries does not fit \(values.count).")
        self.values = values
        self.isKnown = isKnown.flatMap { $0.contains(false) ? $0 : nil }
    }

    /// The first `count` entries.
    public func prefix(_ count: Int) -> Cue { Cue(values: Array(values.prefix(count)), isKnown: isKnown.map { Array($0.prefix(count)) }) }

    /// The cue with further entries, all of them known.
    public func appending(_ entries: [Double]) -> Cue {
        Cue(values: values + entries, isKnown: isKnown.map { $0 + [Bool](repeating: true, count: entries.count) })
    }

    /// Entries that are known.
    public var knownCount: Int { isKnown.map { $0.count { $0 } } ?? values.count }

    /// Root mean square difference to `item`, shape `[d]`, over the known entries; 0 where none are known.
    public func distance(to item: some Collection<Double>) -> Double {
        var (sum, count) = (0.0, 0)
        for (index, value) in item.enumerated() where isKnown?[index] ?? true {
            let difference = value - values[index]
            sum += difference * difference
            count += 1
        }
        return count == 0 ? 0 : (sum / Double(count)).squareRoot()
    }

    /// The same cue with `fill` at the entries that are missing.
    func filled(with fill: [Double]) -> [Double] {
        guard let isKnown else { return values }
        return values.indices.map { isKnown[$0] ? values[$0] : fill[$0] }
    }
}

/// How the missing entries of a cue were dealt with before the map alone took over.
public enum CueMethod: String, Sendable, Equatable, CaseIterable {
    /// The cue as it is; missing entries begin at the mean of the items.
    case free
    /// Known entries are put back after every step until the state stands still.
    case clamped
    /// The point of the items' affine span that fits the known entries, by ridge regression.
    case solved
}
