/// What of a cue differs from the text that it is a part of: wrong, missing and further words, by the shortest edit that ends at its place.
struct TextCorrections {
    /// One difference.
    enum Difference: Equatable {
        /// Token `index` of the cue should be `token`.
        case wrong(index: Int, token: [UInt8])
        /// `token` is missing after token `index` of the cue; before all of it for -1.
        case missing(after: Int, token: [UInt8])
        /// Token `index` of the cue is not there in the text.
        case extra(index: Int)
    }

    /// In the order of the cue.
    let differences: [Difference]

    /// Tokens of a cue that are compared, the newest: longer ones would take time with their square.
    private static let comparedCount = 1000
    /// How many more tokens than the cue the text's part may have.
    private static let missingLimit = 64

    /// Compares a cue with a text.
    ///
    /// Edit distance (Wagner, Fischer 1974) of the reversed sequences, both from their last token on; where the text's part begins is free.
    /// - Parameters:
    ///   - cue: Its tokens.
    ///   - text: A text that begins again at its end.
    ///   - last: The place of the text at which the cue ends.
    ///   - areEqual: Whether two tokens are the same word.
    init(of cue: [[UInt8]], in text: [[UInt8]], endingAt last: Int, areEqual: ([UInt8], [UInt8]) -> Bool) {
        let first = max(0, cue.count - Self.comparedCount)
        let own = Array(cue[first...].reversed())
        let stored = (0..<own.count + Self.missingLimit).map { text[(last - $0 % text.count + text.count) % text.count] }
        // cost[i][j] of the last i tokens of the cue against the last j of the text.
        var cost = [[Int]](repeating: [Int](repeating: 0, count: stored.count + 1), count: own.count + 1)
        for j in 1...stored.count { cost[0][j] = j }
        for i in own.indices.map({ $0 + 1 }) {
            cost[i][0] = i
            for j in 1...stored.count {
                let replaced = cost[i - 1][j - 1] + (areEqual(own[i - 1], stored[j - 1]) ? 0 : 1)
                cost[i][j] = min(replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
            }
        }
        // Of parts that are as near the longest: a word that stands in the text is taken for that word.
        var (i, j) = (own.count, cost[own.count].lastIndex(of: cost[own.count].min() ?? 0) ?? 0)
        var found: [Difference] = []
        // From the cue's first token on: that is where the reversed sequences end.
        while i > 0 || j > 0 {
            let index = cue.count - i
            if i > 0, j > 0, cost[i][j] == cost[i - 1][j - 1] + (areEqual(own[i - 1], stored[j - 1]) ? 0 : 1) {
                if cost[i][j] != cost[i - 1][j - 1] { found.append(.wrong(index: index, token: stored[j - 1])) }
                (i, j) = (i - 1, j - 1)
            } else if i > 0, cost[i][j] == cost[i - 1][j] + 1 {
                found.append(.extra(index: index))
                i -= 1
            } else {
                found.append(.missing(after: index - 1, token: stored[j - 1]))
                j -= 1
            }
        }
        differences = found
    }
}

extension TextFormat {
    package func place(_ sample: Int, in set: SampleSet) -> (file: String, token: String)? {
        guard context == 1, let file = files.first(where: { $0.samples.contains(sample) }) else { return nil }
        return (file.name, TextTokens.shown(token(of: set.values[sample * set.dimension..<(sample + 1) * set.dimension])))
    }

    package func corrections(of reading: [CueMedia.Reading], endingAt sample: Int, in set: SampleSet) -> [String] {
        guard context == 1, let file = files.first(where: { $0.samples.contains(sample) }) else { return [] }
        let size = set.dimension
        let text = file.samples.map { token(of: set.values[$0 * size..<($0 + 1) * size]) }
        let isWords = unit == .words
        let cue = reading.map(\.bytes)
        let found = TextCorrections(of: cue, in: text, endingAt: sample - file.samples.lowerBound) { one, other in
            one == other || (isWords && TextTokens.core(of: one) == TextTokens.core(of: other))
        }.differences
        let singular = String(unit.rawValue.dropLast())
        func shown(_ token: [UInt8]) -> String { TextTokens.shown(isWords ? TextTokens.core(of: token) : token) }
        let sentences = found.prefix(Self.shownDifferenceCount).map { difference -> String in
            switch difference {
            case .wrong(let index, let token): "\(singular) \(index + 1) of the cue, \(shown(cue[index])), is \(shown(token)) in the text"
            case .extra(let index): "\(singular) \(index + 1) of the cue, \(shown(cue[index])), is not there in the text"
            case .missing(let index, let token):
                index < 0
                    ? "\(shown(token)) is missing before the cue's first \(singular)"
                    : "after \(singular) \(index + 1) of the cue, \(shown(cue[index])), \(shown(token)) is missing"
            }
        }
        guard found.count > sentences.count else { return sentences }
        return sentences + ["\(found.count - sentences.count) more \(unit.rawValue) of the cue differ from the text"]
    }

    /// Differences that are told one by one.
    private static let shownDifferenceCount = 12
}
