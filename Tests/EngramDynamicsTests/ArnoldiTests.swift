import ComplexModule
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

@testable import EngramDynamics

@Suite struct ArnoldiTests {
    /// f(x) = A x.
    private func linear(_ matrix: Matrix<Double>) -> FullyConnectedNetwork<Double> {
        FullyConnectedNetwork(
            layers: [DenseLayer(weights: matrix, biases: Array(repeating: 0, count: matrix.rowCount))], activation: .relu)
    }

    private func spectrum(_ matrix: Matrix<Double>, count: Int = 1) throws -> Spectrum {
        try linear(matrix).leadingSpectra(at: Matrix(rowCount: 1, columnCount: matrix.columnCount), count: count)[0]
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func theRadiusLiesWithinItsBoundOfDenseLAPACK(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var network = FullyConnectedNetwork<Double>(widths: [140, 150, 140], activation: .tanh)
        Initializer.leCun.initialize(&network, using: &generator)
        let points = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 3, dimension: 140, using: &generator)
        let dense = try network.spectra(at: points)
        let leading = try network.leadingSpectra(at: points)
        for (found, expected) in zip(leading, dense) {
            let bound = try #require(found.radiusErrorBound)
            let error = abs(found.spectralRadius - expected.spectralRadius)
            // 1e-12 is LAPACK's own rounding.
            #expect(error <= bound + 1e-12, "seed \(seed): off by \(error), bound \(bound)")
            #expect(bound < 1e-6 * expected.spectralRadius, "seed \(seed): bound \(bound)")
            #expect(!found.isComplete && expected.isComplete)
        }
    }

    @Test func jacobiansOfTheGoldenNetsHaveTheirRadius() throws {
        struct Case: Decodable {
            struct Point: Decodable {
                let spectral_radius: Double
            }
            let name: String
            let activation: String
            let layers: [Oracle.Layer]
            let x: [[Double]]
            let at_sample: [Point]
        }
        for item in try Oracle.cases("jacobian", as: Case.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let spectra = try network.leadingSpectra(at: Matrix(rows: item.x))
            for (found, point) in zip(spectra, item.at_sample) {
                let error = abs(found.spectralRadius - point.spectral_radius)
                #expect(error < 1e-9 * max(point.spectral_radius, 1e-3), "\(item.name): \(found.spectralRadius)")
            }
        }
    }

    @Test func aComplexPairThatLeadsIsFoundBeyondARestart() throws {
        // 0.97 times a turn by 1 radian, and 398 real eigenvalues evenly from 0.9 down to -0.9: far more than the basis holds.
        var matrix = Matrix<Double>(rowCount: 400, columnCount: 400)
        (matrix[0, 0], matrix[0, 1]) = (0.97 * Double.cos(1), -0.97 * Double.sin(1))
        (matrix[1, 0], matrix[1, 1]) = (0.97 * Double.sin(1), 0.97 * Double.cos(1))
        for index in 2..<400 { matrix[index, index] = 0.9 - 1.8 * Double(index - 2) / 397 }
        let found = try spectrum(matrix, count: 2)
        #expect(abs(found.spectralRadius - 0.97) < 1e-9, "\(found.spectralRadius)")
        #expect(found.scaledEigenvalues.contains { ($0 - Complex(0.97 * Double.cos(1), 0.97 * Double.sin(1))).length < 1e-8 })
        #expect(found.isContracting)
    }

    /// A Jordan block of 8 for 0.9, turned by an orthogonal matrix, alone or beside eigenvalues too many for the basis. Rounding of size
    /// 1e-16 moves its eigenvalues by 1e-2, and the true radius 0.9 is known in closed form.
    @Test(arguments: [0, 120] as [Int], [1, 2] as [UInt64]) func aJordanBlockLiesWithinItsBound(others: Int, seed: UInt64) throws {
        let size = 8 + others
        var block = Matrix<Double>(rowCount: size, columnCount: size)
        for index in 0..<8 { block[index, index] = 0.9 }
        for index in 0..<7 { block[index, index + 1] = 1 }
        for index in 8..<size { block[index, index] = 0.5 * Double(index - 8) / Double(max(others, 1)) }
        var generator = SplitMix64(seed: seed)
        let basis = try NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: size, dimension: size, using: &generator)
            .orthonormalizedColumns()
        let matrix = (basis * block).multiplied(by: basis, transposingOther: true)
        let found = try spectrum(matrix)
        let (bound, backward) = (try #require(found.radiusErrorBound), try #require(found.radiusBackwardError))
        let error = abs(found.spectralRadius - 0.9)
        #expect(error <= bound, "off by \(error), bound \(bound), backward error \(backward)")
        // What the bound is for: the error is far above the backward error, and the bound still says something.
        #expect(error > 1e3 * backward && backward < 1e-8 && bound < 0.7, "off by \(error), bound \(bound), backward error \(backward)")
        // Radius 0.9 is below 1, but no method in float64 can promise it.
        #expect(!found.isContracting || found.spectralRadius + bound < 1)
    }

