internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

/// A set of single tokens as numbers: what a recurrent network reads.
struct TokenTexts {
    /// The tokens of each text.
    let texts: [[Int]]
    /// V.
    let vocabularySize: Int
    /// For each place of all texts the first before which the same went, however far back one looks.
    let pasts: [Int]
    /// Tokens before a place that tell it apart from every other with another past, at least.
    let neededPast: Int

    /// The texts of a set.
    /// - Throws: `Failure` of code `tokens` for a set that is no text, token by token.
    init(_ set: TrainingSet) throws(Failure) {
        let (values, width) = (set.examples.elements, set.examples.columnCount)
        var tokens: [Int] = []
        for row in 0..<set.examples.rowCount {
            let entries = values[row * width..<(row + 1) * width]
            guard let first = entries.firstIndex(of: 1), entries.allSatisfy({ $0 == 0 || $0 == 1 }),
                entries.reduce(0, +) == 1
            else {
                throw Failure(
                    stage: .train, code: "tokens", message: "A recurrent network stores texts, token by token, and nothing else.",
                    expected: "a drop NAME.txt, or a folder of nothing else",
                    found: "examples of \(width) values that are no single token",
                    remedy: "drop a text, or leave network.family out")
            }
            tokens.append(first - entries.startIndex)
        }
        guard !set.task.isAutoencoder else {
            throw Failure(
                stage: .train, code: "tokens", message: "A recurrent network stores a text in its order.",
                expected: "kind: sequence", found: "kind: autoencoder", remedy: "leave kind out")
        }
        texts = set.task.cycles.map { Array(tokens[$0]) }
        vocabularySize = width
        pasts = set.task.pasts(of: set.equalExamples)
        neededPast = Self.neededPast(of: texts, distinctCount: Set(pasts).count)
    }

    /// Places of all texts.
    var count: Int { pasts.count }

    /// The length at which as many pasts differ as ever do; by trying lengths one after another.
    private static func neededPast(of texts: [[Int]], distinctCount: Int) -> Int {
        // Class of the last `length` tokens before each place.
        var classes = texts.map { text in text.indices.map { text[($0 + text.count - 1) % text.count] } }
        var (length, found) = (1, Set(classes.joined()).count)
        while found < distinctCount {
            var numbers: [[Int]: Int] = [:]
            classes = zip(texts, classes).map { text, old in
                text.indices.map { place in
                    let before = (place + text.count - 1) % text.count
                    let key = [old[before], text[before]]
                    let number = numbers[key] ?? numbers.count
                    numbers[key] = number
                    return number
                }
            }
            (length, found) = (length + 1, numbers.count)
        }
        return length
    }
}
