internal import EngramDynamics
internal import EngramNumerics
internal import RealModule

extension Retriever {
    /// The points from which a cue is iterated: as it is, and where entries are missing by each way to fill them.
    func starts(of cue: Cue, index: Int, onIteration: (Int, Int) throws -> Void) throws -> [Start] {
        let free = cue.filled(with: mean)
        var starts = [Start(cue: index, method: .free, values: free, before: [])]
        guard cue.isKnown != nil, cue.knownCount > 0 else { return starts }
        if let solved = try solved(cue) {
            starts.append(Start(cue: index, method: .solved, values: solved, before: [free]))
        }
        // The next state of a sequence is another item, of which nothing is known.
        if set.task.isAutoencoder {
            let way = try clamped(cue, from: free, onIteration: onIteration)
            starts.append(Start(cue: index, method: .clamped, values: way[way.count - 1], before: way.dropLast()))
        }
        return starts
    }

    /// Most steps with the known entries put back; what has not settled by then goes on without.
    private static let clampedStepCount = 60

    /// x ← known entries of the cue, f(x) elsewhere, until x stands still: the states, the first one first.
    private func clamped(_ cue: Cue, from start: [Double], onIteration: (Int, Int) throws -> Void) throws -> [[Double]] {
        var states = [start]
        for step in 1...Self.clampedStepCount {
            let image = map.outputs(of: Matrix(rows: [states[states.count - 1]])).row(0)
            guard image.allSatisfy(\.isFinite) else { break }
            let next = cue.filled(with: image)
            let moved = squaredDistance(next, states[states.count - 1]).squareRoot()
            states.append(next)
            try onIteration(step, 1)
            if moved < 1e-6 * set.sampleRange * Double(next.count).squareRoot() { break }
        }
        return states
    }

    /// Items beyond which the regression's eigenvectors would take longer than anything else.
    private static let solvedItemLimit = 1000

    /// The point of the items' affine span that fits the known entries; nil where there are too many items, or one alone.
    ///
    /// x = m + Σ a_i (x_i - m) with a = (K + λI)⁻¹ C_K (c - m)_K, C_K the centred items on the known entries and K = C_K C_Kᵀ. λ is chosen
    /// by generalized cross-validation (Golub, Heath, Wahba 1979) from the eigenvalues of K, so that damage of the known entries is not
    /// magnified.
    private func solved(_ cue: Cue) throws -> [Double]? {
        guard let isKnown = cue.isKnown, (2...Self.solvedItemLimit).contains(items.rowCount) else { return nil }
        var centred = items
        centred.addToRows(mean, scaledBy: -1)
        let known = isKnown.indices.filter { isKnown[$0] }
        let seen = centred.submatrix(rows: Array(0..<centred.rowCount), columns: known)
        let target = Matrix(rowCount: known.count, columnCount: 1, elements: known.map { cue.values[$0] - mean[$0] })
        let (eigenvalues, vectors) = try seen.multiplied(by: seen, transposingOther: true).symmetricEigendecomposition()
        guard let largest = eigenvalues.max(), largest > 0 else { return nil }
        // Of the target in the eigenvectors of K: Uᵀ C_K t.
        let projected = vectors.multiplied(by: seen * target, transposingSelf: true).elements
        let targetNorm = target.elements.reduce(0) { $0 + $1 * $1 }
        var best: (score: Double, ridge: Double) = (.infinity, largest)
        for exponent in stride(from: -24.0, through: 2, by: 1) {
            let ridge = largest * Double.exp10(exponent / 2)
            // ‖t - ŷ‖² and the trace of the smoother, each from the eigenvalues alone.
            var (fitted, trace) = (0.0, 0.0)
            for (value, coefficient) in zip(eigenvalues, projected) where value > 1e-14 * largest {
                let shrunk = value / (value + ridge)
                fitted += coefficient * coefficient / value * (2 * shrunk - shrunk * shrunk)
                trace += shrunk
            }
            let left = Double(known.count) - trace
            guard left > 0 else { continue }
            let score = max(targetNorm - fitted, 0) / (left * left)
            if score < best.score { best = (score, ridge) }
        }
        let weights = zip(eigenvalues, projected).map { $0 > 1e-14 * largest ? $1 / ($0 + best.ridge) : 0 }
        let combination = vectors * weights
        let moved = Matrix(rowCount: 1, columnCount: combination.count, elements: combination) * centred
        return zip(mean, moved.elements).map { $0 + $1 }
    }
}
