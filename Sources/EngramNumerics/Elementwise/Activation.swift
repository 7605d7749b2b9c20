internal import CEngramKernels

/// An element-wise nonlinearity φ with its derivative φ′.
///
/// Accuracy, tested: Float values within 2 ulp (`cosid`: 3·2⁻²⁴·max(1, |x|); `sinusoidal`: 2·2⁻²⁴·max(1, |x|), both absolute, since
/// the sums cancel); Float derivatives within 5 ulp, those of `swish`, `cosid` and `sinusoidal` within
/// 4·2⁻²⁴·max(1, |φ′|).
/// Double values and derivatives within 4e-15, relative also in the tails where a tail exists.
/// NaN gives NaN. Infinities give the limits, and NaN where there is none (`cosid`, `sinusoidal`).
/// The same input gives the same bytes on every processor and at every position, except where glibc is called: Double `erf`, and
/// `cosid` beyond |x| = 1.6e6 and `sinusoidal` beyond 1.6e5.
public enum Activation: String, CaseIterable, Codable, Sendable {
    /// max(0, x); φ′(0) = 0.
    case relu
    /// x for x > 0, else 0.01 x; φ′(0) = 0.01.
    case leakyReLU = "leaky_relu"
    /// scale·x for x > 0, else scale·α·(eˣ - 1), with α = 1.6732632423543772 and scale = 1.0507009873554805; φ′(0) = scale·α.
    ///
    /// Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", NeurIPS 2017.
    case selu
    /// x·s(x), with s the logistic sigmoid.
    case swish
    /// cos(x) - x.
    case cosid
    /// x + sin(10 x)/5.
    case sinusoidal
    /// 1 / (1 + e⁻ˣ); the derivative is s(x)·s(-x), which keeps its digits in saturation.
    case sigmoid
    /// tanh(x).
    case tanh
    /// The error function; its derivative is 2/√π·exp(-x²).
    case erf
    /// eˣ.
    case exp
    /// x². Powers are among the activations that [RBU20] analyse: a single example is an attractor only below the first power.
    case power2
    /// x³.
    case power3
    /// x⁴.
    case power4
    /// x⁵.
    case power5

    /// Returns φ(x) of each element.
    ///
    /// - Parameter elements: Any count, 0 included.
    /// - Returns: As many values, in order.
    /// - Complexity: O(n).
    public func values<Scalar: ElementwiseScalar>(of elements: [Scalar]) -> [Scalar] {
        [Scalar](unsafeUninitializedCapacity: elements.count) { values, initializedCount in
            elements.withUnsafeBufferPointer { source in
                guard let input = source.baseAddress, let output = values.baseAddress else { return }
                Scalar.activateRows(self, rows: 1, columns: source.count, bias: nil, from: input, values: output, derivatives: nil)
            }
            initializedCount = elements.count
        }
    }

    /// Returns φ′(x) of each element.
    ///
    /// - Parameter elements: Any count, 0 included.
    /// - Returns: As many derivatives, in order; at a kink the one from the left.
    /// - Complexity: O(n).
    public func derivatives<Scalar: ElementwiseScalar>(of elements: [Scalar]) -> [Scalar] {
        var values = elements
        return [Scalar](unsafeUninitializedCapacity: elements.count) { derivatives, initializedCount in
            values.withUnsafeMutableBufferPointer { buffer in
                guard let pointer = buffer.baseAddress else { return }
                Scalar.activateRows(
                    self, rows: 1, columns: buffer.count, bias: nil, from: pointer, values: pointer, derivatives: derivatives.baseAddress)
            }
            initializedCount = elements.count
        }
    }

    var kernelCode: engram_activation {
        switch self {
        case .relu: ENGRAM_RELU
        case .leakyReLU: ENGRAM_LEAKY_RELU
        case .selu: ENGRAM_SELU
        case .swish: ENGRAM_SWISH
        case .cosid: ENGRAM_COSID
        case .sinusoidal: ENGRAM_SINUSOIDAL
        case .sigmoid: ENGRAM_SIGMOID
        case .tanh: ENGRAM_TANH
        case .erf: ENGRAM_ERF
        case .exp: ENGRAM_EXP
        case .power2: ENGRAM_POWER2
        case .power3: ENGRAM_POWER3
        case .power4: ENGRAM_POWER4
        case .power5: ENGRAM_POWER5
        }
    }
}
