extension CueFit {
    /// A part of a text: all of it token by token, for a memory that reads, and the window that ends with it. Tokens that the memory does not
    /// have are missing, and so is what a part shorter than a window lacks.
    func item(_ text: TextTokens, _ format: TextFormat, name: String) -> CueMedia.Item {
        let known = KnownTokens(format)
        let numbers = text.tokens.map(known.numbers)
        let (size, context) = (format.vocabulary.count, format.context)
        var item = CueMedia.Item(
            name: name, values: [Float](repeating: 0, count: context * size), isKnown: [Bool](repeating: false, count: context * size))
        let newest = numbers.suffix(context)
        for (block, candidates) in zip((context - newest.count)..., newest) {
            guard let number = candidates.first else { continue }
            item.values[block * size + number] = 1
            for entry in block * size..<(block + 1) * size { item.isKnown?[entry] = true }
        }
        if item.isKnown?.allSatisfy(\.self) == true { item.isKnown = nil }
        item.values = onMemoryScale(item.values)
        let isRead = context == 1
        if isRead {
            item.reading = zip(text.tokens, numbers).map { token, candidates in
                guard !candidates.isEmpty else { return .init(values: nil, bytes: token) }
                var values = [Float](repeating: 0, count: size)
                for number in candidates { values[number] = 1 }
                return .init(values: onMemoryScale(values), bytes: token)
            }
        } else if text.tokens.count > context {
            item.notes.append("\(name): its last \(context) \(format.unit.rawValue) are the cue; the memory goes on after them")
        }
        let asked = isRead ? 0..<numbers.count : numbers.count - newest.count..<numbers.count
        let unknown = asked.filter { numbers[$0].isEmpty }.map { TextTokens.shown(text.tokens[$0]) }
        if !unknown.isEmpty {
            let shown = unknown.prefix(4).joined(separator: ", ") + (unknown.count > 4 ? ", …" : "")
            item.notes.append(
                "\(name): \(shown) \(unknown.count == 1 ? "is" : "are") in no text of the memory and \(unknown.count == 1 ? "is" : "are") taken as missing"
            )
        }
        return item
    }
}

/// The tokens of a memory, by which those of a cue are found.
private struct KnownTokens {
    private var exact: [[UInt8]: Int] = [:]
    /// Words that differ in the white space after them alone, in the order in which they first occur.
    private var byCore: [[UInt8]: [Int]] = [:]
    private let isWords: Bool

    init(_ format: TextFormat) {
        isWords = format.unit == .words
        for (number, token) in format.vocabulary.enumerated() {
            exact[token] = number
            if isWords { byCore[TextTokens.core(of: token), default: []].append(number) }
        }
    }

    /// What a token of a cue may be: itself, else the words that differ from it in white space alone, the usual one first; none where the
    /// memory has no such word.
    func numbers(of token: [UInt8]) -> [Int] {
        if let number = exact[token] { return [number] }
        return isWords ? byCore[TextTokens.core(of: token)] ?? [] : []
    }
}
