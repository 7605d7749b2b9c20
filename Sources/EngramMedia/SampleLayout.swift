/// How samples of one kind are stored as codes and shown to people.
protocol SampleLayout {
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
}

extension SampleFormat {
    /// The kind's own answers.
    var layout: any SampleLayout {
        switch self {
        case .image(let image): image
        case .audio(let audio): audio
        case .idx(let idx): idx
        }
    }
}

extension ImageFormat: SampleLayout {
    var quantizer: Quantizer? { .unsigned(bitCount: bitDepth) }
    var codeRange: CodeRange { .unit }
    var kindName: String { "pictures of \(width) x \(height)" }
    var previewFormat: ImageFormat? { ImageFormat(width: width, height: height, colorKind: colorKind, bitDepth: 8) }
    var displayRange: ClosedRange<Float>? { 0...1 }
    var itemSizes: [Int] { channels == 1 ? [height, width] : [height, width, channels] }
}

extension AudioFormat: SampleLayout {
    var quantizer: Quantizer? { writtenBitCount.map { .signed(bitCount: $0) } }
    var codeRange: CodeRange { .wave }
    var kindName: String { "sound" }
    var previewFormat: ImageFormat? { nil }
    var displayRange: ClosedRange<Float>? { -1...1 }
    var itemSizes: [Int] { [] }
}

extension IDXFormat: SampleLayout {
    var quantizer: Quantizer? {
        switch elementType {
        case .ubyte: .unsigned(bitCount: 8)
        case .byte: .signed(bitCount: 8)
        case .short: .signed(bitCount: 16)
        case .int: .signed(bitCount: 32)
        case .float, .double: nil
        }
    }

    var codeRange: CodeRange {
        switch elementType {
        case .ubyte: .unit
        case .byte, .short, .int: .signedUnit
        case .float, .double: .unbounded
        }
    }

    var kindName: String { "items of \(itemDimensions.map(String.init).joined(separator: " x "))" }

    /// Two dimensions are gray, and `[height, width, 3]` is RGB.
    var previewFormat: ImageFormat? {
        let sizes = itemDimensions
        if sizes.count == 2 { return ImageFormat(width: sizes[1], height: sizes[0], colorKind: .gray, bitDepth: 8) }
        if sizes.count == 3, sizes[2] == 3 { return ImageFormat(width: sizes[1], height: sizes[0], colorKind: .rgb, bitDepth: 8) }
        return nil
    }

    var displayRange: ClosedRange<Float>? {
        switch elementType {
        case .ubyte: 0...1
        case .byte, .short, .int: -1...1
        case .float, .double: nil
        }
    }

    var itemSizes: [Int] { itemDimensions }
}
