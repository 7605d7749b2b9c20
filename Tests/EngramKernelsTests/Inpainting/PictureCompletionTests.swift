import EngramNumerics
import EngramTestSupport
import Testing

@testable import EngramKernels

@Suite struct PictureCompletionTests {
    private struct Fixture: Decodable {
        let name: String
        let height: Int
        let width: Int
        let picture: [Double]
        let known: [Int]
        let filled: [Double]
        let psnr: Double
        let ssim: Double
    }

    @Test func biharmonicCompletionsAndQualitiesAreThoseOfScikitImage() throws {
        for fixture in try Oracle.cases("inpaint", as: Fixture.self) {
            let picture = KnownPicture(
                values: Matrix(rowCount: fixture.picture.count, columnCount: 1, elements: fixture.picture),
                isKnown: fixture.known.map { $0 == 1 }, height: fixture.height, width: fixture.width)
            let fill = try BiharmonicFill(picture)
            // scikit-image clips what it fills to the range of the known pixels.
            let known = picture.known.map { picture.values[$0, 0] }
            let (low, high) = (known.min() ?? 0, known.max() ?? 0)
            let clipped = fill.values.elements.map { min(max($0, low), high) }
            // Iteration ends at 1e-9 of the right side; the systems have a condition of some thousands.
            #expect(worstRelativeError(clipped, fixture.filled) < 1e-5, "\(fixture.name)")
            let quality = PictureQuality(
                of: Matrix(rowCount: fixture.picture.count, columnCount: 1, elements: fixture.filled), against: picture.values,
                height: fixture.height, width: fixture.width, range: 1)
            #expect(abs(quality.peakSignalToNoise - fixture.psnr) < 1e-9 && abs((quality.structuralSimilarity ?? 0) - fixture.ssim) < 1e-9)
        }
    }

    @Test func aBiharmonicHoleContinuesAPlane() throws {
        let (height, width) = (20, 24)
        let plane = Matrix(
            rowCount: height * width, columnCount: 1,
            elements: (0..<height * width).map { 0.1 + 0.02 * Double($0 / width) - 0.01 * Double($0 % width) })
        let isKnown = (0..<height * width).map { !(6..<15).contains($0 / width) || !(7..<17).contains($0 % width) }
        let picture = KnownPicture(values: plane, isKnown: isKnown, height: height, width: width)
        let fill = try BiharmonicFill(picture)
        #expect(fill.iterationCount == 0 && fill.isConverged)
        #expect(worstRelativeError(fill.values, plane) < 1e-10)
        // Without memory for a band it is iterated.
        let iterated = try BiharmonicFill(picture, byteLimit: 0)
        #expect(iterated.iterationCount > 0)
    }

    @Test(arguments: [3, 4, 5, 6] as [UInt64]) func nearestPixelsAreFoundByLookingAtAll(seed: UInt64) {
        let picture = SamplePicture.known(height: 14, width: 11, share: 0.1, seed: seed)
        let filled = picture.filledByNearest()
        for pixel in picture.missing {
            let distances = picture.known.map { other in
                let (y, x) = (other / 11 - pixel / 11, other % 11 - pixel % 11)
                return y * y + x * x
            }
            let least = distances.min() ?? 0
            let nearest = zip(picture.known, distances).filter { $0.1 == least }.map { picture.values[$0.0, 0] }
            #expect(abs(filled[pixel, 0] - nearest.reduce(0, +) / Double(nearest.count)) < 1e-14)
        }
    }

