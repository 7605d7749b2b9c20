public import EngramDynamics
public import EngramNumerics

/// A recurrent network that reads what it wrote: (h, x) ↦ (s(x, h), the token of the largest logit of o(s(x, h)), one-hot).
///
/// A point has w + V values, the state first. The token of an output is a step function of the point, so its derivative is 0 wherever it has
/// one, and the eigenvalues of a product of Jacobians round a text are those of the products of ∂s/∂h, and zeros.
public struct ClosedLoopMap: DifferentiableMap {
    /// The network.
    public let network: RecurrentNetwork<Double>

    /// The loop of a network.
    public init(network: RecurrentNetwork<Double>) { self.network = network }

    /// w + V.
    public var inputDimension: Int { network.stateSize + network.vocabularySize }
    /// w + V.
    public var outputDimension: Int { inputDimension }
    /// All weights once.
    public var operationCount: Double { Double(network.parameterCount) }

    /// What a network plays, token by token.
    public struct Playing: Sendable, Equatable {
        /// The tokens, each the largest logit after the one before.
        public let tokens: [Int]
        /// By how much the largest logit exceeds the second largest, at each.
        public let margins: [Double]
        /// The points from which each token was found, shape `[count, w + V]`.
        public let points: Matrix<Double>
    }

    /// A point of state and token.
    public func point(state: [Double], token: Int) -> [Double] {
        var values = state + [Double](repeating: 0, count: network.vocabularySize)
        values[network.stateSize + token] = 1
        return values
    }

    /// Plays `count` tokens.
    /// - Parameters:
    ///   - token: The first one read.
    ///   - state: Shape `[w]`; nil for zeros, as in training.
    public func played(from token: Int, state: [Double]? = nil, count: Int) -> Playing {
        var (tokens, margins, points) = ([Int](), [Double](), [[Double]]())
        var (state, token) = (state ?? [Double](repeating: 0, count: network.stateSize), token)
        for _ in 0..<count {
            points.append(point(state: state, token: token))
            let next = network.nextStates(after: [token], from: Matrix(rows: [state]))
            let (best, margin) = Self.largest(network.logits(of: next).row(0))
            (state, token) = (next.row(0), best)
            tokens.append(best)
            margins.append(margin)
        }
        return Playing(tokens: tokens, margins: margins, points: Matrix(rows: points))
    }

    /// The first of the largest entries, and how far it is above the others.
    static func largest(_ values: [Double]) -> (index: Int, margin: Double) {
        let best = values.indices.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) } ?? 0
        let second = values.indices.filter { $0 != best }.map { values[$0] }.max()
        return (best, second.map { values[best] - $0 } ?? .infinity)
    }

    private func parts(_ batch: Matrix<Double>) -> (states: Matrix<Double>, tokens: [Int]) {
        let size = network.stateSize
        let rows = (0..<batch.rowCount).map { batch.row($0) }
        return (Matrix(rows: rows.map { Array($0[..<size]) }), rows.map { Self.largest(Array($0[size...])).index })
    }

    /// The next points, shape `[n, w + V]` to itself. A token that is not one-hot is taken for its largest entry.
    public func outputs(of batch: Matrix<Double>) -> Matrix<Double> {
        guard batch.rowCount > 0 else { return batch }
        let (states, tokens) = parts(batch)
        let next = network.nextStates(after: tokens, from: states)
        let logits = network.logits(of: next)
        return Matrix(rows: (0..<batch.rowCount).map { point(state: next.row($0), token: Self.largest(logits.row($0)).index) })
    }

    /// ∂s/∂h of each row in the place of states, zeros elsewhere.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization {
        guard points.rowCount > 0 else { return Linearization(jacobians: []) }
        let (states, tokens) = parts(points)
        return Linearization(
            jacobians: tokens.indices.map { row in
                var whole = Matrix<Double>(rowCount: outputDimension, columnCount: inputDimension)
                let inner = stateJacobian(after: tokens[row], from: states.row(row))
                for i in 0..<inner.rowCount { for j in 0..<inner.columnCount { whole[i, j] = inner[i, j] } }
                return whole
            })
    }

    /// ∂s(x, h)/∂h, shape `[w, w]`.
    public func stateJacobian(after token: Int, from state: [Double]) -> Matrix<Double> {
        var values = network.joined([token], Matrix(rows: [state]))
        var product: Matrix<Double>?
        for layer in network.stateLayers {
            values = values.multiplied(by: layer.weights, transposingOther: true)
            var derivatives = values
            values.activate(network.activation, addingBias: layer.biases, derivatives: &derivatives)
            var next =
                product.map { layer.weights * $0 }
                ?? Matrix(rows: (0..<layer.outputCount).map { Array(layer.weights.row($0)[network.vocabularySize...]) })
            next.scaleRows(by: derivatives.row(0))
            product = next
        }
        return product ?? .identity(network.stateSize)
    }

    private struct Linearization: MapLinearization {
        let jacobians: [Matrix<Double>]

        func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
            rows(points) { Matrix(rows: [tangents.row($0)]).multiplied(by: jacobians[$1], transposingOther: true) }
        }

        func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
            rows(points) { Matrix(rows: [cotangents.row($0)]) * jacobians[$1] }
        }

        func jacobian(at point: Int) -> Matrix<Double> { jacobians[point] }

        private func rows(_ points: [Int], _ product: (Int, Int) -> Matrix<Double>) -> Matrix<Double> {
            Matrix(rows: points.enumerated().map { product($0, $1).row(0) })
        }
    }
}
