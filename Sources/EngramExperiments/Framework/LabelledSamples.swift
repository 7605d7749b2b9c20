internal import EngramNumerics
internal import RealModule

/// The distributions of [R23] table C-3: two classes on the part of the unit sphere without negative entries, with their Bayes classifier.
struct LabelledSamples {
    /// One distribution.
    struct Family {
        let name: String
        /// α of class 1 and class 0; nil for the triangular densities on the circle.
        let alphas: (positive: [Double], negative: [Double])?
        /// Of the set on which the data lie.
        let dimension: Double
        /// Examples that are learned from.
        let exampleCount: Int
    }

    /// Those of the table, in its order.
    static let families = [
        Family(name: "triangular", alphas: nil, dimension: 1, exampleCount: 5000),
        Family(name: "Dirichlet 2D", alphas: ([1, 2], [2, 1]), dimension: 1, exampleCount: 10_000),
        Family(name: "Dirichlet 3D", alphas: ([0.5, 0.5, 2.5], [2.5, 0.1, 0.5]), dimension: 2, exampleCount: 10_000),
        Family(name: "Dirichlet 5D", alphas: ([3, 1, 2, 1, 1], [1, 2, 2, 2, 3]), dimension: 4, exampleCount: 10_000),
        Family(
            name: "Dirichlet 9D", alphas: ([1, 2, 1, 2, 1, 1, 1, 1, 1], [1, 1, 1, 2, 3, 4, 2, 2, 1]), dimension: 8, exampleCount: 10_000),
    ]

    /// Shape `[n, d]`, rows of norm 1.
    let points: Matrix<Double>
    /// 1 with the prior's share, exactly, else 0.
    let labels: [Int]
    /// What the Bayes classifier says.
    let bayes: [Int]

    /// Draws examples.
    init(of family: Family, prior: Double, count: Int, using generator: inout CounterBasedGenerator) {
        var (rows, labels, bayes): ([[Double]], [Int], [Int]) = ([], [], [])
        for index in 0..<count {
            let label = Double(index) < (Double(count) * prior).rounded() ? 1 : 0
            let drawn = Self.draw(family, label, prior, &generator)
            rows.append(drawn.point)
            labels.append(label)
            bayes.append(drawn.isPositive ? 1 : 0)
        }
        (points, self.labels, self.bayes) = (Matrix(rows: rows), labels, bayes)
    }

    private static func draw(
        _ family: Family, _ label: Int, _ prior: Double, _ generator: inout CounterBasedGenerator
    ) -> (point: [Double], isPositive: Bool) {
        guard let alphas = family.alphas else {
            let root = generator.nextUniform().squareRoot()
            let angle = Double.pi / 2 * (label == 1 ? root : 1 - root)
            let positive = 8 * angle / (Double.pi * Double.pi)
            return ([Double.cos(angle), Double.sin(angle)], positive * prior > (4 / Double.pi - positive) * (1 - prior))
        }
        var point = (label == 1 ? alphas.positive : alphas.negative).map { gamma(shape: $0, &generator) }
        let sum = point.reduce(0, +)
        point = point.map { $0 / sum }
        func logarithm(_ alpha: [Double]) -> Double {
            let normalization = Double.logGamma(alpha.reduce(0, +)) - alpha.reduce(0) { $0 + Double.logGamma($1) }
            return normalization + zip(alpha, point).reduce(0) { $0 + ($1.0 - 1) * Double.log($1.1) }
        }
        let isPositive =
            logarithm(alphas.positive) + Double.log(prior) > logarithm(alphas.negative) + Double.log(1 - prior)
        let length = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return (point.map { $0 / length }, isPositive)
    }

    /// A gamma variate of scale 1 (Marsaglia, Tsang 2000).
    private static func gamma(shape: Double, _ generator: inout CounterBasedGenerator) -> Double {
        if shape < 1 { return gamma(shape: shape + 1, &generator) * Double.pow(1 - generator.nextUniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = generator.nextNormal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if Double.log(1 - generator.nextUniform()) < x * x / 2 + d - d * v + d * Double.log(v) { return d * v }
        }
    }
}
