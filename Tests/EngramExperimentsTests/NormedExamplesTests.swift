import EngramNumerics
import Testing

@testable import EngramExperiments

@Suite struct NormedExamplesTests {
    @Test func examplesHaveTheNormAskedFor() {
        var generator = SplitMix64(seed: 1)
        let examples = NormedExamples.random(5, dimension: 7, radius: 30, using: &generator)
        for row in 0..<5 { #expect(abs(examples.row(row).reduce(0) { $0 + $1 * $1 } - 900) < 1e-10) }
        #expect(NormedExamples.rescaled(Matrix(rows: [[0, 0]]), to: 3).elements == [0, 0])
    }
}
