import EngramKernels
import EngramNumerics
import Testing

/// Oracles: a plain two-dimensional quadrature of the definition; φ itself; central differences; [R23] Corollaries 1 and 2.
@Suite struct DualActivationTests {
    /// A nonlinearity with φ and φ′ of its own, not from the library.
    struct Sample: Sendable, CustomStringConvertible {
        let dual: any DualActivation
        let value: @Sendable (Double) -> Double
        let slope: @Sendable (Double) -> Double
        var description: String { "\(dual.name) \(dual.parameters)" }
    }

    private static func activated(_ activation: Activation) -> (@Sendable (Double) -> Double, @Sendable (Double) -> Double) {
        ({ activation.values(of: [$0])[0] }, { activation.derivatives(of: [$0])[0] })
    }

    private static func sample(_ dual: any DualActivation, _ activation: Activation) -> Sample {
        let (value, slope) = activated(activation)
        return Sample(dual: dual, value: value, slope: slope)
    }

    private static let sines = activated(.erf)

    /// cos and sin by their power series: |u| < 40 would cancel, but the quadrature below keeps |u| < 12.
    @Sendable private static func sine(_ u: Double) -> Double {
        var (term, sum) = (u, u)
        for k in 1...60 {
            term *= -u * u / Double(2 * k * (2 * k + 1))
            sum += term
        }
        return sum
    }

    static let smooth: [Sample] = [
        sample(ErrorFunctionDual.erf, .erf),
        Sample(
            dual: ErrorFunctionDual.sigmoidOfErf, value: { (1 + sines.0($0 / 2)) / 2 }, slope: { sines.1($0 / 2) / 4 }),
        sample(ErrorFunctionDual.tanh, .tanh),
        sample(ErrorFunctionDual.sigmoid, .sigmoid),
        Sample(dual: SineDual(frequency: 1.3), value: { sine(1.3 * $0) }, slope: { 1.3 * sine(1.3 * $0 + .pi / 2) }),
        Sample(
            dual: SineDual(frequency: 0.7, isCosine: true), value: { sine(0.7 * $0 + .pi / 2) }, slope: { -0.7 * sine(0.7 * $0) }),
        // h_3 = (u³ - 3u)/√6 and a mixture with h_0, h_2 = (u² - 1)/√2.
        Sample(
            dual: HermiteDual(degree: 3), value: { ($0 * $0 * $0 - 3 * $0) / 6.0.squareRoot() },
            slope: { (3 * $0 * $0 - 3) / 6.0.squareRoot() }),
        Sample(
            dual: HermiteDual(coefficients: [0.5, 0, 1, 0.3]),
            value: { 0.5 + ($0 * $0 - 1) / 2.0.squareRoot() + 0.3 * ($0 * $0 * $0 - 3 * $0) / 6.0.squareRoot() },
            slope: { 2 * $0 / 2.0.squareRoot() + 0.3 * (3 * $0 * $0 - 3) / 6.0.squareRoot() }),
    ]

    /// E f(u) f(v) by the trapezoid rule with this step to 9 standard deviations: exponentially good for an analytic f.
    private static func mean(_ f: (Double) -> Double, _ p: Double, _ s: Double, _ q: Double, step: Double) -> Double {
        let count = Int(9 / step)
        let nodes = (-count...count).map { Double($0) * step }
        let weights = Activation.exp.values(of: nodes.map { -$0 * $0 / 2 }).map { $0 * step / (2 * Double.pi).squareRoot() }
        let along = s / p.squareRoot()
        let across = max(0, q - along * along).squareRoot()
        var total = 0.0
        for (t, weight) in zip(nodes, weights) {
            let inner = zip(nodes, weights).reduce(0) { $0 + $1.1 * f(along * t + across * $1.0) }
            total += weight * f(p.squareRoot() * t) * inner
        }
        return total
    }

    private static let covariances: [(p: Double, s: Double, q: Double)] = [
        (1, 0.3, 1), (0.4, -0.35, 0.9), (1.5, 1.1, 0.9), (0.02, 0.01, 0.6),
    ]

