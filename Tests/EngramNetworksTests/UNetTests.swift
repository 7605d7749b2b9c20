import EngramDynamics
import EngramNumerics
import EngramTestSupport
import Testing

@testable import EngramNetworks

/// A case of unet.json, made by PyTorch: images `[n][channels][rows][columns]`, weights `[out][in][rows][columns]`.
private struct UNetCase: Decodable {
    struct Parameters: Decodable {
        let w1: [[[[Double]]]]
        let b1: [Double]
        let w2: [[[[Double]]]]
        let b2: [Double]
        let w3: [[[[Double]]]]
        let b3: [Double]
        let w4: [[[[Double]]]]
        let b4: [Double]
    }

    let name: String
    let x: [[[[Double]]]]
    let parameters: Parameters
    let output: [[[[Double]]]]
    let mse: Double
    let gradients: Parameters
    let jacobian_first: [[Double]]

    /// The columns of some input channels, tap by tap.
    private static func block(_ weights: [[[[Double]]]], _ channels: Range<Int>, _ biases: [Double]) -> DenseLayer<Double> {
        let rows = weights.map { kernel in (0..<9).flatMap { tap in channels.map { kernel[$0][tap / 3][tap % 3] } } }
        return DenseLayer(weights: Matrix(rows: rows), biases: biases)
    }

    /// The third convolution of the oracle reads two images side by side: here it is two convolutions, of which the first has the bias.
    static func layers(_ parameters: Parameters) -> [DenseLayer<Double>] {
        [
            block(parameters.w1, 0..<1, parameters.b1), block(parameters.w2, 0..<4, parameters.b2),
            block(parameters.w3, 0..<8, parameters.b3), block(parameters.w3, 8..<12, [0, 0, 0, 0]),
            block(parameters.w4, 0..<4, parameters.b4),
        ]
    }

    var network: UNet<Double> {
        let levels: [UNetShape.Level] = [
            .init(channelCount: 4, stride: 2, kernelSize: 3, decoderChannelCount: 1),
            .init(channelCount: 8, stride: 2, kernelSize: 3, decoderChannelCount: 4),
        ]
        var network = UNet<Double>(
            shape: UNetShape(
                raster: Raster(height: 8, width: 8), levels: levels, upsampling: .nearest, hasSkips: true, activation: .leakyReLU))
        network.layers = Self.layers(parameters)
        return network
    }

    /// Of one channel, the order of entries is that of rows of pixels.
    static func rows(_ images: [[[[Double]]]]) -> Matrix<Double> { Matrix(rows: images.map { $0[0].flatMap(\.self) }) }
}

/// Convolutions, upsampling and cutting off, each by its definition, for one picture at a time.
private struct NaiveUNet {
    let network: UNet<Double>

    private struct Image {
        let height: Int
        let width: Int
        var pixels: [[Double]]

        subscript(y: Int, x: Int) -> [Double]? { y >= 0 && y < height && x >= 0 && x < width ? pixels[y * width + x] : nil }
    }

    private func convolved(_ image: Image, _ layer: DenseLayer<Double>, side: Int, stride: Int) -> Image {
        let (height, width) = ((image.height + stride - 1) / stride, (image.width + stride - 1) / stride)
        var pixels: [[Double]] = []
        for y in 0..<height {
            for x in 0..<width {
                var sums = layer.biases
                for tap in 0..<side * side {
                    let place = (y * stride + tap / side - (side - 1) / 2, x * stride + tap % side - (side - 1) / 2)
                    guard let read = image[place.0, place.1] else { continue }
                    for output in sums.indices {
                        for (channel, value) in read.enumerated() {
                            sums[output] += layer.weights[output, tap * read.count + channel] * value
                        }
                    }
                }
                pixels.append(sums)
            }
        }
        return Image(height: height, width: width, pixels: pixels)
    }

    private func made(_ height: Int, _ width: Int, _ pixel: (Int, Int) -> [Double]) -> Image {
        Image(height: height, width: width, pixels: (0..<height).flatMap { y in (0..<width).map { pixel(y, $0) } })
    }

