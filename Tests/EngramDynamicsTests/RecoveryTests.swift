import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

@Suite struct RecoveryTests {
    private let raster = Raster(height: 10, width: 8, channels: 3)
    private func plain(_ count: Int = 1) -> Matrix<Double> { Matrix(rowCount: count, columnCount: 240, repeating: 2) }

    @Test(arguments: [0, 0.1, 0.25, 0.5, 0.9, 1])
    func squaresCoverTheirShareInOneColour(area: Double) {
        var generator = SplitMix64(seed: 3)
        let cues = Corruption.square(area: area, raster: raster, range: 0...1).applied(to: plain(50), using: &generator)
        var corners: Set<Int> = []
        for row in 0..<50 {
            let values = cues.row(row)
            let places = (0..<80).filter { values[3 * $0] != 2 }
            // Whole rows and columns: at most half a row of at most 10 places is lost or gained.
            #expect(abs(Double(places.count) - 80 * area) <= 5, "\(places.count)")
            for channel in 0..<3 { #expect(Set(places.map { values[3 * $0 + channel] }).count == (places.isEmpty ? 0 : 1)) }
            guard let first = places.first, let last = places.last else { continue }
            corners.insert(first)
            let (height, width) = (last / 8 - first / 8 + 1, last % 8 - first % 8 + 1)
            #expect(places.count == height * width, "the covered places are no rectangle")
        }
        if area > 0 && area < 0.6 { #expect(corners.count > 5, "always at the same place") }
    }

    @Test func halvesAreMaskedAndTheOthersStay() {
        var generator = SplitMix64(seed: 1)
        for (half, count) in [(Corruption.Half.left, 120), (.right, 120), (.top, 120), (.bottom, 120)] {
            let values = Corruption.masked(half, raster: raster, value: 0).applied(to: plain(), using: &generator).elements
            #expect(values.count { $0 == 0 } == count)
            #expect(values[0] == (half == .left || half == .top ? 0 : 2))
            #expect(values[239] == (half == .right || half == .bottom ? 0 : 2))
            // The last place of the first row tells left from top.
            #expect(values[23] == (half == .right || half == .top ? 0 : 2))
        }
        // The middle of three stays.
        let odd = Corruption.masked(.right, raster: Raster(height: 1, width: 3), value: 0)
        #expect(odd.applied(to: Matrix(rows: [[1, 1, 1]]), using: &generator).elements == [1, 1, 0])
    }

    @Test func gaussianNoiseHasItsRadiusForStandardDeviation() {
        var generator = SplitMix64(seed: 6)
        let examples = Matrix<Double>(rowCount: 40, columnCount: 500, repeating: 0.5)
        let cues = Corruption.gaussian(radius: 0.3).applied(to: examples, using: &generator)
        let differences = cues.elements.map { $0 - 0.5 }
        let mean = differences.reduce(0, +) / 20_000
        let variance = differences.reduce(0) { $0 + $1 * $1 } / 20_000
        // Deviations of both estimates: 0.3/√20,000 = 0.0021 and 0.09·√(2/20,000) = 0.0009; five of each.
        #expect(abs(mean) < 0.011 && abs(variance - 0.09) < 0.0045, "\(mean), \(variance)")
    }

    @Test func theSameSeedDamagesAlike() {
        for corruption in [
            Corruption.uniformEntries(fraction: 0.4, range: 0...1), .square(area: 0.3, raster: raster, range: 0...1), .gaussian(radius: 1),
        ] {
            var (first, second, third) = (SplitMix64(seed: 7), SplitMix64(seed: 7), SplitMix64(seed: 8))
            let cues = corruption.applied(to: plain(2), using: &first)
            #expect(cues == corruption.applied(to: plain(2), using: &second))
            #expect(cues != corruption.applied(to: plain(2), using: &third))
        }
    }

    /// Newcombe, Statistics in Medicine 17 (1998), 857-872, Table I, the score method without continuity correction.
    @Test(arguments: [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])
    func wilsonIntervalsAreThePublishedOnes(count: Int, total: Int, lower: Double, upper: Double) {
        let interval = WilsonInterval(count: count, total: total)
        #expect(abs(interval.lower - lower) < 5e-5 && abs(interval.upper - upper) < 5e-5, "\(interval)")
        // Its ends are where the share lies 1.96 standard deviations away.
        let share = Double(count) / Double(total)
        for end in [interval.lower, interval.upper] where end > 0 {
            #expect(abs(abs(share - end) - 1.959963984540054 * (end * (1 - end) / Double(total)).squareRoot()) < 1e-12)
        }
    }

    @Test func aHopfieldNetworkOfTwoPatternsFollowsItsClosedForm() {
        // On the line through ±1 the weights are a logistic function of the state: ξ ← tanh(β ξ).
        let beta = 1.5
        let network = ModernHopfieldNetwork(patterns: Matrix(rows: [[1], [-1]]), inverseTemperature: beta)
        let outcome = network.outcomes(from: Matrix(rows: [[0.3], [-2]]), tolerance: 1e-14)
        var expected = 0.3
        for _ in 0..<500 { expected = Double.tanh(beta * expected) }
        let states = network.states(of: outcome)
        #expect(abs(states[0, 0] - expected) < 1e-10 && abs(states[1, 0] + expected) < 1e-10, "\(states)")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func theChosenTemperatureRetrievesEveryPatternWhateverItsNorm(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for (count, dimension) in [(30, 12), (9, 40)] {
            var patterns = NoiseStart.uniform(0...1).draw(count: count, dimension: dimension, using: &generator)
            // One of ten times the norm would swallow the others under the plain product.
            patterns.setRow(0, to: patterns.row(0).map { 10 * $0 })
            let beta = ModernHopfieldNetwork.inverseTemperature(retrieving: patterns, within: 1e-7)
            let network = ModernHopfieldNetwork(patterns: patterns, inverseTemperature: beta)
            let states = network.states(of: network.outcomes(from: patterns))
            for row in 0..<count {
                #expect(squaredDistance(states.row(row), patterns.row(row)) / Double(dimension) <= 1e-7, "seed \(seed), pattern \(row)")
            }
            // Near a pattern it answers with that pattern, as the nearest neighbour does.
            var cues = patterns
            for index in 0..<count { cues[index, 0] += 0.05 }
            let recalled = network.outcomes(from: cues).map { outcome in
                outcome.weights.indices.max { outcome.weights[$0] < outcome.weights[$1] }
            }
            #expect(recalled == NearestExample.find(for: cues, among: patterns).map(\.index))
        }
        #expect(ModernHopfieldNetwork.inverseTemperature(retrieving: Matrix(rows: [[1, 2]]), within: 1e-7) == 1)
        #expect(ModernHopfieldNetwork.inverseTemperature(retrieving: Matrix(rows: [[1, 2], [1, 2]]), within: 1e-7) == 1)
    }

    /// Saturates to ±1 in every coordinate by its sign: what comes back from a cue is known beforehand.
    private func signs(_ dimension: Int) -> FullyConnectedNetwork<Double> {
        FullyConnectedNetwork(
            layers: [
                DenseLayer(weights: 40 * Matrix.identity(dimension), biases: Array(repeating: 0, count: dimension)),
                DenseLayer(weights: .identity(dimension), biases: Array(repeating: 0, count: dimension)),
            ], activation: .tanh)
    }

    @Test func ratesCountWhatTheMapIsKnownToRepair() throws {
        let network = signs(4)
        let examples = Matrix<Double>(rows: [[1, 1, 1, 1], [-1, -1, -1, -1], [1, -1, 1, -1]])
        let task = MemoryTask.autoencoder(count: 3)
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: examples, task: task,
            settings: .init(maximumIterationCount: 100))
        let experiment = RecoveryExperiment(
            recall: recall, examples: examples, task: task,
            hopfield: ModernHopfieldNetwork(
                patterns: examples, inverseTemperature: ModernHopfieldNetwork.inverseTemperature(retrieving: examples, within: 1e-7)),
            stepCount: 1)
        var generator = SplitMix64(seed: 2)
        // A mask of small values with a sign of its own: the map answers with that sign in the left half.
        let mask = Corruption.masked(.left, raster: Raster(height: 1, width: 4), value: 0.1)
        let cues = [mask.applied(to: examples, using: &generator), examples.rows(at: [0, 1, 2].reversed())]
        let both = try experiment.rates(of: cues, sources: [0, 1, 2], criteria: [1e-7, 2.5])
        let rates = both[0]
        // Cue 0 comes back; 1 and 2 come back as (1, 1, -1, -1) and (1, 1, 1, -1), 2 and 1 entries of size 2 off: errors 2 and 1.
        #expect(rates.map(\.recoveredCount) == [1, 3])
        #expect(rates.map(\.total) == [3, 3])
        // (1, 1, -1, -1) is as near to all three; (1, 1, 1, -1) is nearest to the first or the third, equally.
        #expect(rates[0].rightItemCount >= 1 && rates[0].rightItemCount <= 3)
        // Nearest to the cues (0.1, 0.1, ±1, ±1): 0 for the first, 1 for the second, 2 for the third.
        #expect(rates.map(\.nearestExampleCount) == [3, 3])
        #expect(rates.map(\.hopfieldCount) == [3, 3])
        // The second kind of damage swaps the first example for the third, which differ in two entries by 2: an error of 2.
        #expect(both[1].map(\.recoveredCount) == [1, 3])
        #expect(both[1].map(\.rightItemCount) == [1, 1])
        #expect(both[1].map(\.nearestExampleCount) == [1, 3])
    }

    @Test func aSequenceIsRightOnlyInPhase() throws {
        // A quarter turn: whatever angle a cue has, it keeps its lead.
        let turn = FullyConnectedNetwork<Double>(
            layers: [DenseLayer(weights: Matrix(rows: [[0, -1], [1, 0]]), biases: [0, 0])], activation: .relu)
        let examples = Matrix<Double>(rows: [[1, 0], [0, 1], [-1, 0], [0, -1]])
        let task = MemoryTask.sequences([0..<4])
        let recall = Recall(
            of: turn, restriction: try ImageRestriction(of: turn), examples: examples, task: task,
            settings: .init(maximumIterationCount: 10))
        // The second cue is frame 3 of the cycle, given for frame 1: on the cycle and out of phase.
        let phases = try recall.phases(of: Matrix(rows: [[1, 0], [0, -1]]), sources: [0, 1], stepCount: 6)
        #expect(phases.map(\.due) == [2, 3])
        #expect(phases.map(\.nearest) == [2, 1])
        #expect(phases[0].meanSquaredError < 1e-20 && abs(phases[1].meanSquaredError - 2) < 1e-12)
    }
}
