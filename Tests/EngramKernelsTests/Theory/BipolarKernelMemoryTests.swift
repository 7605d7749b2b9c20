import EngramKernels
import EngramNumerics
import Numerics
import Testing

@Suite struct BipolarKernelMemoryTests {
    private static func signs(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(
            rowCount: rows, columnCount: columns,
            elements: (0..<rows * columns).map { _ in Bool.random(using: &generator) ? 1 : -1 })
    }

    /// The definition with loops, and the inverse by elimination on a matrix that is almost the identity.
    @Test func aStepIsTheSignOfTheRegression() throws {
        let (p, n, gamma, ridge) = (6, 9, 0.15, 0.01)
        let patterns = Self.signs(p, n, seed: 1)
        func k(_ a: [Double], _ b: [Double]) -> Double { Double.exp(-gamma * squaredDistance(a, b)) }
        var gram = Matrix<Double>(rowCount: p, columnCount: p)
        for i in 0..<p { for j in 0..<p { gram[i, j] = k(patterns.row(i), patterns.row(j)) + (i == j ? ridge : 0) } }
        let weights = try gram.choleskySolve(patterns)
        let states = Self.signs(20, n, seed: 2)
        let memory = try BipolarKernelMemory(patterns: patterns, kernel: BipolarKernelMemory.kernel(gamma: gamma), ridge: ridge)
        let found = memory.step(states)
        for row in 0..<20 {
            for unit in 0..<n {
                let field = (0..<p).reduce(0) { $0 + k(states.row(row), patterns.row($1)) * weights[$1, unit] }
                #expect(found[row, unit] == (field > 0 ? 1 : -1), "state \(row), unit \(unit), field \(field)")
            }
        }
    }

    /// At a load of 2 every pattern is fixed and comes back from 10 % flips: at γN = 20 two patterns have k = e^-40.
    @Test func patternsAreFixedAndComeBack() throws {
        let (p, n) = (80, 40)
        let patterns = Self.signs(p, n, seed: 3)
        let memory = try BipolarKernelMemory(patterns: patterns, kernel: BipolarKernelMemory.kernel(gamma: 0.5), ridge: 0.01)
        #expect(memory.step(patterns) == patterns)
        var flipped = patterns
        for row in 0..<p { for unit in 0..<4 { flipped[row, (row + 7 * unit) % n] *= -1 } }
        let outcome = try memory.outcome(from: flipped)
        #expect(outcome.areFixed.allSatisfy { $0 } && outcome.states == patterns && outcome.stepCounts.allSatisfy { $0 >= 1 })
        #expect(try memory.outcome(from: patterns).stepCounts.allSatisfy { $0 == 0 })
        // A limit ends the iteration, and says that nothing stands still.
        #expect(try memory.outcome(from: flipped, stepLimit: 1).areFixed.allSatisfy { !$0 })
    }

    @Test func onePatternDrawsEverything() throws {
        let pattern = Self.signs(1, 12, seed: 4)
        let memory = try BipolarKernelMemory(patterns: pattern, kernel: BipolarKernelMemory.kernel(gamma: 2), ridge: 0)
        let outcome = try memory.outcome(from: Self.signs(30, 12, seed: 5))
        #expect((0..<30).allSatisfy { outcome.states.row($0) == pattern.row(0) })
    }
}
