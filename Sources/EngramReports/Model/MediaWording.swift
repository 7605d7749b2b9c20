/// What reports and lists say of one kind of media. A further kind is one type here and one line of `MediaWordings.all`; a kind that has none
/// is told in general words.
protocol MediaWording: Sendable {
    /// What `type` says in `report.json`.
    var type: DropReport.Media.Kind { get }
    /// One example, several, and the stored codes of one, plural.
    func nouns(of kind: DropReport.Kind) -> (singular: String, plural: String, codes: String)
    /// Size and storage, for the head of the page.
    func parts(of media: DropReport.Media) -> [String]
    /// The same in a word or two, for lists.
    func summary(of media: DropReport.Media) -> String
    /// The largest code where codes have at most 16 bits, and how many bits that is.
    func codes(of media: DropReport.Media) -> (largest: Double, bitCount: Int)?
}

/// The kinds of media that are told in their own words.
enum MediaWordings {
    /// One line each.
    private static let all: [any MediaWording] = [PictureWording(), SoundWording(), ItemWording(), TextWording()]

    /// The words for a kind.
    static func wording(of type: DropReport.Media.Kind) -> any MediaWording { all.first { $0.type == type } ?? ItemWording() }
}

extension DropReport.Media {
    /// What it is in a word or two, such as `pictures 64 x 64`.
    package var summary: String { wording.summary(of: self) }

    /// The words for it.
    var wording: any MediaWording { MediaWordings.wording(of: type) }
}

private struct PictureWording: MediaWording {
    let type = DropReport.Media.Kind.image

    func nouns(of kind: DropReport.Kind) -> (singular: String, plural: String, codes: String) {
        kind == .sequence ? ("frame", "frames", "pixels") : ("image", "images", "pixels")
    }

    func parts(of media: DropReport.Media) -> [String] {
        var parts: [String] = []
        if let width = media.width, let height = media.height { parts.append("\(width) × \(height) pixels") }
        if let channels = media.channels { parts.append(Self.channelText(channels)) }
        if let depth = media.bitDepth { parts.append("\(depth) bits") }
        return parts
    }

    func summary(of media: DropReport.Media) -> String { "pictures \(media.width ?? 0) x \(media.height ?? 0)" }

    func codes(of media: DropReport.Media) -> (largest: Double, bitCount: Int)? {
        guard let depth = media.bitDepth, (1...16).contains(depth) else { return nil }
        return (Double(1 << depth) - 1, depth)
    }

    private static func channelText(_ channels: Int) -> String {
        switch channels {
        case 1: "grey"
        case 2: "grey with alpha"
        case 3: "colour"
        case 4: "colour with alpha"
        default: "\(channels) channels"
        }
    }
}

private struct SoundWording: MediaWording {
    let type = DropReport.Media.Kind.audio

    func nouns(of kind: DropReport.Kind) -> (singular: String, plural: String, codes: String) {
        ("window of sound", "windows of sound", "samples")
    }

    func parts(of media: DropReport.Media) -> [String] {
        var parts: [String] = []
        if let frames = media.frames, let rate = media.sampleRateHz, rate > 0 {
            parts.append(NumberText.duration(seconds: Double(frames) / Double(rate)))
        }
        if let rate = media.sampleRateHz { parts.append("\(NumberText.count(rate)) Hz") }
        if let channels = media.channels { parts.append(channels == 1 ? "mono" : channels == 2 ? "stereo" : "\(channels) channels") }
        if let format = media.sampleFormat { parts.append(format) }
        return parts
    }

    func summary(of media: DropReport.Media) -> String { "sound \(media.sampleRateHz ?? 0) Hz" }

    func codes(of media: DropReport.Media) -> (largest: Double, bitCount: Int)? {
        media.sampleFormat?.lowercased().hasSuffix("16") == true ? (32768, 16) : nil
    }
}

/// Items of numbers, of whatever file.
private struct ItemWording: MediaWording {
    let type = DropReport.Media.Kind.idx

    func nouns(of kind: DropReport.Kind) -> (singular: String, plural: String, codes: String) { ("item", "items", "values") }

    func parts(of media: DropReport.Media) -> [String] {
        var parts: [String] = []
        if let shape = media.itemShape { parts.append(shape.map(String.init).joined(separator: " × ")) }
        if let type = media.elementType { parts.append(type) }
        return parts
    }

    func summary(of media: DropReport.Media) -> String { "items " + (media.itemShape ?? []).map(String.init).joined(separator: " x ") }

    func codes(of media: DropReport.Media) -> (largest: Double, bitCount: Int)? { media.elementType == "ubyte" ? (255, 8) : nil }
}

/// Texts.
private struct TextWording: MediaWording {
    let type = DropReport.Media.Kind.text

    func nouns(of kind: DropReport.Kind) -> (singular: String, plural: String, codes: String) {
        ("place in the text", "places in the text", "entries")
    }

    func parts(of media: DropReport.Media) -> [String] {
        guard let shape = media.itemShape, shape.count == 2, let unit = media.elementType else { return [] }
        return ["\(NumberText.count(shape[1])) different \(unit)", "a state is the last \(shape[0])"]
    }

    func summary(of media: DropReport.Media) -> String { "text in \(media.elementType ?? "words")" }

    func codes(of media: DropReport.Media) -> (largest: Double, bitCount: Int)? { (1, 1) }
}
