import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct ClosedFormCase: Decodable {
    let name: String
    let g: Double
    let theta: Double
    let alpha: Double
    let lambda: Double
    let x: [[Double]]
    let y: [[Double]]
    let y0: [Double]
    let P: [[Double]]
    let W1: [[Double]]
    let b1: [Double]
    let H: [[Double]]
    let A: [[Double]]
    let probe_x: [[Double]]
    let output: [[Double]]
    let condition_of_gram: Double

    var settings: ClosedFormMemory.Settings {
        let silence = ClosedFormMemory.Silence.allCases.first { name.hasSuffix($0.rawValue) } ?? .zero
        return .init(filters: .inverse(ridge: lambda), steepness: g, threshold: theta, inhibition: alpha, silence: silence)
    }
}

@Suite struct ClosedFormMemoryTests {
    /// n examples of d entries in [0, 1), a multiple of 1/255 each.
    private func examples(_ count: Int, _ dimension: Int, seed: UInt64) -> Matrix<Float> {
        var generator = SplitMix64(seed: seed)
        return Matrix(
            rowCount: count, columnCount: dimension,
            elements: (0..<count * dimension).map { _ in Float((generator.nextUniform() * 255).rounded(.down) / 255) })
    }

    @Test func everyQuantityMatchesGoldenValues() throws {
        let cases = try Oracle.cases("closed_form", as: ClosedFormCase.self)
        #expect(cases.count == 4)
        for item in cases {
            let (x, y) = (Matrix(rows: item.x), Matrix(rows: item.y))
            let filters = try ClosedFormMemory.filters(item.settings.filters, items: x)
            // A Cholesky solve loses digits with the condition number of the Gram matrix (30 to 90 here), slack 20.
            let bound = 20 * item.condition_of_gram * Double.ulpOfOne
            #expect(worstRelativeError(filters.weights, Matrix(rows: item.P)) < bound, "\(item.name)")
            let network = try ClosedFormMemory.network(filters: filters, samples: x, targets: y, settings: item.settings)
            #expect(worstRelativeError(network.layers[0].weights, Matrix(rows: item.W1)) < bound, "\(item.name)")
            #expect(worstRelativeError(network.layers[0].biases, item.b1) < 1e-15, "\(item.name)")
            #expect(worstRelativeError(network.hiddenFeatures(of: x), Matrix(rows: item.H)) < 1e-12, "\(item.name)")
            #expect(worstRelativeError(network.layers[1].weights, Matrix(rows: item.A)) < 1e-12, "\(item.name)")
            #expect(worstRelativeError(network.layers[1].biases, item.y0) < 1e-15, "\(item.name)")
            #expect(worstRelativeError(network.outputs(of: Matrix(rows: item.probe_x)), Matrix(rows: item.output)) < 1e-12, "\(item.name)")
        }
    }

    @Test func whollyWhitenedScoresPartItemsFromEachOther() throws {
        let x = examples(6, 40, seed: 1).converted(to: Double.self)
        let filters = try ClosedFormMemory.filters(.whitened(conditioning: 1), items: x)
        // U Uᵀ = I - 1 1ᵀ/n for n centred items in general position: 1 at the item, -1/(n-1) at every other.
        var expected = Matrix<Double>(rowCount: 6, columnCount: 6, repeating: -0.2)
        for i in 0..<6 { expected[i, i] = 1 }
        #expect(worstRelativeError(filters.scores(of: x), expected) < 1e-12)
    }

    @Test(arguments: [ClosedFormMemory.Filters.inverse(ridge: 0), .whitened(conditioning: 1), .whitened(conditioning: 0.5)])
    func storedNetworkRecallsEveryCodeAndKeepsToFloat32(filters: ClosedFormMemory.Filters) throws {
        let x = examples(9, 50, seed: 2)
        for task in [MemoryTask.autoencoder(count: 9), .sequences([0..<4, 4..<9])] {
            for silence in ClosedFormMemory.Silence.allCases {
                let memory = try ClosedFormMemory(
                    samples: x, task: task,
                    settings: .init(filters: filters, steepness: 20, threshold: 0.5, inhibition: 0, silence: silence))
                let stored = try memory.storedNetwork().converted(to: Double.self)
                let precise = x.converted(to: Double.self)
                let error = worstRelativeError(stored.outputs(of: precise), precise.rows(at: task.successors))
                // Nine weights of order 1 rounded to 6e-8 each, only one of them met by a feature near 1; slack 3.
                #expect(error < 2e-7, "\(filters), \(silence): \(error)")
            }
        }
    }

    @Test func equalExamplesShareAUnit() throws {
        let x = examples(4, 12, seed: 3).rows(at: [0, 1, 0, 2, 3])
        let memory = try ClosedFormMemory(
            samples: x, task: .autoencoder(count: 5),
            settings: .init(filters: .inverse(ridge: 0), steepness: 30, threshold: 0.4, inhibition: 0.5, silence: .first))
        let stored = try memory.storedNetwork()
        #expect(stored.width == 4)
        let precise = x.converted(to: Double.self)
        #expect(worstRelativeError(stored.converted(to: Double.self).outputs(of: precise), precise) < 2e-7)
    }

    @Test func dependentItemsNeedARidge() throws {
        // Three vectors in a plane.
        let x = Matrix<Float>(rows: [[1, 0], [0, 1], [1, 1]])
        func memory(ridge: Double) throws -> ClosedFormMemory {
            try ClosedFormMemory(
                samples: x, task: .autoencoder(count: 3),
                settings: .init(filters: .inverse(ridge: ridge), steepness: 4, threshold: 0.3, inhibition: 0, silence: .mean))
        }
        #expect(throws: TrainingError.self) { _ = try memory(ridge: 0) }
        let stored = try memory(ridge: 0.1).storedNetwork().converted(to: Double.self)
        let precise = x.converted(to: Double.self)
        #expect(worstRelativeError(stored.outputs(of: precise), precise) < 1e-5)
    }
}
