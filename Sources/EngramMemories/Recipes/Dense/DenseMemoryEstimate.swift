internal import EngramNetworks

/// How much memory training and analysing one set takes at its peak, beyond the set itself.
///
/// Counts the arrays that stand side by side at the worst moment of each step and takes the largest; measured peaks were 0.65 to 0.9
/// of it. Most are weights: the network is stored in full space, so each of its copies has 2·d·w + (L - 1)·w² entries for d values an
/// example, width w and depth L.
struct DenseMemoryEstimate {
    /// n.
    let exampleCount: Int
    /// d, values an example.
    let dimension: Int
    /// Examples of the longest cycle; 1 for an autoencoder.
    let longestCycle: Int
    /// w.
    var width: Int
    /// L.
    var depth: Int
    /// Examples in each step of training; nil for all at once.
    var batchSize: Int?
    let preset: MemorySettings.Preset
    /// Starts of each of the two kinds of noise.
    let startCount: Int
    let threadCount: Int
    /// Whether eigenvalues are computed.
    var computesEigenvalues = true

    private static let single = 4.0
    private static let double = 8.0
    /// Working space of the linear-algebra library and slack of the allocator.
    private static let bufferByteCount = 64e6
    /// Frames of an animation before those of the memory itself.
    private static let transientFrameCount = 48.0

    /// Bytes at the peak. In float64, since a product of sizes that users give need not fit an integer.
    var byteCount: Double { max(trainingByteCount, analysisByteCount) + Self.bufferByteCount }

    private var n: Double { Double(exampleCount) }
    private var d: Double { Double(dimension) }
    private var w: Double { Double(width) }
    /// Largest number of dimensions that training or the analysis works in.
    private var reducedDimension: Double { preset == .paper ? min(w, d) : min(n, d) }
    private var weightCount: Double { DenseSizes.weightCount(dimension: dimension, width: width, depth: depth) }
    /// The examples in float64 with the residual, outputs, and a copy that a factorization works on.
    private var exampleByteCount: Double { 5 * Self.double * n * d }

    /// What training holds as long as it may go on: weights, gradients and two moments, values and slopes of the units, the batch.
    private var trainerByteCount: Double {
        let k = preset == .paper ? d : reducedDimension
        guard preset != .closedForm else { return 2 * Self.double * n * d }
        let reducedWeights = 2 * k * w + Double(depth - 1) * w * w
        let rows = Double(min(batchSize ?? exampleCount, exampleCount))
        // Beside a mini-batch stand all the samples and targets it is drawn from.
        let drawnFrom = rows < n ? 2 * n * Self.single * k : 0
        // The parameters of the best round are kept beside those in training.
        return 5 * Self.single * reducedWeights + rows * Self.single * (3 * w * Double(depth) + 6 * k) + drawnFrom
    }

    private var trainingByteCount: Double {
        if preset == .paper { return trainerByteCount }
        // Filters, layer, its rounding and the solution, each n·d; a dozen of n·n in choosing.
        if preset == .closedForm { return 10 * Self.double * n * d + 12 * Self.double * n * n + exampleByteCount }
        let coordinates = Self.double * (3 * d * reducedDimension + 2 * min(n, d) * min(n, d))
        // Float64, float32 and its float64 again, while a change of the output layer is added to it.
        let finish = (2 * Self.double + Self.single) * weightCount + 3 * Self.double * d * w
        // The best memory of earlier rounds, and that of this one while contractive layers are tried.
        let kept = 2 * (Self.double + Self.single) * weightCount
        return trainerByteCount + coordinates + finish + kept + solveByteCount + exampleByteCount
    }

    /// The features, and the right sides of a solve with LAPACK's copies of both; in blocks where there are more examples than an
    /// output layer can fit.
    private var solveByteCount: Double {
        guard n > w + 1 else { return Self.double * (3 * n * w + 3 * max(n, w) * min(n, w) + 4 * w * w) }
        let block = min(n, Double(DenseSizes.longestBlock))
        return Self.double * (block * (3 * w + 3 * d) + 6 * w * w + 3 * w * d)
    }

    /// φ' of every hidden unit at every example, as the product round a cycle and the contractive solve take it.
    private var slopeByteCount: Double { Self.double * n * w * Double(depth) }

    private var analysisByteCount: Double {
        let k = reducedDimension
        // The memory in float32 and float64, and the larger of: the restriction with the product that checks its basis, or the way
        // from noise as iterated, lifted and drawn.
        let memory =
            (Self.double + Self.single) * weightCount + 3 * Self.double * d * max(w, n + Self.transientFrameCount)
            + Self.double * d * k
        let starts = Double(2 * startCount) + n / Double(longestCycle)
        let recall = 4 * Self.double * starts * d + 2 * Self.double * starts * Double(longestCycle) * k
        let eigenvalues =
            !computesEigenvalues
            ? 0
            : Double(threadCount) * Self.double * (3 * k * k + 2 * w * k) + slopeByteCount
                + 2 * Self.double * n * k
        return trainerByteCount + memory + recall + eigenvalues + exampleByteCount
    }

    /// The largest width that `limit` bytes hold, up to the present one; nil when not even one unit fits.
    func largestWidth(within limit: Double) -> Int? {
        var fitting = 0
        var failing = width + 1
        var trial = self
        while failing - fitting > 1 {
            trial.width = fitting + (failing - fitting) / 2
            if trial.byteCount <= limit { fitting = trial.width } else { failing = trial.width }
        }
        return fitting > 0 ? fitting : nil
    }
}
