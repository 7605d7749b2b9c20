extension CueFit {
    func item(_ image: DecodedImage, name: String) throws(MediaError) -> CueMedia.Item {
        guard let target = picture else { throw unfit(name, "a picture") }
        guard image.format.width == target.width, image.format.height == target.height else {
            throw .unfitCue(
                file: name, property: "size", memory: "\(target.width) x \(target.height)",
                found: "\(image.format.width) x \(image.format.height)", remedy: "Crop or scale it to that size; nothing is resized here.")
        }
        var values: [Float] = []
        image.appendValues(to: &values)
        var item = CueMedia.Item(name: name, values: [], notes: image.notes)
        if image.format.bitDepth != memoryBitDepth {
            item.notes.append("\(name): \(image.format.bitDepth) bits, converted to the memory's")
        }
        item.isKnown = known(values, image.format, target, &item.notes, name)
        item.values = onMemoryScale(Self.converted(values, from: image.format.colorKind, to: target.colorKind))
        if image.format.colorKind != target.colorKind {
            item.notes.append("\(name): \(image.format.colorKind.rawValue) converted to \(target.colorKind.rawValue)")
        }
        return item
    }

    private var memoryBitDepth: Int {
        if let format = memory.format.image { return format.bitDepth }
        return 8
    }

    /// Known entries by alpha and by the code for missing ones; nil where all are known.
    private func known(
        _ values: [Float], _ format: ImageFormat, _ target: ImageFormat, _ notes: inout [String], _ name: String
    ) -> [Bool]? {
        let (channels, colors) = (format.channels, format.colorKind.colorCount)
        let highest = Double((1 << format.bitDepth) - 1)
        let missing = options.missingCode.map { Float($0 / highest) }
        var pixels = [Bool](repeating: true, count: format.width * format.height)
        var (byAlpha, byCode) = (0, 0)
        for pixel in pixels.indices {
            let codes = values[pixel * channels..<pixel * channels + colors]
            // Alpha of a memory that has alpha is data and no mask.
            if channels > colors, target.colorKind.colorCount == target.channels, values[pixel * channels + colors] == 0 {
                pixels[pixel] = false
                byAlpha += 1
            } else if let missing, codes.allSatisfy({ abs($0 - missing) < 0.25 / Float(highest) }) {
                pixels[pixel] = false
                byCode += 1
            }
        }
        if byAlpha > 0 { notes.append("\(name): \(byAlpha) pixels of alpha 0 are missing") }
        if byCode > 0 { notes.append("\(name): \(byCode) pixels of code \(plain(options.missingCode ?? 0)) are missing") }
        guard byAlpha + byCode > 0 else { return nil }
        return pixels.flatMap { Array(repeating: $0, count: target.channels) }
    }

    /// Entries that `mask` shows in black are missing, besides those that are already.
    func apply(_ mask: DecodedImage, named name: String, to item: inout CueMedia.Item) throws(MediaError) {
        guard let target = picture else { throw unfit(name, "a mask") }
        guard mask.format.width == target.width, mask.format.height == target.height else {
            throw .unfitCue(
                file: name, property: "size of the mask", memory: "\(target.width) x \(target.height)",
                found: "\(mask.format.width) x \(mask.format.height)",
                remedy: "Make it as large as its picture: white is known, black missing.")
        }
        var values: [Float] = []
        mask.appendValues(to: &values)
        let grey = Self.converted(values, from: mask.format.colorKind, to: .gray)
        let between = grey.count { $0 > 0.02 && $0 < 0.98 }
        let known = grey.map { $0 >= 0.5 }
        guard known.contains(true) else {
            throw .unfitCue(
                file: name, property: "mask", memory: "some white pixels, which are the known ones", found: "none",
                remedy: "White stands for known and black for missing; invert it if it is the other way round.")
        }
        let entries = known.flatMap { Array(repeating: $0, count: target.channels) }
        item.isKnown = item.isKnown.map { zip($0, entries).map { $0 && $1 } } ?? entries
        item.notes.append("\(name): \(known.count { !$0 }) of \(known.count) pixels are missing")
        if between > 0 { item.notes.append("\(name): \(between) grey pixels; those below half count as missing") }
    }

    static func converted(_ values: [Float], from source: ColorKind, to target: ColorKind) -> [Float] {
        guard source != target else { return values }
        var result: [Float] = []
        result.reserveCapacity(values.count / source.channelCount * target.channelCount)
        for start in stride(from: 0, to: values.count, by: source.channelCount) {
            let color = values[start..<start + source.colorCount]
            switch (source.colorCount, target.colorCount) {
            // Luma of Rec. 709, on the codes as they are.
            case (3, 1): result.append(0.2126 * color[start] + 0.7152 * color[start + 1] + 0.0722 * color[start + 2])
            case (1, 3): result += [color[start], color[start], color[start]]
            default: result += color
            }
            guard target.channelCount > target.colorCount else { continue }
            result.append(source.channelCount > source.colorCount ? values[start + source.colorCount] : 1)
        }
        return result
    }
}

extension ColorKind {
    /// Channels without alpha.
    var colorCount: Int {
        switch self {
        case .gray, .grayAlpha: 1
        case .rgb, .rgba: 3
        }
    }
}
