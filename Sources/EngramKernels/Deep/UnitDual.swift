/// The dual activation φ̌(z) = E φ(u)φ(v)/E φ(u)², u and v of variance 1 and correlation z: one layer of an infinitely wide network whose
/// inputs have norm 1 and whose weights keep it.
///
/// Source: [R23] section 4.3, where φ is divided by √(E φ²); here any φ will do.
struct UnitDual: Sendable {
    let activation: any DualActivation
    /// E φ(u)².
    let norm: Double
    /// φ̌′(1).
    let slopeAtOne: Double
    /// φ̌″(1), where it exists.
    private let curvatureAtOne: Double
    /// φ̌‴(1), to about three digits.
    private let thirdAtOne: Double

    /// Below this, 1 - φ̌(1 - u) is taken from its series: subtraction would leave fewer than ten digits.
    private static let seriesBound = 0x1p-17

    /// φ̌ of this activation; nil if E φ² is 0 or infinite.
    init?(_ activation: any DualActivation) {
        self.activation = activation
        norm = activation.variance(1)
        guard norm > 0, norm.isFinite else { return nil }
        let top = activation.derivatives(of: PairCovariance(variance: 1), firstVariance: norm, secondVariance: norm)
        slopeAtOne = top.moments.derivative / norm
        curvatureAtOne = activation.hasSmoothDerivative ? top.derivativeByCross / norm : 0
        // A step at which its own error and that of rounding are both about 1e-4.
        let step = 0x1p-13
        let below = activation.derivatives(of: Self.pair(complement: step), firstVariance: norm, secondVariance: norm)
        thirdAtOne = activation.hasSmoothDerivative ? (curvatureAtOne - below.derivativeByCross / norm) / step : 0
    }

    /// Two variables of variance 1 whose correlation is 1 - u.
    private static func pair(complement u: Double) -> PairCovariance {
        PairCovariance(first: 1, second: 1, cross: 1 - u, determinant: max(0, u * (2 - u)), firstExcess: u, secondExcess: u)
    }

    /// φ̌(z).
    func value(_ z: Double) -> Double { state(correlation: z).value }

    /// φ̌(z) and φ̌′(z), from z itself: for small z, whose digits 1 - z would lose.
    func state(correlation z: Double) -> (value: Double, slope: Double) {
        let moments = activation.moments(
            of: PairCovariance(first: 1, second: 1, cross: z), firstVariance: norm, secondVariance: norm)
        return (moments.image.cross / norm, moments.derivative / norm)
    }

    /// 1 - φ̌(1 - u) and φ̌′(1 - u), for u from 0 to 2.
    func state(complement u: Double) -> (complement: Double, slope: Double) {
        if activation.hasSmoothDerivative, u < Self.seriesBound {
            return (
                u * (slopeAtOne - u * (curvatureAtOne / 2 - u * thirdAtOne / 6)), slopeAtOne - u * (curvatureAtOne - u * thirdAtOne / 2)
            )
        }
        let moments = activation.moments(of: Self.pair(complement: u), firstVariance: norm, secondVariance: norm)
        let slope = moments.derivative / norm
        return (activation.hasSmoothDerivative ? 1 - moments.image.cross / norm : moments.image.firstExcess / norm, slope)
    }

    /// φ̌″(0).
    var curvatureAtZero: Double {
        let zero = PairCovariance(first: 1, second: 1, cross: 0)
        return activation.derivatives(of: zero, firstVariance: norm, secondVariance: norm).derivativeByCross / norm
    }
}

extension UnitDual {
    /// φ̌, 1 - φ̌ and two derivatives at one place.
    struct State {
        let value: Double
        let complement: Double
        let slope: Double
        let curvature: Double
    }

    /// At z, for small z.
    func derivatives(correlation z: Double) -> State {
        let found = activation.derivatives(
            of: PairCovariance(first: 1, second: 1, cross: z), firstVariance: norm, secondVariance: norm)
        let value = found.moments.image.cross / norm
        return State(
            value: value, complement: 1 - value, slope: found.moments.derivative / norm, curvature: found.derivativeByCross / norm)
    }

    /// At 1 - u, for small u.
    func derivatives(complement u: Double) -> State {
        let found = activation.derivatives(of: Self.pair(complement: u), firstVariance: norm, secondVariance: norm)
        let (complement, slope) = state(complement: u)
        return State(value: 1 - complement, complement: complement, slope: slope, curvature: found.derivativeByCross / norm)
    }
}
