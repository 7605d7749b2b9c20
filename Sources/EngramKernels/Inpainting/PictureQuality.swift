public import EngramNumerics
internal import RealModule

/// How near a picture is to its original.
public struct PictureQuality: Sendable, Equatable {
    /// 10·log₁₀(range²/mean squared error), in decibels; infinite for equal pictures.
    public let peakSignalToNoise: Double
    /// Mean structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) over windows of 7×7, at most 1; nil for pictures too small for one.
    public let structuralSimilarity: Double?

    /// Compares two pictures.
    ///
    /// - Parameters:
    ///   - picture: Shape `[height·width, channels]`.
    ///   - original: The same.
    ///   - height: Rows.
    ///   - width: Columns.
    ///   - range: What a channel can span, > 0.
    public init(of picture: Matrix<Double>, against original: Matrix<Double>, height: Int, width: Int, range: Double) {
        precondition(
            picture.rowCount == height * width && original.rowCount == picture.rowCount && original.columnCount == picture.columnCount
                && range > 0, "Pictures of \(picture.rowCount) and \(original.rowCount) pixels are not both \(height)×\(width).")
        peakSignalToNoise = 10 * Double.log10(range * range / picture.meanSquaredDifference(to: original))
        let side = 7
        guard height >= side, width >= side else {
            structuralSimilarity = nil
            return
        }
        var sum = 0.0
        for channel in 0..<picture.columnCount {
            let (x, y) = (picture.column(channel), original.column(channel))
            func windows(_ value: (Int) -> Double) -> [Double] { Self.windowSums(value, height: height, width: width, side: side) }
            let (sx, sy) = (windows { x[$0] }, windows { y[$0] })
            let (sxx, syy, sxy) = (windows { x[$0] * x[$0] }, windows { y[$0] * y[$0] }, windows { x[$0] * y[$0] })
            let n = Double(side * side)
            let (c1, c2) = (0.0001 * range * range, 0.0009 * range * range)
            for i in sx.indices {
                let (mx, my) = (sx[i] / n, sy[i] / n)
                // Sample covariances: over n - 1.
                let vx = (sxx[i] - n * mx * mx) / (n - 1)
                let vy = (syy[i] - n * my * my) / (n - 1)
                let vxy = (sxy[i] - n * mx * my) / (n - 1)
                sum += (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
            }
        }
        structuralSimilarity = sum / Double(picture.columnCount * (height - side + 1) * (width - side + 1))
    }

    /// Sums over all windows inside the picture, by running sums along each axis.
    private static func windowSums(_ value: (Int) -> Double, height: Int, width: Int, side: Int) -> [Double] {
        let across = width - side + 1
        var rows = [Double](repeating: 0, count: height * across)
        for row in 0..<height {
            for column in 0..<across {
                var sum = 0.0
                for offset in 0..<side { sum += value(row * width + column + offset) }
                rows[row * across + column] = sum
            }
        }
        var result: [Double] = []
        result.reserveCapacity((height - side + 1) * across)
        for row in 0...height - side {
            for column in 0..<across {
                var sum = 0.0
                for offset in 0..<side { sum += rows[(row + offset) * across + column] }
                result.append(sum)
            }
        }
        return result
    }
}
