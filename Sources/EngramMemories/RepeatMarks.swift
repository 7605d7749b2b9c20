public import EngramDynamics
public import EngramNumerics

/// Marks that tell apart equal samples of a sequence that go on differently.
///
/// A map f gives one answer to one state. In a film with a held frame the same picture is followed once by itself and once by the next
/// one, and in a recording with digital silence the same window is followed by silence and later by sound. Each state therefore gets a
/// strip of further values, its mark, which counts the repeat: the state is (sample, mark), all states that go on differently differ, and
/// what is recalled is the state without its mark.
///
/// The other way is a window of k samples as one state (delay embedding: Takens 1981). It needs k larger than the longest stretch of equal
/// samples, and the state is k times as large: a title that is held for five seconds at 24 pictures a second would take 121 times the
/// weights. A mark takes an eighth of a sample at most, whatever is held for however long.
public struct RepeatMarks: Equatable, Sendable {
    /// Values of one mark.
    public let entryCount: Int
    /// Shape `[n]`: which of the samples that equal it each sample is; 0 for the first, and wherever equal samples go on equally.
    public let numbers: [Int]
    /// The two values that marks consist of: the least and the largest of the samples.
    public let range: ClosedRange<Float>

    /// Marks of 64 values or more differ for different numbers, since the first output of SplitMix64 is a bijection of its seed.
    public static let leastEntryCount = 64

    /// An eighth of the largest sample that is read, and more: a report that asks for more is none.
    private static let mostEntryCount = 1 << 26

    /// Marks as they were published.
    ///
    /// - Returns: nil for values that are no marks: fewer entries than `leastEntryCount` or far too many, a number that no sample can have, an empty or infinite range.
    public init?(entryCount: Int, numbers: [Int], range: ClosedRange<Float>) {
        guard entryCount >= Self.leastEntryCount, entryCount <= Self.mostEntryCount, !numbers.isEmpty,
            numbers.allSatisfy({ (0..<numbers.count).contains($0) }), range.lowerBound < range.upperBound,
            range.lowerBound.isFinite, range.upperBound.isFinite
        else { return nil }
        (self.entryCount, self.numbers, self.range) = (entryCount, numbers, range)
    }

    /// The marks that a sequence needs; nil where no state has two successors.
    ///
    /// As many values as make two marks differ by the usual distance of a sample to the next, so that they are told apart as well as samples
    /// are: at least 64, at most an eighth of a sample where that is more, and whole rows of a picture.
    /// - Parameters:
    ///   - samples: Shape `[n, d]`, finite.
    ///   - raster: Of d entries.
    /// - Complexity: O(n (d + log n)).
    public init?(tellingApart samples: Matrix<Float>, task: MemoryTask, raster: Raster) {
        guard let numbers = task.repeatNumbers(of: samples.equalRowGroups()) else { return nil }
        let (least, greatest) = (samples.elements.min() ?? 0, samples.elements.max() ?? 0)
        let range = Double(greatest) - Double(least)
        let steps = task.successors.enumerated().map { squaredDistance(samples.row($0), samples.row($1)) }.filter { $0 > 0 }.sorted()
        // Half of the values of two marks differ, each by the whole range.
        let usual = steps.isEmpty ? 0 : 2 * Double(steps[steps.count / 2]) / (range * range)
        let largest = max(Self.leastEntryCount, samples.columnCount / 8)
        let wanted = min(max(Self.leastEntryCount, Int(exactly: usual.rounded(.up)) ?? largest), largest)
        let row = raster.height > 1 ? raster.width * raster.channels : raster.channels
        self.init(entryCount: (wanted + row - 1) / row * row, numbers: numbers, range: least...greatest)
    }

    /// Samples that have a mark of their own because an earlier one equals them.
    public var markedCount: Int { numbers.count { $0 > 0 } }

    /// How many different marks there are.
    public var markCount: Int { (numbers.max() ?? 0) + 1 }

    /// The mark of repeat `number`, shape `[entryCount]`: the bits of SplitMix64 seeded by the number, as the ends of the range.
    public func mark(_ number: Int) -> [Float] {
        var generator = SplitMix64(seed: UInt64(number))
        var bits: UInt64 = 0
        return (0..<entryCount).map { index in
            if index % 64 == 0 { bits = generator.next() }
            defer { bits >>= 1 }
            return bits & 1 == 1 ? range.upperBound : range.lowerBound
        }
    }

    /// The samples with their marks, shape `[n, d + entryCount]`.
    public func marking(_ samples: Matrix<Float>) -> Matrix<Float> {
        precondition(samples.rowCount == numbers.count, "\(numbers.count) marks do not fit \(samples.rowCount) samples.")
        return Matrix(rows: (0..<samples.rowCount).map { samples.row($0) + mark(numbers[$0]) })
    }

    /// The raster with room for a mark: further rows of a picture, further places of what has one row.
    public func extending(_ raster: Raster) -> Raster {
        guard raster.height > 1 else {
            return Raster(height: 1, width: raster.width + entryCount / raster.channels, channels: raster.channels)
        }
        return Raster(
            height: raster.height + entryCount / (raster.width * raster.channels), width: raster.width, channels: raster.channels)
    }
}

extension MemoryTask {
    /// Numbers examples so that two have the same number where they and all that one meets from them on, step by step, belong together.
    ///
    /// What belongs together for L steps is found for L = 1, 2, 4, … from the pairs (class here, class L steps on), as in prefix doubling of
    /// suffix arrays (Karp, Miller, Rosenberg 1972).
    /// - Parameters:
    ///   - groups: A number for each example; equal ones belong together.
    ///   - steps: Where one goes from each example.
    /// - Returns: The numbers, from 0, and how many there are.
    static func classes(_ groups: [Int], along steps: [Int]) -> (numbers: [Int], count: Int) {
        var (classes, classCount) = (groups, Set(groups).count)
        var later = steps
        while true {
            var ids: [[Int]: Int] = [:]
            let next = classes.indices.map { index in
                let pair = [classes[index], classes[later[index]]]
                if let id = ids[pair] { return id }
                ids[pair] = ids.count
                return ids.count - 1
            }
            let isSettled = ids.count == classCount
            (classes, classCount) = (next, ids.count)
            if isSettled { return (classes, classCount) }
            later = later.map { later[$0] }
        }
    }

    /// For each example, which of those that equal it but go on differently it is; nil where equal examples always go on equally.
    ///
    /// Examples belong together when they and all that follow them are equal.
    /// - Parameter groups: For each example the first that equals it.
    func repeatNumbers(of groups: [Int]) -> [Int]? {
        guard !isAutoencoder else { return nil }
        let groupCount = Set(groups).count
        let (classes, classCount) = Self.classes(groups, along: successors)
        guard classCount > groupCount else { return nil }
        var classesOfGroup: [Int: [Int: Int]] = [:]
        return classes.indices.map { index in
            let count = classesOfGroup[groups[index]]?.count ?? 0
            return classesOfGroup[groups[index], default: [:]].valueOrInsert(count, for: classes[index])
        }
    }
}

extension Dictionary {
    /// The value of a key, which is `value` where there is none yet.
    fileprivate mutating func valueOrInsert(_ value: Value, for key: Key) -> Value {
        if let found = self[key] { return found }
        self[key] = value
        return value
    }
}
