/// Gradient flow on one example, in the few numbers that are left of a network once its weights are of rank one.
///
/// [RBU20] Invariants 1 to 4: from W_1 = b·1 xᵀ, W_i = w_i·11ᵀ and W_d = x·a·1ᵀ, with ‖x‖ = 1 and the loss ½‖x - f(x)‖², the weights
/// keep this form. With hidden widths k_1 … k_H and H = d - 1 hidden layers, the state is (b, w_2, …, w_H, a); all units of a layer
/// have the same pre-activation z_i = w_i k_{i-1} φ(z_{i-1}), z_1 = b, and f(x) = (a k_H φ(z_H)) x.
public struct RankOneFlow: Sendable, Equatable {
    /// φ.
    public let function: ScalarFunction
    /// k_1 … k_H, at least one, each at least 1.
    public let widths: [Int]
    /// (b, w_2, …, w_H, a) before training; one entry more than `widths`.
    public let start: [Double]

    /// A flow from its start.
    public init(function: ScalarFunction, widths: [Int], start: [Double]) {
        precondition(
            !widths.isEmpty && widths.allSatisfy { $0 >= 1 } && start.count == widths.count + 1,
            "\(widths.count) hidden layers need \(widths.count + 1) numbers to start from, got \(start.count).")
        self.function = function
        self.widths = widths
        self.start = start
    }

    /// Where gradient flow ends, at f(x) = x.
    public struct Solution: Sendable, Equatable {
        /// (b, w_2, …, w_H, a).
        public let weights: [Double]
        /// λ₁ of the Jacobian at x, the one eigenvalue that is not zero; [RBU20] Theorem 2 and Corollary 2.
        public let eigenvalue: Double
        /// Whether x is an attractor.
        public var isAttractor: Bool { abs(eigenvalue) < 1 }
    }

    /// Solves for the end of training.
    ///
    /// The flow is followed along its own path, (b, …, a)' = the gradient without the shrinking factor 1 - out, by the classical
    /// Runge-Kutta method until f(x) = x. With one hidden layer the end then satisfies the two equations of Theorem 1 to rounding
    /// (Newton's method), and so it does for φ = z^m, whose balance has a closed form at any depth.
    /// - Throws: `TheoryError`.
    public func solution() throws(TheoryError) -> Solution {
        var weights = try integrated()
        if widths.count == 1 {
            weights = try polished(weights)
        } else if case .power(let exponent) = function, start.allSatisfy({ $0 > 0 }) {
            weights = try balanced(exponent)
        }
        return Solution(weights: weights, eigenvalue: eigenvalue(of: weights))
    }

    /// ∂out/∂t at t = 1 for an input t·x: λ₁ of Corollary 2, for weights that need not fit x.
    public func eigenvalue(of weights: [Double]) -> Double {
        let z = preactivations(of: weights)
        var derivative = weights[0] * function.derivative(at: z[0])
        for layer in 1..<max(widths.count, 1) {
            derivative *= weights[layer] * Double(widths[layer - 1]) * function.derivative(at: z[layer])
        }
        return derivative * weights[widths.count] * Double(widths[widths.count - 1])
    }

    /// The coefficient of x in f(x); 1 when x is stored.
    public func output(of weights: [Double]) -> Double {
        let z = preactivations(of: weights)
        return weights[widths.count] * Double(widths[widths.count - 1]) * function.value(at: z[widths.count - 1])
    }

    private func preactivations(of weights: [Double]) -> [Double] {
        var result = [weights[0]]
        for layer in 1..<max(widths.count, 1) {
            result.append(weights[layer] * Double(widths[layer - 1]) * function.value(at: result[layer - 1]))
        }
        return result
    }

    /// ∂out/∂(one entry of each weight matrix): the direction of the flow, up to the factor 1 - out that all share.
    private func direction(at weights: [Double]) -> [Double] {
        let z = preactivations(of: weights)
        let last = widths.count
        var result = [Double](repeating: 0, count: last + 1)
        result[last] = function.value(at: z[last - 1])
        var delta = weights[last] * function.derivative(at: z[last - 1])
        for layer in stride(from: last - 1, through: 0, by: -1) {
            result[layer] = delta * (layer > 0 ? function.value(at: z[layer - 1]) : 1)
            guard layer > 0 else { break }
            // One unit of layer - 1 feeds all units of this layer.
            delta *= weights[layer] * Double(widths[layer]) * function.derivative(at: z[layer - 1])
        }
        return result
    }

    private static let stepLimit = 2_000_000

