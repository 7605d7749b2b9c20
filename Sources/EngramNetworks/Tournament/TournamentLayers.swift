/// A tournament as the layers of an ordinary rectifier network, with the zeros of its weights left out.
///
/// Layer 1 compares neighbours, relu(±(s_a - s_b)), and hands on scores, relu(±s). Each later layer halves the groups: with M the largest
/// score of a group, M = M_a + relu(M_b - M_a), and u_i grows by what its own group loses by, relu(M_other - M_own). After ⌈log₂ n⌉ of them
/// u_i = max s - s_i; then comes h_i = relu(1 - u_i/δ). With a shortlist the scores s wait, as relu(±s), while its tournament is played, and
/// lose c·relu(u_i - θ). It is what `TournamentMap` computes, and the test holds the two together.
public struct TournamentLayers: Sendable {
    /// A sum of units, each with its weight.
    public typealias Combination = [(input: Int, weight: Double)]

    /// One layer of rectifiers: weights with few entries a row, and biases.
    public struct Layer: Sendable {
        /// For each unit what it reads.
        public var rows: [Combination]
        /// Shape `[units]`.
        public var biases: [Double]
    }

    /// The layers after the linear scores. Units of the first read scores, t before s where there is a shortlist; those of the others the
    /// layer before. The last layer is h.
    public private(set) var layers: [Layer] = []

    /// The layers of a tournament of n items.
    /// - Parameters:
    ///   - count: n, at least 1.
    ///   - shortlist: θ and c of a shortlist; nil for none.
    ///   - margin: δ.
    public init(count n: Int, shortlist: (window: Double, penalty: Double)? = nil, margin: Double) {
        precondition(n >= 1, "A tournament needs an item.")
        var scores: [Combination] = (0..<n).map { [($0, 1)] }
        if let shortlist {
            let (losses, waiting) = play(scores, carrying: (n..<2 * n).map { [($0, 1)] })
            // relu(u - θ) and the scores once more.
            append(losses.map { ($0, -shortlist.window) } + Self.halves(waiting).map { ($0, 0) })
            scores = (0..<n).map { [($0, -shortlist.penalty), (n + $0, 1), (2 * n + $0, -1)] }
        }
        let (losses, _) = play(scores, carrying: [])
        append(losses.map { (Self.scaled($0, by: -1 / margin), 1) })
    }

    /// Plays the tournament of some scores: layers are added, and u comes out.
    /// - Parameters:
    ///   - scores: Combinations of the present units.
    ///   - carried: Others, which are handed on.
    /// - Returns: u and the others, as combinations of the units of the last layer that was added.
    private mutating func play(_ scores: [Combination], carrying carried: [Combination]) -> (losses: [Combination], carried: [Combination])
    {
        let n = scores.count
        var (largest, waiting) = (scores, carried)
        var group = Array(0..<n)
        var losses = [Combination](repeating: [], count: n)
        var isFirst = true
        while largest.count > 1 || isFirst {
            let pairs = largest.count / 2
            let kept = largest.count - pairs
            let held = isFirst ? [] : losses
            var rows: [Combination] = held
            for pair in 0..<pairs { rows.append(largest[2 * pair + 1] + Self.scaled(largest[2 * pair], by: -1)) }
            for pair in 0..<pairs { rows.append(largest[2 * pair] + Self.scaled(largest[2 * pair + 1], by: -1)) }
            rows += Self.halves((0..<kept).map { largest[2 * $0] })
            let firstWaiting = rows.count
            rows += Self.halves(waiting)
            append(rows.map { ($0, 0) })
            let (up, down) = (held.count, held.count + pairs)
            let (plus, minus) = (held.count + 2 * pairs, held.count + 2 * pairs + kept)
            for item in 0..<n {
                let isPaired = group[item] < 2 * pairs
                losses[item] = (isFirst ? [] : [(item, 1)]) + (isPaired ? [((group[item] % 2 == 0 ? up : down) + group[item] / 2, 1)] : [])
                group[item] /= 2
            }
            largest = (0..<kept).map { [(plus + $0, 1), (minus + $0, -1)] + ($0 < pairs ? [(up + $0, 1)] : []) }
            waiting = waiting.indices.map { [(firstWaiting + $0, 1), (firstWaiting + waiting.count + $0, -1)] }
            isFirst = false
        }
        return (losses, waiting)
    }

    private mutating func append(_ units: [(row: Combination, bias: Double)]) {
        layers.append(Layer(rows: units.map(\.row), biases: units.map(\.bias)))
    }

    /// A number as the difference of two rectifiers, relu(v) - relu(-v): first all v, then all -v.
    private static func halves(_ values: [Combination]) -> [Combination] { values + values.map { scaled($0, by: -1) } }

    private static func scaled(_ combination: Combination, by factor: Double) -> Combination {
        combination.map { ($0.input, factor * $0.weight) }
    }

    /// h of scores, by going through the layers.
    /// - Parameter scores: Shape `[n]`, with a shortlist `[2n]`, t first.
    public func gates(of scores: [Double]) -> [Double] {
        layers.reduce(scores) { values, layer in
            zip(layer.rows, layer.biases).map { row, bias in max(0, row.reduce(bias) { $0 + $1.weight * values[$1.input] }) }
        }
    }

    /// Hidden layers of the whole network.
    public static func hiddenLayerCount(itemCount n: Int, hasShortlist: Bool) -> Int {
        let rounds = n <= 2 ? 1 : Int.bitWidth - (n - 1).leadingZeroBitCount
        return hasShortlist ? 2 * rounds + 2 : rounds + 1
    }
}
