import Foundation
import Testing

@testable import EngramNumerics

@Suite struct ElementwiseGeneratorTests {
    @Test func philoxGivesTheVectorsOfItsAuthors() {
        // Random123 1.14, kat_vectors, philox4x32 with 10 rounds: counter, key, words.
        let zero = CounterBasedGenerator.philox(low: 0, high: 0, key: 0)
        #expect(zero == (0xe169_c58d_6627_e8d5, 0x9b00_dbd8_bc57_ac4c))
        let ones = CounterBasedGenerator.philox(low: .max, high: .max, key: .max)
        #expect(ones == (0x41c8_3b0e_408f_276d, 0x6d54_51fd_a20b_c7c6))
        let pi = CounterBasedGenerator.philox(low: 0x85a3_08d3_243f_6a88, high: 0x0370_7344_1319_8a2e, key: 0x299f_31d0_a409_3822)
        #expect(pi == (0x94fd_cceb_d16c_fe09, 0x2412_6ea1_5001_e420))
    }

    /// Word j of block i, by the scalar code that the vectors above check.
    private static func word(_ generator: CounterBasedGenerator, block: UInt64, _ j: Int) -> UInt32 {
        let halves = CounterBasedGenerator.philox(low: block, high: generator.stream, key: generator.seed)
        return UInt32(truncatingIfNeeded: (j < 2 ? halves.0 : halves.1) >> (j % 2 == 0 ? 0 : 32))
    }

    @Test func uniformFillsAreTheDocumentedWordsOfTheDocumentedBlocks() {
        // A stream beyond 32 bits shows that both halves count.
        var generator = CounterBasedGenerator(seed: 0x1234_5678_9abc_def0, stream: 0xfedc_ba98_7654_3210)
        let start = generator
        for count in [0, 1, 63, 64, 65, 200] {
            let first = generator.block
            let floats: [Float] = generator.uniforms(count: count)
            for (k, value) in floats.enumerated() {
                let block = first + UInt64(k / 64 * 16 + k % 16)
                #expect(value == Float(Self.word(start, block: block, k % 64 / 16) >> 8) / 16_777_216, "\(count) \(k)")
            }
            #expect(generator.block == first + UInt64((count + 63) / 64 * 16))
            let second = generator.block
            let doubles: [Double] = generator.uniforms(count: count)
            for (k, value) in doubles.enumerated() {
                let block = second + UInt64(k / 32 * 16 + k % 16)
                let (low, high) = (Self.word(start, block: block, k % 32 / 16 * 2), Self.word(start, block: block, k % 32 / 16 * 2 + 1))
                let bits = UInt64(high) << 32 | UInt64(low)
                #expect(value == Double(bits >> 11) / 9_007_199_254_740_992, "\(count) \(k)")
            }
        }
    }

    @Test func normalsAreBoxMullerOfTheDocumentedWords() {
        let start = CounterBasedGenerator(seed: 5, stream: 9)
        var generator = start
        let floats: [Float] = generator.normals(count: 640)
        for k in 0..<640 where k % 32 < 16 {
            let block = UInt64(k / 64 * 16 + k % 16)
            let u = (Double(Self.word(start, block: block, k % 64 / 16) >> 1) + 0.5) / 2_147_483_648
            let angle = 2 * Double.pi * Double(Self.word(start, block: block, k % 64 / 16 + 1)) / 4_294_967_296
            let radius = (-2 * log(u)).squareRoot()
            // Near u = 1 the float u is off by 2⁻²⁵, which moves the square of the radius by 2⁻²⁴ + 2⁻²⁵.
            let bound = 1e-6 * radius + min(1e-7 / max(radius, 1e-9), 4e-4)
            #expect(abs(Double(floats[k]) - radius * cos(angle)) < bound, "\(k)")
            #expect(abs(Double(floats[k + 16]) - radius * sin(angle)) < bound, "\(k)")
        }
        generator = start
        let doubles: [Double] = generator.normals(count: 320)
        for k in 0..<320 where k % 32 < 16 {
            let block = UInt64(k / 32 * 16 + k % 16)
            let bits = (0..<4).map { UInt64(Self.word(start, block: block, $0)) }
            let u = (Double((bits[1] << 32 | bits[0]) >> 11) + 0.5) / 9_007_199_254_740_992
            let angle = 2 * Double.pi * Double((bits[3] << 32 | bits[2]) >> 11) / 9_007_199_254_740_992
            let radius = (-2 * log(u)).squareRoot()
            #expect(abs(doubles[k] - radius * cos(angle)) < 1e-14, "\(k)")
            #expect(abs(doubles[k + 16] - radius * sin(angle)) < 1e-14, "\(k)")
        }
    }

