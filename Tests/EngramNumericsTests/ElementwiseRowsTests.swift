import EngramNumerics
import Testing

@Suite struct ElementwiseRowsTests {
    /// Distinct values of mixed sign and size, exact in both scalars.
    private static func numbers<Scalar: ElementwiseScalar>(_ count: Int, seed: Int) -> [Scalar] {
        (0..<count).map { Scalar(($0 * 7919 + seed * 104_729) % 2003 - 1001) / 64 }
    }

    private static func multiplyAndSumAgreesWithALoop<Scalar: ElementwiseScalar>(rows: Int, columns: Int, _: Scalar.Type) {
        let start: [Scalar] = numbers(rows * columns, seed: 1)
        let derivatives: [Scalar] = numbers(rows * columns, seed: 2)
        let products = zip(start, derivatives).map { $0 * $1 }
        let sums = (0..<columns).map { column in Scalar((0..<rows).reduce(0.0) { $0 + Double(products[$1 * columns + column]) }) }

        var (fused, fusedSums) = (start, [Scalar](repeating: 9, count: columns))
        Scalar.multiplyAndSumColumns(rows: rows, columns: columns, &fused, by: derivatives, sums: &fusedSums)
        #expect(fused == products && fusedSums == sums, "\(rows) x \(columns)")

        var (separate, separateSums) = (start, [Scalar](repeating: 9, count: columns))
        Scalar.multiply(count: rows * columns, &separate, by: derivatives)
        Scalar.sumColumns(rows: rows, columns: columns, of: separate, into: &separateSums)
        #expect(separate == products && separateSums == sums, "\(rows) x \(columns)")
    }

    @Test(arguments: [0, 1, 2, 5, 33], [0, 1, 7, 64, 300])
    func backpropagationHelpersAgreeWithALoop(rows: Int, columns: Int) {
        Self.multiplyAndSumAgreesWithALoop(rows: rows, columns: columns, Float.self)
        Self.multiplyAndSumAgreesWithALoop(rows: rows, columns: columns, Double.self)
    }

    private static func residualAgreesWithALoop<Scalar: ElementwiseScalar>(count: Int, _: Scalar.Type) {
        let (prediction, target): ([Scalar], [Scalar]) = (numbers(count, seed: 3), numbers(count, seed: 4))
        let differences = zip(prediction, target).map { $0 - $1 }
        // The documented order: 64 accumulators, added pairwise.
        var totals = [Double](repeating: 0, count: 64)
        for (i, difference) in differences.enumerated() { totals[i % 64] += Double(difference / 3) * Double(difference / 3) }
        while totals.count > 1 { totals = (0..<totals.count / 2).map { totals[$0] + totals[$0 + totals.count / 2] } }
        let thirds = { (elements: [Scalar]) in elements.map { $0 / 3 } }

        var residual = [Scalar](repeating: 0, count: count)
        let exact = Scalar.residual(count: count, scale: 0.25, prediction: prediction, target: target, into: &residual)
        #expect(residual == differences.map { 0.25 * $0 }, "\(count)")
        // Multiples of 1/64 below 32: the squares add without rounding in any order.
        #expect(exact == differences.reduce(0.0) { $0 + Double($1) * Double($1) }, "\(count)")

        let rounded = Scalar.residual(
            count: count, scale: 1, prediction: thirds(differences), target: [Scalar](repeating: 0, count: count), into: &residual)
        #expect(rounded == totals[0], "\(count)")
    }

    @Test(arguments: Array(0...40) + [63, 64, 65, 1000])
    func residualScalesTheDifferenceAndSumsItsSquaresInTheDocumentedOrder(count: Int) {
        Self.residualAgreesWithALoop(count: count, Float.self)
        Self.residualAgreesWithALoop(count: count, Double.self)
    }

    private static func biasAndNoiseAgreeWithALoop<Scalar: ElementwiseScalar>(rows: Int, columns: Int, _: Scalar.Type) {
        let z: [Scalar] = numbers(rows * columns, seed: 5)
        let noise: [Scalar] = numbers(rows * columns, seed: 6)
        let (bias, strengths): ([Scalar], [Scalar]) = (numbers(columns, seed: 7), numbers(rows, seed: 8))
        var (biased, noisy) = (z, z)
        Scalar.addBias(rows: rows, columns: columns, bias, to: &biased)
        noisy.withUnsafeMutableBufferPointer {
            guard let pointer = $0.baseAddress else { return }
            Scalar.addNoise(rows: rows, columns: columns, strengths: strengths, noise: noise, to: pointer, into: pointer)
        }
        #expect(biased == z.indices.map { z[$0] + bias[$0 % columns] }, "\(rows) x \(columns)")
        #expect(noisy == z.indices.map { z[$0] + strengths[$0 / columns] * noise[$0] }, "\(rows) x \(columns)")
    }

    @Test(arguments: [0, 1, 3], [0, 1, 7, 16, 33, 130])
    func biasAndNoiseAreAddedRowByRow(rows: Int, columns: Int) {
        Self.biasAndNoiseAgreeWithALoop(rows: rows, columns: columns, Float.self)
        Self.biasAndNoiseAgreeWithALoop(rows: rows, columns: columns, Double.self)
    }
}
