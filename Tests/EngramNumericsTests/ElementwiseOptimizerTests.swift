import EngramNumerics
import Foundation
import Testing

@Suite struct ElementwiseOptimizerTests {
    private static let counts = Array(0...40) + [131]

    /// Gradients of step t: smooth, mixed in sign, some exactly 0.
    private static func gradients(_ count: Int, step: Int) -> [Double] {
        (0..<count).map { $0 % 11 == 5 ? 0 : sin(Double($0 * 3 + step * 17)) * pow(10, Double($0 % 5) - 3) }
    }

    /// Largest |found - expected|, relative to max(1e-3, |expected|).
    private static func worst<Scalar: ElementwiseScalar>(_ found: [Scalar], _ expected: [Double]) -> Double {
        zip(found, expected).map { abs(Double($0) - $1) / max(1e-3, abs($1)) }.max() ?? 0
    }

    // Twenty roundings a step over six steps, at most: ε · 120, and 1e-3 in the denominator above.
    private static func tolerance<Scalar: ElementwiseScalar>(_: Scalar.Type) -> Double { 120 * Double(Scalar.ulpOfOne) }

    private static func adamAgreesWithTheFormula<Scalar: ElementwiseScalar>(count: Int, weightDecay: Double, _: Scalar.Type) {
        var p = (0..<count).map { cos(Double($0)) }
        var (m, v) = (p.map { _ in 0.0 }, p.map { _ in 0.0 })
        var (parameters, first, second) = (p.map { Scalar($0) }, m.map { Scalar($0) }, v.map { Scalar($0) })
        for step in 1...6 {
            let g = gradients(count, step: step)
            let settings = AdamStep(
                learningRate: 0.01, beta1: 0.8, beta2: 0.97, epsilon: 1e-3, weightDecay: weightDecay, step: step)
            Scalar.adamStep(
                count: count, parameters: &parameters, gradients: g.map { Scalar($0) }, firstMoment: &first, secondMoment: &second,
                settings: settings)
            for i in 0..<count {
                let gradient = g[i] + weightDecay * p[i]
                m[i] = 0.8 * m[i] + 0.2 * gradient
                v[i] = 0.97 * v[i] + 0.03 * gradient * gradient
                let (mean, square) = (m[i] / (1 - pow(0.8, Double(step))), v[i] / (1 - pow(0.97, Double(step))))
                p[i] -= 0.01 * mean / (square.squareRoot() + 1e-3)
            }
        }
        let bound = tolerance(Scalar.self)
        #expect(worst(parameters, p) < bound && worst(first, m) < bound && worst(second, v) < bound, "\(count)")
    }

    @Test(arguments: counts, [0, 0.1])
    func adamFollowsThePaperWithDecayInTheGradient(count: Int, weightDecay: Double) {
        Self.adamAgreesWithTheFormula(count: count, weightDecay: weightDecay, Float.self)
        Self.adamAgreesWithTheFormula(count: count, weightDecay: weightDecay, Double.self)
    }

    @Test func firstAdamStepMovesEachParameterByTheLearningRate() {
        // m̂ = g and v̂ = g² after one step, whatever the size of g.
        var parameters: [Double] = [0, 0, 0, 0]
        var (first, second) = (parameters, parameters)
        Double.adamStep(
            count: 4, parameters: &parameters, gradients: [1e-3, -5, 1e4, 0], firstMoment: &first, secondMoment: &second,
            settings: AdamStep(learningRate: 0.5, epsilon: 1e-300, step: 1))
        #expect(zip(parameters, [-0.5, 0.5, -0.5, 0]).allSatisfy { abs($0 - $1) < 1e-14 }, "\(parameters)")
    }

    private static func descentAgreesWithTheFormula<Scalar: ElementwiseScalar>(count: Int, momentum: Double, _: Scalar.Type) {
        var p = (0..<count).map { cos(Double($0)) }
        var v = p.map { _ in 0.0 }
        var (parameters, velocity) = (p.map { Scalar($0) }, v.map { Scalar($0) })
        let settings = GradientDescentStep(learningRate: 0.05, momentum: momentum, weightDecay: 0.01)
        for step in 1...6 {
            let g = gradients(count, step: step)
            velocity.withUnsafeMutableBufferPointer {
                Scalar.gradientDescentStep(
                    count: count, parameters: &parameters, gradients: g.map { Scalar($0) },
                    velocity: momentum == 0 ? nil : $0.baseAddress, settings: settings)
            }
            for i in 0..<count {
                v[i] = momentum * v[i] + g[i] + 0.01 * p[i]
                p[i] -= 0.05 * v[i]
            }
        }
        #expect(worst(parameters, p) < tolerance(Scalar.self), "\(count)")
        #expect(momentum == 0 || worst(velocity, v) < tolerance(Scalar.self), "\(count)")
    }

    @Test(arguments: counts.filter { $0 > 0 }, [0, 0.9])
    func gradientDescentKeepsAVelocityWithoutDampening(count: Int, momentum: Double) {
        Self.descentAgreesWithTheFormula(count: count, momentum: momentum, Float.self)
        Self.descentAgreesWithTheFormula(count: count, momentum: momentum, Double.self)
    }

    private static func rmspropAgreesWithTheFormula<Scalar: ElementwiseScalar>(count: Int, _: Scalar.Type) {
        var p = (0..<count).map { cos(Double($0)) }
        var s = p.map { _ in 0.0 }
        var (parameters, square) = (p.map { Scalar($0) }, s.map { Scalar($0) })
        for step in 1...6 {
            let g = gradients(count, step: step)
            Scalar.rmspropStep(
                count: count, parameters: &parameters, gradients: g.map { Scalar($0) }, meanSquare: &square,
                settings: RMSpropStep(learningRate: 0.01, smoothing: 0.9, epsilon: 1e-3, weightDecay: 0.01))
            for i in 0..<count {
                let gradient = g[i] + 0.01 * p[i]
                s[i] = 0.9 * s[i] + 0.1 * gradient * gradient
                p[i] -= 0.01 * gradient / (s[i].squareRoot() + 1e-3)
            }
        }
        #expect(worst(parameters, p) < tolerance(Scalar.self) && worst(square, s) < tolerance(Scalar.self), "\(count)")
    }

    @Test(arguments: counts)
    func rmspropAddsEpsilonOutsideTheRoot(count: Int) {
        Self.rmspropAgreesWithTheFormula(count: count, Float.self)
        Self.rmspropAgreesWithTheFormula(count: count, Double.self)
    }
}
