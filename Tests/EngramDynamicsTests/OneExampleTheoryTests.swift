import EngramDynamics
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: `theory.json`, solved with 50 digits and by integrating the flow with SciPy.
@Suite struct OneExampleTheoryTests {
    private struct Case: Decodable {
        struct Descent: Decodable {
            let rate: Double
            let lambda1: Double
        }
        struct Map: Decodable {
            let phi: String
            let k: Int
            let a: Double
            let b: Double
        }
        let name: String
        let kind: String
        let phi: String?
        let k: Int?
        let a0: Double?
        let b0: Double?
        let a: Double?
        let b: Double?
        let lambda1: Double
        let attractor: Bool?
        let x: [Double]?
        let gradient_descent: [Descent]?
        let factors: [Double]?
        let maps: [Map]?
        let m: Double?
        let w_start: [Double]?
        let w: [Double]?
    }

    private static func function(_ name: String) throws -> ScalarFunction {
        if name == "exp2z" { return .exponential(rate: 2) }
        return .activation(try #require(Activation(rawValue: name)))
    }

    @Test func oneHiddenLayerEndsWhereTheoremOneSays() throws {
        var count = 0
        for item in try Oracle.cases("theory", as: Case.self) where item.kind == "one_hidden_layer" {
            let flow = RankOneFlow(
                function: try Self.function(try #require(item.phi)), widths: [try #require(item.k)],
                start: [try #require(item.b0), try #require(item.a0)])
            let solution = try flow.solution()
            // The oracle's tolerance for a, b and λ₁.
            #expect(abs(solution.weights[0] - (item.b ?? .nan)) < 1e-10, "\(item.name): b \(solution.weights[0])")
            #expect(abs(solution.weights[1] - (item.a ?? .nan)) < 1e-10, "\(item.name): a \(solution.weights[1])")
            #expect(abs(solution.eigenvalue - item.lambda1) < 1e-10, "\(item.name): λ₁ \(solution.eigenvalue)")
            #expect(solution.isAttractor == item.attractor)
            count += 1
        }
        #expect(count == 9)
    }

    @Test func powersEndWhereTheBalanceSaysWithEigenvalueMToTheDepth() throws {
        var count = 0
        for item in try Oracle.cases("theory", as: Case.self) where item.kind == "power" {
            let start = try #require(item.w_start)
            let exponent = try #require(item.m)
            let flow = RankOneFlow(function: .power(exponent), widths: Array(repeating: 1, count: start.count - 1), start: start)
            let solution = try flow.solution()
            let worst = worstRelativeError(solution.weights, try #require(item.w))
            #expect(worst < 1e-10, "\(item.name): \(solution.weights)")
            #expect(abs(solution.eigenvalue - item.lambda1) < 1e-10 * max(1, item.lambda1), "\(item.name): \(solution.eigenvalue)")
            #expect(solution.isAttractor == item.attractor)
            count += 1
        }
        #expect(count == 6)
    }

    @Test func sequencesMultiplyTheirEigenvalues() throws {
        var count = 0
        let singles = try Oracle.cases("theory", as: Case.self).filter { $0.kind == "one_hidden_layer" }
        for item in try Oracle.cases("theory", as: Case.self) where item.kind == "sequence" {
            let solutions = try #require(item.maps).map { map in
                let single = try #require(singles.first { $0.phi == map.phi && $0.k == map.k && $0.a == map.a })
                return try RankOneFlow(
                    function: try Self.function(map.phi), widths: [map.k],
                    start: [try #require(single.b0), try #require(single.a0)]
                ).solution()
            }
            #expect(abs(solutions.sequenceEigenvalue - item.lambda1) < 1e-10, "\(item.name): \(solutions.sequenceEigenvalue)")
            count += 1
        }
        #expect(count == 2)
    }

    /// Descent on full matrices at the oracle's rate and steps gives the oracle's λ₁, whose script is PyTorch.
    @Test func descentOnFullMatricesFollowsTheOracleDescent() throws {
        for name in ["exp2z-k2-a0.0-b0.0", "cosid-k4-a0.2-b-0.8"] {
            let item = try #require(try Oracle.cases("theory", as: Case.self).first { $0.name == name })
            let flow = RankOneFlow(
                function: try Self.function(try #require(item.phi)), widths: [try #require(item.k)],
                start: [try #require(item.b0), try #require(item.a0)])
            let expected = try #require(item.gradient_descent?.first)
            let x = try #require(item.x)
            var descent = OneExampleDescent(flow, input: x, target: x)
            let (_, residual) = descent.train(learningRate: expected.rate, tolerance: 1e-10, stepLimit: 20_000) { _ in }
            #expect(residual <= 1e-10)
            let eigenvalue = try descent.largestEigenvalue()
            #expect(abs(eigenvalue - expected.lambda1) < 1e-7, "\(name)")
        }
    }

    /// Corollary 2 at several widths: halving the rate halves the distance between training and theory.
    @Test func deepNetworksApproachCorollaryTwoAsTheRateFalls() throws {
        let flow = RankOneFlow(function: .activation(.tanh), widths: [2, 3, 2], start: [0.6, 0.5, 0.4, 0.7])
        let solution = try flow.solution()
        #expect(abs(flow.output(of: solution.weights) - 1) < 1e-9)
        let x = [0.6, 0, -0.8]
        var differences: [Double] = []
        for rate in [4e-3, 2e-3] {
            var descent = OneExampleDescent(flow, input: x, target: x)
            _ = descent.train(learningRate: rate, tolerance: 1e-10, stepLimit: 20_000) { _ in }
            let eigenvalue = try descent.largestEigenvalue()
            differences.append(eigenvalue - solution.eigenvalue)
            // The trace of a rank-one Jacobian is its eigenvalue.
            let jacobian = descent.jacobian()
            let trace = (0..<3).reduce(0) { $0 + jacobian[$1, $1] }
            #expect(abs(trace - eigenvalue) < 1e-10)
        }
        #expect(abs(differences[1]) < 2e-3)
        #expect(abs(differences[0] / differences[1] - 2) < 0.2, "\(differences)")
    }

    /// Any network with φ = z^m that stores the example has λ₁ = m^(hidden layers): f is homogeneous, so Euler's theorem says so.
    @Test func powersOfAnyWidthHaveTheEigenvalueOfEulersTheorem() throws {
        let flow = RankOneFlow(function: .power(0.5), widths: [3, 2], start: [0.5, 0.4, 0.3])
        let eigenvalue = try flow.solution().eigenvalue
        #expect(abs(eigenvalue - 0.25) < 1e-10)
    }

    /// The source prints .6, .28 and .16 for e^(2z); 2^m and the like follow from Euler's theorem. Descent in coordinates of the span, where
    /// the example is the one number 1, must come to the same in the whole space.
    @Test func reportedNetworksAgreeWithThePrintedValuesAndWithTheWholeSpace() throws {
        let cases = OneExampleCase.reported
        let printed: [Double?] = [0.6, 0.28, 0.16, 0.263, 0.5, 0.25, 2]
        #expect(cases.count == printed.count)
        for (item, expected) in zip(cases, printed) {
            let result = try item.compared(learningRate: 4e-3)
            #expect(abs(result.theory.eigenvalue - (expected ?? .nan)) < 5e-3, "\(item.name): \(result.theory.eigenvalue)")
            #expect(item.closedForm == nil || abs(result.theory.eigenvalue - (item.closedForm ?? .nan)) < 1e-9)
            #expect(abs(result.measured - result.theory.eigenvalue) < 2e-3 && result.residual <= 1e-9, "\(item.name): \(result.measured)")
        }
        let x = [0.48, 0, -0.6, 0.64]
        var descent = OneExampleDescent(cases[1].flow, input: x, target: x)
        let (steps, _) = descent.train(learningRate: 4e-3, tolerance: 1e-9, stepLimit: 200_000) { _ in }
        let whole = try descent.largestEigenvalue()
        let span = try cases[1].compared(learningRate: 4e-3)
        #expect(
            abs(whole - span.measured) < 1e-9 && abs(steps - span.stepCount) <= 1,
            "\(whole) in the whole space, \(span.measured) in the span")
    }

    @Test func flowsThatCannotEndSaySo() {
        #expect(throws: TheoryError.stationary(at: [0, 0])) {
            _ = try RankOneFlow(function: .activation(.tanh), widths: [2], start: [0, 0]).solution()
        }
        #expect("\(TheoryError.stationary(at: [0, 0]))".contains("other weights"))
        #expect("\(TheoryError.notReached(output: 0.5))".contains("0.5"))
        #expect("\(TheoryError.undefined(at: [1]))".contains("[1.0]"))
    }
}
