internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem
internal import RealModule

/// Damaged copies of items in coordinates of their span, drawn without end for training.
///
/// Noise in each entry is, in a few hundred orthonormal coordinates that are sums of all entries, normal and of one variance: it is drawn
/// there. Damage that covers places is done to the items themselves, some times each, and drawn from what that gave.
struct DamagedCopies {
    /// One kind of damage.
    private enum Kind {
        /// x → (1 - p) x + noise; the variance of the noise in each item's coordinates.
        case scaledNoise(kept: Float, deviations: [Float])
        /// Rows of `covered`, with the item of each.
        case covered(rows: Range<Int>)
    }

    private let kinds: [Kind]
    /// a of each item, shape `[n, r]`.
    private let items: Matrix<Float>
    /// Coordinates of covered copies, shape `[·, r]`.
    private let covered: Matrix<Float>
    private let coveredItems: [Int]

    /// Number of kinds, undamaged copies first.
    var kindCount: Int { kinds.count }

    /// - Parameters:
    ///   - items: x_i, shape `[n, d]`.
    ///   - span: Of their contrasts.
    ///   - damages: Kinds of damage.
    ///   - generator: Draws what covers places.
    ///   - onStep: Told which share is done; may throw to cancel.
    init(
        of items: Matrix<Double>, span: ContrastSpan, damages: [RecoveryMeasurement.Damage],
        using generator: inout CounterBasedGenerator, onStep: (Double) throws -> Void
    ) throws {
        let (n, d) = (items.rowCount, items.columnCount)
        self.items = span.coordinates.converted(to: Float.self)
        var kinds: [Kind] = [.scaledNoise(kept: 1, deviations: Array(repeating: 0, count: n))]
        var (covered, coveredItems): ([Float], [Int]) = ([], [])
        let basis = span.basis.converted(to: Float.self)
        let placed = damages.filter(\.corruption.coversPlaces)
        let affordable = Self.coveringOperationCount / (2 * Double(d) * Double(basis.rowCount) * Double(max(placed.count, 1)))
        // What covers places takes all the time.
        var doneCount = 0
        for damage in damages {
            switch damage.corruption {
            case .uniformEntries(let share, let range):
                let middle = (range.lowerBound + range.upperBound) / 2
                let length = range.upperBound - range.lowerBound
                let deviations = (0..<n).map { item in
                    let spread = items.row(item).reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(d)
                    return Float((share * (1 - share) * spread + share * length * length / 12).squareRoot())
                }
                kinds.append(.scaledNoise(kept: Float(1 - share), deviations: deviations))
            case .gaussian(let radius):
                kinds.append(.scaledNoise(kept: 1, deviations: Array(repeating: Float(radius), count: n)))
            case .square, .masked:
                let copies = damage.corruption.isRandom ? Self.coveringCount : 1
                let first = coveredItems.count
                let chosen = BasinPlan.spread(
                    (0..<n * copies).map { $0 / copies }, count: Int(saturating: min(max(affordable, 1), Double(n * copies))))
                let atOnce = max(1, min(512, Self.bytesAtOnce / (8 * d)))
                for start in stride(from: 0, to: chosen.count, by: atOnce) {
                    try onStep((Double(doneCount) + Double(start) / Double(chosen.count)) / Double(placed.count))
                    let sources = Array(chosen[start..<min(start + atOnce, chosen.count)])
                    let damaged = damage.corruption.applied(to: items.rows(at: sources), using: &generator)
                    covered += damaged.converted(to: Float.self).multiplied(by: basis, transposingOther: true).elements
                    coveredItems += sources
                }
                kinds.append(.covered(rows: first..<coveredItems.count))
                doneCount += 1
            }
        }
        self.kinds = kinds
        self.covered = Matrix(rowCount: coveredItems.count, columnCount: basis.rowCount, elements: covered)
        self.coveredItems = coveredItems
    }

    /// Rectangles for each item and size.
    private static let coveringCount = 8
    /// Operations that projecting covered copies may take: some seconds.
    private static let coveringOperationCount = 4e11
    /// Bytes of the items that are covered at once.
    private static let bytesAtOnce = 64 << 20

    /// Copies of each kind, in random order.
    ///
    /// - Parameters:
    ///   - counts: How many of each kind.
    ///   - generator: Draws them.
    /// - Returns: Coordinates, shape `[sum of counts, r]`, and the item of each.
    func draw(counts: [Int], using generator: inout CounterBasedGenerator) -> (rows: Matrix<Float>, items: [Int]) {
        let width = items.columnCount
        let total = counts.reduce(0, +)
        var order: [(kind: Int, item: Int)] = []
        order.reserveCapacity(total)
        for (kind, count) in counts.enumerated() {
            for _ in 0..<count {
                switch kinds[kind] {
                case .scaledNoise: order.append((kind, Int.random(in: 0..<items.rowCount, using: &generator)))
                case .covered(let rows): order.append((kind, Int.random(in: rows, using: &generator)))
                }
            }
        }
        order.shuffle(using: &generator)
        var values: [Float] = generator.normals(count: total * width)
        let labels = values.withUnsafeMutableBufferPointer { values in
            order.enumerated().map { row, entry in
                let base = row * width
                switch kinds[entry.kind] {
                case .scaledNoise(let kept, let deviations):
                    let (source, deviation) = (entry.item * width, deviations[entry.item])
                    for index in 0..<width {
                        values[base + index] = kept * items.elements[source + index] + deviation * values[base + index]
                    }
                    return entry.item
                case .covered:
                    let source = entry.item * width
                    for index in 0..<width { values[base + index] = covered.elements[source + index] }
                    return coveredItems[entry.item]
                }
            }
        }
        return (Matrix(rowCount: total, columnCount: width, elements: values), labels)
    }
}

extension Corruption {
    /// Whether one example damaged twice gives two cues.
    fileprivate var isRandom: Bool {
        if case .masked = self { return false }
        return true
    }
}
