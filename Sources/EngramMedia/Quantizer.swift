internal import EngramSystem

/// Values to integer codes, one rule for every format: scale, round half to even, clip.
package struct Quantizer: Equatable, Sendable {
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
        // One concrete array: a generic loop called from another module runs unspecialized, many times slower.
        let values = Array(values)
        var codes: [Int32] = []
        codes.reserveCapacity(values.count)
        for index in values.indices {
            guard values[index].isFinite else { throw .nonFiniteValue(index: index) }
            codes.append(code(of: values[index]))
        }
        return codes
    }

    /// Whether `values` round to `codes`, which has as many entries; a value that is not finite rounds to none.
    func rounds(_ values: [Float], to codes: ArraySlice<Int32>) -> Bool {
        guard values.count == codes.count else { return false }
        let start = codes.startIndex
        for index in values.indices {
            let code = codes[start + index]
            // Within half a step there is no need to round, which is a library call on the oldest processors.
            if abs(Double(values[index]) * scale - Double(code)) < 0.5 { continue }
            guard values[index].isFinite, self.code(of: values[index]) == code else { return false }
        }
        return true
    }

    /// - Parameter value: Finite.
    func code(of value: Float) -> Int32 {
        // Double holds every product of a float and a scale of up to 32 bits without rounding twice.
        let rounded = (Double(value) * scale).rounded(.toNearestOrEven)
        // A whole number of the range: the general clamping conversion takes ten times as long.
        return Int32(exactly: min(max(rounded, lowest), highest)) ?? 0
    }
}