    @Test func equallyNearPixelsCountAlikeAndTheSearchCanBeEnded() {
        // Four corners around the middle, one of them brighter; a row and a column of one pixel.
        let values = Matrix(rowCount: 9, columnCount: 1, elements: [1, 0, 0, 0, 0, 0, 0, 0, 0])
        let corners = KnownPicture(values: values, isKnown: (0..<9).map { [0, 2, 6, 8].contains($0) }, height: 3, width: 3)
        #expect(corners.filledByNearest().elements == [1, 0.5, 0, 0.5, 0.25, 0, 0, 0, 0])
        for (height, width) in [(1, 9), (9, 1)] {
            let line = KnownPicture(values: values, isKnown: (0..<9).map { $0 == 0 || $0 == 4 }, height: height, width: width)
            #expect(line.filledByNearest().elements == [1, 1, 0.5, 0, 0, 0, 0, 0, 0])
        }
        struct Stop: Error {}
        #expect(throws: Stop.self) { _ = try corners.filledByNearest { throw Stop() } }
    }

    @Test func aHoleSaysHowManyLevelsItNeeds() {
        for (side, levels) in [(1, 1), (2, 1), (3, 2), (6, 2), (7, 3), (31, 5)] {
            let extent = side + 8
            let isKnown = (0..<extent * extent).map { !(4..<4 + side).contains($0 / extent) || !(4..<4 + side).contains($0 % extent) }
            let holes = PictureHoles(
                KnownPicture(values: Matrix(rowCount: extent * extent, columnCount: 1), isKnown: isKnown, height: extent, width: extent))
            #expect(holes.largestSide == side && holes.levelsNeeded == levels)
        }
    }

    @Test func aHoleAtTheBorderIsAsLargeAsItIsAndAsFarFromItsRimAsALargerOne() {
        // The left three of eight columns are missing.
        let holes = PictureHoles(
            KnownPicture(
                values: Matrix(rowCount: 48, columnCount: 1), isKnown: (0..<48).map { $0 % 8 >= 3 }, height: 6, width: 8))
        #expect(holes.largestSide == 3 && holes.largestDistance == 3 && holes.bridgedSide == 5 && holes.levelsNeeded == 2)
        let none = PictureHoles(
            KnownPicture(values: Matrix(rowCount: 4, columnCount: 1), isKnown: [true, true, true, true], height: 2, width: 2))
        #expect(none.largestSide == 0 && none.bridgedSide == 0 && none.levelsNeeded == 0)
    }

    @Test func completionsKeepKnownPixelsAndPredictTheOthers() throws {
        let picture = SamplePicture.known(height: 32, width: 28, channels: 3)
        let completion = try PictureCompletion(of: picture, holes: PictureHoles(picture))
        for pixel in picture.known {
            for channel in 0..<3 { #expect(completion.values[pixel, channel] == picture.values[pixel, channel]) }
        }
        // Far better than the mean of the picture, whose deviation is that of the wave.
        let error = picture.missing.reduce(0) { $0 + abs(completion.values[$1, 0] - picture.values[$1, 0]) } / Double(picture.missing.count)
        let mean = picture.values.columnMeans()[0]
        let spread = picture.missing.reduce(0) { $0 + abs(mean - picture.values[$1, 0]) } / Double(picture.missing.count)
        #expect(error < spread / 2)
        let errors = completion.candidates.compactMap(\.heldOutError)
        #expect(errors.count == completion.candidates.count)
        // The best few on single pixels are compared by whole solves, and the best of those, or the mean of two, fills the picture.
        let solved = completion.candidates.compactMap(\.solvedError)
        #expect(solved.count != 1 && solved.count <= NetworkChoice.finalistCount)
        if completion.partner == nil {
            #expect(solved.isEmpty ? completion.choice.heldOutError == errors.min() : completion.choice.solvedError == solved.min())
        }
        #expect(abs(completion.influence.reduce(0, +) - 1) < 1e-6)
        #expect(picture.missing.allSatisfy { completion.influence[$0] == 0 && completion.deviations[$0, 0] > 0 })
        #expect(picture.known.allSatisfy { completion.deviations[$0, 0] == 0 })
    }

    @Test func equalSeedsGiveEqualBytesAndStepsCanStopIt() throws {
        let picture = SamplePicture.known(height: 20, width: 20)
        let first = try PictureCompletion(of: picture, holes: PictureHoles(picture))
        let second = try PictureCompletion(of: picture, holes: PictureHoles(picture))
        #expect(first.values == second.values && first.deviations == second.deviations && first.choice == second.choice)
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            _ = try PictureCompletion(of: picture, holes: PictureHoles(picture)) { if case .solving = $0 { throw Stop() } }
        }
    }

