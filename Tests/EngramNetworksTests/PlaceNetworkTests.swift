import EngramDynamics
import EngramNetworks
import EngramNumerics
import Foundation
import Testing

/// Recurrent networks that are written down.
@Suite struct PlaceNetworkTests {
    /// Two texts that share words and stretches, 13 places; a token says nothing of its place.
    private static let texts = [[0, 1, 2, 0, 1, 3, 0, 4], [2, 0, 1, 2, 3]]
    private static let vocabularySize = 5
    private static let decay = 0.9

    private static func network(_ texts: [[Int]] = texts, firstEqual: [Int]? = nil, decay: Double = decay) throws -> PlaceNetwork {
        try PlaceNetwork(
            texts, vocabularySize: vocabularySize, firstEqual: firstEqual ?? Array(0..<texts.joined().count),
            design: .init(width: 24, decay: decay, seed: 3))
    }

    private static func isRound(_ tokens: ArraySlice<Int>, of text: [Int]) -> Bool {
        text.indices.contains { start in zip(tokens, text.indices).allSatisfy { $0 == text[(start + $1) % text.count] } }
    }

    /// The state at a place by its sum, h = Σ_j A^j e of the token j + 1 steps back, with A and e of the stored layer.
    private static func state(_ network: RecurrentNetwork<Double>, _ text: [Int], before place: Int) -> [Double] {
        let weights = network.layers[0].weights
        let turn = weights.columns(at: vocabularySize..<weights.columnCount)
        var (sum, power) = ([Double](repeating: 0, count: network.stateSize), Matrix<Double>.identity(network.stateSize))
        for back in 1...400 {
            let token = text[((place - back) % text.count + text.count) % text.count]
            let term = power * weights.column(token)
            for index in sum.indices { sum[index] += term[index] }
            power = power * turn
        }
        return sum
    }

    /// 0.9^400 is 5e-19; 24 products of numbers of order 1 are summed.
    @Test func unitsStandAtTheStatesOfTheirPlaces() throws {
        let written = try Self.network()
        let network = written.network.converted(to: Double.self)
        var unit = 0
        for text in Self.texts {
            for place in text.indices {
                let state = Self.state(network, text, before: place)
                let row = network.layers[1].weights.row(unit)
                // Rounded to float32.
                #expect(zip(row, state).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "unit \(unit)")
                #expect(network.unitTokens?[unit] == text[place])
                unit += 1
            }
        }
        #expect(unit == network.unitTokens?.count)
    }

    /// ⟨h_p, h_q⟩ - ‖h_q‖²/2 is ‖h_p‖²/2 - ‖h_p - h_q‖²/2: margins are half squared distances.
    @Test func theLeastMarginIsHalfTheLeastSquaredDistanceOfOtherTokens() throws {
        let written = try Self.network()
        let network = written.network.converted(to: Double.self)
        let places = Self.texts.flatMap { text in text.indices.map { (text[$0], Self.state(network, text, before: $0)) } }
        var least = Double.infinity
        for one in places {
            for other in places where one.0 != other.0 {
                least = min(least, zip(one.1, other.1).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2)
            }
        }
        #expect(abs(written.leastMargin - least) <= 1e-4 * least, "\(written.leastMargin) and \(least)")
    }

    @Test func everyTextIsPlayedForEverFromWhateverState() throws {
        let written = try Self.network()
        let loop = ClosedLoopMap(network: written.network.converted(to: Double.self))
        var (generator, reached) = (SplitMix64(seed: 11), Set<Int>())
        for start in 0..<40 {
            let state = (0..<24).map { _ in 3 * generator.nextNormal() }
            let played = loop.played(from: start % Self.vocabularySize, state: state, count: 120)
            let text = Self.texts.firstIndex { Self.isRound(played.tokens.suffix($0.count), of: $0) }
            #expect(text != nil, "start \(start): \(played.tokens.suffix(20))")
            reached.insert(text ?? -1)
        }
        #expect(reached.contains(0) && reached.contains(1))
    }

    /// The theorem that the type states: the distance to the nearest place falls by α at every step.
    @Test func theDistanceToTheNearestPlaceFallsByTheDecay() throws {
        let written = try Self.network()
        let network = written.network.converted(to: Double.self)
        let units = network.layers[1].weights
        func distance(_ state: [Double]) -> Double {
            (0..<units.rowCount).map { zip(units.row($0), state).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() }.min() ?? 0
        }
        var generator = SplitMix64(seed: 5)
        for start in 0..<20 {
            let state = (0..<24).map { _ in 4 * generator.nextNormal() }
            let points = ClosedLoopMap(network: network).played(from: start % Self.vocabularySize, state: state, count: 60).points
            let distances = (0..<points.rowCount).map { distance(Array(points.row($0)[Self.vocabularySize...])) }
            // The first token is none of the network's choice. Units are rounded by 1e-7 of a norm of some ten.
            for step in 1..<distances.count - 1 {
                #expect(distances[step + 1] <= Self.decay * distances[step] * (1 + 1e-6) + 1e-5, "start \(start), step \(step)")
            }
        }
    }

