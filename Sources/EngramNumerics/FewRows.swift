internal import CEngramKernels

/// Products of a few rows with a large transposed matrix, X·Wᵀ, for which copying W as `dgemm` does takes as long as the arithmetic.
enum FewRows {
    /// Rows for which it is faster: of 1024 × 1024 in two threads 2 times at 5 rows and 1.4 times at 20; from there on they approach.
    static let range = 2...24

    /// Y ← X·Wᵀ, columns divided among as many threads as products use. Plumbing: sizes are not checked.
    ///
    /// - Parameters:
    ///   - x: Shape `[rows, depth]`.
    ///   - w: Shape `[columns, depth]`.
    ///   - y: Shape `[rows, columns]`.
    static func multiply(
        rows: Int, depth: Int, columns: Int, _ x: UnsafePointer<Double>, _ w: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>
    ) {
        let panels = [Double](unsafeUninitializedCapacity: rows * depth) { buffer, initializedCount in
            buffer.initialize(repeating: 0)
            if let target = buffer.baseAddress { engram_pack_rows_f64(rows, depth, x, target) }
            initializedCount = rows * depth
        }
        let parts = max(1, BLASLibrary.threadCount)
        // Multiples of four columns, which the kernel takes at a time: the same bytes from any number of threads.
        let size = ((columns + parts - 1) / parts + 3) / 4 * 4
        panels.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            // Threads write disjoint columns.
            nonisolated(unsafe) let (x, w, y, packed) = (x, w, y, start)
            _ = ParallelMap.results(of: (columns + size - 1) / size, threadCount: parts) { part in
                engram_multiply_few_rows_f64(rows, depth, columns, part * size, min((part + 1) * size, columns), x, packed, w, y)
            }
        }
    }
}
