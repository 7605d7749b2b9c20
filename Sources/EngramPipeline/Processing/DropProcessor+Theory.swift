internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

extension DropProcessor {
    /// Of the descent that theory is compared with: fast enough for a second, slow enough to stay within a hundredth of the flow.
    static let theoryLearningRate = 2e-3

    /// What theory says of a drop of one example, beside networks trained from the start that it asks for; empty for other drops.
    ///
    /// The source's own examples, and one hidden layer of the drop's nonlinearity where theory solves that. The example enters with norm 1, as in the
    /// source, so an example of zeros, which has no direction, is left out.
    func oneExampleTheory(_ trained: TrainedMemory, _ drop: DecodedDrop, _ meter: AnalysisMeter) throws -> [OneExampleCase.Comparison] {
        guard drop.task.isAutoencoder, drop.samples.rowCount == 1, drop.samples.elements.contains(where: { $0 != 0 }) else { return [] }
        let network = trained.memory.network
        let own = OneExampleCase(
            name: "\(network.activation.rawValue), k = 2, from 0.5",
            flow: RankOneFlow(function: .activation(network.activation), widths: [2], start: [0.5, 0.5]))
        let cases = OneExampleCase.reported + (network.activation == .sigmoid ? [] : [own])
        var results: [OneExampleCase.Comparison] = []
        for (index, item) in cases.enumerated() {
            do {
                results.append(
                    try item.compared(learningRate: Self.theoryLearningRate) { step in
                        if step.isMultiple(of: 256) { try meter.step(index, of: cases.count, "theory of one example") }
                    })
            } catch is TheoryError {
                // Not every nonlinearity has a solution from there.
                continue
            }
        }
        return results
    }
}
