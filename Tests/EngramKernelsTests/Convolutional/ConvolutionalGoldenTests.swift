import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// The cases of `cntk.json`, which the published code in float64 and random networks of 256 channels agree with; `make_kernel_oracles.py`
/// says how.
struct ConvolutionalOracle: Decodable {
    struct Inpainting: Decodable {
        let epsilon: Double
        let mask: [[Double]]?
        let image: [[Double]]?
        let output: [[Double]]?
        let condition_number: Double?
    }

    let name: String
    let kind: String
    let d: Int?
    let layers: [String]
    let leaky_slope: Double
    let prior: [[[Double]]]?
    let K: [[Double]]?
    let inpainting: [Inpainting]?
    let small: Int?
    let large: Int?
    let pixels: [[Int]]?
    let K_large_rows: [[[Double]]]?

    func network() throws -> ConvolutionalNetwork {
        let words: [String: ConvolutionalLayer] = [
            "conv": .convolution, "act": .activation, "down": .downsampling, "up": .upsampling(.nearest),
            "bilinear": .upsampling(.cornerAligned),
        ]
        return try ConvolutionalNetwork(
            layers: layers.map { try #require(words[$0]) }, activation: RectifierDual(slope: leaky_slope))
    }

    /// E z z' of given channels, or of the default prior.
    func priorMatrix(side: Int) -> Matrix<Double> {
        guard let prior else { return DenseConvolutionalKernel.matrix(of: .uniform, side: side) }
        return prior.reduce(Matrix(rowCount: side * side, columnCount: side * side)) { sum, channel in
            let column = Matrix(rowCount: side * side, columnCount: 1, elements: channel.flatMap { $0 })
            return sum + column.multiplied(by: column, transposingOther: true)
        }
    }

    static func all(_ kind: String) throws -> [ConvolutionalOracle] {
        try Oracle.cases("cntk", as: ConvolutionalOracle.self).filter { $0.kind == kind }
    }
}

@Suite struct ConvolutionalGoldenTests {
    /// The oracles' own suggestion: the layers' rounding is 1e-15, and 1e-11 leaves room for another libm.
    private let tolerance = 1e-11

    @Test func kernelsOfEveryPriorAndUpsamplingAreThoseOfThePublishedCode() throws {
        for oracle in try ConvolutionalOracle.all("cntk") {
            let (side, expected) = (try #require(oracle.d), Matrix(rows: try #require(oracle.K)))
            let kernel = try DenseConvolutionalKernel(oracle.network(), prior: oracle.priorMatrix(side: side), side: side)
            #expect(worstRelativeError(kernel.matrix, expected) < tolerance, "\(oracle.name)")
        }
    }

    @Test func kernelsByPhaseAndDisplacementAreTheSame() throws {
        var count = 0
        for oracle in try ConvolutionalOracle.all("cntk") where oracle.prior == nil {
            let side = try #require(oracle.d)
            let tensor = try ConvolutionalKernel(oracle.network(), side: side).tensor()
            let all = (0..<side * side).flatMap { i in
                (0..<side * side).map { j in tensor[i / side, i % side, j / side, j % side] }
            }
            #expect(worstRelativeError(all, try #require(oracle.K).flatMap { $0 }) < tolerance, "\(oracle.name)")
            count += 1
        }
        #expect(count == 3)
    }

    @Test func smallKernelsExpandToThoseOfLargePictures() throws {
        for oracle in try ConvolutionalOracle.all("expansion") {
            let small: Int = try #require(oracle.small)
            let tensor = try ConvolutionalKernel(oracle.network(), side: small).tensor()
            for (pixel, row) in zip(try #require(oracle.pixels), try #require(oracle.K_large_rows)) {
                let expanded = tensor.expandedRow(at: pixel[0], pixel[1], side: try #require(oracle.large))
                #expect(worstRelativeError(expanded, row.flatMap { $0 }) < tolerance, "\(oracle.name), \(pixel)")
            }
        }
    }

    @Test func missingPixelsAreThoseOfTheRegression() throws {
        var count = 0
        for oracle in try ConvolutionalOracle.all("cntk") {
            let kernel = Matrix(rows: try #require(oracle.K))
            for task in oracle.inpainting ?? [] {
                guard let output = task.output, let condition = task.condition_number, let rows = task.mask, let pixels = task.image else {
                    continue
                }
                let (mask, image) = (rows.flatMap { $0 }, pixels.flatMap { $0 })
                let known = mask.indices.filter { mask[$0] == 1 }
                let observed = kernel.submatrix(rows: known, columns: known)
                let ridge = task.epsilon * (known.indices.reduce(0) { $0 + observed[$1, $1] }) / Double(known.count)
                let right = Matrix(rowCount: known.count, columnCount: 1, elements: known.map { image[$0] })
                let weights = try KernelCholesky(observed, ridge: ridge).solve(right)
                let fit = kernel.submatrix(rows: Array(0..<kernel.rowCount), columns: known) * weights
                let filled = fit.elements.indices.map { mask[$0] == 1 ? image[$0] : fit.elements[$0] }
                #expect(worstRelativeError(filled, output.flatMap { $0 }) < max(1e-13 * condition, tolerance), "\(oracle.name)")
                count += 1
            }
        }
        #expect(count > 10)
    }

    @Test func layersThatMakeNoNetworkAreRefusedInWords() {
        func message(_ layers: [ConvolutionalLayer]) -> String {
            do {
                _ = try ConvolutionalNetwork(layers: layers)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(message([]).contains("first and the last layer are convolutions"))
        #expect(message([.convolution, .convolution]).contains("activation follows every convolution but the last"))
        #expect(message([.convolution, .activation, .activation, .convolution]).contains("an activation follows a convolution"))
        #expect(message([.convolution, .activation, .upsampling(.nearest), .convolution]).contains("only where layers before went down"))
        #expect(message([.convolution, .activation, .downsampling, .convolution]).contains("as often as they go down"))
        #expect(throws: ConvolutionalKernelError.badSide(side: 6, period: 4)) {
            _ = try ConvolutionalKernel(.hourglass(levels: 2), side: 6)
        }
        #expect(throws: ConvolutionalKernelError.notPeriodic(layer: "cornerAligned")) {
            _ = try ConvolutionalKernel(.hourglass(levels: 1, upsampling: .cornerAligned))
        }
    }
}

@Suite struct ConvolutionalKernelTests {
    @Test(arguments: ConvolutionalLayer.Upsampling.allCases.filter { $0 != .cornerAligned }, [0, 1, 2])
    func structureChangesNothing(upsampling: ConvolutionalLayer.Upsampling, smoothing: Int) throws {
        for levels in 0...2 {
            let network = try ConvolutionalNetwork.hourglass(levels: levels, upsampling: upsampling, smoothing: smoothing)
            let side = 8
            let dense = try DenseConvolutionalKernel(
                network, prior: DenseConvolutionalKernel.matrix(of: .uniform, side: side), side: side)
            let tensor = try ConvolutionalKernel(network, side: side).tensor()
            let all = (0..<side * side).flatMap { i in
                (0..<side * side).map { j in tensor[i / side, i % side, j / side, j % side] }
            }
            #expect(worstRelativeError(all, dense.matrix.elements) < 1e-13, "levels \(levels)")
        }
    }

    @Test(arguments: ConvolutionalLayer.Upsampling.allCases.filter { $0 != .cornerAligned })
    func beyondItsReachTheKernelIsFlat(upsampling: ConvolutionalLayer.Upsampling) throws {
        let network = try ConvolutionalNetwork.hourglass(levels: 2, upsampling: upsampling, smoothing: 1)
        let side = 8 * network.period
        let tensor = try ConvolutionalKernel(network, side: side).tensor()
        let reach = network.reach
        for a in 0..<network.period {
            // Phases a period apart see the same flat value, and at one pixel less the kernel still falls.
            let far = tensor[a, 0, a + reach, 0]
            #expect(abs(tensor[a, 0, a + reach + network.period, 0] - far) < 1e-13 * far)
            #expect(abs(tensor[a, 0, a + reach, 3] - tensor[a, 0, a + reach + network.period, 3]) < 1e-13 * far)
        }
        let inside = (0..<network.period).map { tensor[$0, 0, $0 + reach - 1, 0] - tensor[$0, 0, $0 + reach - 1 + network.period, 0] }
        #expect(inside.contains { $0 > 1e-12 * tensor[0, 0, 0, 0] })
    }
}