    /// Kolmogorov-Smirnov distance of sorted samples from a distribution function.
    private static func distance(_ samples: [Double], _ distribution: (Double) -> Double) -> Double {
        let n = Double(samples.count)
        return samples.sorted().enumerated().map { i, x in
            max(Double(i + 1) / n - distribution(x), distribution(x) - Double(i) / n)
        }.max() ?? 1
    }

    private static func checkDistribution<Scalar: ElementwiseScalar>(seed: UInt64, _: Scalar.Type) {
        let count = 32_768
        let n = Double(count)
        var generator = CounterBasedGenerator(seed: seed, stream: 3)
        let normals = (generator.normals(count: count) as [Scalar]).map { Double($0) }
        let uniforms = (generator.uniforms(count: count) as [Scalar]).map { Double($0) }
        // Standard deviations of the mean moments of N(0, 1): sqrt(var(x^k) / n), var = 1, 2, 15, 96; five of them each.
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
            let moment = normals.reduce(0) { $0 + pow($1, Double(power)) } / n
            #expect(abs(moment - expected) < 5 * (variance / n).squareRoot(), "seed \(seed), moment \(power): \(moment)")
        }
        // Neighbours, and the two halves of a Box-Muller pair, 16 apart: products have variance 1.
        for lag in [1, 16] {
            let correlation = (0..<count - lag).reduce(0.0) { $0 + normals[$1] * normals[$1 + lag] } / n
            #expect(abs(correlation) < 5 / n.squareRoot(), "seed \(seed), lag \(lag): \(correlation)")
        }
        // P(D sqrt(n) > t) < 2 exp(-2 t²), which is 1e-6 at t = 2.69.
        let critical = (log(2 / 1e-6) / 2).squareRoot() / n.squareRoot()
        let normalDistance = distance(normals) { 0.5 * erfc(-$0 / 2.0.squareRoot()) }
        #expect(normalDistance < critical, "seed \(seed): \(normalDistance) against \(critical)")
        let uniformDistance = distance(uniforms) { $0 }
        #expect(uniformDistance < critical, "seed \(seed): \(uniformDistance) against \(critical)")
        #expect(uniforms.allSatisfy { $0 >= 0 && $0 < 1 })
    }

    @Test(arguments: [1, 20_240_607] as [UInt64])
    func fillsFollowTheirDistributions(seed: UInt64) {
        Self.checkDistribution(seed: seed, Float.self)
        Self.checkDistribution(seed: seed, Double.self)
    }

    @Test func aRestoredGeneratorGoesOnWhereTheOtherStood() throws {
        var generator = CounterBasedGenerator(seed: 11, stream: 12)
        _ = generator.next()
        let _: [Float] = generator.normals(count: 100)
        _ = generator.next()
        var restored = try JSONDecoder().decode(CounterBasedGenerator.self, from: JSONEncoder().encode(generator))
        #expect(restored == generator)
        #expect((0..<5).map { _ in restored.next() } == (0..<5).map { _ in generator.next() })
        #expect((restored.normals(count: 70) as [Float]) == (generator.normals(count: 70) as [Float]))
    }

    @Test func noTwoDrawsShareABlockAndLongerFillsBeginWithShorterOnes() {
        var generator = CounterBasedGenerator(seed: 1)
        let first = generator.next()
        let fill: [Double] = generator.uniforms(count: 3)
        #expect(first == CounterBasedGenerator.philox(low: 0, high: 0, key: 1).0)
        // The half-used block 0 is left behind; the fill took 1 to 16.
        #expect(fill[0] == Double(CounterBasedGenerator.philox(low: 1, high: 0, key: 1).0 >> 11) * 0x1p-53)
        #expect(generator.next() == CounterBasedGenerator.philox(low: 17, high: 0, key: 1).0)
        #expect(generator.next() == CounterBasedGenerator.philox(low: 17, high: 0, key: 1).1)

        var (short, long) = (CounterBasedGenerator(seed: 2), CounterBasedGenerator(seed: 2))
        let few: [Float] = short.normals(count: 70)
        let many: [Float] = long.normals(count: 500)
        #expect(few == Array(many[..<70]))
    }
}