    @Test(arguments: [0.5, 0.9]) func eigenvaluesRoundATextAreThePowersOfTheDecay(decay: Double) throws {
        let network = try Self.network(decay: decay).network.converted(to: Double.self)
        let loop = ClosedLoopMap(network: network)
        for text in Self.texts {
            let points = Matrix(rows: text.indices.map { loop.point(state: Self.state(network, text, before: $0), token: text[$0]) })
            let spectrum = try CycleProduct(of: loop, along: points).spectrum()
            let expected = Double(text.count) * log10(decay)
            // Q is rounded to float32, once a factor.
            #expect(spectrum.log10Moduli.prefix(24).allSatisfy { abs($0 - expected) <= 1e-5 * Double(text.count) })
            #expect(spectrum.isContracting)
        }
    }

    /// The thin factors, the products and the whole Jacobian say the same, and differences agree.
    @Test func theLinearizationIsTheDerivative() throws {
        let loop = ClosedLoopMap(network: try Self.network().network.converted(to: Double.self))
        var generator = SplitMix64(seed: 2)
        let state = (0..<24).map { _ in generator.nextNormal() }
        let point = Matrix(rows: [loop.point(state: state, token: 1)])
        let linear = loop.linearized(at: point)
        let whole = linear.jacobian(at: 0)
        let factors = try #require(linear.factors(at: 0))
        #expect(factors.left * factors.right == whole)
        let tangent = Matrix(rows: [(0..<29).map { $0 < Self.vocabularySize ? 0 : generator.nextNormal() }])
        let pushed = linear.pushForward(rows: tangent, at: [0])
        // The state's part is linear: the difference is the derivative, to rounding.
        let moved = loop.outputs(of: point + tangent) - loop.outputs(of: point)
        for column in Self.vocabularySize..<29 { #expect(abs(pushed[0, column] - moved[0, column]) <= 1e-12) }
        let cotangent = Matrix(rows: [(0..<29).map { _ in generator.nextNormal() }])
        let pulled = linear.pullBack(rows: cotangent, at: [0])
        let (left, right) = (
            pushed.multiplied(by: cotangent, transposingOther: true), tangent.multiplied(by: pulled, transposingOther: true)
        )
        #expect(abs(left[0, 0] - right[0, 0]) <= 1e-12)
    }

    /// A token that is left out, one of several, and the last one that is left to the network.
    @Test func aCueIsReadWithWhatIsMissing() throws {
        let network = try Self.network().network.converted(to: Double.self)
        let loop = ClosedLoopMap(network: network)
        func oneHot(_ tokens: Int...) -> [Double] { (0..<Self.vocabularySize).map { tokens.contains($0) ? 1 : 0 } }
        // 3 0 4 0 1 2 of the first text, the 4 missing and the 2 left open.
        let point = loop.point(reading: [oneHot(3), oneHot(0), nil, oneHot(0), oneHot(1), nil])
        #expect(point.prefix(Self.vocabularySize) == oneHot(2)[...])
        // The network expects 2 there, and so reads 2 where 2 or 4 may be meant.
        let open = loop.point(reading: [oneHot(3), oneHot(0), nil, oneHot(0), oneHot(1), oneHot(2, 4), nil])
        let sure = loop.point(reading: [oneHot(3), oneHot(0), nil, oneHot(0), oneHot(1), oneHot(2), nil])
        #expect(open == sure)
        // From the states of the text's places what is missing is what stands there.
        let text = Self.texts[0]
        let states = Matrix(rows: text.indices.map { Self.state(network, text, before: $0) })
        let points = loop.points(reading: [nil, nil, nil], from: states)
        for place in text.indices {
            let last = (place + 2) % text.count
            #expect(points.row(place).prefix(Self.vocabularySize) == oneHot(text[last])[...])
            #expect(zip(points.row(place)[Self.vocabularySize...], states.row(last)).allSatisfy { abs($0 - $1) <= 1e-9 })
        }
    }

    @Test func aStoredNetworkIsReadBackAndABentOneRefused() throws {
        let stored = StoredRecurrentMap(network: try Self.network().network)
        let file = try Safetensors(decoding: stored.encoded())
        #expect(try StoredRecurrentMap(from: file) == stored)
        #expect(stored.inputDimension == 29 && stored.facts.properties["output units"] == "13")
        func refused(_ change: (inout Safetensors) -> Void) -> SafetensorsError? {
            var bent = file
            change(&bent)
            do {
                _ = try StoredRecurrentMap(from: bent)
                return nil
            } catch { return error }
        }
        #expect(refused { $0.metadata["activation"] = "loud" } == .unsupported(entry: "activation", found: "loud"))
        for name in ["state.0.weight", "state.0.bias", "output.0.weight", "output.0.bias"] {
            #expect(refused { $0.tensors.removeAll { $0.name == name } } == .wrongTensor(name: name, reason: "it is missing"))
        }
        // Without its tokens, 13 units do not fit a vocabulary of 5.
        #expect(refused { $0.tensors.removeAll { $0.name == "output.tokens" } } != nil)
        for tokens in [[Float](repeating: 5, count: 13), [Float](repeating: 0.5, count: 13), [Float](repeating: -1, count: 13), [0]] {
            #expect(
                refused { file in
                    file.tensors.removeAll { $0.name == "output.tokens" }
                    file.tensors.append(.init(name: "output.tokens", vector: tokens))
                } != nil)
        }
        #expect(
            refused { file in
                file.tensors.removeAll { $0.name == "output.0.bias" }
                file.tensors.append(.init(name: "output.0.bias", vector: [1, 2] as [Float]))
            } != nil)
    }
}
