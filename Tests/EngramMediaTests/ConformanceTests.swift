import Foundation
import Testing

@testable import EngramMedia

/// Every file of the conformance sets, against the values of other decoders (Fixtures/make_fixtures.py).
@Suite struct ConformanceTests {
    /// Valid files that are refused by name, each for a reason.
    static let refusedByName: [String: String] = [
        "flac/uncommon-01-changing_samplerate.flac": "the rate changes midway: no single window length fits",
        "scipy/test-8000Hz-le-3ch-5S-36bit.wav": "libsndfile reads no 36-bit integers",
        "scipy/test-8000Hz-le-3ch-5S-45bit.wav": "libsndfile reads no 45-bit integers",
        "scipy/test-8000Hz-le-3ch-5S-53bit.wav": "libsndfile reads no 53-bit integers",
        "scipy/test-8000Hz-le-3ch-5S-64bit.wav": "libsndfile reads no 64-bit integers",
    ]

    @Test(arguments: Fixture.table(Fixture.path("png.tsv")))
    func pngDecodesToTheCodesOfAnotherDecoder(row: [String]) throws {
        let image = try PNGDecoder.decode(try Fixture.bytes("PngSuite/" + row[0]), file: row[0], limits: MediaLimits())
        let wide = image.format.bitDepth == 16 ? image.codeBytes : image.codeBytes.flatMap { [0, $0] }
        let found = [image.format.width, image.format.height, image.format.channels, image.format.bitDepth].map(String.init)
        #expect([row[0]] + found + [hexadecimal(crc32(wide))] == row)
        var values: [Float] = []
        image.appendValues(to: &values)
        #expect(values.allSatisfy { (0...1).contains($0) })
    }

    @Test func corruptFilesOfPngSuiteAreRefused() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.path("PngSuite")).filter { $0.hasPrefix("x") }
        #expect(names.count == 14)
        for name in names {
            let error = mediaError { _ = try MediaReader.read(path: Fixture.path("PngSuite/" + name)) }
            #expect(error != nil, "\(name)")
            #expect(error?.isRetryable == false, "\(name): \(String(describing: error))")
        }
    }

    @Test(arguments: Fixture.table(Fixture.path("audio.tsv")))
    func audioDecodesToTheSamplesOfAnotherDecoder(row: [String]) throws {
        let path = Fixture.path("Audio/" + row[0])
        guard FileManager.default.fileExists(atPath: path), Self.refusedByName[row[0]] == nil else { return }
        try expectAudio(row, at: path)
    }

    @Test func corruptAudioIsRefused() throws {
        let corrupt = Fixture.table(Fixture.path("Audio/files.tsv")).filter { $0[7] == "corrupt" }
        let shipped = corrupt.map { $0[0] }.filter { FileManager.default.fileExists(atPath: Fixture.path("Audio/" + $0)) }
        #expect(shipped.count >= 18)
        for name in shipped + Self.refusedByName.keys {
            let path = Fixture.path("Audio/" + name)
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let error = mediaError { _ = try MediaReader.read(path: path) }
            #expect(error?.isRetryable == false, "\(name): \(String(describing: error))")
        }
    }

    @Test(.enabled(if: Fixture.dataFolder != nil, "ENGRAM_DATA names no folder with the complete conformance sets"))
    func completeSetsAreReadOrRefused() throws {
        let data = try #require(Fixture.dataFolder)
        for row in Fixture.table("\(data)/png-conformance/files.tsv") {
            let error = mediaError { _ = try MediaReader.read(path: "\(data)/png-conformance/\(row[0])") }
            #expect((error == nil) == (row[6] == "valid"), "\(row[0]): \(error?.description ?? "read")")
            #expect(error?.isRetryable != true, "\(row[0])")
        }
        let values = Dictionary(uniqueKeysWithValues: Fixture.table(Fixture.path("audio.tsv")).map { ($0[0], $0) })
        for row in Fixture.table("\(data)/audio-conformance/files.tsv") {
            let path = "\(data)/audio-conformance/\(row[0])"
            if row[7] == "valid", Self.refusedByName[row[0]] == nil {
                try expectAudio(try #require(values[row[0]], "\(row[0])"), at: path)
            } else {
                let error = mediaError { _ = try MediaReader.read(path: path) }
                #expect(error?.isRetryable == false, "\(row[0]): \(String(describing: error))")
            }
        }
    }

    /// Integer and float samples agree to the bit; lossy decoders may differ in rounding and at the ends.
    private func expectAudio(_ row: [String], at path: String) throws {
        let error = mediaError { _ = try MediaReader.read(path: path) }
        #expect(error == nil, "\(row[0]): \(error?.description ?? "")")
        guard error == nil else { return }
        let set = try MediaReader.read(path: path)
        guard let format = set.format.audio else {
            Issue.record("\(row[0]) is not audio")
            return
        }
        #expect("\(format.sampleRateHz)" == row[1] && "\(format.channels)" == row[2], "\(row[0])")
        let samples = set.values.prefix(format.totalFrameCount * format.channels)
        if format.subtype.isLossless && format.container != .ogg || [.alaw, .ulaw].contains(format.subtype) {
            #expect("\(format.totalFrameCount)" == row[3], "\(row[0])")
            #expect(crcOfFloats(samples) == row[6], "\(row[0])")
        } else {
            let meanSquare = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
            let expected = try #require(Double(row[5]))
            // Decoders trim 0 to 1 % of a clip differently at its ends; its loudness stays.
            #expect(
                abs(meanSquare.squareRoot() - expected) <= 0.02 * expected + 1e-4, "\(row[0]): \(meanSquare.squareRoot()) for \(expected)")
        }
    }
}
