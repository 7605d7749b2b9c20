import EngramKernels
import EngramNumerics
import Testing

@Suite struct ItemLearnabilityTests {
    private static func points(_ count: Int, _ dimension: Int) -> Matrix<Double> {
        var generator = CounterBasedGenerator(seed: 5)
        return Matrix(rowCount: count, columnCount: dimension, elements: generator.normals(count: count * dimension))
    }

    private static let kernel = FullyConnectedKernel(kind: .ntk, activation: RectifierDual.relu, depth: 2)

    @Test(arguments: [0, 0.3]) func learnabilitiesAddUpToTheNumberOfItems(ridge: Double) throws {
        let x = Self.points(40, 6)
        let study = try ItemLearnability(kernel: Self.kernel.values(at: x, centers: x), targets: x, ridge: ridge, seed: 1)
        #expect(study.levels.map(\.exampleCount) == [10, 20, 30])
        for level in study.levels {
            let m = Double(level.exampleCount)
            #expect(abs(level.sum - m) <= 1e-10 * m, "\(level.sum) for \(m)")
            #expect(level.learnabilities.allSatisfy { (0...1).contains($0) } && level.learnabilities.count == 40)
        }
        // Each item's share adds up to what the modes learn together.
        let learned = try #require(study.levels.first { $0.exampleCount == 20 }).learnabilities.reduce(0, +)
        #expect(abs(study.items.reduce(0) { $0 + $1.learnedShare } - learned) < 1e-10)
    }

    /// Items that say nothing of each other: a share m/n of every mode, and the error of what was not shown.
    @Test func unrelatedItemsTeachTheirOwnShare() throws {
        let n = 24
        // Targets of equal length, so that every set of items has the same share of them.
        let study = try ItemLearnability(kernel: 3 * Matrix<Double>.identity(n), targets: .identity(n), ridge: 0, seed: 2)
        for level in study.levels {
            let share = Double(level.exampleCount) / Double(n)
            #expect(level.learnabilities.allSatisfy { abs($0 - share) < 1e-13 })
            for value in [level.predictedLearnability, level.measuredLearnability] { #expect(abs(value - share) < 1e-12, "\(value)") }
            for value in [level.predictedError, level.measuredError] { #expect(abs(value - (1 - share)) < 1e-12, "\(value)") }
        }
        #expect(study.items.allSatisfy { abs($0.independentShare - 1) < 1e-12 && $0.cosine == 0 })
        #expect(abs(study.condition - 1) < 1e-12 && abs(study.effectiveDimension - Double(n)) < 1e-12)
    }

    /// Of two unit vectors with the cosine c, orthogonal to all others, 1 - c² of each is its own.
    @Test(arguments: [0.5, -0.9, 0.999999]) func aNearlyDependentPairIsNamed(cosine: Double) throws {
        var kernel = Matrix<Double>.identity(9)
        for row in 0..<9 { kernel[row, row] = Double(row + 1) }
        let product = cosine * (4.0 * 8).squareRoot()
        (kernel[3, 7], kernel[7, 3]) = (product, product)
        let items = try ItemLearnability(kernel: kernel, targets: .identity(9), ridge: 0, seed: 3).items
        let expected = 1 - cosine * cosine
        for (row, other) in [(3, 7), (7, 3)] {
            #expect(items[row].nearest == other && abs(items[row].cosine - cosine) < 1e-14)
            // The eigenvalue 1 - |c| keeps an absolute error of the rounding of the largest, about 12.
            #expect(abs(items[row].independentShare - expected) < 1e-13 + 1e-8 * expected, "\(items[row].independentShare)")
        }
        #expect(items.filter { ![3, 7].contains($0.index) }.allSatisfy { abs($0.independentShare - 1) < 1e-12 })
    }

    /// The effective dimension is the trace of the smoother, from a factor that knows nothing of eigenvalues.
    @Test func theEffectiveDimensionIsTheTraceOfTheSmoother() throws {
        let x = Self.points(30, 5)
        let gram = Self.kernel.values(at: x, centers: x)
        let study = try ItemLearnability(kernel: gram, targets: x, ridge: 0.7, seed: 4)
        let smoother = try KernelCholesky(gram, ridge: 0.7).solve(gram)
        let trace = (0..<30).reduce(0) { $0 + smoother[$1, $1] }
        #expect(abs(study.effectiveDimension - trace) < 1e-10 * trace, "\(study.effectiveDimension), \(trace)")
    }

    /// On the corners of a cube, where modes look independent at random corners, theory and draws agree.
    @Test func whatIsPredictedIsMeasuredOnAHypercube() throws {
        let corners = Matrix(rows: (0..<128).map { corner in (0..<7).map { corner >> $0 & 1 == 1 ? 1.0 : -1 } })
        // A sum of all coordinates and a product of two: modes of the first and second degree.
        let targets = Matrix(
            rows: (0..<128).map { row in
                [corners.row(row).reduce(0, +), 2 * corners[row, 0] * corners[row, 1]]
            })
        let study = try ItemLearnability(kernel: Self.kernel.values(at: corners, centers: corners), targets: targets, ridge: 0, seed: 6)
        for level in study.levels {
            #expect(abs(level.predictedLearnability - level.measuredLearnability) < 0.05, "\(level.exampleCount)")
            #expect(abs(level.predictedError / level.measuredError - 1) < 0.25, "\(level.predictedError), \(level.measuredError)")
        }
    }

    /// Of many items of a stored machine some are looked at, and named by their own rows.
    @Test func ofManyItemsSomeAreLookedAt() throws {
        let items = Self.points(21, 8).converted(to: Float.self)
        let stored = try KernelMachine(lifting: items, successors: Array(0..<21)).solved(
            by: GaussianKernel(bandwidth: 0.4), rows: .normalized, norm: 1)
        let study = try ItemLearnability(of: stored, successors: Array(0..<21), ridge: 0, seed: 7, limit: 7)
        #expect(study.items.map(\.index) == [0, 3, 6, 9, 12, 15, 18] && study.itemCount == 21 && study.eigenvalues.count == 7)
        #expect(study.items.allSatisfy { $0.nearest % 3 == 0 && $0.nearest != $0.index })
        let all = try ItemLearnability(of: stored, successors: Array(0..<21), ridge: 0, seed: 7)
        #expect(all.items.count == 21)
        // More items can only give more of one.
        for item in study.items { #expect(all.items[item.index].independentShare <= item.independentShare + 1e-12) }
    }
}