    private func upsampled(_ image: Image, _ layer: DenseLayer<Double>, _ level: UNetShape.Level, to fine: Image) -> Image {
        let stride = level.stride
        func at(_ y: Int, _ x: Int) -> [Double] { image[min(max(y, 0), image.height - 1), min(max(x, 0), image.width - 1)] ?? [] }
        switch network.shape.upsampling {
        case .nearest:
            let larger = made(fine.height, fine.width) { at($0 / stride, $1 / stride) }
            return convolved(larger, layer, side: level.kernelSize, stride: 1)
        case .bilinear:
            let larger = made(fine.height, fine.width) { y, x in
                let (v, u) = ((Double(y) + 0.5) / Double(stride) - 0.5, (Double(x) + 0.5) / Double(stride) - 0.5)
                let (top, left) = (Int(v.rounded(.down)), Int(u.rounded(.down)))
                let (b, a) = (v - Double(top), u - Double(left))
                return (0..<image.pixels[0].count).map { c in
                    (1 - b) * ((1 - a) * at(top, left)[c] + a * at(top, left + 1)[c])
                        + b * ((1 - a) * at(top + 1, left)[c] + a * at(top + 1, left + 1)[c])
                }
            }
            return convolved(larger, layer, side: level.kernelSize, stride: 1)
        case .subpixel:
            let cells = convolved(image, layer, side: 3, stride: 1)
            let count = level.decoderChannelCount
            return made(fine.height, fine.width) { y, x in
                let first = ((y % stride) * stride + x % stride) * count
                return Array((cells[y / stride, x / stride] ?? [])[first..<first + count])
            }
        }
    }

    func output(of picture: [Double]) -> [Double] {
        let shape = network.shape
        let channels = shape.raster.channels
        func activated(_ image: Image) -> Image {
            var image = image
            image.pixels = image.pixels.map { shape.activation.values(of: $0) }
            return image
        }
        let pixels = (0..<shape.raster.height * shape.raster.width).map { Array(picture[$0 * channels..<($0 + 1) * channels]) }
        var encoder = [Image(height: shape.raster.height, width: shape.raster.width, pixels: pixels)]
        for (index, level) in shape.levels.enumerated() {
            encoder.append(activated(convolved(encoder[index], network.layers[index], side: level.kernelSize, stride: level.stride)))
        }
        var image = encoder[shape.levels.count]
        var next = shape.levels.count
        for (index, level) in shape.levels.enumerated().reversed() {
            image = upsampled(image, network.layers[next], level, to: encoder[index])
            next += 1
            if shape.hasSkips, index > 0 {
                let skip = convolved(encoder[index], network.layers[next], side: level.kernelSize, stride: 1)
                next += 1
                image.pixels = zip(image.pixels, skip.pixels).map { zip($0, $1).map { $0 + $1 } }
            }
            if index > 0 { image = activated(image) }
        }
        return image.pixels.flatMap(\.self)
    }
}

@Suite struct UNetTests {
    /// Sums of at most a hundred products of numbers of order 1, through four convolutions.
    private static let tolerance = 1e-12

    static func network(
        _ upsampling: UNetShape.Upsampling, height: Int = 7, width: Int = 5, kernel: Int = 3, strides: (Int, Int) = (2, 2),
        skips: Bool = true,
        activation: Activation = .tanh
    ) -> UNet<Double> {
        let levels: [UNetShape.Level] = [
            .init(channelCount: 3, stride: strides.0, kernelSize: kernel, decoderChannelCount: 2),
            .init(channelCount: 4, stride: strides.1, kernelSize: kernel, decoderChannelCount: 5),
        ]
        var network = UNet<Double>(
            shape: UNetShape(
                raster: Raster(height: height, width: width, channels: 2), levels: levels, upsampling: upsampling, hasSkips: skips,
                activation: activation))
        var generator = SplitMix64(seed: 11)
        Initializer.standard.initialize(&network, using: &generator)
        return network
    }

    static func pictures(_ count: Int, of network: UNet<Double>) -> Matrix<Double> {
        var generator = CounterBasedGenerator(seed: 5)
        return Matrix(
            rowCount: count, columnCount: network.inputDimension, elements: generator.normals(count: count * network.inputDimension))
    }

