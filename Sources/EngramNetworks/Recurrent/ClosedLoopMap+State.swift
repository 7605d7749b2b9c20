public import EngramNumerics

extension ClosedLoopMap {
    /// Rounds after which a state that still moves is taken as it is: the network does not settle on this text.
    private static let roundLimit = 64
    /// Steps of all rounds: a contraction by 0.999 a step forgets a first state to rounding within them.
    private static let stepLimit = 60_000

    /// The states in which the network meets each token of a text that it reads round and round, from the zero state on, once a round no
    /// longer changes them.
    /// - Parameter cycle: Tokens, shape `[n, V]`; each is its row's largest entry.
    /// - Returns: Shape `[n, w]`.
    public func carriedStates(along cycle: Matrix<Double>) -> Matrix<Double> {
        let tokens = (0..<cycle.rowCount).map { Self.largest(cycle.row($0)[...]).index }
        var state = Matrix<Double>(rowCount: 1, columnCount: network.stateSize)
        guard !tokens.isEmpty else { return Matrix(rowCount: 0, columnCount: network.stateSize) }
        let roundCount = max(Self.roundLimit, Self.stepLimit / tokens.count)
        for _ in 0..<roundCount {
            var (states, first) = ([Double](), state)
            for token in tokens {
                states += state.elements
                state = network.nextStates(after: [token], from: state)
            }
            let size = state.frobeniusNorm
            first = first - state
            // Rounding of a sum of w products keeps states from coming nearer.
            guard first.frobeniusNorm > 1e-13 * size, size.isFinite else {
                return Matrix(rowCount: tokens.count, columnCount: network.stateSize, elements: states)
            }
        }
        var states: [Double] = []
        for token in tokens {
            states += state.elements
            state = network.nextStates(after: [token], from: state)
        }
        return Matrix(rowCount: tokens.count, columnCount: network.stateSize, elements: states)
    }

    /// The point after reading, from the zero state on.
    ///
    /// A token that is missing adds nothing to the state, and where it is the last one the network's own choice stands for it. Of several
    /// largest entries of a sample the one counts that the network expects most.
    public func point(reading samples: [[Double]?]) -> [Double] {
        var state = Matrix<Double>(rowCount: 1, columnCount: network.stateSize)
        for sample in samples.dropLast() {
            state = sample.map { network.nextStates(after: [read($0, in: state)], from: state) } ?? network.nextStates(unread: state)
        }
        let everyToken = [Double](repeating: 1, count: network.vocabularySize)
        return point(state: state.row(0), token: read(samples.last.flatMap { $0 } ?? everyToken, in: state))
    }

    /// The same from each of some states: of a token that is missing the network's own choice is read.
    public func points(reading samples: [[Double]?], from states: Matrix<Double>) -> Matrix<Double> {
        let everyToken = [Double](repeating: 1, count: network.vocabularySize)
        var states = states
        for sample in samples.dropLast() {
            states = network.nextStates(after: read(sample ?? everyToken, inEach: states), from: states)
        }
        let tokens = read(samples.last.flatMap { $0 } ?? everyToken, inEach: states)
        return Matrix(rows: tokens.indices.map { point(state: states.row($0), token: tokens[$0]) })
    }

    /// The token of a sample: its largest entry, of several the one with the largest logit.
    private func read(_ sample: [Double], in state: Matrix<Double>) -> Int { read(sample, inEach: state).first ?? 0 }

    private func read(_ sample: [Double], inEach states: Matrix<Double>) -> [Int] {
        let largest = sample.max() ?? 0
        let candidates = sample.indices.filter { sample[$0] == largest }
        guard candidates.count > 1 else { return [Int](repeating: candidates.first ?? 0, count: states.rowCount) }
        let logits = network.logits(of: states)
        return (0..<states.rowCount).map { row in candidates.max { logits[row, $0] < logits[row, $1] } ?? candidates[0] }
    }
}
