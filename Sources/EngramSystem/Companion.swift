/// A file that lies beside a drop, belongs to it by its name and is taken along with it: a mask, metadata, labels.
///
/// A further kind is one line of `all`. Settings and the done marker have rules of their own, since any drop can have them.
package struct Companion: Sendable {
    /// What it is, as in "this is the mask of".
    package let role: String
    /// Whether a file of such a name is nothing by itself, and waits until its drop is there.
    package let isNothingAlone: Bool
    /// The names that it may have for a drop of this name; none for drops that cannot have one.
    private let candidates: @Sendable (_ drop: String) -> [String]
    /// The name of a drop that it may belong to; nil for names that are not such a file's.
    private let owner: @Sendable (_ name: String) -> String?

    /// What can accompany a drop.
    package static let all: [Companion] = [
        // `NAME_mask.png`: which pixels of a picture, or of each picture of a folder, are known.
        Companion(role: "the mask of", isNothingAlone: true) {
            [MaskName.of($0)]
        } owner: {
            replacing(MaskName.suffix, of: $0, by: ".png")
        },
        // `NAME_GT.png`: how the picture was before it was damaged. It says nothing of a picture without a mask.
        Companion(role: "the original of", isNothingAlone: false) {
            [String(MaskName.of($0).dropLast(MaskName.suffix.count)) + "_GT.png"]
        } owner: { _ in
            nil
        },
        Companion(role: "what is known of the rows of", isNothingAlone: true) {
            besideTable($0, "rows")
        } owner: {
            tableBeside($0, "rows")
        },
        Companion(role: "what is known of the columns of", isNothingAlone: true) {
            besideTable($0, "columns")
        } owner: {
            tableBeside($0, "columns")
        },
        // Rows without a label, whose label is to be predicted.
        Companion(role: "what is to be predicted by", isNothingAlone: true) {
            [replacing(".csv", of: $0, by: ".predict.csv")].compactMap { $0 }
        } owner: {
            replacing(".predict.csv", of: $0, by: ".csv")
        },
        // In which part of the rows each row is measured.
        Companion(role: "the folds of", isNothingAlone: true) {
            [replacing(".csv", of: $0, by: ".folds.csv")].compactMap { $0 }
        } owner: {
            replacing(".folds.csv", of: $0, by: ".csv")
        },
        Companion(role: "the labels of", isNothingAlone: true, candidates: LabelName.labels) { LabelName.images(of: $0).first },
        // Images without labels beside images with them.
        Companion(role: "what is to be predicted by", isNothingAlone: true, candidates: LabelName.questions) {
            LabelName.learned(of: $0)
        },
    ]

    private init(
        role: String, isNothingAlone: Bool, candidates: @escaping @Sendable (_ drop: String) -> [String],
        owner: @escaping @Sendable (_ name: String) -> String?
    ) {
        self.role = role
        self.isNothingAlone = isNothingAlone
        self.candidates = candidates
        self.owner = owner
    }

    /// The names of everything that may lie beside a drop, the ones that are nothing alone first; empty for a name that is itself one's.
    package static func names(of drop: String) -> [String] {
        guard ownership(of: drop) == nil else { return [] }
        return (all.filter(\.isNothingAlone) + all.filter { !$0.isNothingAlone }).flatMap { $0.candidates(drop) }
            // No file can have a longer name.
            .filter { $0 != drop && $0.utf8.count <= 255 }
    }

    /// Those of `names(of:)` that are there. What says nothing alone is taken only with something that does.
    /// - Parameter isThere: Whether a plain file of this name lies beside the drop.
    package static func names<Failure: Error>(
        of drop: String, where isThere: (String) throws(Failure) -> Bool
    ) throws(Failure) -> [String] {
        var found: [String] = []
        for name in names(of: drop) where found.isEmpty ? ownership(of: name) != nil : true {
            if try isThere(name) { found.append(name) }
        }
        return found
    }

    /// What a file of this name is and a drop that it may belong to, where it is nothing by itself; nil for other files.
    package static func ownership(of name: String) -> (role: String, drop: String)? {
        for companion in all where companion.isNothingAlone {
            if let drop = companion.owner(name) { return (companion.role, drop) }
        }
        return nil
    }

    /// Endings of tables.
    private static let tableEndings = [".csv", ".tsv"]

    /// `NAME.WORD.csv` beside `NAME.csv`, `NAME.WORD.tsv` beside `NAME.tsv`; none for other names.
    private static func besideTable(_ name: String, _ word: String) -> [String] {
        tableEndings.compactMap { replacing($0, of: name, by: "." + word + $0) }
    }

    /// The table that a file of that name lies beside.
    private static func tableBeside(_ name: String, _ word: String) -> String? {
        tableEndings.lazy.compactMap { replacing("." + word + $0, of: name, by: $0) }.first
    }

    /// The name with another ending; nil for a name that does not end so, or is nothing else.
    private static func replacing(_ ending: String, of name: String, by other: String) -> String? {
        let (all, end) = (Array(name.utf8), Array(ending.utf8))
        guard all.count > end.count, String(decoding: all.suffix(end.count), as: UTF8.self).lowercased() == ending else { return nil }
        return String(decoding: all.dropLast(end.count), as: UTF8.self) + other
    }
}

