import EngramNumerics
import Testing

@testable import EngramDynamics

@Suite struct NearestExampleTests {
    private func normals(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    /// Every distance one by one; the first of equal ones.
    private func expected(_ point: [Double], _ examples: Matrix<Double>) -> NearestExample {
        let distances = (0..<examples.rowCount).map { squaredDistance(point, examples.row($0)) }
        let best = distances.indices.reduce(0) { distances[$1] < distances[$0] ? $1 : $0 }
        return NearestExample(index: best, squaredDistance: distances[best])
    }

    /// Float32 only says where to look: among near, equal and far examples, beside points that are none.
    @Test func aSearchInFloat32FindsWhatEveryDistanceFinds() {
        var examples = normals(60, 70, seed: 1)
        // Two that float32 cannot tell apart, one that is there twice, and a crowd.
        examples.setRow(11, to: examples.row(10).map { $0 + 1e-9 })
        examples.setRow(21, to: examples.row(20))
        for row in 30..<45 { examples.setRow(row, to: examples.row(30).map { $0 + 1e-10 * Double(row - 30) }) }
        let noise = normals(60, 70, seed: 2)
        var points = Matrix(
            rows: (0..<60).map { row in zip(examples.row(row), noise.row(row)).map { $0 + (row % 2 == 0 ? 1e-11 : 0.5) * $1 } })
        points.setRow(0, to: Array(repeating: 0, count: 70))
        let norms = NearestExample.squaredNorms(of: examples)
        let found = NearestExample.findScreened(for: points, among: examples, squaredNorms: norms)
        for row in 0..<60 where !(30..<45).contains(row) {
            #expect(found[row] == expected(points.row(row), examples), "point \(row)")
        }
        // In a crowd, products in float64 decide, as they always did: to their rounding.
        for row in 30..<45 {
            #expect((30..<45).contains(found[row].index))
            if row % 2 == 1 { #expect(found[row].index == expected(points.row(row), examples).index, "point \(row)") }
        }
    }

    @Test func aPointThatIsNoNumberIsAnsweredAsEver() {
        let examples = normals(5, 64, seed: 3)
        var points = examples
        points.setRow(2, to: Array(repeating: .nan, count: 64))
        let found = NearestExample.findScreened(
            for: points, among: examples, squaredNorms: NearestExample.squaredNorms(of: examples))
        let known = NearestExample.find(for: points, among: examples)
        #expect(found.map(\.index) == known.map(\.index) && found[2].squaredDistance.isNaN)
        #expect(found[1] == NearestExample(index: 1, squaredDistance: 0))
    }
}
