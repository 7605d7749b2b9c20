import EngramKernels
import EngramNumerics
import Foundation
import Testing

@Suite struct DepthTaxonomyTests {
    /// Closed forms: ReLU has E φ = 1/√(2π), E φ′ = E φ² = E φ′² = 1/2; u² has 1, 0, 3 and 4.
    @Test func momentsByQuadratureAreThoseInClosedForm() throws {
        let relu = try DepthTaxonomy(of: .relu)
        #expect(abs(relu.squaredMean - 1 / Double.pi) < 1e-13 && abs(relu.squaredMeanSlope - 0.5) < 1e-13)
        #expect(abs(relu.meanSquaredSlope - 1) < 1e-13 && relu.limit == .majority && relu.order == nil)
        let square = try DepthTaxonomy(of: .power2)
        #expect(abs(square.squaredMean - 1.0 / 3) < 1e-13 && square.squaredMeanSlope == 0 && abs(square.meanSquaredSlope - 4.0 / 3) < 1e-13)
        for (activation, dual) in [(Activation.erf, ErrorFunctionDual.erf), (.tanh, .tanh)] {
            let (found, expected) = (try DepthTaxonomy(of: activation), try DepthTaxonomy(dual))
            let (order, closed) = (try #require(found.order), try #require(expected.order))
            // tanh is a mixture of error functions there.
            #expect(
                found.limit == .singular && abs(order - closed) < (activation == .erf ? 1e-9 : 1e-4) * closed,
                "\(activation): \(order) \(closed)")
        }
        // Odd powers have a mean slope: E 3u² = 3 of E u⁶ = 15.
        let cube = try DepthTaxonomy(of: .power3)
        #expect(cube.limit == .singular && abs(cube.squaredMeanSlope - 9.0 / 15) < 1e-12)
    }

    @Test func everyActivationHasAClassifier() throws {
        for activation in Activation.allCases { _ = try DepthTaxonomy(of: activation) }
    }

    /// The limit rises as δ^-α, and finite depths come to it.
    @Test func curvesOfWeightsTendToThePowerOfTheDistance() throws {
        let activation = try ConsistentActivation.polynomial(dimension: 2)
        let distances = [1e-4, 1e-2, 0.3, 1]
        let curves = try DepthCurve.curves(activation, depths: [2, 150], distances: distances)
        #expect(curves.map(\.depth) == [2, 150, nil])
        let limit = curves[2].logarithms
        // Over two decades the bounded factor R(δ) moves the slope by little.
        let slope = (limit[1] - limit[0]) / (log(1e-2) - log(1e-4))
        #expect(abs(slope + 2) < 0.1, "\(slope)")
        for (deep, exact) in zip(curves[1].logarithms, limit) { #expect(abs(deep - exact) < 1e-6) }
        #expect(abs(curves[0].logarithms[0] - limit[0]) > 1)
        #expect(try DepthCurve.curves(RectifierDual.relu, depths: [1], distances: distances).isEmpty)
    }

    @Test func oneKernelServesManyMachines() throws {
        let points = try SphereScaling(lower: [0, 0], upper: [1, 1]).scaled(
            Matrix(rows: [[0.2, 0.9], [0.4, 0.8], [0.9, 0.3], [1, 0.1]]))
        let kernel = try DeepKernel(SineDual(frequency: 1), depth: 5)
        let shared = try DeepKernelMachine(points: points, labels: [0, 0, 1, 1], classCount: 2, kernel: kernel)
        let own = try DeepKernelMachine(points: points, labels: [0, 0, 1, 1], classCount: 2, activation: SineDual(frequency: 1), depth: 5)
        #expect(shared.coefficients == own.coefficients && shared.depth == 5)
    }
}
