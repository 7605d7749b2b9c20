internal import EngramNumerics

/// Encoded examples with their targets as numbers.
struct LearnableRows: Sendable {
    /// Shape `[n, d]`.
    let rows: Matrix<Double>
    /// One-hot rows, or one column of the target less its mean over its standard deviation.
    let targets: Matrix<Double>
    /// Classes from 0; empty for a regression.
    let labels: [Int]
    /// Number of classes; 0 for a regression.
    let classCount: Int
    /// The mean that was subtracted from a number.
    let offset: Double
    /// What it was divided by.
    let scale: Double

    /// - Parameters:
    ///   - rows: Shape `[n, d]`.
    ///   - target: Of all examples of the drop.
    ///   - indices: Which examples the rows are; their targets are known.
    init(rows: Matrix<Double>, target: PredictionTarget, indices: [Int]) {
        self.rows = rows
        switch target {
        case .classes(let all, let names):
            labels = indices.map { all[$0] ?? 0 }
            classCount = names.count
            (offset, scale) = (0, 1)
            var targets = Matrix<Double>(rowCount: indices.count, columnCount: names.count)
            for (row, label) in labels.enumerated() { targets[row, label] = 1 }
            self.targets = targets
        case .numbers(let all):
            (labels, classCount) = ([], 0)
            let values = indices.map { all[$0] ?? 0 }
            let spread = ValueSpread(of: values, count: values.count)
            let (mean, divisor) = (spread.mean, spread.deviation > 0 ? spread.deviation : 1)
            (offset, scale) = (mean, divisor)
            targets = Matrix(rowCount: values.count, columnCount: 1, elements: values.map { ($0 - mean) / divisor })
        }
    }

    private init(_ source: LearnableRows, at places: [Int]) {
        rows = source.rows.rows(at: places)
        targets = source.targets.rows(at: places)
        labels = source.labels.isEmpty ? [] : places.map { source.labels[$0] }
        (classCount, offset, scale) = (source.classCount, source.offset, source.scale)
    }

    /// Some of the rows, in the given order; numbers keep the mean and scale of all.
    func at(_ places: [Int]) -> LearnableRows { LearnableRows(self, at: places) }

    var count: Int { rows.rowCount }
    var isClassification: Bool { classCount > 0 }

    /// Right answers among rows, or minus the sum of squares of the errors: the larger, the better.
    func score(_ outputs: Matrix<Double>) -> Double {
        guard isClassification else { return -(outputs - targets).squaredFrobeniusNorm }
        return Double(zip(outputs.largestEntryOfEachRow(), labels).count { $0 == $1 })
    }
}

/// Mean and standard deviation of numbers whose squares may be beyond what a number can hold.
struct ValueSpread {
    let mean: Double
    let deviation: Double

    /// - Parameters:
    ///   - values: Finite.
    ///   - count: Examples, those that are at the mean for want of a value among them.
    init(of values: [Double], count: Int) {
        let unit = Self.unit(of: values)
        let mean = values.reduce(0) { $0 + $1 / unit / Double(values.count) }
        let square = values.reduce(0) { $0 + ($1 / unit - mean) * ($1 / unit - mean) } / Double(max(count, 1))
        self.mean = mean * unit
        deviation = square.squareRoot() * unit
    }

    /// A power of 2, which divides without rounding, that brings values to 2 or less.
    static func unit(of values: [Double]) -> Double {
        let largest = values.reduce(0) { max($0, abs($1)) }
        return largest.isNormal ? largest.binade : 1
    }
}

/// Examples in folds: every class in each as evenly as it can be.
enum StratifiedFolds {
    /// The fold of each row, from 0.
    /// - Parameters:
    ///   - rows: Classes are dealt out one after the other; a regression is dealt out in the order of its target.
    ///   - count: Folds.
    static func folds(of rows: LearnableRows, count: Int, seed: UInt64) -> [Int] {
        var generator = SplitMix64(seed: seed)
        var result = Array(repeating: 0, count: rows.count)
        var next = 0
        if rows.isClassification {
            for label in 0..<rows.classCount {
                for index in rows.labels.indices.filter({ rows.labels[$0] == label }).shuffled(using: &generator) {
                    result[index] = next % count
                    next += 1
                }
            }
        } else {
            let order = (0..<rows.count).sorted { (rows.targets[$0, 0], $0) < (rows.targets[$1, 0], $1) }
            for start in stride(from: 0, to: order.count, by: count) {
                let group = order[start..<min(start + count, order.count)]
                for (index, fold) in zip(group, (0..<count).shuffled(using: &generator)) { result[index] = fold }
            }
        }
        return result
    }

    /// At most `most` rows in their order: classes in proportion, with two rows or more of each where that fits; numbers evenly along the
    /// target.
    static func sample(of rows: LearnableRows, most: Int, seed: UInt64) -> [Int] {
        let count = rows.count
        guard count > most else { return Array(0..<count) }
        var generator = SplitMix64(seed: seed)
        guard rows.isClassification else {
            let order = (0..<count).sorted { (rows.targets[$0, 0], $0) < (rows.targets[$1, 0], $1) }
            // One of each of `most` stretches of about equal length.
            var taken: [Int] = []
            for part in 0..<most {
                let (start, end) = (part * count / most, (part + 1) * count / most)
                taken.append(order[Int.random(in: start..<end, using: &generator)])
            }
            return taken.sorted()
        }
        var members: [[Int]] = Array(repeating: [], count: rows.classCount)
        for (index, label) in rows.labels.enumerated() { members[label].append(index) }
        var taken: [Int] = []
        for (all, quota) in zip(members, quotas(of: members.map(\.count), most: most)) {
            taken += all.shuffled(using: &generator).prefix(quota)
        }
        return taken.sorted()
    }

    /// How many of each class are taken, `most` in all: in proportion by largest remainder, and two of each where that fits.
    /// - Parameters:
    ///   - counts: Examples of each class, more than `most` in all.
    ///   - most: Above 0.
    static func quotas(of counts: [Int], most: Int) -> [Int] {
        let total = counts.reduce(0, +)
        guard total > most else { return counts }
        let least = min(2, most / max(counts.count { $0 > 0 }, 1))
        var quotas = counts.map { max($0 * most / total, min($0, least)) }
        var left = most - quotas.reduce(0, +)
        // Of equal remainders the first.
        let order = counts.indices.sorted { (counts[$0] * most % total, $1) > (counts[$1] * most % total, $0) }
        while left > 0 {
            for index in order where left > 0 && quotas[index] < counts[index] {
                quotas[index] += 1
                left -= 1
            }
        }
        // What rare classes got beyond their share is taken from the most frequent.
        while left < 0, let index = quotas.indices.max(by: { (quotas[$0], $1) < (quotas[$1], $0) }), quotas[index] > 0 {
            quotas[index] -= 1
            left += 1
        }
        return quotas
    }
}
