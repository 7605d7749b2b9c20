import EngramNumerics
import Testing

/// FNV-1a over the bytes of results.
private struct Digest {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add<Element>(_ elements: [Element]) {
        elements.withUnsafeBytes { bytes in
            for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
    }
}

@Suite struct ElementwisePortabilityTests {
    /// Recorded from a build with ENGRAM_NO_CLONES defined for plain x86-64 (SSE2), so on another processor it comes from another
    /// clone. A deliberate change of a kernel changes it: record it again from such a build.
    private static let baselineDigest: UInt64 = 0xaebf_ee48_e8d6_3008

    @Test func everyProcessorGivesTheBytesOfTheBaselineBuild() {
        var digest = Digest()
        var generator = CounterBasedGenerator(seed: 77)
        Self.addResults(of: Float.self, to: &digest, &generator)
        Self.addResults(of: Double.self, to: &digest, &generator)
        #expect(digest.state == Self.baselineDigest, "found 0x\(String(digest.state, radix: 16))")
    }

    private static func addResults<Scalar: ElementwiseScalar>(
        of _: Scalar.Type, to digest: inout Digest, _ generator: inout CounterBasedGenerator
    ) {
        let count = 600
        let z: [Scalar] = generator.normals(count: count)
        var noise: [Scalar] = generator.uniforms(count: count)
        let wide = z.map { $0 * 40 }
        // Double erf is the C library's.
        for activation in Activation.allCases where activation != .erf || Scalar.self == Float.self {
            digest.add(activation.values(of: z))
            digest.add(activation.derivatives(of: z))
            digest.add(activation.values(of: wide))
            digest.add(activation.derivatives(of: wide))
        }
        var (parameters, first, second) = (z, wide, noise)
        for step in 1...3 {
            Scalar.adamStep(
                count: count, parameters: &parameters, gradients: z, firstMoment: &first, secondMoment: &second,
                settings: AdamStep(learningRate: 0.01, weightDecay: 0.1, step: step))
        }
        Scalar.gradientDescentStep(
            count: count, parameters: &parameters, gradients: wide, velocity: &first,
            settings: GradientDescentStep(learningRate: 0.01, momentum: 0.9, weightDecay: 0.1))
        Scalar.rmspropStep(
            count: count, parameters: &parameters, gradients: wide, meanSquare: &second, settings: RMSpropStep(learningRate: 0.01))
        var sums = [Scalar](repeating: 0, count: 60)
        Scalar.multiplyAndSumColumns(rows: 10, columns: 60, &first, by: z, sums: &sums)
        digest.add([Scalar.residual(count: count, scale: 3, prediction: z, target: wide, into: &noise)])
        let strengths = Array(z[..<10])
        var output = z
        Scalar.addNoise(rows: 10, columns: 60, strengths: strengths, noise: wide, to: z, into: &output)
        for result in [parameters, first, second, sums, noise, output] { digest.add(result) }
    }
}
