import EngramSystem
import Testing

@Suite struct SaturatingConversionTests {
    @Test(arguments: [
        (1e20, Int.max), (-1e300, .min), (.infinity, .max), (-.infinity, .min), (.nan, 0), (2.9, 2), (-2.9, -2), (0x1p63, .max),
        (-0x1p63, .min),
    ])
    func whatDoesNotFitBecomesTheNearestNumber(value: Double, expected: Int) {
        #expect(Int(saturating: value) == expected)
    }

    @Test func narrowTypesSaturateAtTheirOwnEnds() {
        #expect(UInt8(saturating: -1.0) == 0 && UInt8(saturating: 255.9) == 255 && UInt8(saturating: 256.0) == 255)
        #expect(Int32(saturating: Float(3e9)) == .max && UInt16(saturating: Float.nan) == 0)
    }
}
