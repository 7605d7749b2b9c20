public import EngramNumerics
internal import RealModule

/// A recurrent network that plays texts, written down and not trained.
///
/// The state remembers what was read, the older the fainter: s(x, h) = αQh + e_x with Q orthogonal and α < 1, both drawn at random, as in a
/// linear echo state network (Jaeger 2001; orthogonal: White, Lee, Sompolinsky 2004). So h = Σ_j (αQ)^j e of the token j steps back. The output
/// map has one unit for each place of the texts: its value ⟨h_p, h⟩ - ‖h_p‖²/2 is the largest where h_p, the state at that place, is the
/// nearest to h, and it speaks for the token that stands there. A token's logit is the largest of its units.
///
/// Whatever state it begins with, the loop comes to a text and stays there. Let p be the place nearest to h, at distance δ: the token of p
/// is chosen, and the next state is s of it, at most αδ from the state of the place after p. The nearest place is no farther, so δ falls by α
/// at every step at least, and once it is less than half of what places differ by, p is the same text's next place ever after. The product
/// of the Jacobians round n tokens is (αQ)^n: all its eigenvalues have the modulus α^n.
public struct PlaceNetwork: Sendable, Equatable {
    /// The network in the numbers that are stored.
    public let network: RecurrentNetwork<Float>
    /// α.
    public let decay: Double
    /// By how much the right logit exceeds the others, at the place where that is least.
    public let leastMargin: Double

    /// What texts are written into.
    public struct Design: Sendable, Equatable {
        /// w.
        public var width: Int
        /// α, above 0 and below 1.
        public var decay: Double
        /// Of Q and the tokens' directions.
        public var seed: UInt64

        /// A design.
        public init(width: Int, decay: Double, seed: UInt64) {
            precondition(width >= 1 && decay > 0 && decay < 1, "A state has entries, and what it remembers fades.")
            (self.width, self.decay, self.seed) = (width, decay, seed)
        }
    }

    /// Entries of a state have about the variance 1 where α is this, and more where it is nearer to 1.
    private static let usualDecay = 0.9

    /// Writes a network down.
    ///
    /// - Parameters:
    ///   - texts: Tokens below `vocabularySize`; each text begins again at its end.
    ///   - vocabularySize: V.
    ///   - firstEqual: For each place of all texts the first with the same past, which alone gets a unit.
    ///   - design: How.
    ///   - onStep: Called now and then; may throw to cancel.
    /// - Throws: `NumericsError`; whatever `onStep` throws.
    public init(
        _ texts: [[Int]], vocabularySize: Int, firstEqual: [Int], design: Design, onStep: () throws -> Void = {}
    ) throws {
        let state = try Self.stateLayer(vocabularySize: vocabularySize, design)
        let blank = DenseLayer<Float>(inputCount: design.width, outputCount: vocabularySize)
        let reader = ClosedLoopMap(
            network: RecurrentNetwork<Float>(stateLayers: [state], outputLayers: [blank], activation: nil).converted(to: Double.self))
        var states: [Double] = []
        for text in texts {
            try onStep()
            let tokens = Matrix<Double>(rows: text.map { token in (0..<vocabularySize).map { $0 == token ? 1 : 0 } })
            states += reader.carriedStates(along: tokens).elements
        }
        let kept = firstEqual.indices.filter { firstEqual[$0] == $0 }
        let all = Matrix(rowCount: firstEqual.count, columnCount: design.width, elements: states)
        let weights = all.rows(at: kept).converted(to: Float.self)
        let biases = (0..<weights.rowCount).map { row in Float(-weights.row(row).reduce(0) { $0 + Double($1) * Double($1) } / 2) }
        let tokens = Array(texts.joined())
        network = RecurrentNetwork(
            stateLayers: [state], outputLayers: [DenseLayer(weights: weights, biases: biases)], activation: nil,
            unitTokens: kept.map { tokens[$0] })
        decay = design.decay
        leastMargin = try Self.leastMargin(
            of: network.converted(to: Double.self), at: all.rows(at: kept), tokens: kept.map { tokens[$0] }, onStep: onStep)
    }

    /// [E | αQ] without biases, E with columns of one length.
    private static func stateLayer(vocabularySize: Int, _ design: Design) throws(NumericsError) -> DenseLayer<Float> {
        var generator = SplitMix64(seed: design.seed)
        let width = design.width
        let drawn = Matrix<Double>(rowCount: width, columnCount: width, elements: (0..<width * width).map { _ in generator.nextNormal() })
        let turned = try drawn.orthonormalizedColumns()
        let length = (Double(width) * (1 - usualDecay * usualDecay)).squareRoot()
        var directions = Matrix<Double>(rowCount: vocabularySize, columnCount: width)
        for token in 0..<vocabularySize {
            let direction = (0..<width).map { _ in generator.nextNormal() }
            let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            directions.setRow(token, to: direction.map { length * $0 / norm })
        }
        let columns = directions.transposed()
        let rows = (0..<width).map { columns.row($0) + turned.row($0).map { design.decay * $0 } }
        return DenseLayer(weights: Matrix(rows: rows).converted(to: Float.self), biases: [Float](repeating: 0, count: width))
    }

    /// Rows of logits that are held at a time.
    private static let rowsAtOnce = 256

    private static func leastMargin(
        of network: RecurrentNetwork<Double>, at states: Matrix<Double>, tokens: [Int], onStep: () throws -> Void
    ) throws -> Double {
        var least = Double.infinity
        for first in stride(from: 0, to: states.rowCount, by: rowsAtOnce) {
            try onStep()
            let rows = first..<min(first + rowsAtOnce, states.rowCount)
            let logits = network.logits(of: states.rows(at: rows))
            for row in 0..<logits.rowCount {
                let (values, token) = (logits.row(row), tokens[first + row])
                let others = values.indices.lazy.filter { $0 != token }.map { values[$0] }.max()
                if let others { least = min(least, values[token] - others) }
            }
        }
        return least
    }
}
