import EngramDynamics
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

@testable import EngramKernels

/// What a kernel machine does on the affine hull of its items, against what it does in the whole space.
@Suite struct HullTests {
    private func normals(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    /// Condition numbers up to 1e6: once would leave 1e-4 of it.
    @Test(arguments: [1.0, 1e-3, 1e-6])
    func rowsBecomeOrthonormalAndGiveBackWhatTheyWere(least: Double) throws {
        var rows = normals(40, 90, seed: 3)
        rows.scaleRows(by: (0..<40).map { $0 % 2 == 0 ? 1 : least })
        let mixed = normals(40, 40, seed: 4) * rows
        let found = try #require(try mixed.orthonormalizedRows())
        let products = found.rows.multiplied(by: found.rows, transposingOther: true)
        #expect(worstRelativeError(products, .identity(40)) < 1e-14)
        #expect(worstRelativeError(found.coefficients * found.rows, mixed) < 1e-14)
        for row in 0..<40 { for column in row + 1..<40 { #expect(found.coefficients[row, column] == 0) } }
    }

    @Test func dependentRowsAreLeftToReflections() throws {
        var rows = normals(6, 20, seed: 5)
        rows.setRow(5, to: zip(rows.row(0), rows.row(1)).map { $0 - 2 * $1 })
        #expect(try rows.orthonormalizedRows() == nil)
        #expect(try Matrix<Double>(rowCount: 0, columnCount: 4).orthonormalizedRows()?.rows.rowCount == 0)
        #expect(throws: NumericsError.self) { try Matrix<Double>(rows: [[1, .nan]]).orthonormalizedRows() }
        // And the hull is there all the same.
        let map = try machine(rows)
        let restriction = try ImageRestriction(of: map)
        let outputs = map.outputs(of: rows)
        #expect(worstRelativeError(restriction.points(at: restriction.coordinates(of: outputs)), outputs) < 1e-13)
    }

    /// The constant direction lies in none, in part and wholly in the subspaces.
    @Test func featuresOnASubspaceHaveTheInnerProductsOfTheWhole() throws {
        let d = 30
        for (seed, constant) in [(6, 0.0), (7, 1), (8, 1e4)] as [(UInt64, Double)] {
            var directions = normals(5, d, seed: seed)
            directions.setRow(0, to: directions.row(0).map { $0 + constant })
            if constant > 1 { directions.setRow(0, to: Array(repeating: 1, count: d)) }
            let subspace = AffineSubspace(
                origin: normals(1, d, seed: seed + 10).row(0), basis: try directions.transposed().orthonormalizedColumns())
            let coordinates = normals(9, 5, seed: seed + 20)
            let points = subspace.points(at: coordinates)
            let maps: [any FeatureMap] = [
                LiftedFeatures(inputDimension: d, brightness: 0.3, constant: 0.7), CentredFeatures(mean: normals(1, d, seed: 40).row(0)),
                CentredFeatures(mean: subspace.origin),
            ]
            for whole in maps {
                let restricted = try whole.restricted(to: subspace)
                let general = try AffineFeatures(whole, on: subspace.origin, subspace.basis)
                let expected = gram(whole.features(of: points))
                #expect(worstRelativeError(gram(restricted.features(of: coordinates)), expected) < 1e-13)
                #expect(worstRelativeError(gram(general.features(of: coordinates)), expected) < 1e-13)
                // Differences are pushed forward, and pulled back by the transpose.
                let difference = restricted.features(of: some(coordinates, 0, 3)) - restricted.features(of: some(coordinates, 3, 6))
                let pushed = restricted.pushForward(rows: some(coordinates, 0, 3) - some(coordinates, 3, 6))
                #expect(worstRelativeError(pushed, difference) < 1e-13)
                let cotangents = normals(3, restricted.featureCount, seed: 50)
                let forward = pushed.multiplied(by: cotangents, transposingOther: true)
                let back = (some(coordinates, 0, 3) - some(coordinates, 3, 6))
                    .multiplied(by: restricted.pullBack(rows: cotangents), transposingOther: true)
                #expect(worstRelativeError(forward, back) < 1e-12)
            }
        }
    }

    private func some(_ rows: Matrix<Double>, _ first: Int, _ end: Int) -> Matrix<Double> { rows.rows(at: first..<end) }
    private func gram(_ rows: Matrix<Double>) -> Matrix<Double> { rows.multiplied(by: rows, transposingOther: true) }

    private func machine(_ items: Matrix<Double>, steepness: Double = 40) throws -> KernelMap {
        let stored = try KernelMachine(
            lifting: items.converted(to: Float.self), successors: (0..<items.rowCount).map { ($0 + 1) % items.rowCount }
        ).solved(by: GaussianKernel(bandwidth: 1 / steepness.squareRoot()), rows: .normalized, norm: 1, ridge: 1e-12)
        return try #require(stored.iterable() as? KernelMap)
    }

    /// Where items stand alone derivatives are far below the rounding of the definition's products.
    private func isClose(_ found: Matrix<Double>, _ expected: Matrix<Double>) -> Bool {
        let scale = expected.elements.reduce(0) { max($0, abs($1)) }
        return zip(found.elements, expected.elements).allSatisfy { abs($0 - $1) <= 1e-9 * scale + 1e-14 }
    }

    /// The items' places come from the factorization, and their outputs from few terms.
    @Test(arguments: [2.0, 400])
    func itemsAreWhereTheirHullHasThem(steepness: Double) throws {
        let items = normals(70, 100, seed: 12).converted(to: Float.self).converted(to: Double.self)
        let map = try machine(items, steepness: steepness)
        let restriction = try ImageRestriction(of: map)
        let places = map.places(of: items, in: restriction)
        let expected = ProjectedExamples(of: items, in: restriction)
        #expect(worstRelativeError(places.coordinates, expected.coordinates) < 1e-13)
        // Entries are of order 1 here, and so a squared length is about 100.
        #expect(expected.squaredOffsets.allSatisfy { $0 < 1e-24 } && places.squaredOffsets.allSatisfy { $0 == 0 })
        #expect(worstRelativeError(map.outputsOfItems(), map.outputs(of: items)) < 1e-12)
    }

    /// At steepness 400 a kernel row has one entry that matters, at 2 all matter: few rows and whole products give the same.
    @Test(arguments: [2.0, 40, 400])
    func outputsOnTheHullAreThoseOfTheWholeSpace(steepness: Double) throws {
        let items = normals(70, 100, seed: 9)
        let map = try machine(items, steepness: steepness)
        let restriction = try ImageRestriction(of: map)
        let starts = Matrix(rows: (0..<8).map { items.row($0) } + (0..<8).map { normals(8, 100, seed: 10).row($0) })
        let first = map.imageCoordinates(of: starts, in: restriction)
        #expect(worstRelativeError(first, restriction.coordinates(of: map.outputs(of: starts))) < 1e-12)
        let definition = RestrictedMap(of: map, to: restriction.subspace)
        #expect(worstRelativeError(restriction.map.outputs(of: first), definition.outputs(of: first)) < 1e-12)
        let (found, expected) = (restriction.map.linearized(at: first), definition.linearized(at: first))
        for point in [0, 5, 12] {
            #expect(isClose(found.jacobian(at: point), expected.jacobian(at: point)))
            let factors = try #require(found.factors(at: point))
            let product = Double.exp10(factors.log10Scale) * (factors.left * factors.right)
            #expect(isClose(product, expected.jacobian(at: point)))
        }
        // Groups of points have the spectra of single ones.
        let together = try restriction.map.spectra(at: first).map(\.log10SpectralRadius)
        for (row, radius) in together.enumerated() {
            let alone = try restriction.map.spectra(at: first.rows(at: row...row))[0].log10SpectralRadius
            #expect(alone == radius || abs(alone - radius) < 1e-9 * max(1, abs(radius)))
        }
    }

    /// The products of items with each other give the squared distances that whole products give, near pairs included, and a hull that
    /// holds the items.
    @Test func itemsTakeOneProductForOutputsAndHull() throws {
        var items = normals(40, 60, seed: 21)
        items.setRow(7, to: items.row(3).map { $0 + 1e-7 })
        items = items.converted(to: Float.self).converted(to: Double.self)
        for scale in [1.0, 1e3] {
            var shifted = items
            shifted.setRow(9, to: items.row(9).map { $0 + scale })
            let stored = try KernelMachine(lifting: shifted.converted(to: Float.self), successors: Array(0..<40))
                .solved(by: GaussianKernel(bandwidth: 0.5), rows: .normalized, norm: 1, ridge: 1e-9)
            let map = try #require(StoredKernelMap(from: stored.safetensors()).iterable() as? KernelMap)
            #expect(map.knownSquares == nil)
            let expected = map.squaredDistances(of: map.centers)
            // Products of vectors of norm 1 are rounded by 1e-15; a brightness of 1e3 takes three digits more.
            #expect(zip(map.squaredDistancesOfItems().elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-14 * scale })
            let hull = try map.hull()
            #expect(map.itemProducts.take() == nil)
            let basis = hull.subspace.basis
            #expect(worstRelativeError(basis.multiplied(by: basis, transposingSelf: true), .identity(39)) < 1e-13)
            // Products of items that are 1e-7 apart hold their difference to 1e-15 / 1e-7, less than the float32 that items are stored in.
            #expect(worstRelativeError(hull.subspace.points(at: hull.items), shifted) < 6e-8)
        }
    }

    /// What a machine was solved with serves the map that it makes: that is the map of its file, which has to compute it again.
    @Test(arguments: [1.0, 2.5])
    func whatAMachineWasSolvedWithGivesTheMapOfItsFile(norm: Double) throws {
        let items = normals(50, 90, seed: 31).converted(to: Float.self)
        let stored = try KernelMachine(lifting: items, successors: Array(0..<50))
            .solved(by: GaussianKernel(bandwidth: 0.3), rows: .normalized, norm: norm)
        let known = try #require(stored.iterable() as? KernelMap)
        let read = try #require(StoredKernelMap(from: stored.safetensors()).iterable() as? KernelMap)
        #expect(known.knownSquares != nil && read.knownSquares == nil)
        #expect(worstRelativeError(known.squaredDistancesOfItems(), read.squaredDistancesOfItems()) < 1e-14)
        let (left, right) = (try #require(known.itemProducts.take()), try #require(read.itemProducts.take()))
        #expect(worstRelativeError(left, right) < 1e-14)
        let x = items.converted(to: Double.self)
        #expect(worstRelativeError(known.outputs(of: x), read.outputs(of: x)) < 1e-13)
        let (one, two) = (try ImageRestriction(of: known), try ImageRestriction(of: read))
        let (places, others) = (known.places(of: x, in: one).coordinates, read.places(of: x, in: two).coordinates)
        #expect(worstRelativeError(gram(places), gram(others)) < 1e-13)
        let (found, expected) = (try one.map.spectra(at: places), try two.map.spectra(at: others))
        // Beside items, which are looked up, stand points that are none.
        #expect((known.itemIndices(of: x.rows(at: [4, 0])) as [Int?]) == [4, 0])
        #expect((known.itemIndices(of: Matrix(rows: [x.row(4).map { $0 + 1e-9 }])) as [Int?]) == [nil])
        for (one, two) in zip(found, expected) { #expect(abs(one.log10SpectralRadius - two.log10SpectralRadius) < 1e-9) }
        var mixed = places
        mixed.setRow(3, to: places.row(3).map { $0 * 1.001 })
        let shifted = try one.map.spectra(at: mixed)
        for row in [2, 4] { #expect(abs(shifted[row].log10SpectralRadius - found[row].log10SpectralRadius) < 1e-9) }
    }

    /// What float32 leaves out is below rounding, for steep kernels that leave out nearly all and for shallow ones that leave out nothing.
    @Test(arguments: [0.5, 0.05, 0.01])
    func screenedRowsAreTheRows(bandwidth: Double) throws {
        let items = normals(90, 60, seed: 41)
        let kernels: [any RadialKernel] = [GaussianKernel(bandwidth: bandwidth), LaplaceKernel(bandwidth: bandwidth * bandwidth)]
        for kernel in kernels {
            let stored = try KernelMachine(lifting: items.converted(to: Float.self), successors: Array(0..<90))
                .solved(by: kernel, rows: .normalized, norm: 1, ridge: 1e-9)
            let map = try #require(stored.iterable() as? KernelMap)
            let noise = normals(12, 60, seed: 42)
            let cues = Matrix(rows: (0..<12).map { row in zip(items.row(row), noise.row(row)).map { $0 + 0.4 * $1 } })
            let states = KernelMap.states(of: map.features.features(of: cues), norm: 1).rows
            let screen = try #require(CenterScreen(map.centers, stateCount: 12, leastStateCount: 1, leastEntryCount: 1))
            let (found, expected) = (map.kernelRows(of: states, screen), map.kernelRows(of: states))
            #expect(zip(found.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-11 * $1 + 1e-16 })
            let candidates = screen.candidates(of: states, norm: 1, kernel)
            let isDense = candidates.allSatisfy { $0 == nil }
            #expect(isDense == (bandwidth == 0.5), "\(kernel) at \(bandwidth): \(candidates.map { $0?.count ?? -1 })")
            // Numbers that are none go the long way, which keeps them.
            var broken = states
            broken.setRow(1, to: Array(repeating: Double.nan, count: states.columnCount))
            #expect(screen.candidates(of: broken, norm: 1, kernel)[1] == nil)
        }
        #expect(CenterScreen(items, stateCount: 1000) == nil && CenterScreen(items, stateCount: 1, leastEntryCount: 1) == nil)
    }

    /// Left out one after another and fitted anew.
    @Test func theRidgeIsThatOfTheLeastErrorAtALeftOutItem() throws {
        let (n, d) = (14, 5)
        var generator = SplitMix64(seed: 30)
        // A curve with noise: neighbours say something of each other, and not everything.
        let items = Matrix<Double>(
            rowCount: n, columnCount: d,
            elements: (0..<n).flatMap { i in (0..<d).map { Double.cos(Double(i + 3 * $0) / 3) + 0.1 * generator.nextNormal() } }
        ).converted(to: Float.self)
        let kernel = GaussianKernel(bandwidth: 0.5)
        let chosen = try KernelMachine(centring: items, successors: Array(0..<n)).leaveOneOutRidge(by: kernel, rows: .plain, norm: 1)
        var targets = items.converted(to: Double.self)
        targets.addToRows(targets.columnMeans(), scaledBy: -1)
        var directions = targets
        directions.scaleRows(by: (0..<n).map { row in 1 / targets.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot() })
        let gram = kernel.values(at: directions, centers: directions)
        func error(_ ridge: Double) throws -> Double {
            var sum = 0.0
            for left in 0..<n {
                let kept = (0..<n).filter { $0 != left }
                var system = gram.submatrix(rows: kept, columns: kept)
                for i in kept.indices { system[i, i] += ridge }
                let fit = gram.submatrix(rows: [left], columns: kept) * (try system.choleskySolve(targets.rows(at: kept)))
                sum += squaredDistance(fit.row(0), targets.row(left))
            }
            return sum / Double(n * d)
        }
        #expect(abs(try error(chosen.ridge) / chosen.best.leaveOneOutError - 1) < 1e-9)
        #expect(try error(chosen.ridge) < error(3 * chosen.ridge) && error(chosen.ridge) < error(chosen.ridge / 3))
    }
}
