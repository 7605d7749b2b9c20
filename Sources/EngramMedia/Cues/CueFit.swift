internal import CEngramMedia

/// Brings one decoded file to the layout of a memory.
struct CueFit {
    let memory: SampleSet
    let options: CueReadOptions

    /// Size and colour of what the memory holds, where it can be shown as a picture.
    private var picture: ImageFormat? { memory.previewFormat }

    // MARK: Pictures

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
        item.values = converted(values, from: image.format.colorKind, to: target.colorKind)
        if image.format.colorKind != target.colorKind {
            item.notes.append("\(name): \(image.format.colorKind.rawValue) converted to \(target.colorKind.rawValue)")
        }
        return item
    }

    private var memoryBitDepth: Int {
        if case .image(let format) = memory.format { return format.bitDepth }
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
        let grey = converted(values, from: mask.format.colorKind, to: .gray)
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

    private func converted(_ values: [Float], from source: ColorKind, to target: ColorKind) -> [Float] {
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

    // MARK: IDX

    func items(_ decoded: IDXCodec.Decoded, name: String) throws(MediaError) -> [CueMedia.Item] {
        let sizes = decoded.header.dimensions
        let wanted = itemSizes
        guard !wanted.isEmpty else { throw unfit(name, "IDX data") }
        let isSingle = sizes == wanted
        guard isSingle || Array(sizes.dropFirst()) == wanted else {
            throw .unfitCue(
                file: name, property: "shape of an item", memory: shapeText(wanted), found: shapeText(Array(sizes.dropFirst())),
                remedy: "Give items of that shape, one or more of them.")
        }
        let count = isSingle ? 1 : sizes[0]
        let quantizer = SampleFormat.idx(
            IDXFormat(fileName: name, elementType: decoded.header.elementType, itemDimensions: wanted, isGzipped: decoded.isGzipped)
        ).quantizer
        let missing = options.missingCode.map { Float($0 / (quantizer?.scale ?? 1)) }
        let tolerance = Float(0.25 / (quantizer?.scale ?? 1e6))
        return (0..<count).map { index in
            let values = Array(decoded.values[index * memory.dimension..<(index + 1) * memory.dimension])
            var item = CueMedia.Item(
                name: isSingle ? name : "\(name) item \(index)", values: values, notes: index == 0 ? decoded.notes : [])
            if let missing {
                let known = values.map { abs($0 - missing) >= tolerance }
                let count = known.count { !$0 }
                if count > 0 {
                    item.isKnown = known
                    item.notes.append("\(item.name): \(count) entries of code \(plain(options.missingCode ?? 0)) are missing")
                }
            }
            return item
        }
    }

    /// The shape of one item; empty for sound.
    private var itemSizes: [Int] {
        switch memory.format {
        case .idx(let format): format.itemDimensions
        case .image(let format):
            format.channels == 1 ? [format.height, format.width] : [format.height, format.width, format.channels]
        case .audio: []
        }
    }

    // MARK: Sound

    func clip(_ audio: DecodedAudio, name: String) throws(MediaError) -> CueMedia.Clip {
        guard case .audio(let format) = memory.format else { throw unfit(name, "sound") }
        var clip = CueMedia.Clip(name: name, values: audio.values, notes: audio.notes)
        let known = options.missingCode.map { code in
            let scale = audio.subtype.integerBitCount.map { Double(1 << ($0 - 1)) } ?? 1
            return stride(from: 0, to: audio.values.count, by: audio.channels).map { frame in
                !audio.values[frame..<frame + audio.channels].allSatisfy { abs(Double($0) - code / scale) < 0.25 / max(scale, 1e6) }
            }
        }
        if let known, known.contains(false) {
            clip.isKnown = known
            clip.notes.append("\(name): \(known.count { !$0 }) frames of code \(plain(options.missingCode ?? 0)) are missing")
        }
        if audio.channels != format.channels {
            clip.values = try mixed(audio.values, from: audio.channels, to: format.channels, name: name)
            clip.notes.append("\(name): \(audio.channels) channels converted to \(format.channels)")
        }
        if audio.sampleRateHz != format.sampleRateHz {
            clip.values = try resampled(clip.values, from: audio.sampleRateHz, to: format, name: name)
            // What is known of a frame is known of the moment.
            let frames = clip.values.count / format.channels
            clip.isKnown = clip.isKnown.map { known in (0..<frames).map { known[min($0 * known.count / max(frames, 1), known.count - 1)] } }
            clip.notes.append("\(name): \(audio.sampleRateHz) Hz resampled to \(format.sampleRateHz) Hz")
        }
        return clip
    }

    private func mixed(_ values: [Float], from source: Int, to target: Int, name: String) throws(MediaError) -> [Float] {
        guard source == 1 || target == 1 else {
            throw .unfitCue(
                file: name, property: "channel count", memory: "\(target)", found: "\(source)",
                remedy: "Mix it to \(target) channels, or to one.")
        }
        if source == 1 { return values.flatMap { Array(repeating: $0, count: target) } }
        return stride(from: 0, to: values.count, by: source).map { values[$0..<$0 + source].reduce(0, +) / Float(source) }
    }

    private func resampled(_ values: [Float], from rate: Int, to format: AudioFormat, name: String) throws(MediaError) -> [Float] {
        let frames = values.count / format.channels
        let wanted = Int((Double(frames) * Double(format.sampleRateHz) / Double(rate)).rounded())
        try AudioDecoder.checkFrames(wanted, channels: format.channels, file: name, limits: options.limits)
        guard wanted > 0 else { throw .empty(path: name, found: "a sound shorter than one frame at \(format.sampleRateHz) Hz") }
        var message = messageBuffer()
        var output = [Float](repeating: 0, count: (wanted + 1) * format.channels)
        let written = Int(
            engram_resample(
                values, Int64(frames), Int32(format.channels), Double(format.sampleRateHz) / Double(rate), &output, Int64(wanted + 1),
                &message))
        guard written > 0 else { throw .notWritten(file: name, reason: "libsamplerate: \(text(message))") }
        return Array(output.prefix(min(written, wanted) * format.channels))
    }

    // MARK: Words

    private func unfit(_ name: String, _ found: String) -> MediaError {
        .unfitCue(
            file: name, property: "kind", memory: memory.format.kindName, found: found, remedy: "Ask with media of the memory's own kind.")
    }

    private func shapeText(_ sizes: [Int]) -> String { sizes.isEmpty ? "single numbers" : sizes.map(String.init).joined(separator: " x ") }

    private func plain(_ code: Double) -> String { Int(exactly: code).map(String.init) ?? "\(code)" }
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

extension SampleFormat {
    /// What kind of media it is, in words.
    var kindName: String {
        switch self {
        case .image(let format): "pictures of \(format.width) x \(format.height)"
        case .audio: "sound"
        case .idx(let format): "items of \(format.itemDimensions.map(String.init).joined(separator: " x "))"
        }
    }
}
