import EngramMemories
import EngramReports
import EngramSystem
import Foundation
import Synchronization
import Testing

@testable import EngramMedia
@testable import EngramPipeline

@Suite struct InpaintJobTests {
    private func context(
        isCancelled: @escaping @Sendable () -> Bool = { false }, onProgress: @escaping @Sendable (PipelineProgress) -> Void = { _ in },
        clock: @escaping @Sendable () -> Double = { 0 }
    ) -> DropProcessor.Context {
        DropProcessor.Context(
            dropName: "photo.png", threadCount: 1, versions: ["engram": "1"], command: "engram process photo.png --output filled",
            monotonicSeconds: clock, onProgress: onProgress, isCancelled: isCancelled)
    }

    /// A folder with drops and a place for results; gone after the test.
    private final class Place {
        let path = NSTemporaryDirectory() + "engram-inpaint-" + UUID().uuidString
        var output: String { path + "/out" }

        init() throws { try FileManager.default.createDirectory(atPath: path + "/out", withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ format: ImageFormat, _ value: (Int, Int, Int) -> Float) throws {
            var values: [Float] = []
            for row in 0..<format.height {
                for column in 0..<format.width { for channel in 0..<format.channels { values.append(value(row, column, channel)) } }
            }
            let bytes = try PNGEncoder.encode(PNGEncoder.codeBytes(of: values, format: format), format: format, file: name)
            let url = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }

        func image(_ name: String) throws -> DecodedImage {
            try PNGDecoder.decode(Array(Data(contentsOf: URL(fileURLWithPath: output + "/" + name))), file: name, limits: MediaLimits())
        }

        func drop(_ name: String, settings: DropSettings = DropSettings()) -> DropContents {
            DropContents(path: path + "/" + name, name: name, settings: settings)
        }
    }

    private static let gray = ImageFormat(width: 22, height: 18, colorKind: .gray, bitDepth: 8)
    private static func wave(_ row: Int, _ column: Int, _ channel: Int) -> Float {
        0.5 + 0.3 * Float(sin(Double(row) / 5 + Double(channel)) * cos(Double(column) / 4))
    }
    /// White where known: two thirds of the pixels, no neighbouring two of a row missing.
    private static func mask(_ row: Int, _ column: Int, _: Int) -> Float { (row * 7 + column * 4) % 3 == 0 ? 0 : 1 }

    private func quick(_ change: (inout DropSettings) -> Void = { _ in }) -> DropSettings {
        var settings = DropSettings()
        settings.inpaint.levels = .value(2)
        change(&settings)
        return settings
    }

    private func failure(_ place: Place, _ name: String = "photo.png") -> Failure? {
        do {
            let settings = quick()
            _ = try InpaintJob(settings: settings, context: context()).run(place.drop(name, settings: settings), into: place.output)
            return nil
        } catch let failure as Failure {
            return failure
        } catch {
            return nil
        }
    }

