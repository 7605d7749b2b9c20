internal import EngramSystem

/// Whether numbered pictures follow one another as the frames of a film do, measured on the pictures themselves.
///
/// Each picture is reduced to the means of at most 8 × 8 blocks, so that noise and small movements weigh little; d(i, j) is the Euclidean
/// distance of two such reductions. A picture equal to the one before it counts once. Two statistics decide, both free of scale and the
/// same for the reversed order:
///
/// - `nearness`: the median of d(i, i + 1) divided by the median of d over pictures at random. It is about 1 for pictures in any order.
/// - `advance`: among the places where d(i, i + 1) and d(i + 1, i + 2) are both near, the share in which d(i, i + 2) exceeds both. It is
///   1/3 in expectation for bursts of similar pictures, whose order says nothing, and near 1 where something moves on.
///
/// A film has nearness below 0.7 and advance above 0.5, at two places or more and at a fifth of all of them. What these limits
/// separate is tabulated in `Documentation/Operations.md`.
public struct OrderEvidence: Equatable, Sendable {
    /// Pictures that differ from the one before.
    public let pictureCount: Int
    /// Median distance of neighbours over that of pictures at random; nil where the pictures are too few or nearly all equal.
    public let nearness: Double?
    /// Places of three successive pictures, each near to the next.
    public let nearPlaceCount: Int
    /// Near places in which the first and third picture are farther apart than both are from the second.
    public let advanceCount: Int

    /// Neighbours of a film are nearer than this share of the distance at random: unordered pictures measured at least 0.83, films at
    /// most 0.68 down to six frames a second.
    public static let nearnessLimit = 0.7
    /// The share of near places at which a film moves on: bursts measured at most 0.43, films at least 0.53.
    public static let advanceLimit = 0.5
    /// A film has this share of near places or more: pairs of similar pictures measured 0.05, films at least 0.33.
    public static let nearPlaceShare = 0.2
    /// Three pictures make one place, which says too little.
    public static let leastPictureCount = 4
    /// Blocks along each side of a reduced picture.
    static let blockCount = 8
    /// All pairs stand for pictures at random up to this many pictures, a fixed sample of as many pairs above.
    static let allPairsPictureCount = 128

    /// Share of the near places at which the pictures move on; nil without near places.
    public var advance: Double? { nearPlaceCount == 0 ? nil : Double(advanceCount) / Double(nearPlaceCount) }

    /// Whether the pictures are taken for a film.
    public var isFilm: Bool {
        guard let nearness, nearness < Self.nearnessLimit, let advance else { return false }
        return hasEnoughPlaces && advance > Self.advanceLimit
    }

    private var hasEnoughPlaces: Bool {
        nearPlaceCount >= max(2, Int(saturating: (Self.nearPlaceShare * Double(pictureCount - 2)).rounded(.up)))
    }

    /// Measures the pictures of a set in their order.
    ///
    /// - Parameters:
    ///   - values: Shape `[count, height, width, channels]`.
    ///   - format: The pictures' size and channels.
    /// - Complexity: O(count · dimension), and about 8,000 distances of pictures at random.
    init(values: [Float], format: ImageFormat) {
        let reduced = Self.reduced(values, format)
        pictureCount = reduced.count
        guard reduced.count >= Self.leastPictureCount, let typical = Self.typicalDistance(reduced) else {
            (nearness, nearPlaceCount, advanceCount) = (nil, 0, 0)
            return
        }
        let steps = (1..<reduced.count).map { Self.distance(reduced[$0 - 1], reduced[$0]) }
        var (near, advancing) = (0, 0)
        for index in 1..<steps.count {
            let longer = max(steps[index - 1], steps[index])
            guard longer < Self.nearnessLimit * typical else { continue }
            near += 1
            if Self.distance(reduced[index - 1], reduced[index + 1]) > longer { advancing += 1 }
        }
        nearness = Self.median(steps) / typical
        (nearPlaceCount, advanceCount) = (near, advancing)
    }

