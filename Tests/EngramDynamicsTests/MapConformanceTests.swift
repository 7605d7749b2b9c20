import ComplexModule
import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

/// A network of which only values, rows pushed and pulled through its derivative, and its image are known. Everything else is a default.
private struct PlainMap: IterableMap {
    let network: FullyConnectedNetwork<Double>

    var inputDimension: Int { network.inputDimension }
    var outputDimension: Int { network.outputDimension }
    var operationCount: Double { network.operationCount }

    func outputs(of batch: Matrix<Double>) -> Matrix<Double> { network.outputs(of: batch) }
    func linearized(at points: Matrix<Double>) -> any MapLinearization {
        Rows(whole: network.linearized(at: points), count: inputDimension)
    }
    func imageSubspace() throws(NumericsError) -> AffineSubspace { try network.imageSubspace() }

    struct Rows: MapLinearization {
        let whole: any MapLinearization
        /// d.
        let count: Int

        func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
            whole.pushForward(rows: tangents, at: points)
        }

        func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> { whole.pullBack(rows: cotangents, at: points) }

        /// Row j of the pushed identity is J e_j.
        func jacobian(at point: Int) -> Matrix<Double> {
            whole.pushForward(rows: .identity(count), at: Array(repeating: point, count: count)).transposed()
        }
    }
}

/// What a family gives in the place of a default must equal it.
@Suite struct MapConformanceTests {
    /// Widths of a few units: taller than wide, wider than tall, half-silent units, no hidden layer, and more units than values.
    static let shapes: [([Int], Activation)] = [
        ([14, 6, 5, 14], .tanh), ([14, 9, 4, 14], .relu), ([14, 20, 14], .selu), ([14, 14], .tanh), ([14, 5, 30, 14], .sigmoid),
    ]
    /// Two orders of summing some hundred products of order 1, through two layers and an orthonormal basis: 300 roundings, slack 10.
    private static let bound = 3000 * Double.ulpOfOne

    private func network(_ widths: [Int], _ activation: Activation, seed: UInt64 = 7) -> FullyConnectedNetwork<Double> {
        var network = FullyConnectedNetwork<Double>(widths: widths, activation: activation)
        var generator = SplitMix64(seed: seed)
        Initializer.leCun.initialize(&network, using: &generator)
        for index in network.layers.indices {
            network.layers[index].biases = network.layers[index].biases.map { _ in 0.3 * generator.nextNormal() }
        }
        return network
    }

