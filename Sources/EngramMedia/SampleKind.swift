/// A kind of samples: how they are stored as codes, lie in space or time, and are told and shown to people.
package protocol SampleKind: Equatable, Sendable {
    /// The rule from values to integer codes; nil where floats are stored.
    var quantizer: Quantizer? { get }
    /// What values it can have.
    var codeRange: CodeRange { get }
    /// What kind of media it is, in words.
    var kindName: String { get }
    /// The size in which one sample is shown; nil where it is no picture.
    var previewFormat: ImageFormat? { get }
    /// Values shown as black and as white; nil for those of the set.
    var displayRange: ClosedRange<Float>? { get }
    /// The shape of one item as IDX would have it; empty for what runs in time.
    var itemSizes: [Int] { get }
    /// How the entries of a sample lie.
    var grid: SampleGrid { get }
    /// What reports say of it.
    var facts: SampleFacts { get }
    /// The beginning of a written file of such samples as people read it; nil for what is not read.
    func excerpt(of file: MediaFile) -> String?
    /// How a refusal for want of memory advises to make a set smaller; nil for the general advice.
    var sizeAdvice: String? { get }
    /// Whether a sample is a single token, which says something in its order alone.
    var isToken: Bool { get }
    /// Where a cue of several samples differs from what is stored up to a sample, in plain sentences.
    /// - Parameters:
    ///   - reading: The cue.
    ///   - sample: What its last sample was found to stand for.
    ///   - set: What is stored.
    func corrections(of reading: [CueMedia.Reading], endingAt sample: Int, in set: SampleSet) -> [String]
    /// The file that a sample stands in and how it is shown, where it is a token; nil elsewhere.
    func place(_ sample: Int, in set: SampleSet) -> (file: String, token: String)?
}

extension SampleKind {
    /// It is not read.
    package func excerpt(of file: MediaFile) -> String? { nil }

    /// The general one.
    package var sizeAdvice: String? { nil }

    /// It says something for itself.
    package var isToken: Bool { false }

    /// None is known.
    package func corrections(of reading: [CueMedia.Reading], endingAt sample: Int, in set: SampleSet) -> [String] { [] }

    /// It is no token.
    package func place(_ sample: Int, in set: SampleSet) -> (file: String, token: String)? { nil }

    /// The range of values of the medium: [0, 1] or [-1, 1] by its codes, that of the samples where there is none.
    package func valueRange(of values: [Float]) -> ClosedRange<Double> {
        switch codeRange {
        case .unit: return 0...1
        case .signedUnit, .wave: return -1...1
        case .unbounded:
            let least = values.min() ?? 0
            return Double(least)...Double(max(values.max() ?? 1, least.nextUp))
        }
    }
}

/// The entries of a sample as rows of pixels, or of one row along time; row-major, channels interleaved.
package struct SampleGrid: Equatable, Sendable {
    /// Rows.
    package var height: Int
    /// Pixels in a row, or frames.
    package var width: Int
    /// Values of one pixel or frame.
    package var channels = 1
}

/// What a report says of a kind of samples. What a kind does not have is nil.
package struct SampleFacts: Equatable, Sendable {
    /// One word, which stands in `report.json`.
    package var typeName: String
    /// Pixels in a row.
    package var width: Int?
    /// Rows.
    package var height: Int?
    /// Values of one pixel or frame.
    package var channels: Int?
    /// Bits of a code.
    package var bitDepth: Int?
    /// Frames a second.
    package var sampleRateHz: Int?
    /// How samples are stored in the file.
    package var sampleFormat: String?
    /// Frames of all clips, before the last windows were padded.
    package var frames: Int?
    /// Frames of one window.
    package var windowFrames: Int?
    /// Type of an element.
    package var elementType: String?
    /// Shape of one item.
    package var itemShape: [Int]?

    /// Nothing but what it is called.
    package init(typeName: String) { self.typeName = typeName }
}

extension ImageFormat: SampleKind {
    package var quantizer: Quantizer? { .unsigned(bitCount: bitDepth) }
    package var codeRange: CodeRange { .unit }
    package var kindName: String { "pictures of \(width) x \(height)" }
    package var previewFormat: ImageFormat? { ImageFormat(width: width, height: height, colorKind: colorKind, bitDepth: 8) }
    package var displayRange: ClosedRange<Float>? { 0...1 }
    package var itemSizes: [Int] { channels == 1 ? [height, width] : [height, width, channels] }
    package var grid: SampleGrid { SampleGrid(height: height, width: width, channels: channels) }
    package var facts: SampleFacts {
        var facts = SampleFacts(typeName: "image")
        (facts.width, facts.height, facts.channels, facts.bitDepth) = (width, height, channels, bitDepth)
        return facts
    }
}

extension AudioFormat: SampleKind {
    package var quantizer: Quantizer? { writtenBitCount.map { .signed(bitCount: $0) } }
    package var codeRange: CodeRange { .wave }
    package var kindName: String { "sound" }
    package var previewFormat: ImageFormat? { nil }
    package var displayRange: ClosedRange<Float>? { -1...1 }
    package var itemSizes: [Int] { [] }
    package var grid: SampleGrid { SampleGrid(height: 1, width: windowFrameCount, channels: channels) }
    package var facts: SampleFacts {
        var facts = SampleFacts(typeName: "audio")
        (facts.channels, facts.sampleRateHz) = (channels, sampleRateHz)
        facts.sampleFormat = "\(container.rawValue) \(subtype.rawValue)"
        (facts.frames, facts.windowFrames) = (totalFrameCount, windowFrameCount)
        return facts
    }
    package var sizeAdvice: String? { "take a shorter audio.window" }
}

extension IDXFormat: SampleKind {
    package var quantizer: Quantizer? {
        switch elementType {
        case .ubyte: .unsigned(bitCount: 8)
        case .byte: .signed(bitCount: 8)
        case .short: .signed(bitCount: 16)
        case .int: .signed(bitCount: 32)
        case .float, .double: nil
        }
    }

    package var codeRange: CodeRange {
        switch elementType {
        case .ubyte: .unit
        case .byte, .short, .int: .signedUnit
        case .float, .double: .unbounded
        }
    }

    package var kindName: String { "items of \(itemDimensions.map(String.init).joined(separator: " x "))" }

    /// Two dimensions are gray, and `[height, width, 3]` is RGB.
    package var previewFormat: ImageFormat? {
        let sizes = itemDimensions
        if sizes.count == 2 { return ImageFormat(width: sizes[1], height: sizes[0], colorKind: .gray, bitDepth: 8) }
        if sizes.count == 3, sizes[2] == 3 { return ImageFormat(width: sizes[1], height: sizes[0], colorKind: .rgb, bitDepth: 8) }
        return nil
    }

    package var displayRange: ClosedRange<Float>? {
        switch elementType {
        case .ubyte: 0...1
        case .byte, .short, .int: -1...1
        case .float, .double: nil
        }
    }

    package var itemSizes: [Int] { itemDimensions }

    package var grid: SampleGrid {
        let sides = itemDimensions
        if sides.count == 3, sides[2] == 3 { return SampleGrid(height: sides[0], width: sides[1], channels: 3) }
        return SampleGrid(height: sides.dropLast().reduce(1, *), width: sides.last ?? 1)
    }

    package var facts: SampleFacts {
        var facts = SampleFacts(typeName: "idx")
        (facts.elementType, facts.itemShape) = ("\(elementType)", itemDimensions)
        return facts
    }
}