    @Test func theFoundEigenvalueIsExactForAMatrixThatNear() throws {
        var generator = SplitMix64(seed: 5)
        let matrix = NoiseStart.gaussian(mean: 0, deviation: 0.1).draw(count: 90, dimension: 90, using: &generator)
        let found = try spectrum(matrix)
        let value = try #require(found.scaledEigenvalues.first)
        // Some E of norm ε makes z an eigenvalue exactly when the least singular value of z I - A is at most ε.
        var shifted = Matrix<Double>(rowCount: 180, columnCount: 180)
        for i in 0..<90 {
            for j in 0..<90 {
                let entry = (i == j ? value.real : 0) - matrix[i, j]
                (shifted[i, j], shifted[90 + i, 90 + j]) = (entry, entry)
            }
            (shifted[i, 90 + i], shifted[90 + i, i]) = (-value.imaginary, value.imaginary)
        }
        let least = try #require(try shifted.singularValues().last)
        let backward = try #require(found.radiusBackwardError)
        #expect(least <= backward + 1e-14 && backward < 1e-8, "least singular value \(least), backward error \(backward)")
    }

    @Test func mapsOfLowRankAndZeroEndExactly() throws {
        // u vᵀ has the one eigenvalue vᵀu = 11.
        let rankOne = Matrix<Double>(rows: [[1], [2], [0]]) * Matrix<Double>(rows: [[3, 4, 5]])
        let found = try spectrum(rankOne)
        #expect(abs(found.spectralRadius - 11) < 1e-12)
        #expect(!found.isContracting)
        #expect(try spectrum(Matrix(rowCount: 6, columnCount: 6)).spectralRadius == 0)
        #expect(try spectrum(Matrix(rows: [[-0.5]])).spectralRadius == 0.5)
    }

    @Test func aRadiusWhoseBoundCrossesOneIsNotCalledContracting() {
        func spectrum(_ radius: Double, bound: Double?) -> Spectrum {
            Spectrum(scaledEigenvalues: [Complex(0, radius)], log10Scale: 0, isComplete: bound == nil, radiusErrorBound: bound)
        }
        #expect(!spectrum(0.99, bound: 0.02).isContracting)
        #expect(spectrum(0.99, bound: 0.005).isContracting && spectrum(0.99, bound: nil).isContracting)
        #expect(!spectrum(1, bound: nil).isContracting)
    }

    @Test func schurFormsAreOrderedAndGiveTheMatrixBack() throws {
        var generator = SplitMix64(seed: 8)
        let matrix = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 9, dimension: 9, using: &generator)
        let schur = try matrix.orderedSchurForm(leadingCount: 3)
        let again = (schur.vectors * schur.form).multiplied(by: schur.vectors, transposingOther: true)
        #expect(worstRelativeError(again, matrix) < 1e-13)
        let moduli = try matrix.eigenvalues().map(\.length)
        let kept = schur.form.rows(at: 0..<schur.leadingCount).leadingColumns(schur.leadingCount)
        for (found, expected) in zip(try kept.eigenvalues().map(\.length), moduli) { #expect(abs(found - expected) < 1e-12) }
        for pair in try matrix.eigenpairs() {
            let real = matrix * pair.right.map(\.real)
            let imaginary = matrix * pair.right.map(\.imaginary)
            for (index, entry) in pair.right.enumerated() {
                #expect((Complex(real[index], imaginary[index]) - entry * pair.value).length < 1e-13)
            }
            #expect(pair.condition >= 1 - 1e-12)
        }
    }
}
