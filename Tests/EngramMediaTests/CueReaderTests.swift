import Foundation
import Testing

@testable import EngramMedia

@Suite struct CueReaderTests {
    private let grey = SampleSet(
        values: [0, 0, 0, 0], count: 1, dimension: 4, names: ["a.png"],
        format: .image(ImageFormat(width: 2, height: 2, colorKind: .gray, bitDepth: 8)), sequences: nil, notes: [])
    private let colour = SampleSet(
        values: Array(repeating: 0, count: 12), count: 1, dimension: 12, names: ["a.png"],
        format: .image(ImageFormat(width: 2, height: 2, colorKind: .rgb, bitDepth: 8)), sequences: nil, notes: [])

    private func png(_ codes: [UInt8], _ kind: ColorKind = .gray, width: Int = 2, height: Int = 2, bits: Int = 8) throws -> [UInt8] {
        try PNGEncoder.encode(codes, format: ImageFormat(width: width, height: height, colorKind: kind, bitDepth: bits), file: "cue.png")
    }

    @Test func aPictureOfTheMemorysKindIsTakenAsItIs() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("cue.png", try png([0, 51, 102, 255]))
        let media = try CueReader.read(path: path, for: grey)
        #expect(media.items.map(\.values) == [[0, 0.2, 0.4, 1]])
        #expect(media.items[0].isKnown == nil && media.items[0].notes == [])
    }

    @Test func greyAndColourAreConvertedAndSaid() throws {
        let folder = try TemporaryFolder()
        let plain = try folder.write("plain.png", try png([0, 51, 102, 255]))
        let made = try CueReader.read(path: plain, for: colour).items[0]
        #expect(made.values == [0, 0, 0, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 1, 1, 1])
        #expect(made.notes == ["plain.png: gray converted to rgb"])
        let red = try folder.write("red.png", try png([255, 0, 0] + Array(repeating: 0, count: 9), .rgb))
        let luma = try CueReader.read(path: red, for: grey).items[0]
        #expect(luma.values[0] == 0.2126 && luma.values[1] == 0)
    }

    @Test func anotherSizeIsRefusedWithBothSizes() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("cue.png", try png([1, 2, 3, 4, 5, 6], width: 3))
        let error = mediaError { _ = try CueReader.read(path: path, for: grey) }
        #expect(
            "\(try #require(error))"
                == "cue.png: size is 3 x 2, the memory's is 2 x 2. Crop or scale it to that size; nothing is resized here.")
    }

    @Test func maskAlphaAndCodeMarkMissingEntries() throws {
        let folder = try TemporaryFolder()
        let cue = try folder.write("cue.png", try png([0, 51, 102, 255]))
        var options = CueReadOptions()
        options.maskPath = try folder.write("cue_mask.png", try png([255, 0, 255, 0]))
        #expect(try CueReader.read(path: cue, for: grey, options: options).items[0].isKnown == [true, false, true, false])
        options.maskPath = nil
        options.missingCode = 0
        #expect(try CueReader.read(path: cue, for: grey, options: options).items[0].isKnown == [false, true, true, true])
        let alpha = try folder.write("alpha.png", try png([9, 0, 9, 255, 9, 1, 9, 0], .grayAlpha))
        #expect(try CueReader.read(path: alpha, for: grey).items[0].isKnown == [false, true, true, false])
        // A mask in colour tells of all channels.
        options.missingCode = nil
        options.maskPath = try folder.write("m.png", try png([0, 255, 255, 255]))
        #expect(try CueReader.read(path: cue, for: colour, options: options).items[0].isKnown?.prefix(4) == [false, false, false, true])
    }

    @Test func aMaskThatHidesAllOrIsOfAnotherSizeIsRefused() throws {
        let folder = try TemporaryFolder()
        let cue = try folder.write("cue.png", try png([0, 51, 102, 255]))
        var options = CueReadOptions()
        options.maskPath = try folder.write("cue_mask.png", try png([0, 0, 0, 0]))
        #expect(mediaError { _ = try CueReader.read(path: cue, for: grey, options: options) }.map { "\($0)".contains("white") } == true)
        options.maskPath = try folder.write("other_mask.png", try png([1, 2, 3], width: 3, height: 1))
        #expect(mediaError { _ = try CueReader.read(path: cue, for: grey, options: options) }.map { "\($0)".contains("3 x 1") } == true)
    }

    @Test func aFolderGivesOneCueForEachPictureAndItsMask() throws {
        let folder = try TemporaryFolder()
        for name in ["b.png", "a.png", "a_mask.png"] { try folder.write("cues/" + name, try png([255, 255, 0, 255])) }
        let media = try CueReader.read(path: folder.path + "/cues", for: grey)
        #expect(media.items.map(\.name) == ["a.png", "b.png"])
        #expect(media.items[0].isKnown == [true, true, false, true] && media.items[1].isKnown == nil)
    }

    @Test func idxItemsMayComeAloneOrMany() throws {
        let folder = try TemporaryFolder()
        let memory = SampleSet(
            values: [0, 0, 0, 0], count: 1, dimension: 4, names: ["x item 0"],
            format: .idx(IDXFormat(fileName: "x", elementType: .ubyte, itemDimensions: [2, 2], isGzipped: false)), sequences: nil, notes: []
        )
        let one = try folder.write("one-idx2-ubyte", idxBytes(type: 8, dimensions: [2, 2], data: [0, 51, 102, 255]))
        #expect(try CueReader.read(path: one, for: memory).items.map(\.values) == [[0, 0.2, 0.4, 1]])
        let two = try folder.write("two-idx3-ubyte", idxBytes(type: 8, dimensions: [2, 2, 2], data: [0, 51, 102, 255, 1, 1, 1, 1]))
        #expect(try CueReader.read(path: two, for: memory).items.count == 2)
        // And a picture of that size.
        let picture = try folder.write("p.png", try png([0, 51, 102, 255]))
        #expect(try CueReader.read(path: picture, for: memory).items.map(\.values) == [[0, 0.2, 0.4, 1]])
        let wrong = try folder.write("wrong-idx3-ubyte", idxBytes(type: 8, dimensions: [1, 3, 2], data: Array(repeating: 0, count: 6)))
        #expect(
            mediaError { _ = try CueReader.read(path: wrong, for: memory) }.map { "\($0)".contains("3 x 2") && "\($0)".contains("2 x 2") }
                == true)
    }

    private let sound = SampleSet(
        values: Array(repeating: 0, count: 100), count: 1, dimension: 100, names: ["w"],
        format: .audio(
            AudioFormat(
                sampleRateHz: 8000, channels: 1, container: .wav, subtype: .pcm16, byteOrder: .containerDefault, windowFrameCount: 100,
                clips: [AudioClip(name: "s.wav", frameCount: 100, samples: 0..<1)])), sequences: [0..<1], notes: [])

    @Test func soundIsResampledToTheMemorysRate() throws {
        let folder = try TemporaryFolder()
        // A sine of 200 Hz at 16 kHz is the same sine at 8 kHz, but for the filter's edges.
        let samples = (0..<3200).map { Int16((sin(Double($0) * 2 * .pi * 200 / 16_000) * 16_000).rounded()) }
        let path = try folder.write("cue.wav", wavBytes(samples, rate: 16_000))
        let clip = try CueReader.read(path: path, for: sound).clips[0]
        #expect(clip.values.count == 1600 && clip.notes == ["cue.wav: 16000 Hz resampled to 8000 Hz"])
        for frame in 200..<1400 {
            #expect(abs(Double(clip.values[frame]) - sin(Double(frame) * 2 * .pi * 200 / 8000) * 16_000 / 32_768) < 1e-3)
        }
    }

    @Test func aCueOfAnotherKindIsRefused() throws {
        let folder = try TemporaryFolder()
        let picture = try folder.write("cue.png", try png([0, 51, 102, 255]))
        #expect(mediaError { _ = try CueReader.read(path: picture, for: sound) }.map { "\($0)".contains("the memory's is sound") } == true)
        let clip = try folder.write("cue.wav", wavBytes([1, 2, 3]))
        #expect(mediaError { _ = try CueReader.read(path: clip, for: grey) }.map { "\($0)".contains("pictures of 2 x 2") } == true)
        let empty = try folder.write("empty.png", [])
        #expect(mediaError { _ = try CueReader.read(path: empty, for: grey) } != nil)
    }
}
