/// Known cells to hide, some at a time: disjoint folds of a twentieth of the known cells each, at most one cell of a row in a fold.
///
/// A second hidden cell would make the row's other cells, which features come from, scarcer than they are for the missing cells: errors come out too
/// large then, and intervals too wide. Constant columns are left out: that they are filled without error says nothing about the others.
struct HeldOutFolds {
    /// Cells by `row · groups + group`, fold by fold.
    let cells: [[Int]]

    /// More folds than give this many hidden cells would not make the choice or the calibration visibly better: their 90 % quantile has then
    /// a standard error of 0.7 % in coverage.
    private static let enoughCellCount = 2000

    init(cells: [[Int]]) { self.cells = cells }

    init(_ matrix: IncompleteMatrix, maxCount: Int, using generator: inout some RandomNumberGenerator) {
        let groupCount = matrix.groups.count
        let varies = (0..<groupCount).map { !matrix.isConstant(group: $0) }
        var known = (0..<matrix.cellCount).filter {
            varies[$0 % groupCount] && matrix.isKnown(row: $0 / groupCount, group: $0 % groupCount)
        }
        known.shuffle(using: &generator)
        let size = max(min(known.count / 20, matrix.rowCount), 1)
        let count = min(max(maxCount, 1), max(1, (Self.enoughCellCount + size - 1) / size))
        // What else is known of a row tells it from others, too.
        let needsNoRow = varies.count { $0 } <= 1 || matrix.rowFeatures != nil
        var folds: [[Int]] = []
        var pool = known
        for _ in 0..<count {
            // A group must keep cells to learn from, and a row one to be told from others by.
            var inGroup = [Int](repeating: 0, count: groupCount)
            var inRow = [Int](repeating: 0, count: matrix.rowCount)
            for cell in known {
                inGroup[cell % groupCount] += 1
                inRow[cell / groupCount] += 1
            }
            var (taken, rest, usedRows): ([Int], [Int], Set<Int>) = ([], [], [])
            for cell in pool {
                let (row, group) = (cell / groupCount, cell % groupCount)
                guard taken.count < size, !usedRows.contains(row), inGroup[group] > 3, inRow[row] > 1 || needsNoRow else {
                    rest.append(cell)
                    continue
                }
                inGroup[group] -= 1
                usedRows.insert(row)
                taken.append(cell)
            }
            pool = rest
            if !taken.isEmpty { folds.append(taken) }
        }
        cells = folds
    }
}
