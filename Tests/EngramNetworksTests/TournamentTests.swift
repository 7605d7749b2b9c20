import EngramDynamics
import EngramNumerics
import Testing

@testable import EngramNetworks

@Suite("Tournament")
struct TournamentTests {
    /// A tournament of random filters on random items that all win at themselves.
    static func map(count: Int, dimension: Int, hasShortlist: Bool, seed: UInt64 = 3) -> (map: TournamentMap, items: Matrix<Double>) {
        var generator = SplitMix64(seed: seed)
        func normals(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
        }
        let items = normals(count, dimension)
        let nearest = ContrastItems(items).nearestScores()
        let list = TournamentMap.Shortlist(weights: nearest.weights + 0.05 * normals(count, dimension), window: 0.3, penalty: 2)
        return (
            TournamentMap(
                weights: nearest.weights, offsets: nearest.offsets, shortlist: hasShortlist ? list : nil, margin: 0x1p-10,
                targets: items.rows(at: (0..<count).map { ($0 + 1) % count })), items
        )
    }

    @Test("is the network that its layers make", arguments: [1, 2, 3, 4, 5, 7, 8, 9, 13], [false, true])
    func layersComputeTheSame(count: Int, hasShortlist: Bool) {
        let (map, _) = Self.map(count: count, dimension: 6, hasShortlist: hasShortlist)
        let layers = TournamentLayers(
            count: count, shortlist: map.shortlist.map { ($0.window, $0.penalty) }, margin: map.margin)
        #expect(layers.layers.count == TournamentLayers.hiddenLayerCount(itemCount: count, hasShortlist: hasShortlist))
        var generator = SplitMix64(seed: 9)
        var inside = 0
        for trial in 0..<40 {
            var x = (0..<6).map { _ in generator.nextNormal() }
            // Every other state lies where two items tie, so that shares other than 0 and 1 occur.
            if trial % 2 == 1, count > 1 { x = tie(map, x) }
            let row = Matrix(rowCount: 1, columnCount: 6, elements: x)
            var scores = map.weights * x
            for index in scores.indices { scores[index] += map.offsets[index] }
            if let list = map.shortlist { scores = list.weights * x + scores }
            let gates = layers.gates(of: scores)
            let leaders = map.leaders(of: row)[0]
            var expected = [Double](repeating: 0, count: count)
            for (item, share) in zip(leaders.items, leaders.shares) { expected[item] = share }
            inside += expected.count { $0 > 0 && $0 < 1 }
            // Scores are of order 10, each layer adds a few, and the gate divides the rounding by δ: 1e-15 · 100 / 1e-3.
            for (found, wanted) in zip(gates, expected) { #expect(abs(found - wanted) < 1e-10, "\(count) items, trial \(trial)") }
        }
        // With a shortlist a state between two of few items may have one that is left out.
        #expect(count < 4 || inside > 0)
    }

    /// A state near x at which the two leading items are half of δ apart.
    private func tie(_ map: TournamentMap, _ x: [Double]) -> [Double] {
        var x = x
        for _ in 0..<8 {
            let scores = map.scores(at: Matrix(rowCount: 1, columnCount: x.count, elements: x)).row(0)
            let order = scores.indices.sorted { scores[$0] > scores[$1] }
            let difference = zip(map.weights.row(order[0]), map.weights.row(order[1])).map { $0 - $1 }
            let square = difference.reduce(0) { $0 + $1 * $1 }
            let step = (scores[order[0]] - scores[order[1]] - map.margin / 2) / square
            for index in x.indices { x[index] -= step * difference[index] }
        }
        return x
    }

    @Test("leads every item exactly to its target, with Jacobian 0", arguments: [false, true])
    func storesExactly(hasShortlist: Bool) throws {
        let (map, items) = Self.map(count: 12, dimension: 9, hasShortlist: hasShortlist)
        #expect(map.outputs(of: items) == map.targets)
        for spectrum in try ImageRestriction(of: map).map.spectra(at: ImageRestriction(of: map).coordinates(of: items)) {
            #expect(spectrum.log10SpectralRadius == -.infinity && spectrum.isContracting)
        }
    }

    @Test("has the derivative that differences show", arguments: [false, true])
    func derivativeAgreesWithDifferences(hasShortlist: Bool) {
        let (map, _) = Self.map(count: 8, dimension: 5, hasShortlist: hasShortlist)
        var generator = SplitMix64(seed: 21)
        var tested = 0
        for _ in 0..<30 {
            let x = tie(map, (0..<5).map { _ in generator.nextNormal() })
            let row = Matrix(rowCount: 1, columnCount: 5, elements: x)
            guard map.leaders(of: row)[0].items.count > 1 else { continue }
            let jacobian = map.jacobian(at: x)
            let factors = map.linearized(at: row).factors(at: 0)
            let tangent = (0..<5).map { _ in generator.nextNormal() }
            let cotangent = (0..<5).map { _ in generator.nextNormal() }
            let step = 1e-8
            let ahead = map.outputs(of: Matrix(rowCount: 1, columnCount: 5, elements: zip(x, tangent).map { $0 + step * $1 })).row(0)
            let behind = map.outputs(of: Matrix(rowCount: 1, columnCount: 5, elements: zip(x, tangent).map { $0 - step * $1 })).row(0)
            let pushed = jacobian * tangent
            // f is linear between its kinks: the difference has rounding only, 1e-15/1e-8, over slopes of order 1/δ.
            let scale = pushed.map { abs($0) }.max() ?? 1
            for index in 0..<5 { #expect(abs((ahead[index] - behind[index]) / (2 * step) - pushed[index]) < 1e-4 * max(scale, 1)) }
            let linearization = map.linearized(at: row)
            let forward = linearization.pushForward(rows: Matrix(rowCount: 1, columnCount: 5, elements: tangent), at: [0]).row(0)
            let backward = linearization.pullBack(rows: Matrix(rowCount: 1, columnCount: 5, elements: cotangent), at: [0]).row(0)
            let one = zip(forward, cotangent).reduce(0) { $0 + $1.0 * $1.1 }
            let other = zip(tangent, backward).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(one - other) < 1e-9 * max(abs(one), scale))
            if let factors {
                let whole = factors.left * factors.right
                #expect((whole - jacobian).frobeniusNorm <= 1e-12 * jacobian.frobeniusNorm)
            }
            tested += 1
        }
        #expect(tested > 10)
    }

    @Test("holds within the certified radius of every item and not far beyond it", arguments: [false, true])
    func certifiedRadiusIsTight(hasShortlist: Bool) {
        let (map, items) = Self.map(count: 10, dimension: 7, hasShortlist: hasShortlist)
        let radii = map.certifiedRadii(at: items) ?? []
        var escaped = 0
        for item in 0..<10 {
            #expect(radii[item] > 0)
            for other in 0..<10 where other != item {
                // Straight towards the item that is confused soonest.
                let difference = zip(map.weights.row(other), map.weights.row(item)).map { $0 - $1 }
                let norm = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
                func output(_ distance: Double) -> [Double] {
                    map.outputs(
                        of: Matrix(
                            rowCount: 1, columnCount: 7, elements: zip(items.row(item), difference).map { $0 + distance / norm * $1 })
                    ).row(0)
                }
                #expect(output(0.999 * radii[item]) == map.targets.row(item))
                if output(1.001 * radii[item]) != map.targets.row(item) { escaped += 1 }
            }
        }
        // Without a shortlist the worst direction is one of these, so each item escapes there; with one the radius is a bound.
        #expect(hasShortlist || escaped >= 10)
    }

    @Test("restricted to the span of its targets it goes the same way")
    func restrictionAgrees() throws {
        let (map, items) = Self.map(count: 6, dimension: 20, hasShortlist: true)
        let restriction = try ImageRestriction(of: map)
        #expect(restriction.subspace.dimension == 6)
        let states = map.outputs(of: items)
        let next = restriction.points(at: restriction.map.outputs(of: restriction.coordinates(of: states)))
        #expect((next - map.outputs(of: states)).frobeniusNorm < 1e-12 * states.frobeniusNorm)
        let coordinates = map.imageCoordinates(of: items, in: restriction)
        #expect((restriction.points(at: coordinates) - states).frobeniusNorm < 1e-12 * states.frobeniusNorm)
    }

    @Test("comes back from its file with every bit", arguments: [false, true])
    func storageRoundTrip(hasShortlist: Bool) throws {
        let (map, _) = Self.map(count: 5, dimension: 4, hasShortlist: hasShortlist)
        let stored = StoredTournamentMap(
            weights: map.weights.converted(to: Float.self), offsets: map.offsets, margin: map.margin,
            targets: map.targets.converted(to: Float.self), scores: .matched(noiseVariance: 0.3),
            shortlist: map.shortlist.map { .init(weights: $0.weights.converted(to: Float.self), window: $0.window, penalty: $0.penalty) })
        #expect(try StoredTournamentMap(from: Safetensors(decoding: stored.encoded())) == stored)
        var file = stored.safetensors()
        file.metadata["margin"] = "0"
        #expect(throws: SafetensorsError.unsupported(entry: "margin", found: "0")) { try StoredTournamentMap(from: file) }
        file = stored.safetensors()
        file.tensors.removeLast()
        file.tensors.append(.init(name: hasShortlist ? "shortlist.weight" : "targets", matrix: Matrix<Float>(rowCount: 5, columnCount: 3)))
        #expect(throws: SafetensorsError.self) { try StoredTournamentMap(from: file) }
    }
}

@Suite("Item scores")
struct ItemScoresTests {
    private func uniform(_ count: Int, _ dimension: Int) -> Matrix<Double> {
        var generator = SplitMix64(seed: 5)
        return Matrix(rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in generator.nextUniform() })
    }

