import EngramDynamics
import EngramNumerics
import Foundation
import Testing

@testable import EngramNetworks

@Suite("Copies that are damaged as cues are") struct CueNoiseTests {
    /// Sixteen examples of 6×5 places and two channels, all entries 2: no draw from the range gives that.
    private static let raster = Raster(height: 6, width: 5, channels: 2)
    private static let examples = Matrix<Double>(rowCount: 16, columnCount: 60, repeating: 2)

    private func copies(_ noise: CueNoise, seed: UInt64 = 1) -> (CueCopies<Double>, CounterBasedGenerator) {
        var generator = CounterBasedGenerator(seed: seed)
        let copies = CueCopies(
            of: Self.examples, noise: noise, encoder: .identity(60), offset: Array(repeating: 0, count: 60), using: &generator)
        return (copies, generator)
    }

    @Test("Without damage the copies are the examples in coordinates") func undamaged() {
        var generator = CounterBasedGenerator(seed: 1)
        let encoder = Matrix<Double>(rowCount: 60, columnCount: 1, repeating: 0.5)
        let copies = CueCopies(
            of: Self.examples, noise: CueNoise(range: 0...1, maximumFraction: 0), encoder: encoder, offset: [7], using: &generator)
        // 60 entries of 2 times 0.5, less 7.
        #expect(copies.rows.elements == Array(repeating: 53, count: 16))
    }

    @Test("Half of the largest share is replaced on average, by values all over the range") func share() {
        var replaced: [Double] = []
        for seed in 0..<20 {
            replaced += copies(CueNoise(range: -1...1, maximumFraction: 0.5), seed: UInt64(seed)).0.rows.elements.filter { $0 != 2 }
        }
        // Of 19,200 entries a quarter. The share differs by row: its variance is (1/4 - 1/16)/60 + 1/48 for each of 320 rows.
        let deviation = 19_200 * ((0.1875 / 60 + 1.0 / 48) / 320).squareRoot()
        #expect(abs(Double(replaced.count) - 4800) < 5 * deviation)
        #expect(replaced.allSatisfy { (-1...1).contains($0) })
        let count = Double(replaced.count)
        let mean = replaced.reduce(0, +) / count
        let meanSquare = replaced.reduce(0) { $0 + $1 * $1 } / count
        // Of U[-1, 1]: mean 0 and variance 1/3; mean of squares 1/3 and variance of squares 4/45.
        #expect(abs(mean) < 5 * (1 / 3 / count).squareRoot())
        #expect(abs(meanSquare - 1.0 / 3) < 5 * (4.0 / 45 / count).squareRoot())
    }

