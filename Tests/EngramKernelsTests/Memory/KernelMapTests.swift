import ComplexModule
import EngramDynamics
import EngramKernels
import EngramNumerics
import EngramTestSupport
import Foundation
import RealModule
import Testing

/// Kernel machines as maps to iterate, against NumPy's word for the definition.
@Suite struct KernelMapTests {
    private struct Case: Decodable {
        let kernel: String
        let steepness: Double
        let successors: [Int]
        let output: [Double]
        let second_output: [Double]
        let jacobian: [[Double]]
        let radii: [Double]?
        let item_jacobian: [[Double]]?
        let cycle_radius: Double?
        let items: [[Double]]?
        let probe: [Double]?
    }

    /// Items are stored in float32; the oracle's numbers are not, so these are built without storing.
    private func map(_ item: Case, _ items: Matrix<Double>) throws -> KernelMap {
        let features = LiftedFeatures(fittedTo: items)
        let kernel: any Kernel =
            item.kernel == "gaussian"
            ? GaussianKernel(bandwidth: 1 / item.steepness.squareRoot()) : LaplaceKernel(bandwidth: 1 / item.steepness)
        let n = items.rowCount
        // K by the map itself, with coefficients that hand out the kernel row.
        let bare = KernelMap(
            kernel: kernel, rows: .normalized, norm: 1, features: features, items: items, mixing: .identity(n),
            offset: Array(repeating: 0, count: n))
        let rows = bare.kernelMatrix()
        var targets = Matrix<Double>(rowCount: n, columnCount: n)
        for (row, successor) in item.successors.enumerated() { targets[row, successor] = 1 }
        targets.addToRows(targets.columnMeans(), scaledBy: -1)
        let solution = try rows.minimumNormSolution(targets).solution
        return KernelMap(
            kernel: kernel, rows: .normalized, norm: 1, features: features, items: items, mixing: solution.transposed(),
            offset: Array(repeating: 1 / Double(n), count: n))
    }