    @Test("matched filters are M x'/√(x'ᵀ M x') up to one factor", arguments: [0.01, 1])
    func filtersAgreeWithTheirDefinition(variance: Double) throws {
        let (n, d) = (5, 8)
        let items = uniform(n, d)
        let contrast = ContrastItems(items)
        let scores = contrast.scores(of: try contrast.filters(noiseVariance: variance), noiseVariance: variance)
        var covariance = contrast.contrasts.multiplied(by: contrast.contrasts, transposingSelf: true)
        covariance.scale(by: 1 / Double(n))
        for index in 0..<d { covariance[index, index] += variance }
        let metric = try covariance.choleskySolve(.identity(d))
        var factor: Double?
        for item in 0..<n {
            let contrast = contrast.contrasts.row(item)
            let filter = metric * contrast
            let energy = zip(filter, contrast).reduce(0) { $0 + $1.0 * $1.1 }.squareRoot()
            for index in 0..<d {
                let ratio = scores.weights[item, index] / (filter[index] / energy)
                factor = factor ?? ratio
                #expect(abs(ratio - (factor ?? 0)) < 1e-10 * abs(ratio), "item \(item), entry \(index)")
            }
        }
        // Blind to brightness: every filter sums to nothing.
        for item in 0..<n { #expect(abs(scores.weights.row(item).reduce(0, +)) < 1e-12) }
    }

    @Test("an item's own score is largest, and equal for another contrast of the same picture")
    func ownScoreIsLargest() throws {
        var rows = (0..<6).map { uniform(6, 10).row($0) }
        #expect(try ContrastItems(Matrix(rows: rows)).filters(noiseVariance: 0.1).gap > 0)
        rows.append(rows[2].map { 0.3 + 0.5 * $0 })
        #expect(abs(try ContrastItems(Matrix(rows: rows)).filters(noiseVariance: 0.1).gap) < 1e-12)
    }

    @Test("nearest scores name the nearest item")
    func nearestScoresNameTheNearest() {
        let items = uniform(7, 4)
        let scores = ContrastItems(items).nearestScores()
        var generator = SplitMix64(seed: 8)
        for _ in 0..<50 {
            let x = Matrix(rowCount: 1, columnCount: 4, elements: (0..<4).map { _ in 3 * generator.nextNormal() })
            let row = scores.values(at: x).row(0)
            #expect(row.indices.max { row[$0] < row[$1] } == NearestExample.find(for: x, among: items)[0].index)
        }
    }
}
