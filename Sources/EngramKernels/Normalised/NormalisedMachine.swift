public import EngramDynamics
public import EngramNumerics
internal import RealModule

/// One hidden layer of n exponential units behind a normalising step, in closed form.
///
/// t_i(x) = cosine of x' and x'_i in the metric M = (X'ᵀX'/n + v I)⁻¹ (`WhitenedFeatures`), h = softmax(β t), F(x) = Σ c_l x_l with
/// c = o + A h solved so that F(x_i) = y_i. It is the Gaussian kernel machine of bandwidth β^-½ with every state kept on one norm, as [JP20]
/// assumes, in whitened features; brightness and contrast of a state do not matter to it.
public struct NormalisedMachine: Sendable {
    private let contrast: ContrastItems
    private let items: Matrix<Float>
    private let successors: [Int]
    private let whitening: Matrix<Double>
    private let noiseVariance: Double
    private let lift: LiftedFeatures?
    /// 1 - cosine of each two items, shape `[n, n]`.
    private let separations: Matrix<Double>

    /// A machine that is still to be solved.
    ///
    /// - Parameters:
    ///   - items: Distinct, shape `[n, d]`.
    ///   - contrast: The same in float64.
    ///   - successors: For each item the one that it leads to.
    ///   - noiseVariance: v, above 0.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public init(
        items: Matrix<Float>, contrast: ContrastItems, successors: [Int], noiseVariance: Double
    ) throws(NumericsError) {
        self.items = items
        self.contrast = contrast
        self.successors = successors
        self.noiseVariance = noiseVariance
        whitening = try WhitenedFeatures.whitening(products: contrast.products, noiseVariance: noiseVariance)
        let plain = Self.separations(contrast, whitening, nil)
        // An item without contrast has no direction but by its brightness.
        let hasContrast = (0..<items.rowCount).allSatisfy { contrast.products[$0, $0] > 0 }
        if hasContrast, Self.least(plain) > Self.smallestGap {
            (separations, lift) = (plain, nil)
        } else {
            let lifted = LiftedFeatures(fittedTo: contrast.items)
            (separations, lift) = (Self.separations(contrast, whitening, lifted), lifted)
        }
    }

    /// Below it, contrast alone does not tell two items apart, and brightness is looked at too.
    private static let smallestGap = 1e-9

    private static func separations(_ contrast: ContrastItems, _ whitening: Matrix<Double>, _ lift: LiftedFeatures?) -> Matrix<Double> {
        let features = WhitenedFeatures(contrasts: contrast.contrasts, whitening: whitening, lift: lift)
        let states = KernelMap.states(of: features.features(of: contrast.items), norm: 1).rows
        var result = DistanceGeometry(points: states, centers: states, metric: nil).squaredDistances()
        result.scale(by: 0.5)
        return result
    }

    private static func least(_ separations: Matrix<Double>) -> Double {
        var least = 2.0
        let (values, n) = (separations.elements, separations.rowCount)
        for row in 0..<n { for other in 0..<row { least = min(least, values[row * n + other]) } }
        return least
    }

    /// The least 1 - cosine between two items; 2 for one alone.
    public var gap: Double { Self.least(separations) }

    /// The pair that is this near.
    public var nearestPair: (first: Int, second: Int) {
        var (least, pair) = (Double.infinity, (0, 0))
        for row in 0..<separations.rowCount {
            for other in 0..<row where separations[row, other] < least { (least, pair) = (separations[row, other], (other, row)) }
        }
        return pair
    }

    /// Whether brightness is looked at.
    public var isLifted: Bool { lift != nil }

    /// The machine, solved.
    ///
    /// - Parameters:
    ///   - steepness: β.
    ///   - onStep: Told how many rows or columns are done; may throw to cancel.
    /// - Throws: `KernelSolverError`; whatever `onStep` throws.
    public func solved(steepness: Double, onStep: (Int) throws -> Void = { _ in }) throws -> StoredNormalisedMap {
        let gram = separations.map { Double.exp(-steepness * $0) }
        let (mixing, offset) = try KernelMachine.interpolation(
            gram: gram, successors: successors, hasNormalizedRows: true, ridge: 0, onStep: onStep)
        return StoredNormalisedMap(
            items: items, whitening: whitening, mixing: mixing, offset: offset, steepness: steepness, noiseVariance: noiseVariance,
            lift: lift)
    }
}
