internal import EngramNumerics
internal import RealModule

/// The centres in float32: which of them can count for a state, before anything is computed in float64.
///
/// Rows of a kernel that falls off exponentially have few entries that differ from 0. A product in float32 takes half the time of one in float64; its
/// error is bounded, so that no centre is left out that counts, and what counts is computed from differences in float64.
struct CenterScreen: Sendable {
    private let centers: Matrix<Float>
    /// Most that a product of a state and a centre, both of norm r, can be off in float32, over r².
    private let slack: Double

    /// Nil where there is too little to gain.
    init?(_ centers: Matrix<Double>, stateCount: Int, leastStateCount: Int = 128, leastEntryCount: Int = 1 << 22) {
        guard stateCount >= leastStateCount, centers.elements.count >= leastEntryCount else { return nil }
        self.centers = centers.converted(to: Float.self)
        // Two roundings of each factor and one of each sum: (f + 2)·2⁻²⁴, to first order; 8 more for the rest.
        slack = Double(centers.columnCount + 8) * 0x1p-24
    }

    /// For each state the centres that may count; nil where they are too many, or numbers are none.
    func candidates(of states: Matrix<Double>, norm: Double, _ kernel: some RadialKernel) -> [[Int]?] {
        let (n, square) = (centers.rowCount, norm * norm)
        let products = states.converted(to: Float.self).multiplied(by: centers, transposingOther: true).elements
        let (slack, limit) = (2 * slack * square, n / 8)
        // Entries below this part of the largest are below half a unit of its rounding together.
        let part = 53 * Double.log(2) + Double.log(Double(n))
        return ParallelMap.results(of: states.rowCount, threadCount: BLASLibrary.threadCount) { row -> [Int]? in
            var largest = -Float.infinity
            for index in row * n..<(row + 1) * n { largest = max(largest, products[index]) }
            let nearest = 2 * (square - Double(largest)) + slack
            guard nearest.isFinite else { return nil }
            let least = kernel.logarithm(ofSquaredDistance: max(nearest, 0)) - part
            // The logarithm falls: its last place above `least` is sought by halving, once a row.
            var (low, high) = (0.0, 4 * square + slack)
            guard kernel.logarithm(ofSquaredDistance: high) < least else { return nil }
            for _ in 0..<60 {
                let middle = 0.5 * (low + high)
                if kernel.logarithm(ofSquaredDistance: middle) < least { high = middle } else { low = middle }
            }
            let bound = Float(square - (high + slack) / 2).nextDown
            var found: [Int] = []
            for index in row * n..<(row + 1) * n where products[index] >= bound {
                if found.count == limit { return nil }
                found.append(index - row * n)
            }
            return found
        }
    }
}

extension KernelMap {
    /// The kernel rows of states, of which a screen says which entries can count; those others are 0, which is what they are to rounding.
    func kernelRows(of states: Matrix<Double>, _ screen: CenterScreen?) -> Matrix<Double> {
        guard let screen, let radialKernel else { return kernelRows(of: states) }
        return screenedRows(of: states, screen, radialKernel)
    }

    private func screenedRows(of states: Matrix<Double>, _ screen: CenterScreen, _ kernel: some RadialKernel) -> Matrix<Double> {
        let candidates = screen.candidates(of: states, norm: parameters.norm, kernel)
        let dense = candidates.indices.filter { candidates[$0] == nil }
        var result = Matrix<Double>(rowCount: states.rowCount, columnCount: centers.rowCount) { row, target in
            guard let kept = candidates[row] else { return }
            let state = states.row(row)
            let logarithms = kept.map { kernel.logarithm(ofSquaredDistance: squaredDistance(state, centers.row($0))) }
            let top = logarithms.max() ?? 0
            let values = Activation.exp.values(of: logarithms.map { $0 - top })
            let scale = 1 / values.reduce(0, +)
            for (index, value) in zip(kept, values) { target[index] = value * scale }
        }
        guard !dense.isEmpty else { return result }
        let rows = kernelRows(of: states.rows(at: dense))
        for (place, row) in dense.enumerated() { result.setRow(row, to: rows.row(place)) }
        return result
    }
}
