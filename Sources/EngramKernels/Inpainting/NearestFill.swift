public import EngramNumerics

extension KnownPicture {
    /// Every missing pixel as its nearest known one; the mean of equally near ones. The simplest baseline.
    ///
    /// - Returns: Shape `[height·width, channels]`.
    /// - Complexity: O(height·width·d), d the distances to known pixels.
    public func filledByNearest() -> Matrix<Double> {
        let holes = PictureHoles(self)
        let (height, width, channels) = (height, width, values.columnCount)
        let result = ParallelMap.filled(count: height, of: width * channels) { (row, target: inout BlockTarget<Double>) in
            for column in 0..<width {
                let pixel = row * width + column
                guard !isKnown(pixel) else {
                    for channel in 0..<channels { target[column * channels + channel] = values[pixel, channel] }
                    continue
                }
                // In the square of the known distance lies a known pixel; a nearer one by Euclid's measure is at most √2 of it away.
                let reach = holes.distances[pixel] * 3 / 2 + 1
                var (best, count) = (Int.max, 0)
                var sums = [Double](repeating: 0, count: channels)
                for r in max(0, row - reach)...min(height - 1, row + reach) {
                    for c in max(0, column - reach)...min(width - 1, column + reach) where isKnown(r * width + c) {
                        let distance = (r - row) * (r - row) + (c - column) * (c - column)
                        guard distance <= best else { continue }
                        if distance < best { (best, count, sums) = (distance, 0, [Double](repeating: 0, count: channels)) }
                        count += 1
                        for channel in 0..<channels { sums[channel] += values[r * width + c, channel] }
                    }
                }
                for channel in 0..<channels { target[column * channels + channel] = count > 0 ? sums[channel] / Double(count) : 0 }
            }
        }
        return Matrix(rowCount: height * width, columnCount: channels, elements: result)
    }
}
