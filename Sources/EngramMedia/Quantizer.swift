/// Values to integer codes, one rule for every format: scale, round half to even, clip.
struct Quantizer: Equatable {
    /// 2^bits - 1 for unsigned codes, 2^(bits - 1) for signed ones.
    let scale: Double
    let lowest: Double
    let highest: Double

    /// Codes 0...2^bits - 1 for values in [0, 1].
    static func unsigned(bitCount: Int) -> Quantizer {
        let highest = Double((1 << bitCount) - 1)
        return Quantizer(scale: highest, lowest: 0, highest: highest)
    }

    /// Codes -2^(bits - 1)...2^(bits - 1) - 1 for values in [-1, 1).
    static func signed(bitCount: Int) -> Quantizer {
        let scale = Double(1 << (bitCount - 1))
        return Quantizer(scale: scale, lowest: -scale, highest: scale - 1)
    }

    func codes(of values: some Collection<Float>) throws(MediaError) -> [Int32] {
        var codes: [Int32] = []
        codes.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard value.isFinite else { throw .nonFiniteValue(index: index) }
            // Double holds every product of a float and a scale of up to 32 bits without rounding twice.
            let rounded = (Double(value) * scale).rounded(.toNearestOrEven)
            codes.append(Int32(min(max(rounded, lowest), highest)))
        }
        return codes
    }
}
