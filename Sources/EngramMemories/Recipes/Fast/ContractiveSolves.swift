internal import EngramDynamics
internal import EngramNetworks

/// The contractive solves after one round of training: at most three, each with more weight on the examples whose radius is large.
struct ContractiveSolves: MemoryImprover {
    let phase = "contractive output layer"

    private var exampleWeights: [Double]
    private var solveCount = 0
    /// The spectral radii after the last solve; nil before there was one.
    private var radii: [Double]?

    static let limit = 3

    init(exampleCount: Int) {
        exampleWeights = Array(repeating: 1, count: exampleCount)
    }

    /// The weights for the next solve; nil when every example is an attractor, nothing was verified, or the solves are used up.
    mutating func next(after best: Verification) -> [Double]? {
        guard solveCount < Self.limit, !best.verdicts.isEmpty, !best.verdicts.allSatisfy({ $0 }) else { return nil }
        solveCount += 1
        if let radii { exampleWeights = ContractiveOutputLayer.reweighted(exampleWeights, spectralRadii: radii) }
        return exampleWeights
    }

    /// Takes up what the last solve led to.
    mutating func note(_ found: Verification) {
        radii = found.spectra.map(\.spectralRadius)
    }
}
