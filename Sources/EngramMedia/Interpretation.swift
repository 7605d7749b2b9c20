/// What a drop was taken for, why, and which setting changes it.
public struct Interpretation: Equatable, Sendable {
    /// Such as `a film of 382 pictures`.
    public var takenFor: String
    /// What decided it.
    public var because: String
    /// What a setting would make of it; nil where none makes anything else of it.
    public var setting: String?

    /// A judgement in the reader's words.
    public init(takenFor: String, because: String, setting: String? = nil) {
        (self.takenFor, self.because, self.setting) = (takenFor, because, setting)
    }

    /// All three in one sentence without a full stop.
    public var sentence: String { "taken for \(takenFor): \(because)" + (setting.map { "; \($0)" } ?? "") }
}

/// How the samples of a drop lie in its files; with kind `auto` this decides what the drop is taken for.
enum DropArrangement {
    /// One PNG.
    case onePicture
    /// A folder of PNGs, not all of whose names end in a number: these do not, where others do.
    case unnumberedPictures(others: [String])
    /// The frames of one animated PNG.
    case animation
    /// A folder of PNGs whose names end in numbers.
    case numberedPictures(OrderEvidence)
    /// A folder of folders of PNGs.
    case pictureFolders([Range<Int>])
    /// Audio, with its clips.
    case recordings([Range<Int>])
    /// The items of an IDX file.
    case items
    /// Texts, with the windows of each.
    case texts([Range<Int>], unit: TextUnit)

    /// The cycles that the drop suggests by itself; nil for a set.
    func suggestedSequences(count: Int) -> [Range<Int>]? {
        switch self {
        case .onePicture, .unnumberedPictures, .items: nil
        case .numberedPictures(let evidence): evidence.isFilm ? [0..<count] : nil
        case .animation: [0..<count]
        case .pictureFolders(let sequences), .recordings(let sequences), .texts(let sequences, _): sequences
        }
    }

    /// The cycles that `kind: sequence` makes.
    func askedSequences(count: Int) -> [Range<Int>] {
        switch self {
        case .pictureFolders(let sequences), .recordings(let sequences), .texts(let sequences, _): sequences
        case .onePicture, .unnumberedPictures, .numberedPictures, .animation, .items: [0..<count]
        }
    }

    /// Why the drop suggests what it does.
    private var reason: String {
        switch self {
        case .onePicture: "a single picture has no successor"
        case .unnumberedPictures(let others): Self.reason(others)
        case .animation: "the frames of an animated PNG run in time"
        case .numberedPictures(let evidence): evidence.description
        case .pictureFolders: "each folder in a drop is one"
        case .recordings: "sound runs in time"
        case .items: "the items of an IDX file have no order"
        case .texts: "what follows what is the text, which begins again at its end"
        }
    }

    private static func reason(_ others: [String]) -> String {
        guard let first = others.first else { return "not all names end in a number" }
        let rest = others.count > 1 ? " and \(others.count - 1) more names do" : " does"
        return "\(first)\(rest) not end in a number, as the others do; without \(others.count > 1 ? "them" : "it") it may be a film"
    }

    private func sampleText(_ count: Int) -> String {
        switch self {
        case .onePicture, .unnumberedPictures, .numberedPictures, .animation, .pictureFolders:
            count == 1 ? "1 picture" : "\(count) pictures"
        case .recordings: count == 1 ? "1 window" : "\(count) windows"
        case .items: count == 1 ? "1 item" : "\(count) items"
        case .texts(_, let unit): count == 1 ? "1 \(unit.rawValue.dropLast())" : "\(count) \(unit.rawValue)"
        }
    }

    private var orderedName: String {
        switch self {
        case .recordings: "recording"
        case .texts: "text"
        case .numberedPictures, .animation: "film"
        case .onePicture, .unnumberedPictures, .pictureFolders, .items: "sequence"
        }
    }

    private func takenFor(count: Int, sequences: [Range<Int>]?) -> String {
        guard let sequences else { return count == 1 ? sampleText(1) : "a set of \(sampleText(count))" }
        if sequences.count == 1 { return "a \(orderedName) of \(sampleText(count))" }
        return "\(sequences.count) \(orderedName)s of \(sampleText(count)) in all"
    }

    /// What was made of `count` samples under `options`.
    func interpretation(count: Int, sequences: [Range<Int>]?, options: MediaReadOptions) -> Interpretation {
        let taken = takenFor(count: count, sequences: sequences)
        if let length = options.sequenceLength {
            return Interpretation(
                takenFor: taken, because: "the settings say sequence_length: \(length)",
                setting: "sequence_length and kind decide what it is")
        }
        let toSet = "kind: autoencoder makes it a set"
        let toSequence: String? = count == 1 ? nil : "kind: sequence makes it a \(orderedName)"
        let setting = sequences == nil ? toSequence : toSet
        guard options.kind == .auto else {
            return Interpretation(takenFor: taken, because: "the settings say kind: \(options.kind.rawValue)", setting: setting)
        }
        return Interpretation(takenFor: taken, because: reason, setting: setting)
    }
}
