import EngramNumerics
import EngramTestSupport
import Testing

@testable import EngramKernels

/// Pictures for tests.
enum SamplePicture {
    /// A smooth wave with a little noise in [0, 1].
    static func wave(height: Int, width: Int, channels: Int = 1, seed: UInt64 = 1) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        var result = Matrix<Double>(rowCount: height * width, columnCount: channels)
        for pixel in 0..<height * width {
            let (row, column) = (Double(pixel / width), Double(pixel % width))
            for channel in 0..<channels {
                let phase = Double(channel)
                let noise = Double(generator.next() >> 11) * 0x1p-53
                result[pixel, channel] =
                    0.5 + 0.2 * (row / 4 + phase - (row / 4 + phase).rounded()) + 0.02 * column / Double(width) + 0.02 * noise
            }
        }
        return result
    }

    static func mask(height: Int, width: Int, share: Double, seed: UInt64) -> [Bool] {
        var generator = SplitMix64(seed: seed)
        return (0..<height * width).map { _ in Double(generator.next() >> 11) * 0x1p-53 < share }
    }

    static func known(height: Int, width: Int, channels: Int = 1, share: Double = 0.5, seed: UInt64 = 7) -> KnownPicture {
        KnownPicture(
            values: wave(height: height, width: width, channels: channels),
            isKnown: mask(height: height, width: width, share: share, seed: seed),
            height: height, width: width)
    }
}

@Suite struct PictureKernelTests {
    /// Networks with and without a doubling before the last convolution, and so with both kinds of products.
    private static let networks: [(Int, ConvolutionalLayer.Upsampling, Int)] = [
        (0, .nearest, 0), (1, .nearest, 0), (2, .nearest, 0), (1, .nearest, 1), (2, .nearest, 1), (1, .bilinear, 0), (2, .bilinear, 2),
    ]

    private func kernel(_ network: (Int, ConvolutionalLayer.Upsampling, Int), side: Int? = nil) throws -> ConvolutionalKernel {
        try ConvolutionalKernel(.hourglass(levels: network.0, upsampling: network.1, smoothing: network.2), side: side)
    }

    @Test(arguments: networks.indices, PicturePadding.allCases)
    func productsAreThoseOfTheEntries(index: Int, padding: PicturePadding) throws {
        // A picture of odd sides, wide enough that opposite borders do not see each other where they should not.
        let (height, width) = (padding == .circular ? 24 : 13, padding == .circular ? 32 : 18)
        let picture = SamplePicture.known(height: height, width: width)
        let kernel = PictureKernel(
            try kernel(Self.networks[index]), height: height, width: width, padding: padding, known: picture.known)
        let matrix = try kernel.matrix()
        #expect(worstRelativeError(matrix.transposed(), matrix) < 1e-13)
        let right = SamplePicture.wave(height: kernel.count, width: 1, channels: 3, seed: 5).map { $0 - 0.5 }
        // Sums of a few hundred terms in another order: 1e-13 of the largest, and slack 10.
        #expect(worstRelativeError(try kernel.product(with: right, onTiles: {}), matrix * right) < 1e-12)
    }

    /// On a circle shorter than twice the reach the kernel meets itself: entries and products count the same turns.
    @Test(arguments: networks.indices.filter { networks[$0].0 > 0 }, [(8, 8), (4, 16), (8, 40)])
    func smallCirclesHaveOneKernel(index: Int, size: (Int, Int)) throws {
        let picture = SamplePicture.known(height: size.0, width: size.1)
        let kernel = PictureKernel(
            try kernel(Self.networks[index]), height: size.0, width: size.1, padding: .circular, known: picture.known)
        let matrix = try kernel.matrix()
        #expect(worstRelativeError(matrix.transposed(), matrix) < 1e-13)
        let right = SamplePicture.wave(height: kernel.count, width: 1, channels: 2, seed: 5).map { $0 - 0.5 }
        #expect(worstRelativeError(try kernel.product(with: right, onTiles: {}), matrix * right) < 1e-12)
    }

    /// Near a border, where no ring is whole, a search ends with the picture and finds what looking at all pixels does.
    @Test func neighboursOfBorderPixelsAreFound() {
        let picture = SamplePicture.known(height: 12, width: 15, share: 0.4)
        let order = PixelOrder(known: picture.known, height: 12, width: 15)
        for pixel in [0, 7, 14, 90, 104, 165, 179] {
            let found = order.neighbours(of: pixel, count: 16, radius: 40, sectors: 8)
            let all = order.neighbours(of: pixel, count: 1000, radius: 40)
            #expect(!found.isEmpty && found.allSatisfy(all.contains) && !found.contains(pixel))
            // The nearest of all is in some sector, and the first there.
            #expect(found.first == all.first)
        }
    }