    private func cases() throws -> (cases: [Case], items: Matrix<Double>, probe: [Double]) {
        let cases = try Oracle.cases("kernel_memory", as: Case.self)
        return (cases, Matrix(rows: try #require(cases[0].items)), try #require(cases[0].probe))
    }

    private func row(_ values: [Double]) -> Matrix<Double> { Matrix(rowCount: 1, columnCount: values.count, elements: values) }

    /// Condition numbers of K are below 10 here, so 1e-12 leaves three digits of slack.
    @Test func outputsAndJacobiansAreThoseOfTheDefinition() throws {
        let (cases, items, probe) = try cases()
        for item in cases {
            let map = try map(item, items)
            let output = map.outputs(of: row(probe))
            #expect(worstRelativeError(output, row(item.output)) < 1e-12, "\(item.kernel) \(item.steepness)")
            #expect(worstRelativeError(map.outputs(of: output), row(item.second_output)) < 1e-11)
            #expect(worstRelativeError(map.jacobian(at: probe), Matrix(rows: item.jacobian)) < 1e-11)
            if let expected = item.item_jacobian {
                #expect(worstRelativeError(map.jacobian(at: items.row(0)), Matrix(rows: expected)) < 1e-10)
            }
        }
    }

    /// The restriction has one dimension less than there are items, and the same eigenvalues.
    @Test func spectraOnTheAffineHullAreThoseOfTheWholeSpace() throws {
        let (cases, items, _) = try cases()
        for item in cases where item.radii != nil {
            let map = try map(item, items)
            let restriction = try ImageRestriction(of: map)
            let points = restriction.coordinates(of: items)
            let radii = try restriction.map.spectra(at: points).map(\.spectralRadius)
            for (found, expected) in zip(radii, try #require(item.radii)) {
                #expect(abs(found - expected) < 1e-10 * max(expected, 1), "\(item.steepness): \(found), expected \(expected)")
            }
            if let expected = item.cycle_radius {
                let cycle = try CycleProduct(of: restriction.map, along: points).spectrum()
                #expect(abs(cycle.spectralRadius - expected) < 1e-9 * expected + 1e-16)
            }
        }
    }

    @Test func factorsPushForwardAndPullBackAgree() throws {
        let (cases, items, probe) = try cases()
        var generator = SplitMix64(seed: 3)
        for item in cases {
            let map = try map(item, items)
            let linearization = map.linearized(at: Matrix(rows: [probe, items.row(2)]))
            for point in 0..<2 {
                let jacobian = linearization.jacobian(at: point)
                if let factors = linearization.factors(at: point) {
                    let product = Double.exp10(factors.log10Scale) * (factors.left * factors.right)
                    #expect(worstRelativeError(product, jacobian) < 1e-11)
                }
                let tangent = Matrix(rowCount: 1, columnCount: 4, elements: (0..<4).map { _ in generator.nextNormal() })
                let pushed = linearization.pushForward(rows: tangent, at: [point])
                #expect(worstRelativeError(pushed, tangent.multiplied(by: jacobian, transposingOther: true)) < 1e-12)
                #expect(worstRelativeError(linearization.pullBack(rows: tangent, at: [point]), tangent * jacobian) < 1e-12)
            }
        }
    }

    /// F(x + εv) - F(x) - ε J v is at most ε ‖w‖ in every direction, and ‖J‖ + ‖w‖ bounds the whole.
    @Test func aCuspIsBounded() throws {
        let (cases, items, _) = try cases()
        var generator = SplitMix64(seed: 5)
        for item in cases where item.kernel == "laplace" {
            let map = try map(item, items)
            let linearization = map.linearized(at: items)
            for point in 0..<items.rowCount {
                let bound = Double.exp10(try #require(linearization.cusp(at: point)).log10Bound)
                let here = map.outputs(of: row(items.row(point))).elements
                for _ in 0..<20 {
                    let direction = (0..<4).map { _ in generator.nextNormal() }
                    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    let step = 1e-6
                    let moved = map.outputs(of: row(zip(items.row(point), direction).map { $0 + step * $1 / length })).elements
                    #expect(squaredDistance(moved, here).squareRoot() / step <= bound * (1 + 1e-4) + 1e-5)
                }
            }
            #expect(map.linearized(at: row([0.4, 0.1, 0.2, 0.9])).cusp(at: 0) == nil)
        }
    }

    @Test func storedMapsComeBack() throws {
        let items = Matrix<Float>(rows: [[0, 0.5, 1], [1, 0.25, 0], [0.5, 0.5, 0]])
        for machine in [KernelMachine(lifting: items, successors: [1, 2, 0]), KernelMachine(centring: items, successors: [0, 1, 2])] {
            let stored = try machine.solved(by: GaussianKernel(bandwidth: 0.2), rows: .normalized, norm: 1)
            let again = try StoredKernelMap(from: Safetensors(decoding: stored.encoded()))
            #expect(again.items == stored.items && again.mixing == stored.mixing && again.offset == stored.offset)
            #expect(again.features == stored.features && again.norm == stored.norm && again.rows == stored.rows)
            #expect(again.kernel.storedDescription == stored.kernel.storedDescription)
            // F(x_i) is the item that x_i leads to; K is within e^-8 of the identity, so rounding is that of a few sums.
            let outputs = stored.iterable().outputs(of: items.converted(to: Double.self))
            let expected = items.rows(at: machine.successors).converted(to: Double.self)
            #expect(worstRelativeError(outputs, expected) < 1e-13)
        }
    }

    @Test func machinesOfNetworkKernelsInterpolateAndHaveTheJacobianOfTheirDefinition() throws {
        var generator = SplitMix64(seed: 9)
        let items = Matrix<Float>(rowCount: 5, columnCount: 6, elements: (0..<30).map { _ in Float(generator.nextNormal()) })
        let stored = try KernelMachine(centring: items, successors: [1, 2, 3, 4, 0]).solved(
            by: FullyConnectedKernel.erfSigmoid(inputCount: 6), rows: .plain, norm: 30)
        let map = stored.iterable()
        let outputs = map.outputs(of: items.converted(to: Double.self))
        #expect(worstRelativeError(outputs, items.rows(at: [1, 2, 3, 4, 0]).converted(to: Double.self)) < 1e-9)
        let x = (0..<6).map { _ in generator.nextNormal() }
        let jacobian = map.jacobian(at: x)
        let step = 1e-5
        for column in 0..<6 {
            var (up, down) = (x, x)
            up[column] += step
            down[column] -= step
            let difference = zip(map.outputs(of: row(up)).elements, map.outputs(of: row(down)).elements).map { ($0 - $1) / (2 * step) }
            // Central differences keep about ε^(2/3), 4e-11, of values of order 1; slack for the third derivative.
            for (found, expected) in zip(jacobian.column(column), difference) { #expect(abs(found - expected) < 1e-7) }
        }
        #expect(map.linearized(at: row(x)).factors(at: 0) == nil)
    }

    @Test func parallelItemsAndItemsWithoutDirectionAreNamed() throws {
        // Brightness and contrast alone: told apart by the lift, the same to centring where they lie on one ray.
        let rays = Matrix<Float>(rows: [[1, 2], [2, 4], [-3, -6], [0, 1]])
        #expect(try KernelMachine(lifting: rays, successors: [0, 1, 2, 3]).gap() > 1e-4)
        let ray = Matrix<Float>(rows: [[1, 0], [2, 0], [-3, 1], [0, -1]])
        #expect(throws: KernelMachine.Degeneracy.parallel(first: 0, second: 1, gap: 0)) {
            try KernelMachine(centring: ray, successors: [0, 1, 2, 3]).gap()
        }
        let mean = Matrix<Float>(rows: [[1, 0], [-1, 0], [0, 0]])
        #expect(throws: KernelMachine.Degeneracy.noDirection(item: 2)) {
            try KernelMachine(centring: mean, successors: [0, 1, 2]).gap()
        }
        #expect(throws: KernelSolverError.self) {
            try KernelMachine(lifting: Matrix<Float>(rows: [[1, 0], [1, 0]]), successors: [0, 1]).solved(
                by: GaussianKernel(bandwidth: 1), rows: .normalized, norm: 1)
        }
        #expect(try KernelMachine(lifting: Matrix<Float>(rows: [[0.5, 0.25]]), successors: [0]).gap() == 2)
    }
}
