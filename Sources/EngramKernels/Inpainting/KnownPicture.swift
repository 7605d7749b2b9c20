public import EngramNumerics

/// A picture of which some pixels are known, in all of their channels.
public struct KnownPicture: Sendable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// Shape `[height·width, channels]`; what stands at missing pixels is not looked at.
    public let values: Matrix<Double>
    /// Known pixels, row·width + column, ascending.
    public let known: [Int]
    /// For each pixel its place in `known`; -1 where it is missing.
    private let places: [Int32]

    /// - Parameters:
    ///   - values: Shape `[height·width, channels]`, at least one channel; known pixels are finite.
    ///   - isKnown: For each pixel.
    ///   - height: Rows, > 0.
    ///   - width: Columns, > 0.
    public init(values: Matrix<Double>, isKnown: [Bool], height: Int, width: Int) {
        precondition(
            height > 0 && width > 0 && values.rowCount == height * width && isKnown.count == height * width && values.columnCount > 0,
            "A picture of \(height)×\(width) does not have \(values.rowCount) pixels of \(values.columnCount) channels.")
        (self.height, self.width, self.values) = (height, width, values)
        known = isKnown.indices.filter { isKnown[$0] }
        var places = [Int32](repeating: -1, count: height * width)
        for (place, pixel) in known.enumerated() { places[pixel] = Int32(truncatingIfNeeded: place) }
        self.places = places
    }

    /// Missing pixels, ascending.
    public var missing: [Int] { places.indices.filter { places[$0] < 0 } }

    /// Whether a pixel is known.
    public func isKnown(_ pixel: Int) -> Bool { places[pixel] >= 0 }

    /// Where a known pixel stands in `known`.
    func place(of pixel: Int) -> Int { Int(places[pixel]) }

    /// The picture with the known pixels as they are and others from `prediction`, shape `[height·width, channels]`.
    public func completed(by prediction: Matrix<Double>) -> Matrix<Double> {
        var result = prediction
        for pixel in known { for channel in 0..<values.columnCount { result[pixel, channel] = values[pixel, channel] } }
        return result
    }
}

/// How far missing pixels are from known ones.
public struct PictureHoles: Sendable {
    /// For each pixel the steps, also diagonal ones, to the nearest known pixel: 0 for known pixels.
    public let distances: [Int]
    /// The largest of them; 0 where nothing is missing.
    public let largestDistance: Int
    /// Side of the largest square without a known pixel.
    public let largestSide: Int

    /// - Complexity: O(height·width).
    public init(_ picture: KnownPicture) {
        let (height, width) = (picture.height, picture.width)
        var distances = [Int](repeating: -1, count: height * width)
        var front = picture.known
        for pixel in front { distances[pixel] = 0 }
        var distance = 0
        while !front.isEmpty {
            distance += 1
            var next: [Int] = []
            for pixel in front {
                let (row, column) = (pixel / width, pixel % width)
                for r in max(0, row - 1)...min(height - 1, row + 1) {
                    for c in max(0, column - 1)...min(width - 1, column + 1) where distances[r * width + c] < 0 {
                        distances[r * width + c] = distance
                        next.append(r * width + c)
                    }
                }
            }
            front = next
        }
        self.distances = distances
        largestDistance = max(distances.max() ?? 0, 0)
        // The largest square that ends at a pixel is one more than the least of those that end above, to the left and between.
        var (side, above) = (0, [Int](repeating: 0, count: width + 1))
        for row in 0..<height {
            var current = [Int](repeating: 0, count: width + 1)
            for column in 0..<width where !picture.isKnown(row * width + column) {
                current[column + 1] = 1 + min(above[column], above[column + 1], current[column])
                side = max(side, current[column + 1])
            }
            above = current
        }
        largestSide = side
    }

    /// Side of a hole with a rim all around whose middle is as far from known pixels as any missing pixel is: at the border of a picture,
    /// where a hole has no rim on one side, up to twice `largestSide`.
    public var bridgedSide: Int { max(largestSide, 2 * largestDistance - 1) }

    /// Levels that a hole needs so that its middle is within reach of its rim: ⌊log₂(m + 1)⌋ for m×m pixels ([R23] section 3.5), m the
    /// `bridgedSide`.
    public var levelsNeeded: Int {
        var levels = 0
        while 1 << (levels + 1) <= bridgedSide + 1 { levels += 1 }
        return levels
    }
}
