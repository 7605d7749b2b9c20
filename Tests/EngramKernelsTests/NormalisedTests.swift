import EngramDynamics
import EngramNumerics
import Testing

@testable import EngramKernels

@Suite("Normalised machine")
struct NormalisedTests {
    private func items(_ count: Int, _ dimension: Int, seed: UInt64 = 2) -> Matrix<Float> {
        var generator = SplitMix64(seed: seed)
        return Matrix(
            rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in Float(generator.nextUniform()) })
    }

    private func stored(_ items: Matrix<Float>, variance: Double = 0.1, steepness: Double = 40) throws -> StoredNormalisedMap {
        let count = items.rowCount
        return try NormalisedMachine(
            items: items, contrast: ContrastItems(items.converted(to: Double.self)), successors: (0..<count).map { ($0 + 1) % count },
            noiseVariance: variance
        ).solved(steepness: steepness)
    }

    @Test("features have the products of the metric (C + v)⁻¹, times v")
    func featuresWhiten() throws {
        let contrast = ContrastItems(items(5, 9).converted(to: Double.self))
        let variance = 0.07
        let features = WhitenedFeatures(
            contrasts: contrast.contrasts,
            whitening: try WhitenedFeatures.whitening(products: contrast.products, noiseVariance: variance), lift: nil)
        var covariance = contrast.contrasts.multiplied(by: contrast.contrasts, transposingSelf: true)
        covariance.scale(by: 1 / 5)
        for index in 0..<9 { covariance[index, index] += variance }
        let points = items(4, 9, seed: 8).converted(to: Double.self)
        let centred = ContrastItems.contrasts(of: points)
        let wanted = centred.multiplied(by: try covariance.choleskySolve(centred.transposed()))
        let found = features.features(of: points)
        var products = found.multiplied(by: found, transposingOther: true)
        products.scale(by: 1 / variance)
        #expect((products - wanted).frobeniusNorm < 1e-10 * wanted.frobeniusNorm)
        let tangents = items(3, 9, seed: 9).converted(to: Double.self)
        let cotangents = items(3, 9, seed: 10).converted(to: Double.self)
        let forward = features.pushForward(rows: tangents).multiplied(by: cotangents, transposingOther: true)
        let backward = tangents.multiplied(by: features.pullBack(rows: cotangents), transposingOther: true)
        #expect((forward - backward).frobeniusNorm < 1e-12)
    }

    @Test("gives every item its target and does not see brightness or contrast")
    func isExactAndBlindToBrightness() throws {
        let pictures = items(6, 20)
        let map = try stored(pictures).iterable()
        let examples = pictures.converted(to: Double.self)
        let targets = examples.rows(at: [1, 2, 3, 4, 5, 0])
        #expect((map.outputs(of: examples) - targets).frobeniusNorm < 1e-11)
        var generator = SplitMix64(seed: 3)
        let cue = Matrix(rowCount: 1, columnCount: 20, elements: (0..<20).map { _ in generator.nextNormal() })
        let other = cue.map { 0.7 + 0.2 * $0 }
        #expect((map.outputs(of: cue) - map.outputs(of: other)).frobeniusNorm < 1e-10)
    }

    @Test("tells items of one contrast apart by their brightness")
    func liftsWhereContrastIsEqual() throws {
        let plain = items(4, 12)
        var rows = (0..<4).map { plain.row($0) }
        rows.append(rows[1].map { 0.2 + $0 / 2 })
        let pictures = Matrix<Float>(rows: rows)
        let machine = try NormalisedMachine(
            items: pictures, contrast: ContrastItems(pictures.converted(to: Double.self)), successors: Array(0..<5), noiseVariance: 0.1)
        #expect(machine.isLifted && machine.gap > 1e-6)
        let map = try machine.solved(steepness: 20 / machine.gap).iterable()
        let examples = pictures.converted(to: Double.self)
        #expect((map.outputs(of: examples) - examples).frobeniusNorm < 1e-9)
        let read = try StoredNormalisedMap(from: Safetensors(decoding: machine.solved(steepness: 20 / machine.gap).encoded())).iterable()
        #expect(read.outputs(of: examples) == map.outputs(of: examples))
    }

    @Test("has the derivative that differences show, the normalising step included")
    func derivativeAgreesWithDifferences() throws {
        let map = try stored(items(6, 10), steepness: 5).iterable()
        var generator = SplitMix64(seed: 13)
        let x = (0..<10).map { _ in generator.nextUniform() }
        let jacobian = map.jacobian(at: x)
        let step = 1e-5
        for column in 0..<10 {
            func output(_ sign: Double) -> [Double] {
                var moved = x
                moved[column] += sign * step
                return map.outputs(of: Matrix(rowCount: 1, columnCount: 10, elements: moved)).row(0)
            }
            let (ahead, behind) = (output(1), output(-1))
            // h² of third derivatives of order 10, and ε/h.
            for row in 0..<10 { #expect(abs((ahead[row] - behind[row]) / (2 * step) - jacobian[row, column]) < 1e-7) }
        }
        let restriction = try ImageRestriction(of: map)
        let states = map.outputs(of: Matrix(rowCount: 1, columnCount: 10, elements: x))
        let next = restriction.points(at: restriction.map.outputs(of: restriction.coordinates(of: states)))
        #expect((next - map.outputs(of: states)).frobeniusNorm < 1e-10)
    }
}