    @Test("Rectangles have one colour and cover the share of the area") func rectangles() throws {
        let noise = CueNoise(range: 0...1, maximumFraction: 0, maximumArea: 1, raster: Self.raster)
        var covered = 0
        for seed in 0..<20 {
            let rows = copies(noise, seed: UInt64(seed)).0.rows
            for row in 0..<rows.rowCount {
                let values = rows.row(row)
                let places = (0..<30).filter { values[2 * $0] != 2 }
                covered += places.count
                guard let first = places.first, let last = places.last else { continue }
                let columns = places.map { $0 % 5 }
                let width = try #require(columns.max()) - (try #require(columns.min())) + 1
                #expect(places.count == width * (last / 5 - first / 5 + 1))
                for channel in 0..<2 { #expect(Set(places.map { values[2 * $0 + channel] }).count == 1) }
                #expect(values[2 * first] != values[2 * first + 1])
            }
        }
        // Half of the blocks have rectangles, of half the area on average but where a side is cut at the raster's.
        #expect((0.15...0.25).contains(Double(covered) / (20 * 16 * 30)))
    }

    @Test("Each renewal draws the next eighth and leaves the rest") func renewal() {
        var (copies, generator) = copies(CueNoise(range: 0...1, maximumFraction: 1))
        for turn in 0..<9 {
            let before = copies.rows
            copies.renew(using: &generator)
            let changed = (0..<16).filter { before.row($0) != copies.rows.row($0) }
            #expect(changed == [2 * turn % 16, (2 * turn + 1) % 16])
        }
    }

    @Test("A matched start of steep units is a memory before any training") func matchedStart() throws {
        var generator = CounterBasedGenerator(seed: 4)
        let samples = Matrix<Float>(rowCount: 12, columnCount: 40, elements: generator.uniforms(count: 480))
        let training = try FastTraining(
            samples: samples, task: .autoencoder(count: 12),
            settings: .init(
                depth: 1, width: 12, activation: .sigmoid, conditioning: 1, maximumNoise: 0, startsFromMatchedFilters: true,
                solvesOutputLayer: false, seed: 1))
        let network = try training.storedNetwork()
        // Float32 weights of order 10 over 12 units; a network drawn at random is off by the examples' own variance, 1/12.
        #expect(network.outputs(of: samples).meanSquaredDifference(to: samples) < 1e-9)
        // The unit of an example stands at g(1 - θ), the others at g(-1/11 - θ).
        let hidden = network.layers[0].applied(to: samples)
        let response = MatchedFilters.response(largestOthers: [-1.0 / 11])
        let (g, theta) = (response.steepnesses[0], response.thresholds[0])
        #expect(g == 30 && theta == 0.45 && !training.isCrowded)
        for row in 0..<12 {
            for unit in 0..<12 {
                #expect(abs(Double(hidden[row, unit]) - g * ((row == unit ? 1 : -1.0 / 11) - theta)) < 1e-3)
            }
        }
    }

    @Test("Units whose example has a near double rise between the two, and are saturated at both") func response() {
        for other in [-0.5, 0, 0.2, 0.5, 0.9, 0.99] {
            let response = MatchedFilters.response(largestOthers: [other])
            let (g, theta) = (response.steepnesses[0], response.thresholds[0])
            #expect(theta > other && theta < 1)
            // g·σ'(g·δ) at the nearer of the two; σ'(z) ≤ exp(-|z|).
            let distance = min(1 - theta, theta - other)
            #expect(2 * g * exp(-g * distance) <= 1.01 * exp(-3.0), "\(other)")
        }
        // Where another example answers as much, or there is none, the unit still answers its own.
        for other in [0.9999, 1, 1.2, 5, -.infinity, .nan] {
            let response = MatchedFilters.response(largestOthers: [other])
            #expect(response.steepnesses[0] * (1 - response.thresholds[0]) > 3, "\(other)")
        }
    }

    @Test("More examples than dimensions still start from units that answer them") func moreExamplesThanDimensions() throws {
        var generator = CounterBasedGenerator(seed: 6)
        let samples = Matrix<Float>(rowCount: 120, columnCount: 9, elements: generator.uniforms(count: 120 * 9))
        let training = try FastTraining(
            samples: samples, task: .autoencoder(count: 120),
            settings: .init(
                depth: 1, width: 120, activation: .sigmoid, conditioning: 1, noiseVariance: 1.0 / 30, maximumNoise: 0,
                startsFromMatchedFilters: true, seed: 1))
        let network = try training.storedNetwork()
        let hidden = network.layers[0].applied(to: samples)
        for row in 0..<120 { #expect(hidden[row, row] > 0, "\(row)") }
        #expect(network.outputs(of: samples).meanSquaredDifference(to: samples) < 1e-9)
    }

    @Test("A matched start tells near doubles apart, and says that they crowd") func nearDoubles() throws {
        var generator = CounterBasedGenerator(seed: 5)
        let base: [Float] = generator.uniforms(count: 6 * 40)
        let changes: [Float] = generator.uniforms(count: 6 * 40)
        // Six pairs that differ by a twentieth of what they differ by from the others.
        let elements = base + zip(base, changes).map { $0 + 0.05 * ($1 - 0.5) }
        let samples = Matrix<Float>(rowCount: 12, columnCount: 40, elements: elements)
        let training = try FastTraining(
            samples: samples, task: .autoencoder(count: 12),
            settings: .init(
                depth: 1, width: 12, activation: .sigmoid, conditioning: 1, noiseVariance: 1.0 / 30, maximumNoise: 0,
                startsFromMatchedFilters: true, seed: 1))
        #expect(training.isCrowded)
        let network = try training.storedNetwork()
        #expect(network.outputs(of: samples).meanSquaredDifference(to: samples) < 1e-9)
        // The unit of an example answers more to it than to its double, which a common threshold of 0.45 would not show.
        let hidden = network.layers[0].applied(to: samples)
        for row in 0..<12 { #expect(hidden[row, row] > 3 && hidden[(row + 6) % 12, row] < -3, "\(row)") }
    }
}