    private func integrated() throws(TheoryError) -> [Double] {
        var weights = start
        let gap = 1 - output(of: weights)
        guard gap.isFinite else { throw .undefined(at: start) }
        guard gap != 0 else { return weights }
        let sign = gap > 0 ? 1.0 : -1.0
        for _ in 0..<Self.stepLimit {
            let slope = direction(at: weights)
            let norm = slope.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard norm.isFinite else { throw .undefined(at: weights) }
            guard norm > 1e-12 else { throw .stationary(at: weights) }
            // Steps of a fixed length in the space of weights: short against every scale that the examples have.
            let step = sign * 1e-3 / max(norm, 1e-6)
            let next = advanced(weights, by: step)
            let nextGap = 1 - output(of: next)
            guard nextGap.isFinite else { throw .undefined(at: next) }
            if nextGap * sign <= 0 { return crossing(from: weights, step: step, sign: sign) }
            weights = next
        }
        throw .notReached(output: output(of: weights))
    }

    /// The point within one step at which out = 1, by bisection of the step.
    private func crossing(from weights: [Double], step: Double, sign: Double) -> [Double] {
        var (lower, upper) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (lower + upper) / 2
            if (1 - output(of: advanced(weights, by: middle * step))) * sign > 0 { lower = middle } else { upper = middle }
        }
        return advanced(weights, by: upper * step)
    }

    /// One step of the classical fourth-order Runge-Kutta method.
    private func advanced(_ weights: [Double], by step: Double) -> [Double] {
        func moved(_ slope: [Double], _ factor: Double) -> [Double] { zip(weights, slope).map { $0 + factor * $1 } }
        let first = direction(at: weights)
        let second = direction(at: moved(first, step / 2))
        let third = direction(at: moved(second, step / 2))
        let fourth = direction(at: moved(third, step))
        return weights.indices.map { weights[$0] + step / 6 * (first[$0] + 2 * second[$0] + 2 * third[$0] + fourth[$0]) }
    }

    /// Newton's method on (a² - a₀²)/2 = ∫ φ/φ' and k a φ(b) = 1, the two equations of Theorem 1.
    private func polished(_ weights: [Double]) throws(TheoryError) -> [Double] {
        let width = Double(widths[0])
        var (b, a) = (weights[0], weights[1])
        for _ in 0..<20 {
            let (value, slope) = (function.value(at: b), function.derivative(at: b))
            let balance = (a * a - start[1] * start[1]) / 2 - function.ratioIntegral(from: start[0], to: b)
            let fit = width * a * value - 1
            let determinant = a * (width * a * slope) + value / slope * width * value
            guard determinant.isFinite, determinant != 0 else { throw .undefined(at: [b, a]) }
            let changeOfA = (balance * width * a * slope + value / slope * fit) / determinant
            let changeOfB = (a * fit - width * value * balance) / determinant
            (b, a) = (b - changeOfB, a - changeOfA)
            if abs(changeOfA) + abs(changeOfB) < 1e-15 * (abs(a) + abs(b)) { break }
        }
        return [b, a]
    }

    /// φ = z^m: w_{i+1}² - w_{i+1}(0)² = (w_i² - w_i(0)²)·k_{i-1}/(m k_{i+1}) with k_0 = k_d = 1; what is left is one number.
    private func balanced(_ exponent: Double) throws(TheoryError) -> [Double] {
        let bounds = [1] + widths.map(Double.init) + [1]
        var factors = [1.0]
        for layer in 1..<start.count { factors.append(factors[layer - 1] * bounds[layer - 1] / (exponent * bounds[layer + 1])) }
        func weights(_ change: Double) -> [Double] { zip(start, factors).map { ($0 * $0 + change * $1).squareRoot() } }
        let isGrowing = output(of: start) < 1
        // Shrinking weights reach 0 at the latest where the first square does.
        let limit = zip(start, factors).map { $0 * $0 / $1 }.min() ?? 0
        var (lower, upper) = isGrowing ? (0.0, 1.0) : (-limit, 0.0)
        while isGrowing, output(of: weights(upper)) < 1 {
            upper *= 2
            guard upper < 1e12 else { throw .notReached(output: output(of: weights(upper))) }
        }
        for _ in 0..<200 {
            let middle = (lower + upper) / 2
            if output(of: weights(middle)) < 1 { lower = middle } else { upper = middle }
        }
        return weights((lower + upper) / 2)
    }
}

extension [RankOneFlow.Solution] {
    /// λ₁ of the composition of networks that each lead one state of a sequence to the next, [RBU20] Theorem 4: the product.
    public var sequenceEigenvalue: Double { reduce(1) { $0 * $1.eigenvalue } }
}

/// Why the theory of one example gives no solution.
public enum TheoryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The gradient is zero before x is stored, as for z^m from zero.
    case stationary(at: [Double])
    /// φ, φ' or φ/φ' is not finite here.
    case undefined(at: [Double])
    /// The path is too long.
    case notReached(output: Double)

    /// What was expected, what was found, and what to do.
    public var description: String {
        switch self {
        case .stationary(let weights):
            "Gradient flow stands still at \(weights) before it stores the example; start from other weights."
        case .undefined(let weights):
            "The nonlinearity, its slope or their ratio is not a finite number at the weights \(weights); start from other weights."
        case .notReached(let output):
            "Gradient flow has not stored the example within its steps (f(x) = \(output)·x); start nearer, or from smaller weights."
        }
    }
}
