@testable import EngramKernels
import EngramNumerics
import Testing

/// Oracles: closed forms of Koenigs functions, mpmath at 60 digits, identities.
@Suite struct InfiniteDepthTests {
    /// Σ 2^-q z^q, cut after 64 terms of 2^-64, is z/(2 - z): its Koenigs function is z/(1 - z).
    private static let moebius = HermiteDual(coefficients: [0] + (1...64).map { 0x1p-1.power($0).squareRoot() })

    private static func koenigs(_ dual: some DualActivation) throws -> KoenigsFunction {
        let taxonomy = try DepthTaxonomy(dual)
        return KoenigsFunction(try #require(UnitDual(dual)), slopeAtZero: taxonomy.squaredMeanSlope)
    }

    @Test func theKoenigsFunctionOfAMoebiusMapIsItsClosedForm() throws {
        let function = try Self.koenigs(Self.moebius)
        let table = SimilarityTable { function.logarithm(complement: $0) }
        for u in [0.99, 0.7, 0.5, 0.3, 0.01, 1e-4, 1e-6, 1e-9] {
            let expected = naturalLogarithm((1 - u) / u)
            let found = function.logarithm(complement: u)
            // Four digits of φ̌‴ below u = 2^-17 and ten digits of 1 - φ̌ above it.
            #expect(abs(found.value - expected) < 1e-9, "u \(u): \(found.value) \(expected)")
            // d/du ln((1 - u)/u).
            #expect(abs(found.slope * u * (1 - u) + 1) < 1e-8, "u \(u): slope \(found.slope)")
            #expect(abs(table.logarithm(complement: u) - expected) < 1e-7, "u \(u): table")
        }
        // α = -2 ln(1/2)/ln 2.
        #expect(abs((try DepthTaxonomy(Self.moebius).order ?? 0) - 2) < 1e-12)
    }

    private struct Golden {
        let dual: any DualActivation
        /// At z = 0.1, 0.5, 0.9, 0.999 and 1 - 2^-40, from mpmath at 60 digits.
        let values: [Double]
    }

    @Test func koenigsFunctionsMatchIterationWithSixtyDigits() throws {
        let cases = [
            Golden(
                dual: SineDual(frequency: 1),
                values: [
                    0.10060881288093308861, 0.59457560265752286083, 2.4284663224248401756, 40.167391718715471598, 9197197.2153797803005,
                ]
            ),
            Golden(
                dual: ErrorFunctionDual.erf,
                values: [
                    0.1004511923788098434, 0.56869656890291077233, 1.8879736317331310078, 15.852681680046719852, 164326.58413062281148,
                ]),
            Golden(
                dual: try ConsistentActivation.polynomial(dimension: 8),
                values: [
                    0.29685546462794459999, 45.609462908077880745, 92123.328883783563539, 11474286854812.596921, 1.6805952215927189631e+49,
                ]
            ),
        ]
        for item in cases {
            let taxonomy = try DepthTaxonomy(item.dual)
            let function = KoenigsFunction(try #require(UnitDual(item.dual)), slopeAtZero: taxonomy.squaredMeanSlope)
            let table = SimilarityTable { function.logarithm(complement: $0) }
            for (u, value) in zip([0.9, 0.5, 1 - 0.9, 1 - 0.999, 0x1p-40], item.values) {
                let expected = naturalLogarithm(value)
                // α/2 ≤ 4 times what 1 - φ̌ loses, 1e-10, and for u = 1 - 0.999 its own rounding.
                #expect(abs(function.logarithm(complement: u).value - expected) < 2e-9, "\(item.dual.name) \(u)")
                #expect(abs(table.logarithm(complement: u) - expected) < 1e-7, "\(item.dual.name) \(u): table")
            }
        }
    }

    @Test func finiteDepthsTendToTheLimitAndTheGapFalls() throws {
        for dual in [SineDual(frequency: 1) as any DualActivation, try ConsistentActivation.polynomial(dimension: 4)] {
            let process = try DepthGap.gaps(dual, depths: [2, 8, 32, 128, 1024]).map(\.largestRelativeGap)
            #expect(zip(process, process.dropFirst()).allSatisfy { $0 > $1 || $0 < 1e-9 }, "\(dual.name): \(process)")
            #expect((process.last ?? 1) < 1e-8, "\(dual.name): \(process)")
            // Θ is a mean over L + 1 summands, of which the first few are not at their limit: the gap falls as 1/L.
            let tangent = try DepthGap.gaps(dual, depths: [1000, 2000, 4000, 8000], kind: .ntk).map(\.largestRelativeGap)
            for (before, after) in zip(tangent, tangent.dropFirst()) {
                #expect(abs(before / after - 2) < 0.02, "\(dual.name): \(tangent)")
            }
        }
    }

    @Test func finiteDepthIsTheLibrarysOwnDeepKernel() throws {
        let dual = SineDual(frequency: 1)
        let taxonomy = try DepthTaxonomy(dual)
        let unit = try #require(UnitDual(dual))
        let points = Matrix<Double>(rows: [[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]])
        for kind in [FullyConnectedKernel.Kind.nngp, .ntk] {
            for depth in [1, 3, 10] {
                let function = FiniteDepth(dual: unit, slopeAtZero: taxonomy.squaredMeanSlope, depth: depth, kind: kind)
                let kernel = FullyConnectedKernel(
                    kind: kind, activation: dual, depth: depth,
                    prior: NetworkPrior(inputScale: 1, weightVariance: 1 / unit.norm, biasVariance: 0))
                let expected = kernel.values(at: points, centers: points)
                let scale = (0..<depth).reduce(kind == .ntk ? Double(depth + 1) : 1) { product, _ in product * taxonomy.squaredMeanSlope }
                for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                    let u = 1 - (0..<2).reduce(0) { $0 + points[i, $1] * points[j, $1] }
                    let found = function.logarithm(complement: u).value
                    let known = naturalLogarithm(expected[i, j] / expected[0, 0] * topOfDiagonal(kind, unit, depth) / scale)
                    #expect(abs(found - known) < 1e-9, "\(kind) depth \(depth), \(i) \(j): \(found) \(known)")
                }
            }
        }
    }

    /// k(1) before division: 1 for the process, Σ_l φ̌′(1)^l for the tangent kernel.
    private func topOfDiagonal(_ kind: FullyConnectedKernel.Kind, _ unit: UnitDual, _ depth: Int) -> Double {
        guard kind == .ntk else { return 1 }
        return (0...depth).reduce(0) { sum, l in sum + (0..<l).reduce(1) { product, _ in product * unit.slopeAtOne } }
    }

    @Test func theTaxonomyPutsEachActivationWhereTheTableDoes() throws {
        typealias Row = (dual: any DualActivation, limit: DepthTaxonomy.Limit, halfOrder: Double?)
        // [R23] table C-2 lists half of α, to three digits.
        let rows: [Row] = [
            (RectifierDual.relu, .majority, nil), (ErrorFunctionDual.sigmoid, .majority, nil), (SineDual(frequency: 1), .singular, 0.593),
            (ErrorFunctionDual.erf, .singular, 0.444), (ErrorFunctionDual.tanh, .singular, 0.440), (HermiteDual(degree: 2), .nearest, nil),
            (HermiteDual(degree: 1), .linear, nil), (SineDual(frequency: 1, isCosine: true), .majority, nil),
        ]
        for row in rows {
            let taxonomy = try DepthTaxonomy(row.dual)
            #expect(taxonomy.limit == row.limit, "\(row.dual.name): \(taxonomy)")
            #expect((taxonomy.order == nil) == (row.halfOrder == nil), "\(row.dual.name)")
            if let order = taxonomy.order, let half = row.halfOrder {
                #expect(abs(order / 2 - half) < 5.1e-4, "\(row.dual.name): \(order)")
            }
        }
    }

    @Test func consistentActivationsHaveTheOrderOfTheDimension() throws {
        for dimension in [1.0, 2, 3, 4, 7.5, 8, 40, 80] {
            let polynomial = try? ConsistentActivation.polynomial(dimension: dimension)
            if let polynomial { #expect(try DepthTaxonomy(polynomial).isConsistent(dimension: dimension, tolerance: 1e-9), "\(dimension)") }
            #expect((polynomial == nil) == (dimension > 1 && dimension < 2))
            guard dimension > 1 else { continue }
            let sine = try ConsistentActivation.sine(dimension: dimension)
            let order = try #require(try DepthTaxonomy(sine).order)
            #expect(abs(order - dimension) < 1e-6 * dimension, "\(dimension): \(order)")
        }
        // The printed a², to their digits, for α = 2, 4 and 8.
        for (dimension, square) in [(2.0, 2.676), (4, 6.135), (8, 13.826)] {
            let frequency = try ConsistentActivation.sine(dimension: dimension).frequency
            #expect(abs(frequency * frequency - square) < 1e-3, "\(dimension)")
        }
        #expect(throws: DeepClassifierError.noConsistentActivation(dimension: 1.5)) {
            _ = try ConsistentActivation.polynomial(dimension: 1.5)
        }
    }
}

extension Double {
    fileprivate func power(_ count: Int) -> Double { (0..<count).reduce(1) { product, _ in product * self } }
}
