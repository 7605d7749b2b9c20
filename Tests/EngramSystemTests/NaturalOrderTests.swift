import EngramSystem
import Foundation
import Testing

@Suite struct NaturalOrderTests {
    @Test func numbersInNamesAreOrderedByTheirValue() {
        let ordered = [
            "", "1", "01", "2", "10", "99999999999999999999999", "100000000000000000000000", "a", "frame_1.png", "frame_2.png",
            "frame_10.png",
            "frame_10b.png", "v1.2", "v1.10",
        ]
        for seed in 1..<20 {
            let shuffled = ordered.indices.map { ordered[($0 * 3 + seed) % ordered.count] }
            let sorted = shuffled.sorted(by: NaturalOrder.precedes)
            #expect(sorted.map { Array($0.utf8) } == (ordered.map { Array($0.utf8) }.sorted { natural($0, $1) }))
        }
        #expect(["b10", "b9", "b1"].sorted(by: NaturalOrder.precedes) == ["b1", "b9", "b10"])
    }

    /// Another way to the same order: digits padded with zeros to 40 places, then the bytes; ties by the bytes themselves.
    private func natural(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (a, b) = (padded(left), padded(right))
        return a == b ? left.lexicographicallyPrecedes(right) : a.lexicographicallyPrecedes(b)
    }

    private func padded(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var digits: [UInt8] = []
        for byte in name + [0] {
            if (0x30...0x39).contains(byte) {
                digits.append(byte)
                continue
            }
            if !digits.isEmpty { result += Array(repeating: 0x30, count: 40 - digits.count) + digits }
            digits = []
            if byte != 0 { result.append(byte) }
        }
        return result
    }

    /// The table is written by hand, in the order that people expect.
    @Test func everyPairOfTheTableIsInItsOrder() throws {
        let table = (Bundle.module.resourcePath ?? ".") + "/Fixtures/natural-order.txt"
        let names = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(names.count > 30)
        for (index, name) in names.enumerated() {
            for later in names[(index + 1)...] {
                #expect(NaturalOrder.precedes(name, later) && !NaturalOrder.precedes(later, name), "\(name) before \(later)")
            }
        }
    }

    @Test(arguments: [("frame_2", "frame_10"), ("a", "b"), ("a01", "a1"), ("a01b2", "a1b3"), ("x", "x1"), ("9", "10000000000000000000000")])
    func numbersComeByValue(first: String, second: String) {
        #expect(NaturalOrder.precedes(first, second))
        #expect(!NaturalOrder.precedes(second, first))
        #expect(!NaturalOrder.precedes(first, first))
    }

    @Test func exactlyOneOfTwoDifferentNamesComesFirst() {
        let names = ["a1", "a01", "a001", "a1b", "a01b", "a", "é1", "1", "01", "-1", "😀2", "😀10"]
        for left in names {
            for right in names {
                let sum = (NaturalOrder.precedes(left, right) ? 1 : 0) + (NaturalOrder.precedes(right, left) ? 1 : 0)
                #expect(sum == (left == right ? 0 : 1), "\(left) \(right)")
            }
        }
    }
}