    @Test(arguments: smooth) func dualsAreTheMeansOfTheirDefinition(_ sample: Sample) {
        for (p, s, q) in Self.covariances {
            let found = sample.dual.dual(first: p, cross: s, second: q)
            // A step of 0.2 standard deviations: tanh has its poles at ±iπ/2, so the rule is good to e^(-2π·(π/2)/(0.2·√1.5)) ≈ 3e-18.
            // The mixtures are good to 2e-13 of φ and 4e-13 of φ′, each twice.
            let value = Self.mean(sample.value, p, s, q, step: 0.2)
            let slope = Self.mean(sample.slope, p, s, q, step: 0.2)
            let size = (sample.dual.variance(p) * sample.dual.variance(q)).squareRoot()
            #expect(abs(found.value - value) < 1e-12 * size, "\(sample) at \(p), \(s), \(q): \(found.value), expected \(value)")
            #expect(
                abs(found.derivative - slope) < 2e-12 * max(1, abs(slope)), "\(sample) at \(p), \(s), \(q): \(found.derivative), \(slope)")
        }
    }

    @Test func partialDerivativesAreThoseOfDifferences() {
        let duals = Self.smooth.map(\.dual) + [RectifierDual.relu, RectifierDual(slope: 0.2), RectifierDual(slope: -1)]
        for dual in duals {
            for (p, s, q) in Self.covariances {
                let pair = PairCovariance(first: p, second: q, cross: s)
                let found = dual.derivatives(of: pair, firstVariance: dual.variance(p), secondVariance: dual.variance(q))
                func along(_ ds: Double, _ dp: Double, _ function: (Double, Double) -> Double) -> Double {
                    // Fourth order; h is small beside s, p and pq - s², at least 0.0099.
                    let h = 2e-4
                    let f = [1.0, -1, 2, -2].map { function(p + $0 * h * dp, s + $0 * h * ds) }
                    return (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h)
                }
                let value = { (p: Double, s: Double) in dual.dual(first: p, cross: s, second: q).value }
                let slope = { (p: Double, s: Double) in dual.dual(first: p, cross: s, second: q).derivative }
                for (name, result, expected) in [
                    ("∂s value", found.moments.derivative, along(1, 0, value)),
                    ("radial value", found.valueRadial, along(1, 2, value)),
                    ("∂s derivative", found.derivativeByCross, along(1, 0, slope)),
                    ("radial derivative", found.derivativeRadial, along(1, 2, slope)),
                ] {
                    // h⁴ times a fifth derivative, at most (pq - s²)^(-5), and rounding over h: 1e-12·1e4 for the mixtures.
                    #expect(
                        abs(result - expected) < 2e-7 * max(1, abs(expected)),
                        "\(dual.name) \(name) at \(p), \(s), \(q): \(result), \(expected)")
                }
                let h = 1e-4
                let diagonal = (dual.variance(p + h / 10) - dual.variance(p - h / 10)) / (h / 5)
                #expect(abs(dual.varianceSlope(p) - diagonal) < 1e-6 * max(1, abs(diagonal)), "\(dual.name) at \(p)")
            }
        }
    }

    /// E φ(u)² at large variance, where a quadrature would need many points: the mixture's error does not grow. For p → ∞ tanh is a sign:
    /// E tanh tanh → (2/π) asin ρ, with a difference of the order 1/√p.
    @Test func mixturesHoldAtAnyNorm() {
        for p in [1e2, 1e4, 1e8] {
            let found = ErrorFunctionDual.tanh.dual(first: p, cross: p / 2, second: p).value
            #expect(abs(found - 1.0 / 3) < 1 / p.squareRoot(), "\(p): \(found)")
        }
        // E tanh′(u)² √(2πp) → ∫ sech⁴ = 4/3; the next term is of the order 1/p.
        let p = 1e8
        let density = ErrorFunctionDual.tanh.dual(first: p, cross: p, second: p).derivative * (2 * Double.pi * p).squareRoot()
        #expect(abs(density - 4.0 / 3) < 1e-7, "\(density)")
        // Small norms: tanh(u) ≈ u, relative to a value of 1e-12.
        let small = ErrorFunctionDual.tanh.dual(first: 1e-12, cross: 0.5e-12, second: 1e-12).value
        #expect(abs(small / 0.5e-12 - 1) < 1e-11, "\(small)")
    }

    @Test func rectifierDualsHaveTheirClosedValues() {
        let relu = RectifierDual.relu
        // θ = π/3: E relu relu = (√3/2 + (2π/3)/2)/(2π), E relu′ relu′ = 1/3.
        let third = relu.dual(first: 1, cross: 0.5, second: 1)
        #expect(abs(third.value - (3.0.squareRoot() / 2 + .pi / 3) / (2 * .pi)) < 1e-15 && abs(third.derivative - 1.0 / 3) < 1e-15)
        // |u| is the leaky rectifier of slope -1: E |u||v| = (2/π)(√(1 - ρ²) + ρ asin ρ), here asin ½ = π/6.
        let absolute = RectifierDual(slope: -1).dual(first: 4, cross: 3, second: 9)
        #expect(abs(absolute.value - 6 * 2 / .pi * (0.75.squareRoot() + .pi / 12)) < 1e-13)
        // Slope 1 is the identity.
        #expect(RectifierDual(slope: 1).dual(first: 4, cross: 3, second: 9) == (3, 1))
        // Opposite ends: u = v and u = -v.
        #expect(relu.dual(first: 2, cross: 2, second: 2) == (1, 0.5))
        let opposite = relu.dual(first: 2, cross: -2, second: 2)
        #expect(abs(opposite.value) < 1e-15 && abs(opposite.derivative) < 1e-15)
        #expect(relu.dual(first: 0, cross: 0, second: 2).value == 0)
    }

    /// 1 - φ̌(1 - ω) = ω - (2√2/(3π)) ω^(3/2) + O(ω^(5/2)) for the normalised ReLU; the determinant of the image keeps its digits.
    @Test func nearPairsKeepTheDigitsOfTheirAngle() {
        for gap in [1e-4, 1e-8, 1e-12, 1e-20] {
            let pair = PairCovariance(
                first: 1, second: 1, cross: 1 - gap, determinant: gap * (2 - gap), firstExcess: gap, secondExcess: gap)
            let image = RectifierDual.relu.moments(of: pair, firstVariance: 0.5, secondVariance: 0.5).image.scaled(by: 2, adding: 0)
            // v = λ(√c - sθ)/π with θ² ≈ 2ω; what follows is of relative order ω beside it.
            let expected = gap - 2 * 2.0.squareRoot() / (3 * .pi) * gap * gap.squareRoot()
            #expect(abs(image.firstExcess - expected) < 1e-14 * gap + gap * gap, "\(gap): \(image.firstExcess), \(expected)")
            let determinant = expected * (2 - expected)
            #expect(abs(image.determinant - determinant) < 1e-14 * gap + 2 * gap * gap, "\(gap): \(image.determinant), \(determinant)")
        }
    }

    @Test func polynomialsAndSinesMatchTheCorollariesAtUnitVariance() {
        // [R23] Corollary 1: Σ a_q² z^q; Corollary 2: sinh(a²z)/sinh(a²) once normalised.
        let coefficients = [0.0, 0.5.squareRoot(), 0, 0, 0, 0, 0, 0.5.squareRoot()]
        let polynomial = HermiteDual(coefficients: coefficients)
        let sine = SineDual(frequency: 1.2)
        for z in [-1.0, -0.4, 0, 0.3, 0.99, 1] {
            let power = z * z * z * z * z * z * z
            #expect(abs(polynomial.dual(first: 1, cross: z, second: 1).value - (power + z) / 2) < 1e-14)
            let ratio = sine.dual(first: 1, cross: z, second: 1).value / sine.variance(1)
            let exponential = Activation.exp.values(of: [1.44 * z, -1.44 * z, 1.44, -1.44])
            #expect(abs(ratio - (exponential[0] - exponential[1]) / (exponential[2] - exponential[3])) < 1e-14)
        }
    }
}
