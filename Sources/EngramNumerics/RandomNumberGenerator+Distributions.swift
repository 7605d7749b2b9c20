internal import Glibc

extension RandomNumberGenerator {
    /// A draw from U[0, 1) with 53 random bits, the same for the same generator state on every platform.
    public mutating func nextUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A draw from N(0, 1), Box-Muller on two uniform draws.
    public mutating func nextNormal() -> Double {
        // 1 - u is in (0, 1], so the logarithm is finite.
        let radius = (-2 * log(1 - nextUniform())).squareRoot()
        return radius * cos(2 * Double.pi * nextUniform())
    }
}

/// The SplitMix64 generator (Steele, Lea, Flood 2014): small, seedable, the same on every platform.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable, Codable {
    private var state: UInt64

    /// A generator whose whole stream is given by `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
