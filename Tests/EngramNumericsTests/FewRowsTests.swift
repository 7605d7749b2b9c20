import Testing

@testable import EngramNumerics

@Suite struct FewRowsTests {
    private func random(_ count: Int, seed: UInt64) -> [Double] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in generator.nextNormal() }
    }

    private func product(_ rows: Int, _ depth: Int, _ columns: Int, _ x: [Double], _ w: [Double]) -> [Double] {
        var y = [Double](repeating: .nan, count: rows * columns)
        y.withUnsafeMutableBufferPointer { target in
            x.withUnsafeBufferPointer { x in
                w.withUnsafeBufferPointer { w in
                    guard let target = target.baseAddress, let x = x.baseAddress, let w = w.baseAddress else { return }
                    FewRows.multiply(rows: rows, depth: depth, columns: columns, x, w, into: target)
                }
            }
        }
        return y
    }

    /// Every way in which rows, depth and columns are left over by panels, vectors and tiles.
    @Test(arguments: 1...24)
    func everyNumberOfRowsGivesTheProductByItsDefinition(rows: Int) {
        for (depth, columns) in [(1, 1), (7, 3), (8, 4), (13, 9), (64, 5), (129, 22)] {
            let (x, w) = (random(rows * depth, seed: 1), random(columns * depth, seed: 2))
            let found = product(rows, depth, columns, x, w)
            for row in 0..<rows {
                for column in 0..<columns {
                    let terms = (0..<depth).map { x[row * depth + $0] * w[column * depth + $0] }
                    // Any order of n terms rounds by at most n·ε of the sum of their magnitudes; a fused product by less.
                    let bound = Double(depth + 1) * Double.ulpOfOne * terms.reduce(0) { $0 + abs($1) }
                    let error = abs(found[row * columns + column] - terms.reduce(0, +))
                    #expect(error <= bound, "\(rows) x \(depth) x \(columns), entry \(row), \(column): off by \(error)")
                }
            }
        }
    }

    /// A row's entries are the same bytes beside whatever other rows, wherever the columns are divided.
    @Test func anEntryDependsOnItsRowAndColumnAlone() {
        let (depth, columns) = (131, 37)
        let (x, w) = (random(11 * depth, seed: 3), random(columns * depth, seed: 4))
        let all = product(11, depth, columns, x, w)
        for row in 0..<11 {
            let alone = product(1, depth, columns, Array(x[row * depth..<(row + 1) * depth]), w)
            #expect(alone == Array(all[row * columns..<(row + 1) * columns]))
        }
        let fewer = product(11, depth, 20, x, Array(w[..<(20 * depth)]))
        for row in 0..<11 { #expect(Array(fewer[row * 20..<(row + 1) * 20]) == Array(all[row * columns..<row * columns + 20])) }
    }

    /// Products of matrices take this way where the transposed factor is large, and give what the general way gives.
    @Test(arguments: [2, 5, 24])
    func productsOfMatricesAgreeWithTheGeneralWay(rows: Int) {
        let x = Matrix(rowCount: rows, columnCount: 700, elements: random(rows * 700, seed: 5))
        let w = Matrix(rowCount: 401, columnCount: 700, elements: random(401 * 700, seed: 6))
        let direct = x.multiplied(by: w, transposingOther: true)
        let general = x * w.transposed()
        let worst = zip(direct.elements, general.elements).map { abs($0 - $1) }.max() ?? .infinity
        // 700 terms of order 1: 700·ε·√700 at the most.
        #expect(worst > 0 && worst < 700 * Double.ulpOfOne * 27, "\(worst)")
    }
}