    /// The mean of two networks' values, deviations and weights; a pixel may be named.
    @Test func aPictureMayBeTheMeanOfTwoNetworks() throws {
        let picture = SamplePicture.known(height: 40, width: 40, share: 0.6, seed: 3)
        let holes = PictureHoles(picture)
        let known = picture.values.rows(at: picture.known)
        let candidates = [
            NetworkChoice.Candidate(levels: 2, upsampling: .nearest, smoothing: 1),
            NetworkChoice.Candidate(levels: 2, upsampling: .bilinear, smoothing: 0),
        ].map { candidate in
            var tried = candidate
            (tried.relativeRidge, tried.heldOutError) = (1e-3, 0.1)
            return tried
        }
        let final = try NetworkFinal(of: candidates, for: picture, padding: .open, seed: 1) { _ in }
        #expect(final.candidates.allSatisfy { ($0.solvedError ?? 0) > 0 } && final.best != nil)
        // Both networks find the same picture, so that hardly any mean is far from either.
        for candidate in final.candidates {
            let kernel = PictureKernel(try ConvolutionalKernel(candidate.network()), height: 40, width: 40, known: picture.known)
            let fit = try PictureSystem(kernel, ridge: 1e-3 * kernel.value(0, 0)).fit(known)
            #expect((candidate.solvedError ?? 1) < 0.2 && fit.prediction.firstNonFiniteEntry == nil)
        }
        var settings = PictureCompletion.Settings()
        settings.explained = picture.missing[7]
        let completion = try PictureCompletion(of: picture, holes: holes, settings: settings)
        #expect(completion.explained == picture.missing[7] && abs(completion.influence.reduce(0, +) - 1) < 1e-6)
    }

    /// Scattered pixels of a large picture: the middle says enough.
    @Test func theMiddleOfAPictureIsCutOut() {
        let picture = SamplePicture.known(height: 9, width: 20)
        let middle = picture.middle(side: 8)
        #expect(middle.height == 8 && middle.width == 8)
        #expect(middle.isKnown(0) == picture.isKnown(6) && middle.values[9, 0] == picture.values[20 + 7, 0])
        #expect(picture.middle(side: 20).known == picture.known)
    }

    /// A picture of two halves of which one is missing: no held-out pixel has a known one within a deep network's gap, and none is left out
    /// of the error for it.
    @Test func pixelsThatNothingIsSaidOfCountInTheChoice() throws {
        let picture = KnownPicture(
            values: SamplePicture.wave(height: 6, width: 40), isKnown: (0..<240).map { $0 % 40 < 3 }, height: 6, width: 40)
        let candidates = NetworkChoice.candidates(for: PictureHoles(picture), levels: 1)
        let choice = try NetworkChoice(of: candidates, for: picture, holes: PictureHoles(picture), seed: 1)
        #expect(choice.candidates.allSatisfy { $0.heldOutError != nil })
    }

    @Test func depthsBeginWithWhatTheHolesNeed() {
        // Holes of three pixels on a side need two levels.
        let isKnown = (0..<400).map { !(4..<7).contains($0 / 20) || !(4..<7).contains($0 % 20) }
        let holes = PictureHoles(KnownPicture(values: Matrix(rowCount: 400, columnCount: 1), isKnown: isKnown, height: 20, width: 20))
        #expect(holes.levelsNeeded == 2 && NetworkChoice.candidates(for: holes).map(\.levels).min() == 2)
    }

