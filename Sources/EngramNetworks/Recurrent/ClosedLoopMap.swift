public import EngramDynamics
public import EngramNumerics

/// A recurrent network that reads what it wrote: (x, h) ↦ (the token of the largest logit of o(s(x, h)), one-hot; s(x, h)).
///
/// A point has V + w values, the token first; h is the state in which the network meets the token. The token of an output is a step function
/// of the point, so its derivative is 0 wherever it has one, and the eigenvalues of a product of Jacobians round a text are those of the
/// products of ∂s/∂h, and zeros.
public struct ClosedLoopMap: IterableMap {
    /// The network.
    public let network: RecurrentNetwork<Double>

    /// The loop of a network.
    public init(network: RecurrentNetwork<Double>) { self.network = network }

    /// V + w.
    public var inputDimension: Int { network.vocabularySize + network.stateSize }
    /// V + w.
    public var outputDimension: Int { inputDimension }
    /// All weights once.
    public var operationCount: Double { Double(network.parameterCount) }
    /// ∂s/∂h has w rows, and the rest of the Jacobian is 0.
    public var hasJacobianFactors: Bool { true }
    /// w.
    public var stateEntryCount: Int { network.stateSize }

    // MARK: Playing

    /// What a network plays, token by token.
    public struct Playing: Sendable, Equatable {
        /// The tokens, each the largest logit after the one before.
        public let tokens: [Int]
        /// By how much the largest logit exceeds the second largest, at each.
        public let margins: [Double]
        /// The points from which each token was found, shape `[count, V + w]`.
        public let points: Matrix<Double>
    }

    /// A point of token and state.
    public func point(state: [Double], token: Int) -> [Double] {
        var values = [Double](repeating: 0, count: network.vocabularySize)
        values[token] = 1
        return values + state
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
            let (best, margin) = Self.largest(network.logits(of: next).row(0)[...])
            (state, token) = (next.row(0), best)
            tokens.append(best)
            margins.append(margin)
        }
        return Playing(tokens: tokens, margins: margins, points: Matrix(rows: points))
    }

    /// The first of the largest entries, counted from the first entry, and how far it is above the others.
    static func largest(_ values: ArraySlice<Double>) -> (index: Int, margin: Double) {
        var (best, second) = (values.startIndex, -Double.infinity)
        for index in values.indices.dropFirst() {
            if values[index] > values[best] {
                (best, second) = (index, values[best])
            } else {
                second = max(second, values[index])
            }
        }
        return (best - values.startIndex, values.count > 1 ? values[best] - second : .infinity)
    }

    /// The rows of a batch as tokens and states. A token that is not one-hot is taken for its largest entry.
    private func parts(_ batch: Matrix<Double>) -> (states: Matrix<Double>, tokens: [Int]) {
        let (values, size, width) = (batch.elements, network.vocabularySize, inputDimension)
        var (states, tokens) = ([Double](), [Int]())
        states.reserveCapacity(batch.rowCount * network.stateSize)
        for row in 0..<batch.rowCount {
            let start = row * width
            tokens.append(Self.largest(values[start..<start + size]).index)
            states += values[start + size..<start + width]
        }
        return (Matrix(rowCount: batch.rowCount, columnCount: network.stateSize, elements: states), tokens)
    }

    /// The next points, shape `[n, V + w]` to itself. A token that is not one-hot is taken for its largest entry.
    public func outputs(of batch: Matrix<Double>) -> Matrix<Double> {
        guard batch.rowCount > 0 else { return batch }
        let (states, tokens) = parts(batch)
        let next = network.nextStates(after: tokens, from: states)
        let (logits, following) = (network.logits(of: next).elements, next.elements)
        let (size, width) = (network.vocabularySize, network.stateSize)
        var result: [Double] = []
        result.reserveCapacity(batch.elements.count)
        for row in 0..<batch.rowCount {
            let best = result.count + Self.largest(logits[row * size..<(row + 1) * size]).index
            result.append(contentsOf: repeatElement(0, count: size))
            result[best] = 1
            result += following[row * width..<(row + 1) * width]
        }
        return Matrix(rowCount: batch.rowCount, columnCount: inputDimension, elements: result)
    }

    /// By how much the largest logit exceeds the second largest.
    public func choiceMargins(at points: Matrix<Double>) -> [Double]? {
        let (states, tokens) = parts(points)
        let logits = network.logits(of: network.nextStates(after: tokens, from: states))
        return (0..<logits.rowCount).map { Self.largest(logits.row($0)[...]).margin }
    }

    // MARK: Jacobians

    /// ∂s/∂h of each row in the place of states, zeros elsewhere.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization {
        let (states, tokens) = parts(points)
        return ClosedLoopLinearization(map: self, states: states, tokens: tokens)
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
                product.map { layer.weights * $0 } ?? layer.weights.columns(at: network.vocabularySize..<layer.weights.columnCount)
            next.scaleRows(by: derivatives.row(0))
            product = next
        }
        return product ?? .identity(network.stateSize)
    }

    // MARK: Image

    /// The whole space: tokens are one-hot, and states may be anything.
    public func imageSubspace() -> AffineSubspace {
        AffineSubspace(origin: [Double](repeating: 0, count: inputDimension), basis: .identity(inputDimension))
    }

    /// The map itself, whose image is the whole space.
    public func imageRestriction(proposedBasis: Matrix<Double>?) -> ImageRestriction {
        ImageRestriction(map: self, subspace: imageSubspace())
    }

    /// The outputs.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> { outputs(of: batch) }
    /// The Jacobians of the map itself.
    public func imageLinearization(at points: Matrix<Double>, in restriction: ImageRestriction) -> any MapLinearization {
        linearized(at: points)
    }
    /// Where they are.
    public func places(of examples: Matrix<Double>, in restriction: ImageRestriction) -> ProjectedExamples {
        ProjectedExamples(coordinates: examples, squaredOffsets: [Double](repeating: 0, count: examples.rowCount))
    }
    /// The Jacobians of the map itself.
    public func jacobianCore(in restriction: ImageRestriction) -> any JacobianCore { ClosedLoopCore(map: self) }
}

