public import EngramNumerics

/// The biharmonic completion of a picture: the f that equals the known pixels and has the least Σ (Lf)², L the Laplacian of the pixel grid
/// with nothing flowing across the border. Where a pixel is missing, L²f = 0. The baseline of [R23] section 3.5, as scikit-image has it.
public struct BiharmonicFill: Sendable {
    /// f, shape `[height·width, channels]`.
    public let values: Matrix<Double>
    /// Iterations of conjugate gradients; 0 for a direct solution.
    public let iterationCount: Int
    /// Largest relative residual over the channels where it was iterated: where many holes hang together, it may end above the tolerance.
    public let largestResidual: Double
    /// Whether the residual is as small as it was asked to be.
    public var isConverged: Bool { largestResidual <= Self.tolerance }

    /// Relative residual at which iteration ends: errors are then far below one of 65,536 grey levels where half is missing.
    private static let tolerance = 1e-9
    /// Iterations for what no band holds; a hole of r pixels to its middle takes about r².
    private static let iterationLimit = 4000
    /// Distance to known pixels up to which iteration is short.
    private static let shallowDistance = 3
    /// Most bytes of a band.
    private static let largestBand = 1_073_741_824.0

    /// Completes a picture.
    ///
    /// - Parameters:
    ///   - picture: At least one pixel is known.
    ///   - nearest: Its completion by the nearest known pixels, from which it starts; nil: computed.
    ///   - byteLimit: Bytes that a band may take where they are fewer than 1 GiB; without one it is iterated.
    ///   - onStep: Called with the number of iterations done. What it throws ends the completion.
    /// - Complexity: 26 operations a missing pixel, channel and iteration.
    public init(
        _ picture: KnownPicture, startingAt nearest: Matrix<Double>? = nil, byteLimit: Double = .infinity,
        onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let (height, width) = (picture.height, picture.width)
        let missing = picture.missing
        let channels = picture.values.columnCount
        var places = [Int](repeating: -1, count: height * width)
        for (place, pixel) in missing.enumerated() { places[pixel] = place }
        let rows = SquaredLaplacian(height: height, width: width)
        // L² of missing pixels among themselves, and what known ones contribute.
        var starts = [0]
        var columns: [Int] = []
        var weights: [Double] = []
        var diagonal: [Double] = []
        let start = try nearest ?? picture.filledByNearest { try onStep(0) }
        var solution = Matrix<Double>(rowCount: missing.count, columnCount: channels)
        var residual = Matrix<Double>(rowCount: missing.count, columnCount: channels)
        var scale = [Double](repeating: 0, count: channels)
        for (place, pixel) in missing.enumerated() {
            var known = [Double](repeating: 0, count: channels)
            for (other, weight) in rows.row(of: pixel) {
                // From the nearest known pixels as a start, the residual is L² of the start.
                for channel in 0..<channels { residual[place, channel] -= weight * start[other, channel] }
                if places[other] >= 0 {
                    columns.append(places[other])
                    weights.append(weight)
                    if other == pixel { diagonal.append(weight) }
                } else {
                    for channel in 0..<channels { known[channel] -= weight * start[other, channel] }
                }
            }
            starts.append(columns.count)
            for channel in 0..<channels {
                solution[place, channel] = start[pixel, channel]
                scale[channel] += known[channel] * known[channel]
            }
        }
        let system = SparseSystem(starts: starts, columns: columns, weights: weights, diagonal: diagonal)
        if PictureHoles(picture).largestDistance > Self.shallowDistance,
            let order = system.order(byteLimit: min(Self.largestBand, byteLimit))
        {
            // Inside large holes conjugate gradients crawl; in order of their neighbourhoods the unknowns of a hole form a narrow band.
            try onStep(0)
            let correction = try system.solved(residual, in: order) { try onStep(0) }
            for place in missing.indices { for channel in 0..<channels { solution[place, channel] += correction[place, channel] } }
            (iterationCount, largestResidual) = (0, 0)
        } else {
            let norms = scale.map { $0.squareRoot() }
            (iterationCount, largestResidual) = try system.solve(
                &solution, residual: residual, norms: norms, tolerance: Self.tolerance, limit: Self.iterationLimit, onStep: onStep)
        }
        var filled = start
        for (place, pixel) in missing.enumerated() {
            for channel in 0..<channels { filled[pixel, channel] = solution[place, channel] }
        }
        values = filled
    }
}

/// Rows of L², L the Laplacian of the grid: neighbours less their number times the pixel.
private struct SquaredLaplacian {
    let height: Int
    let width: Int

    func row(of pixel: Int) -> [(Int, Double)] {
        var entries: [(Int, Double)] = []
        func add(_ other: Int, _ weight: Double) {
            if let index = entries.firstIndex(where: { $0.0 == other }) {
                entries[index].1 += weight
            } else {
                entries.append((other, weight))
            }
        }
        for (middle, first) in laplacian(of: pixel) { for (other, second) in laplacian(of: middle) { add(other, first * second) } }
        return entries
    }