    /// The blocked factorization against LAPACK's of the whole matrix, for bands narrower and wider than a block.
    @Test(arguments: [(1, 0), (5, 1), (40, 7), (200, 63), (200, 64), (300, 100), (130, 129)])
    func bandedSystemsAreSolved(count: Int, bandwidth: Int) throws {
        var generator = SplitMix64(seed: UInt64(count + bandwidth))
        var (dense, band) = (Matrix<Double>(rowCount: count, columnCount: count), BandedSystem(count: count, bandwidth: bandwidth))
        for row in 0..<count {
            for column in max(0, row - bandwidth)...row {
                let value = row == column ? Double(2 * bandwidth + 3) : generator.nextUniform() - 0.5
                band.set(row, column, to: value)
                (dense[row, column], dense[column, row]) = (value, value)
            }
        }
        let right = Matrix(rowCount: count, columnCount: 2, elements: (0..<2 * count).map { _ in generator.nextNormal() })
        // Diagonally dominant, so that the condition is below some dozens.
        #expect(worstRelativeError(try band.solve(right), try dense.choleskySolve(right)) < 1e-12)
        struct Stop: Error {}
        #expect(throws: Stop.self) { _ = try band.solve(right) { if $0 > 0 || count < 65 { throw Stop() } } }
        var bad = BandedSystem(count: 3, bandwidth: 1)
        for index in 0..<3 { bad.set(index, index, to: index == 2 ? -1 : 1) }
        #expect(throws: NumericsError.self) { _ = try bad.solve(Matrix(rowCount: 3, columnCount: 1)) }
    }

    @Test func givenLevelsAndRidgesAreKeptAndTooLittleMemoryIsRefused() throws {
        let picture = SamplePicture.known(height: 20, width: 20)
        var settings = PictureCompletion.Settings()
        (settings.levels, settings.relativeRidge) = (1, 1e-3)
        let completion = try PictureCompletion(of: picture, holes: PictureHoles(picture), settings: settings)
        #expect(completion.candidates.allSatisfy { $0.levels == 1 && $0.relativeRidge == 1e-3 })
        settings.byteLimit = 1000
        #expect(throws: KernelSolverError.self) {
            _ = try PictureCompletion(of: picture, holes: PictureHoles(picture), settings: settings)
        }
    }

    @Test func whereDeepNetworksDoNotFitTheDeepestThatDoesIsTaken() throws {
        let (side, hole) = (24, 4..<19)
        let known = SamplePicture.known(height: side, width: side)
        let picture = KnownPicture(
            values: known.values, isKnown: (0..<side * side).map { !hole.contains($0 / side) || !hole.contains($0 % side) }, height: side,
            width: side)
        let holes = PictureHoles(picture)
        #expect(holes.levelsNeeded == 4)
        var settings = PictureCompletion.Settings()
        settings.byteLimit = PictureKernel.byteCount(
            of: try .hourglass(levels: 3), height: side, width: side, padding: .open, rightCount: 3)
        let completion = try PictureCompletion(of: picture, holes: holes, settings: settings)
        #expect(completion.choice.levels == 3)
    }

    @Test func theFourierMatricesOfALongPictureAreCounted() throws {
        let network = try ConvolutionalNetwork.hourglass(levels: 1)
        let long = PictureKernel.byteCount(of: network, height: 1, width: 16_384, padding: .open, rightCount: 3)
        // 8193 blocks across: 8193² · 64 bytes.
        #expect(long > 4.2e9)
    }

    @Test func deepKernelsAreConvergedToInFewSteps() throws {
        // Without the sparse factor, hundreds of steps leave a hundredth at four levels.
        let picture = SamplePicture.known(height: 64, width: 64)
        let kernel = PictureKernel(try ConvolutionalKernel(.hourglass(levels: 4)), height: 64, width: 64, known: picture.known)
        let system = PictureSystem(kernel, ridge: 1e-4 * kernel.value(0, 0))
        let fit = try system.fit(picture.values.rows(at: picture.known), settings: .init(directLimit: 0))
        #expect(fit.largestResidual <= 1e-5 && fit.iterationCount < 40)
    }
}
