internal import EngramDynamics
internal import EngramNumerics

extension BasinStudy {
    /// Of the descent that theory is compared with: fast enough for a second, slow enough to stay within a hundredth of the flow.
    public static let theoryLearningRate = 2e-3

    /// What theory says of a set of one example, beside networks trained from the start that it asks for; empty for other sets.
    ///
    /// The source's own examples, and one hidden layer of the memory's nonlinearity where theory solves that. The example enters with norm 1, as in the
    /// source, so an example of zeros, which has no direction, is left out.
    func oneExampleTheory(_ memory: Memory, _ set: TrainingSet, _ meter: AnalysisMeter) throws -> [OneExampleCase.Comparison] {
        guard set.task.isAutoencoder, set.examples.rowCount == 1, set.examples.elements.contains(where: { $0 != 0 }) else { return [] }
        var cases = OneExampleCase.reported
        // The drop's own nonlinearity, where it has one that is not there yet.
        if let activation = memory.stored.facts.activation.flatMap(Activation.init(rawValue:)), activation != .sigmoid {
            cases.append(
                OneExampleCase(
                    name: "\(activation.rawValue), k = 2, from 0.5",
                    flow: RankOneFlow(function: .activation(activation), widths: [2], start: [0.5, 0.5])))
        }
        var results: [OneExampleCase.Comparison] = []
        for (index, item) in cases.enumerated() {
            do {
                results.append(
                    try item.compared(learningRate: Self.theoryLearningRate) { step in
                        if step.isMultiple(of: 256) {
                            try meter.step(.theory, Double(index) / Double(cases.count), "theory of one example")
                        }
                    })
            } catch is TheoryError {
                // Not every nonlinearity has a solution from there.
                continue
            }
        }
        return results
    }
}