    @Test func aCircularKernelIsTheDenseOneLessAConstant() throws {
        let network = try ConvolutionalNetwork.hourglass(levels: 1)
        let side = 8
        let dense = try DenseConvolutionalKernel(
            network, prior: DenseConvolutionalKernel.matrix(of: .uniform, side: side), side: side)
        let kernel = PictureKernel(
            try ConvolutionalKernel(network, side: side), height: side, width: side, padding: .circular, known: Array(0..<side * side))
        let constant = dense.matrix.elements.min() ?? 0
        #expect(worstRelativeError(try kernel.matrix(), dense.matrix.map { $0 - constant }) < 1e-12)
    }

    @Test func mirroredPixelsCountAsTheirOwn() throws {
        // In a picture that is its own mirror image, the kernel on the mirrored picture is a part of that on the circle of twice the size.
        let base = try kernel((1, .nearest, 0))
        let (height, width) = (4, 6)
        let mirrored = PictureKernel(base, height: height, width: width, padding: .mirrored, known: Array(0..<height * width))
        let circle = PictureKernel(
            base, height: 2 * height, width: 2 * width, padding: .circular, known: Array(0..<4 * height * width))
        let entry: (Int, Int) -> Double = { first, second in
            let (r, c) = (second / width, second % width)
            var sum = 0.0
            for row in [r, 2 * height - 1 - r] {
                for column in [c, 2 * width - 1 - c] {
                    sum += circle.value(first / width * 2 * width + first % width, row * 2 * width + column)
                }
            }
            return sum
        }
        for i in 0..<height * width {
            for j in 0..<height * width { #expect(abs(mirrored.value(i, j) - entry(i, j)) < 1e-15) }
        }
    }
}

@Suite struct PictureSystemTests {
    private func system(padding: PicturePadding = .open, ridge: Double = 1e-3) throws -> (PictureSystem, KnownPicture) {
        let picture = SamplePicture.known(height: 30, width: 26, channels: 2)
        let kernel = PictureKernel(
            try ConvolutionalKernel(.hourglass(levels: 2)), height: 30, width: 26, padding: padding, known: picture.known)
        return (PictureSystem(kernel, ridge: ridge * kernel.value(0, 0)), picture)
    }

    @Test(arguments: PicturePadding.allCases.filter { $0 != .circular })
    func iterationAndFactorizationAgree(padding: PicturePadding) throws {
        let (system, picture) = try system(padding: padding)
        let y = picture.values.rows(at: picture.known)
        let explained = picture.missing[40]
        let direct = try system.fit(y, explaining: [explained])
        let iterated = try system.fit(y, explaining: [explained], settings: .init(tolerance: 1e-11, directLimit: 0))
        #expect(direct.iterationCount == 0 && iterated.iterationCount > 0 && iterated.iterationCount < 40)
        #expect(worstRelativeError(iterated.prediction, direct.prediction) < 1e-8)
        #expect(worstRelativeError(iterated.weights, direct.weights) < 1e-7)
        #expect(worstRelativeError(iterated.scales, direct.scales) < 1e-8)
        // The weights of a pixel give its prediction, and sum to 1.
        let byWeights = iterated.weights.multiplied(by: y, transposingSelf: true)
        #expect(worstRelativeError(byWeights.row(0), iterated.prediction.row(explained)) < 1e-8)
        #expect(abs(iterated.weights.elements.reduce(0, +) - 1) < 1e-9)
    }

    @Test func aConstantIsReproduced() throws {
        let (system, picture) = try system()
        let y = Matrix<Double>(rowCount: picture.known.count, columnCount: 1, repeating: 0.3)
        let fit = try system.fit(y)
        #expect(fit.prediction.elements.allSatisfy { abs($0 - 0.3) < 1e-12 })
        #expect(fit.scales == [0])
    }

    @Test func localDeviationsAreNeverBelowTheExactOnes() throws {
        let (system, picture) = try system()
        let kernel = system.kernel
        let cholesky = try KernelCholesky(kernel.matrix(), ridge: system.ridge)
        let ones = try cholesky.solve(Matrix(rowCount: kernel.count, columnCount: 1, repeating: 1)).elements
        let total = ones.reduce(0, +)
        let pixels = Array(picture.missing.prefix(60))
        let local = try system.deviations(at: pixels)
        var ratios: [Double] = []
        for (pixel, deviation) in zip(pixels, local) {
            let cross = kernel.known.map { kernel.value($0, pixel) }
            let solved = try cholesky.solve(Matrix(rowCount: kernel.count, columnCount: 1, elements: cross)).elements
            let explained = zip(cross, solved).reduce(0) { $0 + $1.0 * $1.1 }
            let rest = 1 - solved.reduce(0, +)
            let exact = (kernel.value(pixel, pixel) + system.ridge - explained + rest * rest / total).squareRoot()
            #expect(deviation > exact * (1 - 1e-9))
            ratios.append(deviation / exact)
        }
        // And near them: 32 neighbours of 390 leave a few percent.
        #expect(ratios.reduce(0, +) / Double(ratios.count) < 1.05)
    }
}
