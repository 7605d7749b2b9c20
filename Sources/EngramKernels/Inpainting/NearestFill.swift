public import EngramNumerics

extension KnownPicture {
    /// Every missing pixel as its nearest known one; the mean of equally near ones. The simplest baseline.
    ///
    /// - Returns: Shape `[height·width, channels]`.
    /// - Complexity: O(height·width).
    public func filledByNearest() -> Matrix<Double> { filledByNearest(onStep: {}) }

    /// The same, with a way to end it.
    ///
    /// - Parameter onStep: Called now and then. What it throws ends the completion.
    public func filledByNearest(onStep: () throws -> Void) rethrows -> Matrix<Double> {
        let (height, width, channels) = (height, width, values.columnCount)
        try onStep()
        let columns = ColumnDistances(self)
        var result: [Double] = []
        result.reserveCapacity(height * width * channels)
        let chunk = 64
        for start in stride(from: 0, to: height, by: chunk) {
            try onStep()
            let count = min(chunk, height - start)
            result += ParallelMap.filled(count: count, of: width * channels) { (offset, target: inout BlockTarget<Double>) in
                let row = start + offset
                let envelope = columns.envelope(of: row)
                // What is nearest moves to the right with the pixel.
                var first = 0
                for column in 0..<width {
                    let pixel = row * width + column
                    guard !isKnown(pixel) else {
                        for channel in 0..<channels { target[column * channels + channel] = values[pixel, channel] }
                        continue
                    }
                    guard !envelope.isEmpty else { continue }
                    func distance(_ index: Int) -> Int {
                        let step = envelope[index].column - column
                        return envelope[index].square + step * step
                    }
                    while first + 1 < envelope.count, distance(first + 1) < distance(first) { first += 1 }
                    let least = distance(first)
                    var (count, index) = (0, first)
                    while index < envelope.count, distance(index) == least {
                        let other = envelope[index].column
                        let (above, below) = columns.nearest(row: row, column: other)
                        for known in [above, below].compactMap(\.self) {
                            count += 1
                            for channel in 0..<channels { target[column * channels + channel] += values[known * width + other, channel] }
                        }
                        index += 1
                    }
                    for channel in 0..<channels { target[column * channels + channel] /= Double(max(count, 1)) }
                }
            }
        }
        return Matrix(rowCount: height * width, columnCount: channels, elements: result)
    }
}

/// For each pixel how far known pixels of its column are: the first pass of an exact distance transform.
private struct ColumnDistances: Sendable {
    /// Steps up and down to the nearest known pixel of the column; -1 where there is none.
    private let above: [Int32]
    private let below: [Int32]
    private let width: Int

    init(_ picture: KnownPicture) {
        let (height, width) = (picture.height, picture.width)
        func steps(rows: [Int], back: Int) -> [Int32] {
            var result = [Int32](repeating: -1, count: height * width)
            for (number, row) in rows.enumerated() {
                for pixel in row * width..<(row + 1) * width {
                    if picture.isKnown(pixel) {
                        result[pixel] = 0
                    } else if number > 0, result[pixel + back] >= 0 {
                        result[pixel] = result[pixel + back] + 1
                    }
                }
            }
            return result
        }
        above = steps(rows: Array(0..<height), back: -width)
        below = steps(rows: (0..<height).reversed(), back: width)
        self.width = width
    }

    /// Rows of the known pixels of a column nearest to a pixel of it: one or, equally far above and below, two.
    func nearest(row: Int, column: Int) -> (Int?, Int?) {
        let (up, down) = (Int(above[row * width + column]), Int(below[row * width + column]))
        if up < 0 { return (nil, down < 0 ? nil : row + down) }
        if down < 0 || up < down { return (row - up, nil) }
        return up == down && up > 0 ? (row - up, row + down) : (nil, row + down)
    }

    /// The columns whose known pixels are the nearest of some place of a row, with the square of their distance to the row, by column.
    ///
    /// The square of the distance from column c is c² - 2ci + (i² + square): its least over i is a vertex of the lower hull of the points
    /// (i, i² + square). Points on an edge stay, since they are as near as its ends where these are equally near.
    func envelope(of row: Int) -> [(column: Int, square: Int)] {
        var hull: [(column: Int, square: Int)] = []
        func height(_ point: (column: Int, square: Int)) -> Int { point.square + point.column * point.column }
        for column in 0..<width {
            let (up, down) = (Int(above[row * width + column]), Int(below[row * width + column]))
            guard up >= 0 || down >= 0 else { continue }
            let steps = up < 0 ? down : down < 0 ? up : min(up, down)
            let point = (column: column, square: steps * steps)
            while hull.count > 1 {
                let (first, middle) = (hull[hull.count - 2], hull[hull.count - 1])
                // Above the line from the first to the new point.
                let rise = (height(middle) - height(first)) * (column - first.column)
                guard rise > (height(point) - height(first)) * (middle.column - first.column) else { break }
                hull.removeLast()
            }
            hull.append(point)
        }
        return hull
    }
}