    private func points(_ count: Int, _ dimension: Int, seed: UInt64 = 3) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: count, dimension: dimension, using: &generator)
    }

    private func largestDifference(_ left: Matrix<Double>, _ right: Matrix<Double>) -> Double {
        guard left.rowCount == right.rowCount, left.columnCount == right.columnCount else { return .infinity }
        return zip(left.elements, right.elements).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: shapes) func jacobiansAndPushedTangentsAreThoseOfRows(widths: [Int], activation: Activation) {
        let fast = network(widths, activation)
        let plain = PlainMap(network: fast)
        let x = points(3, 14)
        let (own, slow) = (fast.linearized(at: x), plain.linearized(at: x))
        let tangents = points(14, 4, seed: 5)
        for row in 0..<3 {
            #expect(largestDifference(own.pushForward(tangents, at: row), slow.pushForward(tangents, at: row)) < Self.bound)
            #expect(largestDifference(own.jacobian(at: row), slow.jacobian(at: row)) < Self.bound)
            #expect(largestDifference(fast.jacobian(at: x.row(row)), plain.jacobian(at: x.row(row))) < Self.bound)
            // Rows pulled back are those of the transpose.
            let pulled = own.pullBack(rows: .identity(14), at: Array(repeating: row, count: 14))
            #expect(largestDifference(pulled, slow.jacobian(at: row)) < Self.bound)
            // Against the map itself: central differences at 1e-5 err by h²·f‴/6 and ε/h, below 1e-9; a unit of a ReLU may lie within h.
            if activation != .relu { #expect(largestDifference(differences(of: fast, at: x.row(row)), own.jacobian(at: row)) < 1e-8) }
        }
    }

    private func differences(of map: any DifferentiableMap, at x: [Double]) -> Matrix<Double> {
        let step = 1e-5
        let columns = x.indices.map { index in
            var (up, down) = (x, x)
            up[index] += step
            down[index] -= step
            let values = map.outputs(of: Matrix(rows: [up, down]))
            return zip(values.row(0), values.row(1)).map { ($0 - $1) / (2 * step) }
        }
        return Matrix(rows: columns).transposed()
    }

    @Test(arguments: shapes) func theRestrictionIsThatByItsDefinition(widths: [Int], activation: Activation) throws {
        let fast = network(widths, activation)
        let plain = PlainMap(network: fast)
        let (own, slow) = (try ImageRestriction(of: fast), try ImageRestriction(of: plain))
        #expect(own.map is FullyConnectedNetwork<Double> && slow.map is RestrictedMap)
        #expect(own.subspace == slow.subspace && !own.isProposed && !slow.isProposed)
        let x = points(4, fast.inputDimension, seed: 3)
        #expect(largestDifference(fast.imageCoordinates(of: x, in: own), plain.imageCoordinates(of: x, in: slow)) < Self.bound)
        let (whole, plainWhole) = (fast.imageLinearization(at: x, in: own), plain.imageLinearization(at: x, in: slow))
        let (u, v) = (points(4, fast.inputDimension, seed: 5), points(4, own.basis.columnCount, seed: 6))
        #expect(
            largestDifference(whole.pushForward(rows: u, at: [0, 1, 2, 3]), plainWhole.pushForward(rows: u, at: [0, 1, 2, 3])) < Self.bound)
        #expect(largestDifference(whole.pullBack(rows: v, at: [3, 1, 2, 0]), plainWhole.pullBack(rows: v, at: [3, 1, 2, 0])) < Self.bound)
        let s = points(4, own.basis.columnCount)
        #expect(largestDifference(own.map.outputs(of: s), slow.map.outputs(of: s)) < Self.bound)
        let (ownRows, slowRows) = (own.map.linearized(at: s), slow.map.linearized(at: s))
        let t = points(4, own.basis.columnCount, seed: 8)
        #expect(
            largestDifference(ownRows.pushForward(rows: t, at: [3, 1, 1, 0]), slowRows.pushForward(rows: t, at: [3, 1, 1, 0])) < Self.bound)
        #expect(largestDifference(ownRows.pullBack(rows: t, at: [3, 1, 1, 0]), slowRows.pullBack(rows: t, at: [3, 1, 1, 0])) < Self.bound)
        for row in 0..<4 { #expect(largestDifference(ownRows.jacobian(at: row), slowRows.jacobian(at: row)) < Self.bound) }
        // Both see the map itself: from the second step on, iterating one is iterating the other.
        let start = points(1, 14, seed: 9).row(0)
        let way = fast.outputs(of: fast.outputs(of: fast.outputs(of: Matrix(rows: [start]))))
        for (restriction, map) in [(own, fast as any DifferentiableMap), (slow, plain)] {
            let states = restriction.points(at: restriction.trajectory(of: map, from: start, count: 3))
            #expect(largestDifference(states.rows(at: [2]), way) < Self.bound)
        }
    }

    @Test(arguments: shapes) func spectraAreThoseOfTheRestrictionByItsDefinition(widths: [Int], activation: Activation) throws {
        let fast = network(widths, activation)
        let (own, slow) = (try ImageRestriction(of: fast), try ImageRestriction(of: PlainMap(network: fast)))
        let s = own.coordinates(of: fast.outputs(of: points(3, 14)))
        let (spectra, expected) = (try own.map.spectra(at: s), try slow.map.spectra(at: s))
        let (leading, leadingExpected) = (try own.map.leadingSpectra(at: s), try slow.map.leadingSpectra(at: s))
        for row in 0..<3 {
            // Bauer and Fike: an eigenvalue moves by the change of the matrix times the condition number of the eigenvectors, κ; here
            // κ of the matrices in hand, with slack 10. The moduli are in order in both.
            let jacobian = own.map.jacobian(at: s.row(row))
            let condition = try jacobian.eigenpairs().map(\.condition).max() ?? 1
            let bound = 10 * Double(jacobian.rowCount) * condition * Self.bound
            #expect(bound < 1e-8, "\(condition)")
            for (found, modulus) in zip(spectra[row].scaledEigenvalues, expected[row].scaledEigenvalues.map(\.length)) {
                #expect(abs(found.length - modulus) < bound)
            }
            #expect(spectra[row].scaledEigenvalues.count == expected[row].scaledEigenvalues.count)
            let error = abs(leading[row].spectralRadius - leadingExpected[row].spectralRadius)
            let bounds = (leading[row].radiusErrorBound ?? 0) + (leadingExpected[row].radiusErrorBound ?? 0)
            #expect(error <= bounds + bound)
            #expect(abs(leading[row].spectralRadius - spectra[row].spectralRadius) <= (leading[row].radiusErrorBound ?? 0) + bound)
        }
    }

    @Test(arguments: shapes) func operatorNormsAndCoresAreThoseOfTheWholeJacobian(widths: [Int], activation: Activation) throws {
        let fast = network(widths, activation)
        let plain = PlainMap(network: fast)
        let x = points(3, 14)
        let own = try fast.jacobianCore(in: ImageRestriction(of: fast))
        let slow = try plain.jacobianCore(in: ImageRestriction(of: plain))
        #expect(!slow.readsItsImage && slow.inputDimension == 14)
        // The fast core is no larger than the widest of what is read and what is written.
        #expect(own.inputDimension <= slow.inputDimension && own.outputDimension == slow.outputDimension)
        let (norms, expected) = (try own.operatorNorms(at: x), try slow.operatorNorms(at: x))
        for row in 0..<3 {
            let (values, whole) = (try own.matrix(at: x.row(row)).singularValues(), try slow.matrix(at: x.row(row)).singularValues())
            let dense = try plain.jacobian(at: x.row(row)).singularValues()
            // Weyl: a singular value moves by no more than the norm of the change.
            for (index, value) in values.enumerated() {
                #expect(abs(value - whole[index]) < 14 * Self.bound && abs(value - dense[index]) < 14 * Self.bound)
            }
            for value in dense.dropFirst(values.count) { #expect(value < 14 * Self.bound) }
            // The iteration ends at a residual of 1e-9 of the norm, and the error of the value is that squared over the gap.
            #expect(abs(norms[row].value / dense[0] - 1) < 1e-9 && abs(expected[row].value / dense[0] - 1) < 1e-9)
        }
    }

    @Test(arguments: shapes) func productsRoundACycleAreThoseOfTheWholeJacobians(widths: [Int], activation: Activation) throws {
        let fast = network(widths, activation)
        let plain = PlainMap(network: fast)
        // Nineteen factors: the product is compressed twice on the way.
        let x = fast.outputs(of: points(19, 14))
        let own = try ImageRestriction(of: fast)
        let slow = try ImageRestriction(of: plain)
        let product = try CycleProduct(of: own.map, along: own.coordinates(of: x))
        let expected = try CycleProduct(of: slow.map, along: slow.coordinates(of: x))
        var dense = Matrix<Double>.identity(14)
        var logarithm = 0.0
        for row in 0..<19 {
            dense = plain.jacobian(at: x.row(row)) * dense
            let norm = dense.frobeniusNorm
            logarithm += Double.log10(norm)
            dense.scale(by: 1 / norm)
        }
        // A step rounds the product so far, which has norm 1, in sums of 14, and later factors shrink that error as they shrink the
        // product: 19·14 roundings are 6e-14; slack 16.
        let bound = 1e-12
        #expect(abs(product.log10Norm - expected.log10Norm) < bound, "\(product.log10Norm), \(expected.log10Norm)")
        #expect((product.normalized - expected.normalized).frobeniusNorm < bound)
        // Qᵀ J_n … J_1 Q, by full matrices; the restricted norm leaves out what the first factor reads off the image.
        let restricted = own.basis.multiplied(by: dense * own.basis, transposingSelf: true)
        #expect(abs(logarithm + Double.log10(restricted.frobeniusNorm) - product.log10Norm) < bound)
        // The first factor read over the whole space gives the whole norm, whichever core gives it.
        for (restriction, core) in [(own, try fast.jacobianCore(in: own)), (slow, try plain.jacobianCore(in: slow))] {
            let whole = try CycleProduct(
                of: restriction.map, along: restriction.coordinates(of: x), startingWith: core.matrix(at: x.row(0)))
            let found = try whole.log10OperatorNorm()
            #expect(abs(found - logarithm - Double.log10(try dense.singularValues()[0])) < bound)
        }
        let radius = try product.spectrum().log10SpectralRadius
        // Eigenvalues of the product move by the condition of their vectors times that; slack 1e4.
        #expect(abs(radius - (try expected.spectrum().log10SpectralRadius)) < 1e4 * bound)
    }

    @Test func aProposedBasisThatHoldsTheImageLeadsToTheSameMapInFewerDimensions() throws {
        let narrow = network([4, 9, 4], .tanh)
        let basis = try points(14, 4, seed: 21).orthonormalizedColumns()
        var wide = narrow
        wide.layers[0].weights = narrow.layers[0].weights.multiplied(by: basis, transposingOther: true)
        wide.layers[1].weights = basis * narrow.layers[1].weights
        wide.layers[1].biases = basis * narrow.layers[1].biases
        let (own, slow) = (
            try ImageRestriction(of: wide, proposedBasis: basis), try ImageRestriction(of: PlainMap(network: wide), proposedBasis: basis)
        )
        // The default makes nothing of a proposal; W_2 has rank 4 in 9 columns, so its image has no more dimensions than the proposal.
        #expect(own.basis == basis && own.isProposed && wide.relativeLeakage(outside: own.subspace) < 1e-15)
        let x = points(3, 14)
        let ends = [own, slow].map { $0.points(at: $0.map.outputs(of: $0.coordinates(of: wide.outputs(of: x)))) }
        #expect(largestDifference(ends[0], ends[1]) < Self.bound)
    }

    @Test func residualsOfAnyMapAreThoseOfTheNetwork() {
        let fast = network([14, 6, 14], .tanh)
        let x = points(4, 14)
        let task = MemoryTask.sequences([0..<3, 3..<4])
        let expected = (0..<4).map { row -> Double in
            let value = fast.outputs(of: Matrix(rows: [x.row(row)])).row(0)
            return zip(value, x.row([1, 2, 0, 3][row])).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        for found in [fast.residualNorms(at: x, task: task), PlainMap(network: fast).residualNorms(at: x, task: task)] {
            #expect(worstRelativeError(found, expected) < 1e-14)
        }
    }
}
