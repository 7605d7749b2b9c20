public import EngramNumerics
internal import RealModule

extension DepthTaxonomy {
    /// The limit of networks with an activation of the library, from its moments by quadrature.
    ///
    /// E of φ, φ′, φ² and φ′² over a standard normal, by Gauss and Legendre's rule of 16 nodes on cells of width 1/8 from -14 to 14: cells meet
    /// at 0, where some of the functions have a kink, and what is beyond has no weight in float64.
    /// - Parameter activation: φ.
    /// - Throws: `DeepClassifierError.badActivation` if E φ² is 0 or not finite.
    public init(of activation: Activation) throws(DeepClassifierError) {
        let nodes = Self.nodes
        var values = Matrix(rowCount: 1, columnCount: nodes.count, elements: nodes.map(\.place))
        var slopes = values
        values.activate(activation, addingBias: Array(repeating: 0, count: nodes.count), derivatives: &slopes)
        var (mean, slope, square, squaredSlope) = (0.0, 0.0, 0.0, 0.0)
        for (index, node) in nodes.enumerated() {
            let (value, derivative) = (values.elements[index], slopes.elements[index])
            mean += node.weight * value
            slope += node.weight * derivative
            square += node.weight * value * value
            squaredSlope += node.weight * derivative * derivative
        }
        guard square > 0, square.isFinite else { throw .badActivation(name: activation.rawValue, norm: square) }
        // What quadrature leaves of a mean that vanishes is no mean.
        func vanishing(_ value: Double) -> Double { abs(value) < 1e-12 * square.squareRoot() ? 0 : value }
        let (a, b) = (vanishing(mean), vanishing(slope))
        self.init(squaredMean: a * a / square, squaredMeanSlope: b * b / square, meanSquaredSlope: squaredSlope / square)
    }

    /// Places and weights of the rule, the normal density in the weights.
    private static let nodes: [(place: Double, weight: Double)] = {
        let (count, radius) = (16, 1.0 / 16)
        var rule: [(Double, Double)] = []
        for k in 0..<count {
            // A zero of the Legendre polynomial by Newton's method, from the usual start.
            var x = Double.cos(.pi * (Double(k) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<20 {
                var (before, value) = (1.0, x)
                for n in 2...count {
                    (before, value) = (value, (Double(2 * n - 1) * x * value - Double(n - 1) * before) / Double(n))
                }
                slope = Double(count) * (x * value - before) / (x * x - 1)
                x -= value / slope
            }
            rule.append((x, 2 / ((1 - x * x) * slope * slope)))
        }
        return (-112..<112).flatMap { cell in
            rule.map { x, weight in
                let place = (Double(cell) + 0.5) / 8 + radius * x
                return (place, weight * radius * Double.exp(-place * place / 2) / (2 * Double.pi).squareRoot())
            }
        }
    }()
}
