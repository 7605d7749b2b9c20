internal import EngramNumerics

/// A sparse V with V Vᵀ ≈ (K + λI)⁻¹ for the known pixels of a picture, as a preconditioner.
///
/// Pixels are ordered from coarse to fine. Column i of V is what is left of pixel i when the nearest of those before it are known, which
/// are the places of its entries: of all V with these places the one nearest in the Kullback-Leibler sense (Schäfer, Katzfuss, Owhadi
/// 2021; the Vecchia approximation of statistics). Nearby pixels screen distant ones, so few suffice at every depth of the network,
/// where the inverse of the circular operator without a mask fails from four levels on.
struct SparseInverseFactor: KernelPreconditioner {
    private let starts: [Int]
    private let places: [Int32]
    private let weights: [Double]
    private let count: Int

    /// Entries of a column: conjugate gradients then need about twenty steps for a picture that is half missing.
    static let defaultNeighbourCount = 32

    /// - Parameters:
    ///   - kernel: K.
    ///   - ridge: λ ≥ 0.
    ///   - order: Of the same known pixels.
    ///   - neighbourCount: Most entries of a column beside its own.
    ///   - onStep: Called now and then. What it throws ends the construction.
    /// - Throws: What `onStep` throws.
    /// - Complexity: n·k²/2 kernel values and n·k³/3 operations, n·k numbers.
    init(
        _ kernel: PictureKernel, ridge: Double, order: PixelOrder, neighbourCount: Int = defaultNeighbourCount,
        onStep: () throws -> Void = {}
    ) throws {
        let known = kernel.known
        var placeOfPixel = [Int32](repeating: -1, count: kernel.height * kernel.width)
        for (place, pixel) in known.enumerated() { placeOfPixel[pixel] = Int32(truncatingIfNeeded: place) }
        let chunk = 2048
        var starts = [0]
        var places: [Int32] = []
        var weights: [Double] = []
        for chunkStart in stride(from: 0, to: known.count, by: chunk * 8) {
            try onStep()
            let end = min(chunkStart + chunk * 8, known.count)
            let pieces = (end - chunkStart + chunk - 1) / chunk
            let parts = BLASLibrary.withOneThread { threadCount in
                ParallelMap.results(of: pieces, threadCount: threadCount) { piece in
                    let range = chunkStart + piece * chunk..<min(chunkStart + (piece + 1) * chunk, end)
                    return Self.columns(range, of: kernel, ridge: ridge, order: order, neighbourCount: neighbourCount)
                }
            }
            for part in parts {
                for (pixels, values) in part {
                    places += pixels.map { placeOfPixel[$0] }
                    weights += values
                    starts.append(places.count)
                }
            }
        }
        count = known.count
        (self.starts, self.places, self.weights) = (starts, places, weights)
    }

    /// Columns of V for a range of ranks: the pixels of their entries, and the entries.
    private static func columns(
        _ ranks: Range<Int>, of kernel: PictureKernel, ridge: Double, order: PixelOrder, neighbourCount: Int
    ) -> [([Int], [Double])] {
        var matrix = [Double](repeating: 0, count: (neighbourCount + 1) * (neighbourCount + 1))
        var column = [Double](repeating: 0, count: neighbourCount + 1)
        return ranks.map { rank in
            let own = kernel.known[order.sequence[rank]]
            var pixels = order.neighbours(of: own, before: rank, count: neighbourCount, radius: kernel.reach)
            while true {
                // The pixel itself last: its column of the inverse is then the last of the factor's.
                let all = pixels.reversed() + [own]
                let n = all.count
                for i in 0..<n {
                    for j in 0..<i { matrix[i * n + j] = kernel.value(all[i], all[j]) }
                    matrix[i * n + i] = kernel.value(all[i], all[i]) + ridge
                }
                if SmallCholesky.factorize(&matrix, count: n) {
                    for i in 0..<n { column[i] = i == n - 1 ? 1 : 0 }
                    SmallCholesky.solveTransposed(matrix, count: n, &column)
                    return (all, Array(column.prefix(n)))
                }
                // Only rounding makes such a matrix indefinite: with half of the neighbours there is less of it. One pixel alone is left
                // where even its variance is none.
                guard !pixels.isEmpty else { return ([own], [1]) }
                pixels = Array(pixels.prefix(pixels.count / 2))
            }
        }
    }

    /// V Vᵀ·right.
    func applied(to right: Matrix<Double>) -> Matrix<Double> {
        let m = right.columnCount
        let source = right.elements
        // Vᵀ·right, one row for each column of V.
        let inner = ParallelMap.filled(count: count, of: m) { (column, target: inout BlockTarget<Double>) in
            for entry in starts[column]..<starts[column + 1] {
                let from = Int(places[entry]) * m
                for j in 0..<m { target[j] += weights[entry] * source[from + j] }
            }
        }
        var result = [Double](repeating: 0, count: count * m)
        for column in 0..<count {
            for entry in starts[column]..<starts[column + 1] {
                let to = Int(places[entry]) * m
                for j in 0..<m { result[to + j] += weights[entry] * inner[column * m + j] }
            }
        }
        return Matrix(rowCount: count, columnCount: m, elements: result)
    }
}