    @Test func outputsLossAndGradientsAreThoseOfPyTorch() throws {
        for item in try Oracle.cases("unet", as: UNetCase.self) {
            let (network, x) = (item.network, UNetCase.rows(item.x))
            #expect(worstRelativeError(network.outputs(of: x), UNetCase.rows(item.output)) <= Self.tolerance, "\(item.name)")
            var gradients = UNetGradients(network: network, sampleCount: x.rowCount)
            let loss = gradients.evaluate(network, inputs: x, targets: x)
            #expect(abs(loss - item.mse) <= Self.tolerance * item.mse, "\(item.name)")
            for (index, expected) in UNetCase.layers(item.gradients).enumerated() {
                let found = gradients.gradients[index]
                #expect(worstRelativeError(found.weights, expected.weights) <= Self.tolerance, "\(item.name) \(index)")
                // The skip connection's own bias is added where that of its sister is.
                let biases = index == 3 ? item.gradients.b3 : expected.biases
                #expect(worstRelativeError(found.biases, biases) <= Self.tolerance, "\(item.name) \(index)")
            }
        }
    }

    @Test func jacobiansPushedAndPulledAreThoseOfPyTorch() throws {
        for item in try Oracle.cases("unet", as: UNetCase.self) {
            let linearization = item.network.linearized(at: UNetCase.rows(item.x))
            let expected = Matrix(rows: item.jacobian_first)
            #expect(worstRelativeError(linearization.jacobian(at: 0), expected) <= Self.tolerance, "\(item.name)")
            let pulled = linearization.pullBack(rows: .identity(64), at: Array(repeating: 0, count: 64))
            #expect(worstRelativeError(pulled, expected) <= Self.tolerance, "\(item.name)")
        }
    }

    /// Sizes that are no multiples of the strides, strides that differ, and even kernels.
    @Test(arguments: UNetShape.Upsampling.allCases, [(7, 5, 3, 2, 2), (8, 8, 3, 2, 4), (9, 6, 5, 3, 2), (4, 6, 4, 2, 3), (1, 3, 2, 1, 2)])
    func everyConvolutionIsWhatItsDefinitionSays(_ upsampling: UNetShape.Upsampling, _ sizes: (Int, Int, Int, Int, Int)) {
        let network = Self.network(
            upsampling, height: sizes.0, width: sizes.1, kernel: sizes.2, strides: (sizes.3, sizes.4))
        let x = Self.pictures(3, of: network)
        let naive = NaiveUNet(network: network)
        let expected = Matrix(rows: (0..<3).map { naive.output(of: x.row($0)) })
        #expect(worstRelativeError(network.outputs(of: x), expected) <= Self.tolerance)
    }

