import EngramNumerics
import Foundation
import Testing

/// φ and φ′ in Double by the C library and the textbook formula.
private func reference(_ activation: Activation, _ x: Double) -> (value: Double, derivative: Double) {
    let (scale, alpha) = (1.0507009873554805, 1.6732632423543772)
    let e = exp(-abs(x))
    let sigmoid = x < 0 ? e / (1 + e) : 1 / (1 + e)
    let sigmoidSlope = e / ((1 + e) * (1 + e))
    switch activation {
    case .relu: return (max(x, 0), x > 0 ? 1 : 0)
    case .leakyReLU: return (x > 0 ? x : 0.01 * x, x > 0 ? 1 : 0.01)
    case .selu: return x > 0 ? (scale * x, scale) : (scale * alpha * expm1(x), scale * alpha * exp(x))
    case .swish:
        // In two factors: exp(x) alone turns subnormal before x exp(x) does.
        let half = exp(-abs(x) / 2)
        return (x < 0 ? x * half / (1 + e) * half : x * sigmoid, sigmoid + x * sigmoidSlope)
    case .cosid: return (cos(x) - x, -sin(x) - 1)
    case .sinusoidal: return (x + sin(10 * x) / 5, 1 + 2 * cos(10 * x))
    case .sigmoid: return (sigmoid, sigmoidSlope)
    case .tanh:
        let square = exp(-2 * abs(x))
        return (tanh(x), 4 * square / ((1 + square) * (1 + square)))
    case .erf: return (erf(x), 2 / Double.pi.squareRoot() * exp(-x * x))
    case .exp: return (exp(x), exp(x))
    case .power2: return (pow(x, 2), 2 * x)
    case .power3: return (pow(x, 3), 3 * pow(x, 2))
    case .power4: return (pow(x, 4), 4 * pow(x, 3))
    case .power5: return (pow(x, 5), 5 * pow(x, 4))
    }
}

private struct Worst: CustomStringConvertible {
    var error = 0.0
    var x = 0.0
    var found = 0.0
    var expected = 0.0
    var description: String { "error \(error) at x = \(x): found \(found), expected \(expected)" }

    mutating func take(error: Double, x: Double, found: Double, expected: Double) {
        // Also true for NaN, which must not pass unseen.
        if !(error <= self.error) { self = Worst(error: error, x: x, found: found, expected: expected) }
    }
}

/// |found - expected| in units of the last place of `expected` as a Float.
private func ulps(_ found: Float, _ expected: Double) -> Double {
    let rounded = Float(expected)
    if rounded.isInfinite || found.isInfinite { return found == rounded ? 0 : .infinity }
    return abs(Double(found) - expected) / Double(max(rounded.ulp, Float.leastNonzeroMagnitude))
}

private let cancelling: Set<Activation> = [.cosid, .sinusoidal]

@Suite struct ElementwiseActivationTests {
    private struct Oracle: Decodable {
        struct Case: Decodable {
            let name: String
            let x: [Double]
            let value: [Double]
            let derivative: [Double]
        }
        let cases: [Case]
    }

    private static func oracle() throws -> [Oracle.Case] {
        let folder = try #require(Bundle.module.resourceURL)
        let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/activations.json"))
        return try JSONDecoder().decode(Oracle.self, from: data).cases
    }

    @Test func doubleAgreesWithFiftyDigitArithmetic() throws {
        let cases = try Self.oracle()
        #expect(cases.count == 9)
        for oracle in cases {
            let activation = try #require(Activation(rawValue: oracle.name))
            let values = activation.values(of: oracle.x)
            let derivatives = activation.derivatives(of: oracle.x)
            var (value, derivative) = (Worst(), Worst())
            for (i, x) in oracle.x.enumerated() {
                // The argument 10 x of the sinusoid is rounded once, which moves it by up to 10 |x| ε.
                let phase = activation == .sinusoidal ? 20 * abs(x) * Double.ulpOfOne : 0
                // Tails are small but well conditioned: relative there. Sums that cancel are judged against 1.
                let valueScale = cancelling.contains(activation) ? max(1, abs(oracle.value[i])) : abs(oracle.value[i])
                let isSum = cancelling.contains(activation) || activation == .swish
                let derivativeScale = isSum ? max(1, abs(oracle.derivative[i])) : abs(oracle.derivative[i])
                let valueError = max(0, abs(values[i] - oracle.value[i]) - phase)
                let derivativeError = max(0, abs(derivatives[i] - oracle.derivative[i]) - phase)
                value.take(
                    error: valueError == 0 ? 0 : valueError / valueScale, x: x, found: values[i], expected: oracle.value[i])
                derivative.take(
                    error: derivativeError == 0 ? 0 : derivativeError / derivativeScale, x: x, found: derivatives[i],
                    expected: oracle.derivative[i])
            }
            #expect(value.error < 4e-15, "\(oracle.name): \(value)")
            #expect(derivative.error < 4e-15, "\(oracle.name): \(derivative)")
        }
    }

