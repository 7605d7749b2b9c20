internal import RealModule

/// How a network of L layers, or the infinitely deep one, weighs an example by its distance on the sphere.
public struct DepthCurve: Sendable, Equatable {
    /// L; nil for the limit.
    public let depth: Int?
    /// ln k(δ)/k(1) for each distance.
    public let logarithms: [Double]

    /// Curves of some depths and of the limit, last; empty where the limit is not singular.
    ///
    /// - Parameters:
    ///   - activation: φ.
    ///   - depths: Each ≥ 1.
    ///   - distances: δ = ‖x - z‖, above 0 and below √2.
    /// - Throws: `DeepClassifierError`.
    public static func curves(
        _ activation: any DualActivation, depths: [Int], distances: [Double]
    ) throws(DeepClassifierError) -> [DepthCurve] {
        let taxonomy = try DepthTaxonomy(activation)
        guard taxonomy.limit == .singular, let dual = UnitDual(activation) else { return [] }
        func curve(_ depth: Int?, _ logarithm: (Double) -> Double) -> DepthCurve {
            // δ² = 2u.
            let start = logarithm(0.5)
            return DepthCurve(depth: depth, logarithms: distances.map { logarithm($0 * $0 / 2) - start })
        }
        var result: [DepthCurve] = []
        for depth in depths {
            let function = try DeepKernelMachine.function(activation, taxonomy, depth: depth, kind: .nngp)
            result.append(curve(depth) { function.logarithm(complement: $0).value })
        }
        let koenigs = KoenigsFunction(dual, slopeAtZero: taxonomy.squaredMeanSlope)
        result.append(curve(nil) { koenigs.logarithm(complement: $0).value })
        return result
    }
}