    /// Block means of each picture that differs from the one before.
    private static func reduced(_ values: [Float], _ format: ImageFormat) -> [[Float]] {
        let (rows, columns, channels) = (min(format.height, blockCount), min(format.width, blockCount), format.channels)
        var sizes = [Float](repeating: 0, count: rows * columns)
        let rowBlocks = (0..<format.height).map { $0 * rows / format.height }
        let columnBlocks = (0..<format.width).map { $0 * columns / format.width }
        for row in rowBlocks { for column in columnBlocks { sizes[row * columns + column] += 1 } }
        var pictures: [[Float]] = []
        var next = 0
        while next < values.count {
            var sums = [Float](repeating: 0, count: rows * columns * channels)
            for row in rowBlocks {
                for column in columnBlocks {
                    let block = (row * columns + column) * channels
                    for channel in 0..<channels {
                        sums[block + channel] += values[next]
                        next += 1
                    }
                }
            }
            for index in sums.indices { sums[index] /= sizes[index / channels] }
            if pictures.last != sums { pictures.append(sums) }
        }
        return pictures
    }

    /// The median distance of pictures at random; nil where it is 0.
    private static func typicalDistance(_ pictures: [[Float]]) -> Double? {
        let count = pictures.count
        var distances: [Double] = []
        if count <= allPairsPictureCount {
            for first in 0..<count { for second in first + 1..<count { distances.append(distance(pictures[first], pictures[second])) } }
        } else {
            // The multiples of these two odd numbers spread evenly over the square (the R2 sequence), so the sample is the same in every
            // run; with the mirror image of each pair it is the same for the reversed order, too.
            for step in 1...UInt64(allPairsPictureCount * allPairsPictureCount / 4) {
                let first = Int((step &* 0xC13F_A9A9_02A6_328F).multipliedFullWidth(by: UInt64(count)).high)
                let second = Int((step &* 0x91E1_0DA5_C79E_7B1D).multipliedFullWidth(by: UInt64(count)).high)
                guard first != second else { continue }
                distances.append(distance(pictures[first], pictures[second]))
                distances.append(distance(pictures[count - 1 - first], pictures[count - 1 - second]))
            }
        }
        let typical = median(distances)
        return typical > 0 ? typical : nil
    }

    private static func distance(_ first: [Float], _ second: [Float]) -> Double {
        var sum = 0.0
        for index in first.indices {
            let difference = Double(first[index]) - Double(second[index])
            sum += difference * difference
        }
        return sum.squareRoot()
    }

    /// - Precondition: `values` is not empty.
    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension OrderEvidence: CustomStringConvertible {
    /// What was measured and where the limit lies, as the reason of a verdict.
    public var description: String {
        guard let nearness else {
            return "fewer than \(Self.leastPictureCount) numbered pictures differ, too few to tell a film by its order"
        }
        let measured = "\(Self.hundredths(nearness)) of their distance"
        guard nearness < Self.nearnessLimit else {
            let much = nearness < 0.9 ? "little nearer" : "no nearer"
            return
                "numbered neighbours are \(much) than pictures at random (\(measured); a film has below \(Self.hundredths(Self.nearnessLimit)))"
        }
        let near = "numbered neighbours are nearer than pictures at random (\(measured))"
        guard hasEnoughPlaces, let advance else { return "\(near), but in pairs or too few to show an order" }
        let share = "the next but one is farther than the next in \(Self.percent(advance)) of places"
        let limit = "a film has more than \(Self.percent(Self.advanceLimit))"
        return isFilm ? "\(near) and move on (\(share); \(limit))" : "\(near), but do not move on (\(share); \(limit))"
    }

    private static func percent(_ share: Double) -> String { "\(Int(saturating: (share * 100).rounded())) %" }

    /// Two decimals, rounded down, so that what is below a limit reads as below it.
    private static func hundredths(_ value: Double) -> String {
        // Slack for limits that are no binary fractions.
        let whole = Int(saturating: (value * 100 + 1e-9).rounded(.down))
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }
}
