import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@testable import EngramMemories

@Suite struct ScoreDynamicsTests {
    private func items(_ count: Int, _ dimension: Int) -> Matrix<Double> {
        var generator = SplitMix64(seed: 5)
        return Matrix(rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in generator.nextUniform() })
    }

    private func largestDifference(_ left: Matrix<Double>, _ right: Matrix<Double>) -> Double {
        (left - right).elements.map { abs($0) }.max() ?? 0
    }

    @Test(arguments: [
        ClosedFormMemory.Filters.inverse(ridge: 0.5), .whitened(conditioning: 1), .whitened(conditioning: 0.7),
        .whitened(conditioning: 1, noiseVariance: 0.03),
    ])
    func filtersFromProductsOfItemsScoreAsThoseFromTheItems(choice: ClosedFormMemory.Filters) throws {
        let x = items(7, 30)
        let probes = items(11, 30)
        let gram = try GramFilters(items: x)
        let combination = try gram.combination(choice)
        let filters = try ClosedFormMemory.filters(choice, items: x)
        let found = gram.scores(combination, products: probes.multiplied(by: x, transposingOther: true))
        // Scores are of order 1; the Gram matrices' condition is about 100.
        #expect(largestDifference(found, filters.scores(of: probes)) < 1e-11)
        #expect(largestDifference(gram.scores(combination, products: gram.products), filters.scores(of: x)) < 1e-11)
    }

    @Test func dependentItemsAskForARidge() throws {
        #expect(try GramFilters(items: items(7, 30)).smallestRidge == 0)
        #expect(try GramFilters(items: items(7, 3)).smallestRidge > 0)
    }

    @Test func blackItemsHaveFiltersThatStaySilent() throws {
        let black = try GramFilters(items: Matrix(rowCount: 1, columnCount: 12))
        let combination = try black.combination(.inverse(ridge: black.smallestRidge))
        #expect(black.scores(combination, products: black.products) == Matrix(rowCount: 1, columnCount: 1))
    }

    @Test(arguments: [
        (0, ClosedFormMemory.Filters.inverse(ridge: 0)), (0.5, .inverse(ridge: 0)), (0, .whitened(conditioning: 1, noiseVariance: 0.02)),
    ])
    func stepsInScoreSpaceAndTheRadiusBoundAgreeWithTheNetwork(inhibition: Double, choice: ClosedFormMemory.Filters) throws {
        let x = items(7, 30)
        let successors = [1, 2, 3, 4, 5, 6, 0]
        let y = x.rows(at: successors)
        let settings = ClosedFormMemory.Settings(
            filters: choice, steepness: 9, threshold: 0.4, inhibition: inhibition, silence: .first)
        let filters = try ClosedFormMemory.filters(settings.filters, items: x)
        let network = try ClosedFormMemory.network(filters: filters, samples: x, targets: y, settings: settings)
        let dynamics = try ScoreDynamics(
            itemScores: filters.scores(of: x), silentScores: filters.scores(of: y.rows(at: [0])).elements,
            targetScores: filters.scores(of: y), settings: settings)
        #expect(largestDifference(dynamics.features, network.hiddenFeatures(of: x)) < 1e-12)

        // From the items themselves every step is exact; from elsewhere the network says where it goes.
        var starts = items(20, 30)
        for step in 0..<40 where step > 0 { starts = network.outputs(of: starts) }
        let features = network.hiddenFeatures(of: starts)
        let expected = (0..<20).map { row -> Int? in
            (0..<7).first { item in
                zip(features.row(row), dynamics.features.row(item)).allSatisfy { abs($0 - $1) < 1e-4 }
            }
        }
        let (reached, stepCount) = dynamics.itemsReached(from: filters.scores(of: items(20, 30)), limit: 39)
        // Fewer steps are behind the network's 39 by the rest of the cycle.
        let caughtUp = reached.map { $0.map { ($0 + 39 - stepCount) % 7 } }
        #expect(caughtUp == expected)
        #expect(expected.contains { $0 != nil })

        let restriction = try ImageRestriction(of: network)
        let points = restriction.coordinates(of: x)
        let cycle = try CycleProduct(of: restriction.map, along: points).spectrum().log10SpectralRadius
        let bound = dynamics.log10RadiusBound(cycles: [0..<7])
        #expect(bound >= cycle, "\(bound) does not bound \(cycle)")
        #expect(bound < cycle + 7, "\(bound) says little about \(cycle)")
        let largest = try restriction.map.spectra(at: points).map(\.log10SpectralRadius).max() ?? 0
        let boundAtItems = dynamics.log10RadiusBound(cycles: [])
        #expect(boundAtItems >= largest && boundAtItems < largest + 2, "\(boundAtItems) against \(largest)")
    }
}
