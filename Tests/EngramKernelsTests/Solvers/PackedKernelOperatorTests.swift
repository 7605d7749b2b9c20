import EngramKernels
import EngramNumerics
import Testing

@Suite struct PackedKernelOperatorTests {
    private static func points(_ count: Int) -> Matrix<Double> {
        var generator = CounterBasedGenerator(seed: 4)
        return Matrix(rowCount: count, columnCount: 3, elements: (0..<count * 3).map { _ in generator.nextNormal() })
    }

    private static func system(_ count: Int) -> SampleKernelOperator {
        let kernel = LaplaceKernel(bandwidth: 2)
        return SampleKernelOperator(
            points: points(count), diagonal: { kernel.diagonal(at: $0) }, values: { kernel.values(at: $0, centers: $1) })
    }

    /// One tile, and one tile with a rest: entries and products are those of the kernel up to float32.
    @Test(arguments: [1, 7, 1030])
    func entriesAndProductsAreThoseOfTheKernel(count: Int) throws {
        let system = Self.system(count)
        let packed = PackedKernelOperator(system) {}
        #expect(packed.diagonal() == system.diagonal())
        let (rows, columns) = ([count - 1, 0, count / 2], [0, count - 1])
        let (found, expected) = (packed.block(at: rows, columns: columns), system.block(at: rows, columns: columns))
        for (a, b) in zip(found.elements, expected.elements) { #expect(abs(a - b) <= 6e-8 * b) }
        var generator = CounterBasedGenerator(seed: 5)
        let right = Matrix(rowCount: count, columnCount: 2, elements: (0..<2 * count).map { _ in generator.nextNormal() })
        let (product, exact) = (try packed.product(with: right) {}, try system.product(with: right) {})
        // Sums of a tile in float32: √1024 roundings of terms of order 1, with slack 10.
        let scale = exact.elements.map(abs).max() ?? 1
        for (a, b) in zip(product.elements, exact.elements) { #expect(abs(a - b) < 2e-5 * max(scale, 1), "\(a) \(b)") }
    }

    @Test func itsBytesAreThoseOfOneTriangleOfTiles() {
        #expect(PackedKernelOperator.byteCount(count: 1024) == 4 << 20)
        #expect(PackedKernelOperator.byteCount(count: 1025) == 3 * (4 << 20))
        // 50,000 examples stay below 8 GB.
        #expect(PackedKernelOperator.byteCount(count: 50_000) < 5_200_000_000)
    }

    /// The same machine by a factorization, by the packed kernel and by tiles that are computed anew.
    @Test func machinesOfAllThreeSolversPredictAlike() throws {
        let points = Self.points(160)
        let targets = Matrix(rowCount: 160, columnCount: 1, elements: (0..<160).map { points[$0, 0] * points[$0, 1] })
        let settings = FeatureMachine.Settings(bandwidth: 3, ridge: 0.1, roundCount: 2, scaling: .unitTrace)
        let queries = Self.points(200).rows(at: 160..<200)
        func outputs(_ solver: FeatureSolver) throws -> Matrix<Double> {
            try FeatureMachine.learned(points: points, targets: targets, settings: settings, solver: solver).outputs(at: queries)
        }
        let direct = try outputs(FeatureSolver())
        for solver in [
            FeatureSolver(byteLimit: 0, tolerance: 1e-6, rank: 40),
            FeatureSolver(byteLimit: 0, packedByteLimit: 0, tolerance: 1e-6, rank: 40),
        ] {
            // Tolerance 1e-6 of the right side over a ridge of 0.1, through two rounds of M.
            #expect(try outputs(solver).meanSquaredDifference(to: direct).squareRoot() < 1e-3)
        }
    }

    @Test func learningThatIsTakenUpAtARoundGivesTheSameMachine() throws {
        let points = Self.points(60)
        let targets = Matrix(rowCount: 60, columnCount: 1, elements: (0..<60).map { points[$0, 0] * points[$0, 2] })
        let learning = FeatureLearning(
            points: points, targets: targets, settings: .init(ridge: 0.01, roundCount: 3, scaling: .unitTrace, shrinkage: 0.5))
        var starts: [FeatureMachine.Start] = []
        let whole = try learning.machine(onRound: { if let start = $0.start { starts.append(start) } })
        #expect(starts.map(\.round) == [1, 2, 3])
        for start in starts {
            let later = try learning.machine(startingAt: start)
            #expect(
                later.coefficients == whole.coefficients && later.kernel.metric?.matrix == whole.kernel.metric?.matrix, "\(start.round)")
        }
    }
}
