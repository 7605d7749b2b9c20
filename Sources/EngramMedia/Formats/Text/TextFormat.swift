/// One text of a set.
public struct TextFile: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// The samples that stand for its tokens.
    public var samples: Range<Int>

    /// A text from its parts.
    public init(name: String, samples: Range<Int>) { (self.name, self.samples) = (name, samples) }
}

/// How texts are stored: the sample of a place is the window of tokens that ends there, each token one-hot, the newest last; shape
/// `[context, vocabulary]`, row-major, 0 or 1.
///
/// A word alone does not say what follows it where it occurs twice: the window is long enough that no two places have the same one, so the
/// map from each to the next is a function of the window. For a recurrent network, which remembers what it read, a sample is a single token.
/// Texts begin again at their end.
public struct TextFormat: Equatable, Sendable {
    /// What the texts were cut into.
    public var unit: TextUnit
    /// The distinct tokens, in the order in which they first occur.
    public var vocabulary: [[UInt8]]
    /// Tokens of a window.
    public var context: Int
    /// The texts, in the order of their samples.
    public var files: [TextFile]

    /// Characters of a text that a page shows.
    private static let excerptCharacterCount = 2000

    /// Values of one sample.
    var dimension: Int { context * vocabulary.count }

    /// The token that a window ends with: where its newest block is largest.
    func token(of window: ArraySlice<Float>) -> [UInt8] {
        let newest = window.suffix(vocabulary.count)
        let index = newest.indices.max { newest[$0] < newest[$1] || (newest[$0] == newest[$1] && $0 > $1) } ?? newest.startIndex
        return vocabulary[index - newest.startIndex]
    }
}

extension TextFormat: SampleKind {
    /// A token is there or not.
    package var quantizer: Quantizer? { .unsigned(bitCount: 1) }
    package var codeRange: CodeRange { .unit }
    package var kindName: String { "text in \(unit.rawValue)" }
    package var previewFormat: ImageFormat? { nil }
    package var displayRange: ClosedRange<Float>? { 0...1 }
    package var itemSizes: [Int] { [] }
    package var grid: SampleGrid { SampleGrid(height: context, width: vocabulary.count) }
    package var facts: SampleFacts {
        var facts = SampleFacts(typeName: "text")
        (facts.elementType, facts.itemShape) = (unit.rawValue, [context, vocabulary.count])
        return facts
    }
    package func excerpt(of file: MediaFile) -> String? {
        let text = String(decoding: file.bytes.prefix(4 * Self.excerptCharacterCount), as: UTF8.self)
        return text.count > Self.excerptCharacterCount ? text.prefix(Self.excerptCharacterCount) + " …" : text
    }
    package var isToken: Bool { context == 1 }
    package var sizeAdvice: String? { "take a shorter text, or text.unit: characters, whose vocabulary is smaller" }
}