    private func laplacian(of pixel: Int) -> [(Int, Double)] {
        let (row, column) = (pixel / width, pixel % width)
        var entries: [(Int, Double)] = []
        if row > 0 { entries.append((pixel - width, 1)) }
        if row < height - 1 { entries.append((pixel + width, 1)) }
        if column > 0 { entries.append((pixel - 1, 1)) }
        if column < width - 1 { entries.append((pixel + 1, 1)) }
        return entries + [(pixel, -Double(entries.count))]
    }
}

/// A sparse symmetric positive definite matrix by rows.
private struct SparseSystem {
    let starts: [Int]
    let columns: [Int]
    let weights: [Double]
    let diagonal: [Double]

    /// Unknowns in the order of Cuthill and McKee, and its bandwidth; nil where the band would be larger than `byteLimit`.
    func order(byteLimit: Double) -> (sequence: [Int], bandwidth: Int)? {
        let n = starts.count - 1
        var isSeen = [Bool](repeating: false, count: n)
        /// Appends everything that hangs together with `first`, layer by layer.
        func spread(from first: Int, into sequence: inout [Int], seen: inout [Bool]) {
            var next = sequence.count
            sequence.append(first)
            seen[first] = true
            while next < sequence.count {
                let place = sequence[next]
                next += 1
                for entry in starts[place]..<starts[place + 1] where !seen[columns[entry]] {
                    seen[columns[entry]] = true
                    sequence.append(columns[entry])
                }
            }
        }
        var sequence: [Int] = []
        sequence.reserveCapacity(n)
        for place in 0..<n where !isSeen[place] {
            // The last of a first pass lies at an end; layers from there are the narrowest.
            var trial: [Int] = []
            var seen = isSeen
            spread(from: place, into: &trial, seen: &seen)
            spread(from: trial[trial.count - 1], into: &sequence, seen: &isSeen)
        }
        var position = [Int](repeating: 0, count: n)
        for (index, place) in sequence.enumerated() { position[place] = index }
        var bandwidth = 0
        for place in 0..<n {
            for entry in starts[place]..<starts[place + 1] { bandwidth = max(bandwidth, position[place] - position[columns[entry]]) }
        }
        return 8 * Double(n) * Double(bandwidth + 1) <= byteLimit ? (sequence, bandwidth) : nil
    }

    /// The solution for right sides, by a Cholesky factorization in this order.
    func solved(
        _ right: Matrix<Double>, in order: (sequence: [Int], bandwidth: Int), onStep: () throws -> Void
    ) throws -> Matrix<Double> {
        let n = starts.count - 1
        var position = [Int](repeating: 0, count: n)
        for (index, place) in order.sequence.enumerated() { position[place] = index }
        var band = BandedSystem(count: n, bandwidth: order.bandwidth)
        for place in 0..<n {
            for entry in starts[place]..<starts[place + 1] where position[place] >= position[columns[entry]] {
                band.set(position[place], position[columns[entry]], to: weights[entry])
            }
        }
        let sorted = try band.solve(right.rows(at: order.sequence)) { _ in try onStep() }
        return sorted.rows(at: position)
    }

    /// Conjugate gradients, the diagonal as preconditioner, all right sides side by side.
    func solve(
        _ x: inout Matrix<Double>, residual start: Matrix<Double>, norms: [Double], tolerance: Double, limit: Int,
        onStep: (Int) throws -> Void
    ) throws -> (Int, Double) {
        let m = x.columnCount
        var residual = start
        func relative() -> Double {
            zip(residual.columnDots(with: residual), norms).map { $1 > 0 ? $0.squareRoot() / $1 : 0 }.max() ?? 0
        }
        let inverse = diagonal.map { $0 > 0 ? 1 / $0 : 1 }
        func preconditioned() -> Matrix<Double> {
            var result = residual
            result.scaleRows(by: inverse)
            return result
        }
        var direction = preconditioned()
        var weight = residual.columnDots(with: direction)
        var count = 0
        while count < limit, relative() > tolerance {
            try onStep(count)
            let image = product(direction)
            let curvature = direction.columnDots(with: image)
            let steps = (0..<m).map { curvature[$0] > 0 ? weight[$0] / curvature[$0] : 0 }
            x.addColumns(of: direction, scaledBy: steps)
            residual.addColumns(of: image, scaledBy: steps.map { -$0 })
            var next = preconditioned()
            let nextWeight = residual.columnDots(with: next)
            next.addColumns(of: direction, scaledBy: (0..<m).map { weight[$0] > 0 ? nextWeight[$0] / weight[$0] : 0 })
            (direction, weight) = (next, nextWeight)
            count += 1
        }
        return (count, relative())
    }

    private func product(_ x: Matrix<Double>) -> Matrix<Double> {
        let m = x.columnCount
        let source = x.elements
        let piece = 4096
        let n = starts.count - 1
        // Blocks of rows; the last may be short.
        let pieces = (n + piece - 1) / piece
        let values = ParallelMap.filled(count: pieces, of: piece * m) { (block, target: inout BlockTarget<Double>) in
            for row in block * piece..<min((block + 1) * piece, n) {
                let to = (row - block * piece) * m
                for entry in starts[row]..<starts[row + 1] {
                    let from = columns[entry] * m
                    for j in 0..<m { target[to + j] += weights[entry] * source[from + j] }
                }
            }
        }
        return Matrix(rowCount: n, columnCount: m, elements: Array(values.prefix(n * m)))
    }
}