    @Test func aPictureIsFilledAndItsKnownPixelsStay() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray) { Self.mask($0, $1, $2) == 1 ? Self.wave($0, $1, $2) : 0 }
        try place.write("photo_mask.png", Self.gray, Self.mask)
        try place.write("photo_GT.png", Self.gray, Self.wave)
        let settings = quick()
        let drop = place.drop("photo.png", settings: settings)
        #expect(try InpaintJob.claims(drop))
        let report = try InpaintJob(settings: settings, context: context()).run(drop, into: place.output)
        let picture = try #require(report.pictures.first)
        let filled = try place.image(picture.files.filled)
        #expect(picture.files.filled == "photo.png" && filled.format == Self.gray)
        var missing = 0
        for row in 0..<18 {
            for column in 0..<22 {
                let (found, expected) = (Double(filled.codeBytes[row * 22 + column]), Double(Self.wave(row, column, 0)) * 255)
                if Self.mask(row, column, 0) == 1 {
                    #expect(found == expected.rounded())
                } else {
                    missing += 1
                    // The wave turns in two dozen pixels: its neighbours tell a pixel to a few levels.
                    #expect(abs(found - expected) < 20, "\(row), \(column)")
                }
            }
        }
        #expect(picture.missing == missing && report.summary.headline == "\(missing) missing pixels filled")
        let quality = try #require(picture.quality)
        #expect(quality.map(\.method) == ["network", "biharmonic", "nearest"])
        #expect((quality[0].psnr ?? 0) > (quality[2].psnr ?? 0))
        for file in [
            picture.files.beforeAfter, picture.files.uncertainty, picture.files.influence, picture.files.nearest,
            try #require(picture.files.biharmonic),
        ] {
            _ = try place.image(file)
        }
        let again = try InpaintReport(json: Data(contentsOf: URL(fileURLWithPath: place.output + "/report.json")))
        #expect(again == report)
        let page = try String(contentsOfFile: place.output + "/report.html", encoding: .utf8)
        #expect(page.contains("every known pixel is as it was") && !page.contains("<script"))
        let weights = try String(contentsOfFile: place.output + "/" + picture.files.weights, encoding: .utf8)
        #expect(weights.hasPrefix("row,column,weight"))
        let written = try String(contentsOfFile: place.output + "/settings.yml", encoding: .utf8)
        #expect(written == settings.yaml)
    }

    @Test func aBaselineThatFailsIsLeftOutWithANote() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray, Self.wave)
        try place.write("photo_mask.png", Self.gray, Self.mask)
        try place.write("photo_GT.png", Self.gray, Self.wave)
        struct Broken: Error {}
        let settings = quick()
        var job = InpaintJob(settings: settings, context: context())
        job.willComputeBaseline = { throw Broken() }
        let report = try job.run(place.drop("photo.png", settings: settings), into: place.output)
        let picture = try #require(report.pictures.first)
        #expect(picture.files.biharmonic == nil && picture.quality?.map(\.method) == ["network", "nearest"])
        #expect(report.notes.contains { $0.contains("biharmonic completion, for comparison only, failed") })
        _ = try place.image(picture.files.filled)
        #expect(!FileManager.default.fileExists(atPath: place.output + "/details/photo/biharmonic.png"))
    }

    @Test func equalKnownPixelsGiveNoUncertainty() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray) { _, _, _ in 0.5 }
        try place.write("photo_mask.png", Self.gray, Self.mask)
        let settings = quick()
        let report = try InpaintJob(settings: settings, context: context())
            .run(place.drop("photo.png", settings: settings), into: place.output)
        let picture = try #require(report.pictures.first)
        #expect(picture.meanDeviation == nil && picture.largestDeviation == nil)
        #expect(report.notes.contains { $0.contains("known pixels are all equal") })
        let again = try InpaintReport(json: Data(contentsOf: URL(fileURLWithPath: place.output + "/report.json")))
        #expect(again == report)
    }

    @Test func aPictureOfAnyNameStaysWhatItIsAndEqualNamesAreRefused() throws {
        let place = try Place()
        try place.write("nearest.png", Self.gray, Self.wave)
        try place.write("nearest_mask.png", Self.gray, Self.mask)
        let settings = quick()
        let report = try InpaintJob(settings: settings, context: context())
            .run(place.drop("nearest.png", settings: settings), into: place.output)
        let files = try #require(report.pictures.first?.files)
        #expect(files.filled == "nearest.png" && files.nearest == "details/nearest/nearest.png")
        #expect(try place.image(files.filled).codeBytes != place.image(files.nearest).codeBytes)
        for ending in ["png", "jpg"] { try place.write("twins/a.\(ending)", Self.gray, Self.wave) }
        try place.write("twins/a_mask.png", Self.gray, Self.mask)
        let refused = failure(place, "twins")
        #expect(refused?.code == "equal-names" && refused?.message.contains("a.png") == true && refused?.message.contains("a.jpg") == true)
    }

    @Test(arguments: [ColorKind.rgb, .rgba, .grayAlpha], [8, 16])
    func everyKindOfPictureKeepsItsFormat(kind: ColorKind, depth: Int) throws {
        let place = try Place()
        let format = ImageFormat(width: 13, height: 11, colorKind: kind, bitDepth: depth)
        // Every fifth pixel is missing: by alpha 0 where there is alpha, else by a mask.
        let isMissing: (Int, Int) -> Bool = { ($0 * 3 + $1) % 5 == 0 }
        let alpha = format.channels > format.colorCount
        try place.write("photo.png", format) { row, column, channel in
            if alpha, channel == format.channels - 1 { return isMissing(row, column) ? 0 : 0.75 }
            return Self.wave(row, column, channel)
        }
        if !alpha {
            try place.write("photo_mask.png", ImageFormat(width: 13, height: 11, colorKind: .gray, bitDepth: 1)) {
                isMissing($0, $1) ? 0 : 1 + 0 * Float($2)
            }
        }
        let settings = quick()
        let drop = place.drop("photo.png", settings: settings)
        #expect(try InpaintJob.claims(drop))
        _ = try InpaintJob(settings: settings, context: context()).run(drop, into: place.output)
        let before = try PNGDecoder.decode(
            Array(Data(contentsOf: URL(fileURLWithPath: place.path + "/photo.png"))), file: "photo.png", limits: MediaLimits())
        let after = try place.image("photo.png")
        #expect(after.format == format)
        let size = format.channels * depth / 8
        for pixel in 0..<13 * 11 {
            let range = pixel * size..<(pixel + 1) * size
            if !isMissing(pixel / 13, pixel % 13) { #expect(after.codeBytes[range] == before.codeBytes[range]) }
            if isMissing(pixel / 13, pixel % 13), alpha { #expect(after.codeBytes[range].last == 255) }
        }
    }

    @Test func aFolderOfPairsAndAFolderOfFramesWithOneMaskAreFilledOneByOne() throws {
        let place = try Place()
        for name in ["a", "b"] {
            try place.write("pairs/\(name).png", Self.gray, Self.wave)
            try place.write("pairs/\(name)_mask.png", Self.gray, Self.mask)
        }
        try place.write("pairs/whole.png", Self.gray, Self.wave)
        for frame in [2, 10] { try place.write("film/f\(frame).png", Self.gray, Self.wave) }
        try place.write("film_mask.png", Self.gray, Self.mask)
        let settings = quick()
        for (name, expected) in [("pairs", ["a.png", "b.png"]), ("film", ["f2.png", "f10.png"])] {
            let drop = place.drop(name, settings: settings)
            #expect(try InpaintJob.claims(drop))
            let report = try InpaintJob(settings: settings, context: context()).run(drop, into: place.output)
            #expect(report.pictures.map(\.files.filled) == expected)
            #expect(report.notes.contains("1 picture has no mask and is left out: whole.png.") == (name == "pairs"))
            for picture in report.pictures {
                _ = try place.image(picture.files.filled)
                #expect(picture.files.beforeAfter.hasPrefix("details/"))
            }
        }
    }

    @Test func thePixelThatIsExplainedCanBeNamed() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray, Self.wave)
        try place.write("photo_mask.png", Self.gray, Self.mask)
        // Row 4, column 4 from 1: (3·7 + 3·4) % 3 is 0, which is missing.
        let report = try InpaintJob(settings: quick { $0.inpaint.explain = .value("4, 4") }, context: context())
            .run(place.drop("photo.png"), into: place.output)
        #expect(report.pictures[0].explainedRow == 3 && report.pictures[0].explainedColumn == 3)
        for (setting, found) in [("4", "\"4\""), ("4,5", "which is known"), ("40,1", "row 40, column 1 of 18 and 22")] {
            do {
                _ = try InpaintJob(settings: quick { $0.inpaint.explain = .value(setting) }, context: context())
                    .run(place.drop("photo.png"), into: place.output)
                Issue.record("\(setting) was taken")
            } catch let failure as Failure {
                #expect(failure.code == "bad-pixel" && failure.message.contains(found))
            }
        }
    }

    @Test func unusableMasksAreToldOf() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray, Self.wave)
        #expect(try !InpaintJob.claims(place.drop("photo.png")))
        try place.write("photo_mask.png", ImageFormat(width: 22, height: 17, colorKind: .gray, bitDepth: 8), Self.mask)
        #expect(failure(place)?.message.contains("expected a mask as large as its picture, 22 x 18 pixels, found 22 x 17") == true)
        try place.write("photo_mask.png", Self.gray) { $0 == 3 && $1 < 5 ? 0.5 : Self.mask($0, $1, $2) }
        #expect(failure(place)?.message.contains("white (known) and black (missing) only, found 5 pixels of other values") == true)
        try place.write("photo_mask.png", Self.gray) { _, _, _ in 0 }
        #expect(failure(place)?.code == "nothing-known")
        try place.write("photo_mask.png", Self.gray) { _, _, _ in 1 }
        #expect(failure(place)?.code == "nothing-missing")
        try place.write("photo_mask.png", Self.gray, Self.mask)
        try place.write("photo_GT.png", ImageFormat(width: 22, height: 18, colorKind: .rgb, bitDepth: 8), Self.wave)
        #expect(failure(place)?.message.contains("photo_GT.png") == true)
        try FileManager.default.createDirectory(atPath: place.path + "/none", withIntermediateDirectories: true)
        #expect(failure(place, "none")?.code == "no-mask")
    }

    @Test func aHoleThatIsTooLargeForTheLevelsIsToldOfAndGetsDeeperByItself() throws {
        let place = try Place()
        let hole: (Int, Int, Int) -> Float = { row, column, _ in (5..<12).contains(row) && (6..<13).contains(column) ? 0 : 1 }
        try place.write("photo.png", Self.gray, Self.wave)
        try place.write("photo_mask.png", Self.gray, hole)
        let shallow = try InpaintJob(settings: quick { $0.inpaint.levels = .value(1) }, context: context())
            .run(place.drop("photo.png"), into: place.output)
        #expect(shallow.notes.contains { $0.contains("largest hole has 7 pixels on a side, more than the 2 that 1 levels bridge") })
        let deep = try InpaintJob(settings: DropSettings(), context: context()).run(place.drop("photo.png"), into: place.output)
        #expect(deep.pictures[0].network.levels >= 3 && deep.notes.contains { $0.contains("so the network has") })
    }

    @Test func memoryIsRefusedCancellationEndsAndProgressNeverFalls() throws {
        let place = try Place()
        try place.write("photo.png", Self.gray, Self.wave)
        try place.write("photo_mask.png", Self.gray, Self.mask)
        var small = InpaintJob(settings: quick(), context: context())
        small.availableMemory = { 1000 }
        do {
            _ = try small.run(place.drop("photo.png"), into: place.output)
            Issue.record("a thousand bytes were enough")
        } catch let failure as Failure {
            #expect(failure.code == "too-large" && failure.message.contains("22 x 18 pixels"))
        }
        #expect(throws: CancellationError.self) {
            _ = try InpaintJob(settings: quick(), context: context(isCancelled: { true })).run(place.drop("photo.png"), into: place.output)
        }
        let ticks = Mutex(0.0)
        let shares = Mutex([Double]())
        let told = context(
            onProgress: { progress in if let share = progress.fraction { shares.withLock { $0.append(share) } } },
            clock: {
                ticks.withLock {
                    $0 += 1
                    return $0
                }
            })
        _ = try InpaintJob(settings: DropSettings(), context: told).run(place.drop("photo.png"), into: place.output)
        let all = shares.withLock { $0 }
        #expect(all.count > 5 && all == all.sorted() && all.allSatisfy { (0...1).contains($0) })
    }
}
