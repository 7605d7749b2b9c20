import Testing

@testable import EngramMedia

@Suite struct ExactnessTests {
    @Test(arguments: [Quantizer.unsigned(bitCount: 8), .unsigned(bitCount: 16), .signed(bitCount: 16), .signed(bitCount: 8)])
    func comparingWithCodesAgreesWithRounding(quantizer: Quantizer) throws {
        // Every quarter step around the range: below, at, between and above codes, ties among them.
        let values = stride(from: -1.25 * quantizer.scale, through: 1.25 * quantizer.scale, by: max(0.25, quantizer.scale / 4096))
            .map { Float($0 / quantizer.scale) }
        let codes = try quantizer.codes(of: values)
        #expect(quantizer.rounds(values, to: codes[...]))
        for shift in [-1, 1] as [Int32] {
            for index in stride(from: 0, to: values.count, by: 7) {
                #expect(!quantizer.rounds([values[index]], to: [codes[index] + shift]), "\(values[index]) is not \(codes[index] + shift)")
            }
        }
    }

    @Test func valuesThatAreNoNumbersAreNoCodes() {
        #expect(!Quantizer.unsigned(bitCount: 8).rounds([.nan], to: [0]))
        #expect(!Quantizer.unsigned(bitCount: 8).rounds([.infinity], to: [255]))
        #expect(!Quantizer.unsigned(bitCount: 8).rounds([0, 0], to: [0]))
    }
}
