import EngramNumerics
import Testing

@testable import EngramDynamics

@Suite("Baselines of recall")
struct RecallBaselinesTests {
    private let items: Matrix<Double>

    init() {
        var generator = SplitMix64(seed: 6)
        items = Matrix(rowCount: 8, columnCount: 12, elements: (0..<96).map { _ in generator.nextUniform() })
    }

    @Test("each method names what its definition says")
    func answersAgreeWithDefinitions() throws {
        let baselines = try RecallBaselines(examples: items, sampleRange: 1, inverseTemperature: 50)
        var generator = SplitMix64(seed: 7)
        let cues = Matrix(rowCount: 30, columnCount: 12, elements: (0..<360).map { _ in generator.nextUniform() })
        let known = Matrix(rowCount: 30, columnCount: 12, elements: (0..<360).map { $0 % 3 == 0 ? 0.0 : 1 })
        let answers = baselines.answers(to: cues, known: known)
        var centred = items
        centred.addToRows(items.columnMeans(), scaledBy: -1)
        for (variant, found) in zip(baselines.variants, answers) {
            let found = try #require(found)
            for row in 0..<30 {
                func nearest(_ distance: (Int) throws -> Double) rethrows -> Int {
                    let all = try (0..<8).map(distance)
                    return all.indices.min { all[$0] < all[$1] } ?? 0
                }
                let expected: Int
                switch variant.method {
                case .nearest: expected = nearest { squaredDistance(cues.row(row), items.row($0)) }
                case .nearestKnown:
                    expected = nearest { item in
                        (0..<12).reduce(0) { $0 + known[row, $1] * (cues[row, $1] - items[item, $1]) * (cues[row, $1] - items[item, $1]) }
                    }
                case .whitened:
                    var covariance = centred.multiplied(by: centred, transposingSelf: true)
                    covariance.scale(by: 1 / 8)
                    for index in 0..<12 { covariance[index, index] += variant.parameter ?? 0 }
                    let metric = try covariance.choleskySolve(.identity(12))
                    expected = nearest { item in
                        let difference = zip(cues.row(row), items.row(item)).map { $0 - $1 }
                        return zip(metric * difference, difference).reduce(0) { $0 + $1.0 * $1.1 }
                    }
                // These two are compared with their own types' tests elsewhere.
                case .matched, .hopfield: continue
                }
                #expect(found[row] == expected, "\(variant.method), cue \(row)")
            }
        }
        #expect(baselines.answers(to: cues, known: nil)[1] == nil)
        // Two kinds together, the second with holes where it differs from its originals.
        let originals = Matrix(rowCount: 30, columnCount: 12, elements: (0..<360).map { items.elements[$0 % 96] })
        let holed = Matrix(
            rowCount: 30, columnCount: 12, elements: zip(originals.elements, known.elements).map { $1 == 1 ? $0 : 0.123 })
        let both = baselines.answers(to: [cues, holed], originals: originals, hasKnownHoles: [false, true])
        #expect(both[0] == baselines.answers(to: cues, known: nil))
        #expect(both[1] == baselines.answers(to: holed, known: known))
    }

    @Test("of a method's numbers the one is reported that is best over all damage")
    func tallyTakesTheBest() throws {
        let baselines = try RecallBaselines(examples: items, sampleRange: 1, inverseTemperature: 50)
        var tally = BaselineTally(baselines, damageCount: 2)
        let wrong = [0, 0, 0]
        // The second number of `whitened` is right twice, all others never.
        let place = try #require(baselines.variants.indices.filter { baselines.variants[$0].method == .whitened }.dropFirst().first)
        var answers: [[Int]?] = baselines.variants.map { _ in wrong }
        answers[1] = nil
        answers[place] = [1, 1, 0]
        tally.add([answers, baselines.variants.map { _ in nil }]) { _, answer in answer == 1 }
        let best = tally.best()
        #expect(best.map(\.variant.method) == [.nearest, .whitened, .matched, .hopfield])
        let whitened = try #require(best.first { $0.variant.method == .whitened })
        #expect(whitened.variant == baselines.variants[place] && whitened.rightCounts == [2, nil])
    }
}