    /// Central differences with h = 1e-5 of a smooth map: h² ≈ 1e-10 and rounding of 1e-16/h, with slack for the curvature.
    @Test(arguments: UNetShape.Upsampling.allCases)
    func gradientsAreDifferencesOfTheLoss(_ upsampling: UNetShape.Upsampling) {
        var network = Self.network(upsampling)
        let (x, y) = (Self.pictures(3, of: network), Self.pictures(5, of: network).rows(at: 2..<5))
        var gradients = UNetGradients(network: network, sampleCount: 3)
        _ = gradients.evaluate(network, inputs: x, targets: y)
        let found = gradients.gradients
        var generator = CounterBasedGenerator(seed: 3)
        for index in network.layers.indices {
            let layer = network.layers[index]
            let (w, b): ([Double], [Double]) = (
                generator.normals(count: layer.weights.elements.count), generator.normals(count: layer.biases.count)
            )
            func loss(_ step: Double) -> Double {
                network.layers[index] = DenseLayer(
                    weights: layer.weights + step * Matrix(rowCount: layer.outputCount, columnCount: layer.inputCount, elements: w),
                    biases: zip(layer.biases, b).map { $0 + step * $1 })
                return gradients.evaluate(network, inputs: x, targets: y)
            }
            let difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
            network.layers[index] = layer
            let slope =
                zip(found[index].weights.elements, w).reduce(0) { $0 + $1.0 * $1.1 }
                + zip(found[index].biases, b).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(difference - slope) <= 1e-6 * max(abs(slope), 1e-2), "layer \(index): \(difference), \(slope)")
        }
    }

    @Test(arguments: UNetShape.Upsampling.allCases)
    func pullingBackIsTheTransposeOfPushingForward(_ upsampling: UNetShape.Upsampling) {
        var network = Self.network(upsampling, activation: .selu)
        (network.centre, network.scale) = (0.3, 2.5)
        let x = Self.pictures(4, of: network)
        let linearization = network.linearized(at: x)
        let (t, c) = (Self.pictures(6, of: network), Self.pictures(12, of: network).rows(at: 6..<12))
        let points = [3, 0, 0, 2, 1, 3]
        let (pushed, pulled) = (linearization.pushForward(rows: t, at: points), linearization.pullBack(rows: c, at: points))
        for row in 0..<6 {
            let (a, b) = (
                zip(pushed.row(row), c.row(row)).reduce(0) { $0 + $1.0 * $1.1 },
                zip(t.row(row), pulled.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
            )
            #expect(abs(a - b) <= Self.tolerance * 100, "row \(row)")
        }
    }

    /// Threads add the gradients of their shares.
    @Test func aBatchHasTheGradientsOfItsHalves() {
        let network = Self.network(.subpixel)
        let x = Self.pictures(6, of: network)
        var (whole, half) = (UNetGradients(network: network, sampleCount: 6), UNetGradients(network: network, sampleCount: 3))
        let loss = whole.evaluate(network, inputs: x, targets: x)
        var sum = 0.0
        var weights = Matrix<Double>(rowCount: whole.gradients[0].weights.rowCount, columnCount: whole.gradients[0].weights.columnCount)
        for rows in [0..<3, 3..<6] {
            sum += half.evaluate(network, inputs: x.rows(at: rows), targets: x.rows(at: rows)) / 2
            weights = weights + 0.5 * half.gradients[0].weights
        }
        #expect(abs(loss - sum) <= Self.tolerance)
        #expect(worstRelativeError(whole.gradients[0].weights, weights) <= Self.tolerance)
    }

    @Test func theReceptiveFieldIsWhatTheCoarsestUnitsRead() {
        func shape(_ strides: [Int], kernel: Int, side: Int) -> UNetShape {
            UNetShape(
                raster: Raster(height: side, width: side),
                levels: strides.map { .init(channelCount: 1, stride: $0, kernelSize: kernel, decoderChannelCount: 1) },
                upsampling: .nearest, hasSkips: false, activation: .tanh)
        }
        #expect(shape([2, 2], kernel: 3, side: 8).receptiveField == ReceptiveField(height: 7, width: 7, coversPicture: false))
        #expect(shape([2, 2, 2, 2, 2], kernel: 3, side: 32).receptiveField == ReceptiveField(height: 63, width: 63, coversPicture: true))
        // What a unit reads is where its derivative is not 0.
        for (strides, kernel, side) in [([2, 2], 3, 8), ([2, 2, 2], 3, 8), ([4, 2], 5, 8), ([3], 9, 5)] {
            let shape = shape(strides, kernel: kernel, side: side)
            var network = UNet<Double>(shape: shape)
            for index in network.layers.indices {
                network.layers[index].weights = Matrix(
                    rowCount: network.layers[index].outputCount, columnCount: network.layers[index].inputCount, repeating: 0.1)
            }
            // Without skip connections a picture that is nowhere 0 in J came through coarse units that see it all.
            let jacobian = network.linearized(at: Matrix(rowCount: 1, columnCount: side * side)).jacobian(at: 0)
            if shape.receptiveField.coversPicture { #expect(jacobian.elements.allSatisfy { $0 > 0 }, "\(strides)") }
        }
    }

    @Test(arguments: UNetShape.Upsampling.allCases, [true, false])
    func aStoredNetworkIsReadBackEqual(_ upsampling: UNetShape.Upsampling, _ skips: Bool) throws {
        var network = Self.network(upsampling, skips: skips).converted(to: Float.self)
        (network.centre, network.scale) = (0.25, 1.5)
        let found = try UNet<Float>(from: Safetensors(decoding: network.encoded()))
        #expect(found == network)
    }

    @Test func aFileWhoseKernelsDoNotFitIsRefused() throws {
        let network = Self.network(.subpixel).converted(to: Float.self)
        var file = network.safetensors()
        file.metadata["strides"] = "2 3"
        #expect(throws: SafetensorsError.self) { try UNet<Float>(from: file) }
        file.metadata["strides"] = "2 2"
        file.metadata["height"] = "100000"
        #expect(throws: SafetensorsError.unsupported(entry: "height", found: "100000")) { try UNet<Float>(from: file) }
        file.metadata["height"] = "7"
        file.tensors.removeAll { $0.name == "skip.1.bias" }
        #expect(throws: SafetensorsError.self) { try UNet<Float>(from: file) }
    }
}
