@testable import EngramKernels
import EngramNumerics
import Testing

/// Oracles: naive sums over pairs, nearest neighbours by search, symmetry.
@Suite struct InfinitelyDeepClassifierTests {
    private static func sphere(_ n: Int, _ d: Int, seed: UInt64) throws -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        let points = Matrix<Double>(rowCount: n, columnCount: d, elements: (0..<n * d).map { _ in generator.nextNormal() })
        return try SphereScaling(of: points).scaled(points)
    }

    @Test func scoresAreTheNaiveSumOfTheKernelOverPairs() throws {
        let (x, queries) = (try Self.sphere(60, 4, seed: 1), try Self.sphere(20, 4, seed: 2))
        let labels = (0..<60).map { $0 % 3 }
        let dual = SineDual(frequency: 1.3)
        let classifier = try InfinitelyDeepClassifier(points: x, labels: labels, classCount: 3, activation: dual)
        let function = KoenigsFunction(try #require(UnitDual(dual)), slopeAtZero: classifier.taxonomy.squaredMeanSlope)
        let found = try classifier.scores(at: queries)
        for i in 0..<20 {
            var sums = [0.0, 0, 0]
            for j in 0..<60 {
                let u = squaredDistance(queries.row(i), x.row(j)) / 2
                sums[labels[j]] += Activation.exp.values(of: [function.logarithm(complement: u).value])[0]
            }
            let total = sums.reduce(0, +)
            // The table's error.
            for c in 0..<3 { #expect(abs(found[i, c] - sums[c] / total) < 1e-6, "row \(i), class \(c)") }
        }
    }

    @Test func anExampleGetsItsLabelAndRepeatedExamplesTheirShares() throws {
        let x = Matrix<Double>(rows: [[1, 0], [0.6, 0.8], [0.6, 0.8], [0.6, 0.8], [0, 1]])
        let classifier = try InfinitelyDeepClassifier(points: x, labels: [0, 1, 1, 0, 1], classCount: 2, activation: ErrorFunctionDual.erf)
        #expect(classifier.points.rowCount == 3)
        let scores = try classifier.scores(at: x)
        #expect(scores.row(0) == [1, 0])
        #expect(scores.row(4) == [0, 1])
        #expect(abs(scores[1, 1] - 2.0 / 3) < 1e-15)
    }

    @Test func pointsNearAnExampleTakeItsLabelThoughAllOthersDiffer() throws {
        let angle = 1e-9
        let x = Matrix<Double>(rows: [[1, 0]] + (1...500).map { [cosine(0.003 * Double($0)), cosine(.pi / 2 - 0.003 * Double($0))] })
        let classifier = try InfinitelyDeepClassifier(
            points: x, labels: [0] + Array(repeating: 1, count: 500), classCount: 2,
            activation: try ConsistentActivation.polynomial(dimension: 2))
        // 1 - x·z = 5e-19 is below the rounding of x·z.
        let scores = try classifier.scores(at: Matrix(rows: [[cosine(angle), angle]]))
        #expect(scores[0, 0] > 0.999999, "\(scores.elements)")
    }

    @Test func equalDistancesShareTheVote() throws {
        let half = 0.5.squareRoot()
        let x = Matrix<Double>(rows: [[1, 0, 0], [0, 1, 0]])
        for dual in [SineDual(frequency: 1) as any DualActivation, HermiteDual(degree: 2)] {
            let classifier = try InfinitelyDeepClassifier(points: x, labels: [0, 1], classCount: 2, activation: dual)
            let scores = try classifier.scores(at: Matrix(rows: [[half, half, 0]]))
            #expect(abs(scores[0, 0] - 0.5) < 1e-12, "\(dual.name)")
        }
    }

    @Test func theOtherTwoLimitsAreTheNearestExampleAndTheMajority() throws {
        let (x, queries) = (try Self.sphere(80, 5, seed: 3), try Self.sphere(40, 5, seed: 4))
        let labels = (0..<80).map { $0 % 5 == 0 ? 0 : 1 + $0 % 2 }
        let nearest = try InfinitelyDeepClassifier(points: x, labels: labels, classCount: 3, activation: HermiteDual(degree: 2))
        let expected = (0..<40).map { i in
            labels[(0..<80).min { squaredDistance(queries.row(i), x.row($0)) < squaredDistance(queries.row(i), x.row($1)) } ?? 0]
        }
        #expect(try nearest.labels(at: queries) == expected)
        let majority = try InfinitelyDeepClassifier(points: x, labels: labels, classCount: 3, activation: RectifierDual.relu)
        let frequent = (0..<3).max { a, b in labels.count { $0 == a } < labels.count { $0 == b } } ?? 0
        #expect(try majority.labels(at: queries) == Array(repeating: frequent, count: 40))
    }

    /// Theorem 7: with the depth, the kernel machine becomes the smoother.
    @Test func deepKernelMachinesPredictWhatTheLimitDoes() throws {
        let (x, queries) = (try Self.sphere(120, 4, seed: 5), try Self.sphere(200, 4, seed: 6))
        let labels = (0..<120).map { x[$0, 0] > x[$0, 1] ? 0 : 1 }
        let dual = try ConsistentActivation.polynomial(dimension: 3)
        let limit = try InfinitelyDeepClassifier(points: x, labels: labels, classCount: 2, activation: dual).labels(at: queries)
        for kind in [FullyConnectedKernel.Kind.nngp, .ntk] {
            let machine = try DeepKernelMachine(points: x, labels: labels, classCount: 2, activation: dual, depth: 2000, kind: kind)
            let differing = zip(limit, machine.labels(at: queries)).count { $0 != $1 }
            // Θ has the limit of Φ up to its term of 1/L: points on the border may still differ.
            #expect(differing <= (kind == .nngp ? 0 : 3), "\(kind): \(differing)")
        }
    }

    @Test func hilbertsEstimateWeighsByThePowerOfTheDistance() throws {
        let x = try Self.sphere(30, 3, seed: 8)
        let labels = (0..<30).map { $0 % 2 }
        let classifier = try InfinitelyDeepClassifier.hilbert(points: x, labels: labels, classCount: 2, order: 2)
        let query = try Self.sphere(5, 3, seed: 9)
        let scores = try classifier.scores(at: query)
        for i in 0..<5 {
            var sums = [0.0, 0]
            for j in 0..<30 { sums[labels[j]] += 1 / squaredDistance(query.row(i), x.row(j)) }
            #expect(abs(scores[i, 0] - sums[0] / (sums[0] + sums[1])) < 1e-7)
        }
    }

    @Test func theDimensionOfACurveAPlaneAndACubeIsFound() throws {
        var generator = SplitMix64(seed: 21)
        for dimension in [1, 2, 3] {
            // Embedded in six coordinates.
            let rows = (0..<1500).map { _ in
                let t = (0..<dimension).map { _ in generator.nextUniform() }
                return (0..<6).map { k in cosine(t[k % dimension] * Double(k + 1) / 2) }
            }
            let found = try #require(IntrinsicDimension(of: Matrix(rows: rows))).value
            #expect(abs(found - Double(dimension)) < 0.15 * Double(dimension) + 0.05, "\(dimension): \(found)")
        }
    }

    @Test func badDataIsRefusedWithItsPlace() throws {
        let dual = SineDual(frequency: 1)
        let good = Matrix<Double>(rows: [[1, 0], [0, 1]])
        #expect(throws: DeepClassifierError.notOnOrthant(row: 1)) {
            _ = try InfinitelyDeepClassifier(
                points: Matrix(rows: [[1, 0], [-1, 0]]), labels: [0, 1], classCount: 2, activation: dual)
        }
        #expect(throws: DeepClassifierError.nonFinite(row: 0, column: 1)) {
            _ = try InfinitelyDeepClassifier(points: Matrix(rows: [[1, .nan]]), labels: [0], classCount: 1, activation: dual)
        }
        #expect(throws: DeepClassifierError.labelCount(examples: 2, labels: 1)) {
            _ = try InfinitelyDeepClassifier(points: good, labels: [0], classCount: 2, activation: dual)
        }
        #expect(throws: DeepClassifierError.badLabel(row: 1, label: 2, classCount: 2)) {
            _ = try InfinitelyDeepClassifier(points: good, labels: [0, 2], classCount: 2, activation: dual)
        }
        let classifier = try InfinitelyDeepClassifier(points: good, labels: [0, 1], classCount: 2, activation: dual)
        #expect(throws: DeepClassifierError.columnCount(expected: 2, found: 3)) {
            _ = try classifier.scores(at: Matrix(rows: [[1, 0, 0]]))
        }
        #expect(throws: DeepClassifierError.columnCount(expected: 2, found: 1)) {
            _ = try SphereScaling(of: good).scaled(Matrix(rows: [[1]]))
        }
    }
}
