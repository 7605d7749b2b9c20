/// The known pixels of a picture from coarse to fine: each is far from those before it, for as long as that is possible.
///
/// For every power of two from the largest down, one pixel of each square of that side that has none yet: the one nearest its centre.
struct PixelOrder: Sendable {
    /// Places in the list of known pixels, in the order.
    let sequence: [Int]
    /// For each pixel of the picture its position in `sequence`; -1 where it is not known.
    let ranks: [Int32]
    private let known: [Int]
    private let height: Int
    private let width: Int

    init(known: [Int], height: Int, width: Int) {
        (self.known, self.height, self.width) = (known, height, width)
        var sequence: [Int] = []
        sequence.reserveCapacity(known.count)
        var isTaken = [Bool](repeating: false, count: known.count)
        var side = 1
        while side < max(height, width) { side *= 2 }
        while side >= 1 {
            let across = (width + side - 1) / side
            let cellCount = (height + side - 1) / side * across
            var hasPixel = [Bool](repeating: false, count: cellCount)
            for place in sequence { hasPixel[known[place] / width / side * across + known[place] % width / side] = true }
            var best = [(place: Int, distance: Int)](repeating: (-1, .max), count: cellCount)
            for place in known.indices where !isTaken[place] {
                let (row, column) = (known[place] / width, known[place] % width)
                let cell = row / side * across + column / side
                guard !hasPixel[cell] else { continue }
                // Twice the distance to the centre, which lies between pixels.
                let (y, x) = (2 * (row % side) + 1 - side, 2 * (column % side) + 1 - side)
                if y * y + x * x < best[cell].distance { best[cell] = (place, y * y + x * x) }
            }
            for cell in best where cell.place >= 0 {
                sequence.append(cell.place)
                isTaken[cell.place] = true
            }
            side /= 2
        }
        var ranks = [Int32](repeating: -1, count: height * width)
        for (rank, place) in sequence.enumerated() { ranks[known[place]] = Int32(truncatingIfNeeded: rank) }
        (self.sequence, self.ranks) = (sequence, ranks)
    }

    /// Up to `count` pixels nearest to `pixel`, nearest first, among those before `rank` in the order.
    ///
    /// - Parameters:
    ///   - pixel: Any pixel of the picture.
    ///   - rank: Only pixels of a smaller rank; nil: all that are known, but not `pixel` itself.
    ///   - radius: Search ends at this distance on an axis.
    ///   - exclusion: Pixels nearer than this are left out.
    ///   - sectors: Of `count`, at most count/sectors of each sector of directions; 1 or 8.
    func neighbours(
        of pixel: Int, before rank: Int? = nil, count: Int, radius: Int, exclusion: Double = 0, sectors: Int = 1
    ) -> [Int] {
        let (row, column) = (pixel / width, pixel % width)
        let limit = rank ?? .max
        var found: [(pixel: Int, distance: Int)] = []
        var perSector = [Int](repeating: 0, count: sectors)
        let quota = (count + sectors - 1) / sectors
        var ring = rank == nil ? 1 : 0
        var ringsAfter = 0
        let squaredExclusion = exclusion * exclusion
        while ring <= radius {
            var ringPixels: [(pixel: Int, distance: Int)] = []
            let rowRange = max(0, row - ring)...min(height - 1, row + ring)
            for r in rowRange {
                let isEdge = abs(r - row) == ring
                let step = isEdge || ring == 0 ? 1 : 2 * ring
                var c = column - ring
                while c <= column + ring {
                    if c >= 0, c < width {
                        let candidate = r * width + c
                        let other = ranks[candidate]
                        if other >= 0, Int(other) < limit {
                            let distance = (r - row) * (r - row) + (c - column) * (c - column)
                            if Double(distance) >= squaredExclusion { ringPixels.append((candidate, distance)) }
                        }
                    }
                    c += step
                }
            }
            if sectors == 1 {
                found += ringPixels
                if found.count >= count { ringsAfter += 1 }
                // A corner of a ring is √2 times as far as its sides: look that much further before the nearest are taken.
                if ringsAfter > ring / 3 { break }
            } else {
                for candidate in ringPixels.sorted(by: { ($0.distance, $0.pixel) < ($1.distance, $1.pixel) }) {
                    let sector = Self.octant(candidate.pixel / width - row, candidate.pixel % width - column)
                    guard perSector[sector] < quota else { continue }
                    perSector[sector] += 1
                    found.append(candidate)
                }
                // A sector is done once it has its share, or once the next ring leaves the picture on its side.
                let isDone = perSector.indices.allSatisfy {
                    perSector[$0] >= quota || isOutside(sector: $0, ring: ring + 1, row: row, column: column)
                }
                if isDone { break }
            }
            ring += 1
        }
        return found.sorted { ($0.distance, $0.pixel) < ($1.distance, $1.pixel) }.prefix(count).map(\.pixel)
    }

    /// Whether the side of a ring around a pixel that holds a sector lies outside the picture.
    private func isOutside(sector: Int, ring: Int, row: Int, column: Int) -> Bool {
        if sector & 1 == 1 { return sector & 4 == 4 ? row - ring < 0 : row + ring >= height }
        return sector & 2 == 2 ? column - ring < 0 : column + ring >= width
    }

    /// Bits: 4 above, 2 to the left, 1 further up or down than to a side.
    private static func octant(_ y: Int, _ x: Int) -> Int {
        (y < 0 ? 4 : 0) + (x < 0 ? 2 : 0) + (abs(y) > abs(x) ? 1 : 0)
    }
}