/// The Jacobians, which read and write the whole space.
private struct ClosedLoopCore: JacobianCore {
    let map: ClosedLoopMap

    var readsItsImage: Bool { true }
    var hasJacobianFactors: Bool { true }
    var inputDimension: Int { map.inputDimension }
    var outputDimension: Int { map.outputDimension }
    func linearized(at points: Matrix<Double>) -> any MapLinearization { map.linearized(at: points) }
}

/// Each Jacobian is made when it is asked for: those of a long text together would fill the memory.
private struct ClosedLoopLinearization: MapLinearization {
    let map: ClosedLoopMap
    let states: Matrix<Double>
    let tokens: [Int]

    private var size: Int { map.network.vocabularySize }

    private func inner(_ point: Int) -> Matrix<Double> { map.stateJacobian(after: tokens[point], from: states.row(point)) }

    func factors(at point: Int) -> JacobianFactors? {
        let (width, inner) = (map.network.stateSize, inner(point))
        var left = Matrix<Double>(rowCount: map.inputDimension, columnCount: width)
        var right = Matrix<Double>(rowCount: width, columnCount: map.inputDimension)
        for row in 0..<width {
            left.setRow(size + row, to: inner.row(row))
            right[row, size + row] = 1
        }
        return JacobianFactors(left: left, right: right, log10Scale: 0)
    }

    func jacobian(at point: Int) -> Matrix<Double> {
        let inner = inner(point)
        var whole = Matrix<Double>(rowCount: map.outputDimension, columnCount: map.inputDimension)
        for row in 0..<inner.rowCount { whole.setRow(size + row, to: [Double](repeating: 0, count: size) + inner.row(row)) }
        return whole
    }

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        products(of: tangents, at: points) { $0.multiplied(by: $1, transposingOther: true) }
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> { products(of: cotangents, at: points) { $0 * $1 } }

    /// One product for each point's rows together, of their states' entries.
    private func products(
        of rows: Matrix<Double>, at points: [Int], _ product: (Matrix<Double>, Matrix<Double>) -> Matrix<Double>
    ) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: rows.rowCount, columnCount: rows.columnCount)
        for (point, members) in Dictionary(grouping: points.indices, by: { points[$0] }) {
            let found = product(rows.rows(at: members).columns(at: size..<rows.columnCount), inner(point))
            for (local, row) in members.enumerated() { result.setRow(row, to: [Double](repeating: 0, count: size) + found.row(local)) }
        }
        return result
    }
}
