import Testing

@testable import EngramReports

@Suite struct ScaleTests {
    @Test func positionsAreTheLinearMap() {
        let scale = Scale(from: -2, to: 6, start: 100, end: 20)
        // start + (v - lower) / (upper - lower) · (end - start), by hand.
        #expect([-2, 0, 2, 6].map(scale.position) == [100, 80, 60, 20])
        #expect(scale.position(of: -50) == 100 && scale.position(of: 50) == 20)
    }

    @Test func anEmptyDomainIsWidenedInsteadOfDividingByZero() {
        #expect(Scale(from: 3, to: 3, start: 0, end: 10).position(of: 3) == 0)
    }

    @Test(
        arguments: [
            (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 546, 7, [0, 100, 200, 300, 400, 500]), (-3, 3, 4, [-2, 0, 2]),
            (0.05, 0.31, 4, [0.1, 0.2, 0.3]), (0, 9.66, 6, [0, 2, 4, 6, 8]),
        ] as [(Double, Double, Int, [Double])])
    func ticksAreTheDecimalsAPersonWouldWrite(lower: Double, upper: Double, count: Int, expected: [Double]) {
        #expect(Scale(from: lower, to: upper, start: 0, end: 1).niceTicks(maxCount: count) == expected)
    }

    @Test(arguments: [(-16, -1, 8, [-15, -12, -9, -6, -3]), (-2, 1, 8, [-2, -1, 0, 1]), (-87, 0, 5, [-60, -30, 0]), (-0.4, 0.4, 5, [0])])
    func decadesAreWholeExponents(lower: Double, upper: Double, count: Int, expected: [Int]) {
        #expect(Scale(from: lower, to: upper, start: 0, end: 1).decadeTicks(maxCount: count) == expected)
    }

    /// Properties over many domains: never more than asked for, all inside, evenly spaced.
    @Test func ticksStayInsideAndWithinTheLimit() {
        for exponent in -12...12 {
            for (mantissa, count) in zip([1.0, 1.7, 2.3, 4.9, 7.7, 9.99], 2...7) {
                var upper = mantissa
                for _ in 0..<abs(exponent) { upper = exponent < 0 ? upper / 10 : upper * 10 }
                let ticks = Scale(from: -upper / 3, to: upper, start: 0, end: 1).niceTicks(maxCount: count)
                #expect(ticks.count <= count && !ticks.isEmpty, "upper \(upper), count \(count): \(ticks)")
                #expect(ticks.allSatisfy { $0 >= -upper / 3 * (1 + 1e-8) && $0 <= upper * (1 + 1e-8) }, "upper \(upper): \(ticks)")
            }
        }
    }
}
