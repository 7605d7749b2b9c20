extension CueFit {
    /// A part of a text as the window that ends with it: words that the memory does not have are missing, and so is what a short part lacks.
    func item(_ text: TextTokens, _ format: TextFormat, name: String) -> CueMedia.Item {
        var (numbers, cores) = ([[UInt8]: Int](), [[UInt8]: Int]())
        for (number, token) in format.vocabulary.enumerated() {
            numbers[token] = number
            // Of words that differ in the white space after them the first one, which is the usual.
            if cores[TextTokens.core(of: token)] == nil { cores[TextTokens.core(of: token)] = number }
        }
        let (size, context) = (format.vocabulary.count, format.context)
        var item = CueMedia.Item(
            name: name, values: [Float](repeating: 0, count: context * size), isKnown: [Bool](repeating: false, count: context * size))
        let newest = text.tokens.suffix(context)
        var unknown: [String] = []
        for (block, token) in zip((context - newest.count)..., newest) {
            guard let number = numbers[token] ?? (format.unit == .words ? cores[TextTokens.core(of: token)] : nil) else {
                unknown.append(TextTokens.shown(token))
                continue
            }
            item.values[block * size + number] = 1
            for entry in block * size..<(block + 1) * size { item.isKnown?[entry] = true }
        }
        if item.isKnown?.allSatisfy(\.self) == true { item.isKnown = nil }
        if text.tokens.count > context {
            item.notes.append("\(name): its last \(context) \(format.unit.rawValue) are the cue; the memory goes on after them")
        }
        if !unknown.isEmpty {
            let shown = unknown.prefix(4).joined(separator: ", ") + (unknown.count > 4 ? ", …" : "")
            item.notes.append(
                "\(name): \(shown) \(unknown.count == 1 ? "is" : "are") in no text of the memory and \(unknown.count == 1 ? "is" : "are") taken as missing"
            )
        }
        item.values = onMemoryScale(item.values)
        return item
    }
}