    @Test func floatAgreesWithFiftyDigitArithmetic() throws {
        for oracle in try Self.oracle() {
            let activation = try #require(Activation(rawValue: oracle.name))
            let values = activation.values(of: oracle.x.map { Float($0) })
            let derivatives = activation.derivatives(of: oracle.x.map { Float($0) })
            for (i, x) in oracle.x.enumerated() {
                // 1e-6 is sixteen roundings; the sinusoid also sees x rounded to a Float, times at most 20.
                let tolerance = 1e-6 + (activation == .sinusoidal ? 20 * abs(x) * Double(Float.ulpOfOne) : 0)
                #expect(abs(Double(values[i]) - oracle.value[i]) < tolerance * max(1, abs(oracle.value[i])), "\(oracle.name) \(x)")
                #expect(
                    abs(Double(derivatives[i]) - oracle.derivative[i]) < tolerance * max(1, abs(oracle.derivative[i])),
                    "\(oracle.name) \(x)")
            }
        }
    }

    /// Every 100,003rd bit pattern: all exponents, both signs, subnormals.
    private static let floatGrid: [Float] = stride(from: UInt32(17), to: UInt32.max - 100_003, by: 100_003)
        .map { Float(bitPattern: $0) }.filter(\.isFinite)

    /// Dense where trained networks live.
    private static let denseGrid: [Float] = (-6000...6000).map { Float($0) * 0.00171 }

    @Test(arguments: Activation.allCases)
    func floatIsWithinItsStatedErrorOfTheCLibraryInDouble(activation: Activation) {
        let grid = Self.floatGrid + Self.denseGrid
        let values = activation.values(of: grid)
        let derivatives = activation.derivatives(of: grid)
        var (value, derivative) = (Worst(), Worst())
        for (i, x) in grid.enumerated() {
            let expected = reference(activation, Double(x))
            // Absolute errors in units of 2⁻²⁴ where terms cancel, else in ulp.
            let scale = Double(Float.ulpOfOne) / 2 * max(1, abs(Double(x)))
            let valueError =
                cancelling.contains(activation)
                ? abs(Double(values[i]) - expected.value) / scale : ulps(values[i], expected.value)
            let derivativeError =
                cancelling.contains(activation) || activation == .swish
                ? abs(Double(derivatives[i]) - expected.derivative) / (Double(Float.ulpOfOne) / 2 * max(1, abs(expected.derivative)))
                : ulps(derivatives[i], expected.derivative)
            value.take(error: valueError, x: Double(x), found: Double(values[i]), expected: expected.value)
            derivative.take(
                error: derivativeError, x: Double(x), found: Double(derivatives[i]), expected: expected.derivative)
        }
        let valueBound = activation == .cosid ? 3.0 : 2.0
        #expect(value.error <= valueBound, "\(activation) value: \(value)")
        let derivativeBound = cancelling.contains(activation) || activation == .swish ? 4.0 : 5.0
        #expect(derivative.error <= derivativeBound, "\(activation) derivative: \(derivative)")
    }

    @Test(arguments: Activation.allCases)
    func doubleIsWithinItsStatedErrorOfTheCLibrary(activation: Activation) {
        let fine: [Double] = (-3000...3000).map { Double($0) * 0.00271 }
        let wide: [Double] = (-800...720).map { Double($0) * 0.973 }
        let grid = fine + wide + [1e5 / 3, -2e6 / 3, 3e9]
        let values = activation.values(of: grid)
        let derivatives = activation.derivatives(of: grid)
        var (value, derivative) = (Worst(), Worst())
        for (i, x) in grid.enumerated() {
            let expected = reference(activation, x)
            // erf′ of the reference rounds x², which costs it x² ε.
            let slack = activation == .erf ? 1 + x * x : 1
            func error(_ found: Double, _ expected: Double, floor: Double) -> Double {
                found == expected ? 0 : abs(found - expected) / max(abs(expected), floor)
            }
            let isSum = cancelling.contains(activation)
            // Below the normal range a relative error means nothing.
            let tiny = Double.leastNormalMagnitude
            value.take(
                error: error(values[i], expected.value, floor: isSum ? max(1, abs(x)) : tiny), x: x, found: values[i],
                expected: expected.value)
            derivative.take(
                error: error(derivatives[i], expected.derivative, floor: isSum || activation == .swish ? 1 : tiny) / slack, x: x,
                found: derivatives[i], expected: expected.derivative)
        }
        #expect(value.error < 4e-15, "\(activation) value: \(value)")
        #expect(derivative.error < 4e-15, "\(activation) derivative: \(derivative)")
    }

    @Test func aResultDependsNeitherOnCountNorPositionNorAlignment() {
        let source = (0..<200).map { Float(sin(Double($0) * 1.7) * 6) }
        for activation in Activation.allCases {
            // One element at a time always takes the padded path; long arrays take whole chunks.
            let values = source.map { activation.values(of: [$0])[0] }
            let derivatives = source.map { activation.derivatives(of: [$0])[0] }
            for count in Array(0...40) + [63, 64, 65, 127, 128, 129] {
                for offset in [0, 1, 3, 7] {
                    let part = Array(source[offset..<offset + count])
                    #expect(activation.values(of: part) == Array(values[offset..<offset + count]), "\(activation) \(count)")
                    #expect(activation.derivatives(of: part) == Array(derivatives[offset..<offset + count]), "\(activation) \(count)")
                    // In place, at an address that no vector is aligned to.
                    var buffer = source
                    buffer.withUnsafeMutableBufferPointer {
                        guard let pointer = $0.baseAddress else { return }
                        Float.activateRows(
                            activation, rows: 1, columns: count, bias: nil, from: pointer + offset, values: pointer + offset,
                            derivatives: nil)
                    }
                    let expected = source[..<offset] + values[offset..<offset + count] + source[(offset + count)...]
                    #expect(buffer == Array(expected), "\(activation) \(count) at \(offset)")
                }
            }
        }
    }

    @Test func infinitiesGiveLimitsAndNaNStaysNaN() {
        for activation in Activation.allCases {
            #expect(activation.values(of: [Float.nan])[0].isNaN, "\(activation)")
            #expect(activation.values(of: [Double.nan])[0].isNaN, "\(activation)")
            guard !cancelling.contains(activation) else {
                let values = activation.values(of: [Float.infinity, -.infinity])
                #expect(values[0].isNaN && values[1].isNaN, "\(activation)")
                continue
            }
            // Far out a float has reached its limit, unless it grows without one.
            let (above, below) = (reference(activation, 1e30), reference(activation, -1e30))
            func limit(_ value: Double) -> Double { value > 1e20 ? .infinity : value < -1e20 ? -.infinity : value }
            let limits = [limit(above.value), limit(below.value)]
            let (doubles, floats) = (
                activation.values(of: [Double.infinity, -.infinity]), activation.values(of: [Float.infinity, -.infinity])
            )
            for (i, limit) in limits.enumerated() {
                // The constant -scale α is rounded in another order by the reference.
                #expect(doubles[i] == limit || abs(doubles[i] - limit) < 4e-16, "\(activation)")
                #expect(floats[i] == Float(limit), "\(activation)")
            }
            let slopes = [limit(above.derivative), limit(below.derivative)]
            #expect(activation.derivatives(of: [Double.infinity, -.infinity]) == slopes, "\(activation)")
            #expect(activation.derivatives(of: [Float.infinity, -.infinity]) == slopes.map { Float($0) }, "\(activation)")
        }
    }

    @Test func kinksTakeTheDerivativeFromTheLeft() {
        #expect(Activation.relu.derivatives(of: [0.0, -0.0]) == [0, 0])
        #expect(Activation.leakyReLU.derivatives(of: [0.0, -0.0]) == [0.01, 0.01])
        #expect(abs(Activation.selu.derivatives(of: [0.0])[0] - 1.0507009873554805 * 1.6732632423543772) < 1e-15)
    }

    @Test func biasIsAddedBeforeTheActivationInEachRow() {
        let (rows, columns) = (5, 71)
        let z = (0..<rows * columns).map { Double(sin(Double($0))) * 3 }
        let bias = (0..<columns).map { Double(cos(Double($0) * 3)) }
        let sums = z.indices.map { z[$0] + bias[$0 % columns] }
        for activation in Activation.allCases {
            var (values, derivatives) = (z, z)
            values.withUnsafeMutableBufferPointer { values in
                derivatives.withUnsafeMutableBufferPointer { derivatives in
                    guard let pointer = values.baseAddress else { return }
                    Double.activateRows(
                        activation, rows: rows, columns: columns, bias: bias, from: pointer, values: pointer,
                        derivatives: derivatives.baseAddress)
                }
            }
            #expect(values == activation.values(of: sums), "\(activation)")
            #expect(derivatives == activation.derivatives(of: sums), "\(activation)")
        }
    }
}
