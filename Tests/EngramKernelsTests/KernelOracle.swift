import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// The cases of `ntk.json`. Its values come from mpmath (50 digits), quadrature and closed forms; `make_kernel_oracles.py` says how.
struct KernelOracle: Decodable {
    struct Value: Decodable {
        let k: Double
        let dk_dx: [Double]
        let k_xx: Double?
    }
    struct Specification: Decodable {
        let family: String
        let activation: String?
        let depth: Int
        let c2: Double
        let input_scale: Double
    }
    struct Spectrum: Decodable {
        let eigenvalues: [[Double]]
        let spectral_radius: Double
        let operator_norm: Double
    }
    /// Points: one in the pairs, a matrix elsewhere.
    enum Points: Decodable {
        case one([Double])
        case many([[Double]])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let rows = try? container.decode([[Double]].self) {
                self = .many(rows)
            } else {
                self = .one(try container.decode([Double].self))
            }
        }

        var matrix: Matrix<Double> {
            switch self {
            case .one(let row): Matrix(rows: [row])
            case .many(let rows): Matrix(rows: rows)
            }
        }
    }

    let name: String
    let kind: String
    let x: Points?
    // Pairs of points.
    let n0: Int?
    let x_prime: [Double]?
    let erf_form: Value?
    let sigmoid: Value?
    // ReLU at unit norms.
    let xi: [Double]?
    let kappa: [[Double]]?
    let dual: [Double]?
    let dual_derivative: [Double]?
    // Recursions.
    let activation: String?
    let slope: Double?
    let c2: Double?
    let input_scale: Double?
    let nngp: [[[Double]]]?
    let ntk: [[[Double]]]?
    // Regression and norms.
    let kernel: Specification?
    let y: [[Double]]?
    let test_points: [[Double]]?
    let condition_number: Double?
    let K: [[Double]]?
    let weights: [[Double]]?
    let test_outputs: [[Double]]?
    let jacobian_points: [[Double]]?
    let jacobians: [[[Double]]]?
    let jacobian_fields: [Spectrum]?
    let cycle_product: [[Double]]?
    let cycle_spectral_radius: Double?
    let r: Double?
    let f0: [[Double]]?
    let J0: [[[Double]]]?
    let jacobian_first: [[Double]]?

    static func cases(_ kind: String) throws -> [KernelOracle] {
        try Oracle.cases("ntk", as: KernelOracle.self).filter { $0.kind == kind }
    }

    /// The kernel that a regression used.
    func specifiedKernel() throws -> FullyConnectedKernel {
        let specification = try #require(kernel)
        if specification.family == "sigmoid_erf_form" {
            return .erfSigmoid(inputCount: Int((1 / specification.input_scale).rounded()))
        }
        return try Self.kernel(
            try #require(FullyConnectedKernel.Kind(rawValue: specification.family)), try #require(specification.activation),
            depth: specification.depth,
            prior: NetworkPrior(inputScale: specification.input_scale, weightVariance: specification.c2))
    }

    static func kernel(
        _ kind: FullyConnectedKernel.Kind, _ activation: String, slope: Double = 0, depth: Int, prior: NetworkPrior
    ) throws -> FullyConnectedKernel {
        switch activation {
        case "relu": FullyConnectedKernel(kind: kind, activation: RectifierDual.relu, depth: depth, prior: prior)
        case "leaky_relu": FullyConnectedKernel(kind: kind, activation: RectifierDual(slope: slope), depth: depth, prior: prior)
        case "erf": FullyConnectedKernel(kind: kind, activation: ErrorFunctionDual.erf, depth: depth, prior: prior)
        case "tanh": FullyConnectedKernel(kind: kind, activation: ErrorFunctionDual.tanh, depth: depth, prior: prior)
        default: throw KernelError.unknownActivation(name: activation, known: [])
        }
    }
}

/// The largest difference of two kernel matrices, each entry relative to √(k(x, x) k(z, z)): the size that its rounding has.
func worstNormalizedError(_ found: Matrix<Double>, _ expected: Matrix<Double>, pointScales: [Double], centerScales: [Double]) -> Double {
    var worst = 0.0
    for i in 0..<expected.rowCount {
        for j in 0..<expected.columnCount {
            worst = max(worst, abs(found[i, j] - expected[i, j]) / (pointScales[i] * centerScales[j]).squareRoot())
        }
    }
    return worst
}