/// How the labels of an IDX file of pictures are called: `train-labels-idx1-ubyte` beside `train-images-idx3-ubyte`, either also with `.gz`.
private enum LabelName {
    /// The names that labels of these images may have.
    @Sendable static func labels(of name: String) -> [String] {
        guard let parts = parts(name), parts.what == "images", parts.rank > 1 else { return [] }
        return names(parts, "labels", 1)
    }

    /// The names that images with these labels may have.
    @Sendable static func images(of name: String) -> [String] {
        guard let parts = parts(name), parts.what == "labels", parts.rank == 1 else { return [] }
        return names(parts, "images", 3) + names(parts, "images", 4)
    }

    /// The names that images to be predicted may have: `train-predict-images-idx3-ubyte` beside `train-images-idx3-ubyte`.
    @Sendable static func questions(of name: String) -> [String] {
        guard let parts = parts(name), parts.what == "images", parts.rank > 1 else { return [] }
        return names((parts.before + question, parts.what, parts.between, parts.rank, parts.after), "images", parts.rank)
    }

    /// The images from which the labels of these are predicted; nil for images that are no question.
    @Sendable static func learned(of name: String) -> String? {
        guard let parts = parts(name), parts.what == "images", parts.rank > 1, parts.before.hasSuffix(question) else { return nil }
        return String(parts.before.dropLast(question.count)) + String(name.dropFirst(parts.before.count))
    }

    private static let question = "predict-"

    private typealias Parts = (before: String, what: String, between: String, rank: Int, after: String)

    private static func names(_ parts: Parts, _ what: String, _ rank: Int) -> [String] {
        let name = parts.before + what + parts.between + "idx\(rank)" + parts.after
        return [name, name.hasSuffix(".gz") ? String(name.dropLast(3)) : name + ".gz"]
    }

    /// `BEFORE (images|labels) BETWEEN idx R AFTER`; nil for other names.
    private static func parts(_ name: String) -> Parts? {
        for what in ["images", "labels"] {
            guard let word = range(of: what, in: name, from: name.startIndex),
                let mark = range(of: "idx", in: name, from: word.upperBound), mark.upperBound < name.endIndex,
                let rank = name[mark.upperBound].wholeNumberValue
            else { continue }
            return (
                String(name[..<word.lowerBound]), what, String(name[word.upperBound..<mark.lowerBound]), rank,
                String(name[name.index(after: mark.upperBound)...])
            )
        }
        return nil
    }

    private static func range(of word: String, in text: String, from start: String.Index) -> Range<String.Index>? {
        var start = start
        while start < text.endIndex {
            if text[start...].hasPrefix(word) { return start..<text.index(start, offsetBy: word.count) }
            start = text.index(after: start)
        }
        return nil
    }
}
