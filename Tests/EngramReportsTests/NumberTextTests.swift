import Testing

@testable import EngramReports

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (-16384, "−16,384"), (1_234_567, "1,234,567"), (Int.min, "−9,223,372,036,854,775,808"),
    ])
    func countsAreGroupedByThousands(value: Int, expected: String) {
        #expect(NumberText.count(value) == expected)
    }

    @Test(
        arguments: [
            (2.6e-16, "2.6 × 10⁻¹⁶"), (0.8, "0.80"), (0, "0"), (1234, "1234"), (98765, "9.9 × 10⁴"), (-0.00052, "−5.2 × 10⁻⁴"),
            (9.96, "10"),
            (.nan, "–"), (.infinity, "–"),
        ] as [(Double, String)])
    func significantDigitsSwitchToAPowerOfTen(value: Double, expected: String) {
        #expect(NumberText.significant(value).replacing("\u{202F}", with: " ") == expected)
    }

    @Test(
        arguments: [
            (0.424, "0.42 s"), (52.34, "52.3 s"), (59.96, "1 min 0 s"), (192, "3 min 12 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min"),
            (-1, "–"),
        ] as [(Double, String)])
    func durationsUseTheUnitAPersonWould(seconds: Double, expected: String) {
        #expect(NumberText.duration(seconds: seconds) == expected)
    }

    @Test(arguments: [(-87.24, "−87.2"), (-0.04, "−0.04"), (0.3, "+0.30"), (-0.001, "0.00"), (0, "0.00")] as [(Double, String)])
    func logarithmsCarryTheirSign(value: Double, expected: String) {
        #expect(NumberText.signedLog(value) == expected)
    }
}
