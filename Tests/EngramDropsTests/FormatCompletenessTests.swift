import EngramDrops
import Testing

@Suite struct FormatCompletenessTests {
    private func check(_ bytes: [UInt8], _ name: String = "x") -> FormatCompleteness {
        FormatCompleteness.check(name: name, byteCount: Int64(bytes.count), head: Array(bytes.prefix(64)), tail: Array(bytes.suffix(12)))
    }

    private func isIncomplete(_ found: FormatCompleteness) -> Bool {
        if case .incomplete = found { return true }
        return false
    }

    /// Each of these is whole by its format's own definition, and no part of it is.
    @Test(
        arguments: [
            Sample.png, Sample.wav(dataByteCount: 40), Sample.idx([3, 2, 5], dataByteCount: 30),
            // gzip -n of "hello\n", made by gzip 1.12.
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0],
            Array("FORM".utf8) + [0, 0, 0, 12] + Array("AIFF".utf8) + Array(repeating: 0, count: 8),
        ] as [[UInt8]])
    func theWholeFileIsCompleteAndEveryLongPrefixIsNot(file: [UInt8]) {
        #expect(check(file) == .complete)
        for count in 28..<max(28, file.count) where count < file.count {
            #expect(isIncomplete(check(Array(file.prefix(count)))), "\(count) of \(file.count) bytes")
        }
    }

    @Test func bytesAfterTheEndAreNoticed() {
        #expect(isIncomplete(check(Sample.png + [0])))
        #expect(isIncomplete(check(Sample.wav(dataByteCount: 10) + [0])))
        #expect(isIncomplete(check(Sample.idx([2, 2], dataByteCount: 5))))
    }

    @Test func aHeaderThatPromisesMoreThanMemoryHoldsIsIncompleteAndNoTrap() {
        #expect(isIncomplete(check([0, 0, 0x0e, 4] + Array(repeating: 0xff, count: 16))))
        #expect(isIncomplete(check(Array("RF64".utf8) + Array(repeating: 0xff, count: 60))))
    }

    @Test func aFileWhoseNameAndBytesDisagreeIsIncomplete() {
        #expect(isIncomplete(check([1, 2, 3], "a.PNG")))
        #expect(isIncomplete(check([1, 2, 3], "a.wav")))
        #expect(isIncomplete(check([1, 2, 3], "a.gz")))
    }

    @Test func formatsThatDoNotSayWhereTheyEndAreUnknown() {
        #expect(check(Array("fLaC".utf8) + [0, 0, 0], "a.flac") == .unknown)
        #expect(check(Array("OggS".utf8), "a.ogg") == .unknown)
    }

    @Test func anEmptyFileIsIncomplete() throws {
        let scratch = Scratch()
        let path = try scratch.write("", "empty.png")
        #expect(isIncomplete(try FormatCompleteness.check(path, name: "empty.png", byteCount: 0, files: FileSystem())))
    }
}
