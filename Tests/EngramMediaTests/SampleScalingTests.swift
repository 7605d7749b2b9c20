import Testing

@testable import EngramMedia

/// Samples that use little of their medium's range, and one that uses all of it for itself.
@Suite struct SampleScalingTests {
    private func read(_ bytes: [UInt8], _ name: String, _ scaling: ScalingChoice = .automatic) throws -> SampleSet {
        let folder = try TemporaryFolder()
        var options = MediaReadOptions()
        options.scaling = scaling
        return try MediaReader.read(path: try folder.write(name, bytes), options: options)
    }

    private static func picture(_ codes: [UInt16]) throws -> [UInt8] {
        try PNGEncoder.encode(
            codes.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] },
            format: ImageFormat(width: codes.count, height: 1, colorKind: .gray, bitDepth: 16), file: "a")
    }

    @Test func codesOfASmallRangeAreStretchedAndComeBack() throws {
        let bytes = try Self.picture([1000, 1001, 1050, 1100])
        let set = try read(bytes, "a.png")
        // 1001/65535 is a float, rounded to 6e-8 of itself; stretched 655 times that is 6e-7.
        func isNear(_ values: [Float], _ wanted: [Float]) -> Bool {
            zip(values, wanted).allSatisfy { abs($0 - $1) < 1e-6 * max(1, abs($1)) }
        }
        #expect(isNear(set.values, [0, 0.01, 0.5, 1]), "\(set.values)")
        #expect(set.notes.contains("the samples use the codes 1000 to 1100 of 0 to 65535: noise, cues and criteria are scaled to those"))
        #expect(try set.codes(of: set.values) == [1000, 1001, 1050, 1100])
        #expect(set.areCodes(of: [0.001, 0.011, 0.496, 0.999], [1000, 1001, 1050, 1100]))
        #expect(!set.areCodes(of: [0.001, 0.016, 0.496, 0.999], [1000, 1001, 1050, 1100]))
        #expect(try MediaWriter.files(values: set.values, like: set)[0].bytes == bytes)
        // The scale of a memory is kept, whatever came back; a cue is brought to it.
        let scaling = try #require(set.scaling)
        #expect(isNear(try read(try Self.picture([1000, 1001, 1050, 1050]), "b.png", .given(scaling)).values, [0, 0.01, 0.5, 0.5]))
        let folder = try TemporaryFolder()
        let cue = try CueReader.read(path: try folder.write("c.png", try Self.picture([1000, 1100, 1100, 0])), for: set)
        #expect(isNear(cue.items[0].values, [0, 1, 1, -10]))
    }

    @Test func ordinarySamplesKeepTheRangeOfTheirMedium() throws {
        for codes in [[0, 65535, 3, 9], [20000, 40000, 1, 2], [5, 5, 5, 5]] as [[UInt16]] {
            #expect(try read(try Self.picture(codes), "a.png").scaling == nil)
        }
        #expect(try read(wavBytes([0, 2048, -2048]), "a.wav").scaling == nil)
        #expect(try read(wavBytes([0, 2000, -1024]), "a.wav").scaling == SampleScaling(offset: 0, factor: 0.0625))
        // Asked for nothing, as by a program that reads values itself.
        #expect(try read(try Self.picture([1, 2, 3, 4]), "a.png", .none).scaling == nil)
    }

    @Test func wholeNumbersAndFloatsOfAnySizeComeBackBitForBit() throws {
        func big(_ bits: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) } }
        let counts = idxBytes(type: 0x0C, dimensions: [2, 2], data: [0, 3, 77, 255].flatMap(big))
        let whole = try read(counts, "a.idx")
        #expect(whole.values.min() == -1 && whole.values.max() == 1)
        #expect(try MediaWriter.files(values: whole.values, like: whole)[0].bytes == counts)
        for numbers in [[1e-6, 2e-7, 0, 9e-7], [1e30, -3e29, 2, 0], [300.1, 300.2, 300.15, 300.125], [0x1p-140, 0x1p-142, 0, 0x1p-139]]
            as [[Float]]
        {
            let bytes = idxBytes(type: 0x0D, dimensions: [2, 2], data: numbers.flatMap { big($0.bitPattern) })
            let set = try read(bytes, "a.idx")
            #expect(set.values.allSatisfy { abs($0) <= 1 } && set.scaling != nil && !set.isRounded, "\(numbers): \(set.values)")
            #expect(try MediaWriter.files(values: set.values, like: set)[0].bytes == bytes, "\(numbers)")
        }
    }

    @Test func whatRanOffStaysAFiniteNumberOfTheMedium() {
        let largest = Float.greatestFiniteMagnitude
        let values = SampleScaling(offset: 1, factor: 1e30).medium(of: [1e30, -1e30, 0, .nan, .infinity])
        #expect(Array(values.prefix(3)) == [largest, -largest, 1])
        // What is no number stays none.
        #expect(values[3].isNaN && values[4] == .infinity)
    }

    @Test func oneItemFarBrighterThanTheRestIsSaid() throws {
        func big(_ value: Float) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
        let numbers: [Float] = [0.1, 0.9, 0.2, 0.8, 9000, 1, 0.7, 0.3]
        let set = try read(idxBytes(type: 0x0D, dimensions: [4, 2], data: numbers.flatMap(big)), "a.idx")
        #expect(
            set.notes.contains { $0.hasPrefix("'a.idx item 2' reaches 10000 times as far from zero as half of the others: what tells") })
        #expect(try read(idxBytes(type: 0x0D, dimensions: [2, 2], data: numbers.prefix(4).flatMap(big)), "a.idx").notes.isEmpty)
    }
}
