internal import EngramNumerics

/// A network that [RBU20] solves for one stored example, and what training the same network from the same start comes to.
public struct OneExampleCase: Sendable, Equatable {
    /// φ, widths and start, for people.
    public let name: String
    /// φ, widths and start.
    public let flow: RankOneFlow
    /// λ₁ where theory says it without solving anything: m^(hidden layers) for φ = z^m.
    public let closedForm: Double?

    /// A network.
    public init(name: String, flow: RankOneFlow, closedForm: Double? = nil) {
        self.name = name
        self.flow = flow
        self.closedForm = closedForm
    }

    /// Theory beside measurement.
    public struct Comparison: Sendable, Equatable {
        /// The network.
        public let item: OneExampleCase
        /// Where gradient flow ends.
        public let theory: RankOneFlow.Solution
        /// λ₁ of the full matrices that gradient descent ended at.
        public let measured: Double
        /// Steps of descent.
        public let stepCount: Int
        /// ‖x - f(x)‖ at their end.
        public let residual: Double
    }

    /// Solves the network, and trains it with full matrices at one example.
    ///
    /// From the start of [RBU20] Invariants 1 to 4 every weight stays in the span of the example, so in coordinates of that span, in which
    /// the example is the one number 1, training takes the same steps as in the whole space.
    /// - Parameters:
    ///   - learningRate: γ; the difference of the two λ₁ falls in proportion to it.
    ///   - stepLimit: Most steps of descent.
    ///   - onStep: Told after each step; may throw to cancel.
    /// - Throws: `TheoryError`; `NumericsError`; whatever `onStep` throws.
    public func compared(learningRate: Double, stepLimit: Int = 200_000, onStep: (Int) throws -> Void = { _ in }) throws -> Comparison {
        let theory = try flow.solution()
        var descent = OneExampleDescent(flow, input: [1], target: [1])
        let (stepCount, residual) = try descent.train(
            learningRate: learningRate, tolerance: 1e-9, stepLimit: stepLimit, onStep: onStep)
        return Comparison(
            item: self, theory: theory, measured: try descent.largestEigenvalue(), stepCount: stepCount, residual: residual)
    }

    /// The source's example after Corollary 1: φ = e^(2z) from zero, of one hidden layer of that width.
    public static func exponential(width: Int) -> Self {
        Self(name: "e^(2z), k = \(width), from 0", flow: .init(function: .exponential(rate: 2), widths: [width], start: [0, 0]))
    }

    /// The source's example after Theorem 2: the sigmoid, two units, from weights of 1.
    public static let sigmoid = Self(
        name: "sigmoid, k = 2, from 1", flow: .init(function: .activation(.sigmoid), widths: [2], start: [1, 1]))

    /// φ = z^½ or z², hidden layers of one unit, from weights of 0.8.
    public static func power(isRoot: Bool, hiddenLayerCount: Int) -> Self {
        let exponent = isRoot ? 0.5 : 2
        return Self(
            name: "z^\(isRoot ? "½" : "2"), \(hiddenLayerCount) hidden",
            flow: .init(
                function: .power(exponent), widths: Array(repeating: 1, count: hiddenLayerCount),
                start: Array(repeating: 0.8, count: hiddenLayerCount + 1)),
            closedForm: (0..<hiddenLayerCount).reduce(1) { product, _ in product * exponent })
    }

    /// Those that a report of one image shows: stored as attractors, and one that is not.
    public static let reported: [Self] =
        (1...3).map(exponential(width:)) + [
            .sigmoid, .power(isRoot: true, hiddenLayerCount: 1), .power(isRoot: true, hiddenLayerCount: 2),
            .power(isRoot: false, hiddenLayerCount: 1),
        ]
}
