import Foundation

/// A PNG or APNG inside the page itself, as an `img` element.
struct EmbeddedPicture {
    let bytes: [UInt8]

    /// Width and height from the header chunk, which PNG puts first: big-endian at bytes 16 and 20. Nil when these are no PNG bytes.
    var size: (width: Int, height: Int)? {
        guard bytes.count >= 24, bytes[12..<16].elementsEqual("IHDR".utf8) else { return nil }
        func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (number(at: 16), number(at: 20))
    }

    /// The bytes as a `data:` address; browsers tell PNG and APNG apart by their chunks.
    var address: HTML {
        HTML(trusted: "data:image/png;base64," + Data(bytes).base64EncodedString())
    }

    /// The element. A picture smaller than it is shown keeps its pixels visible; a larger one is scaled down smoothly.
    /// - Parameter shownWidth: About how wide the page shows it, in CSS pixels.
    func markup(alt: String, shownWidth: Int) -> HTML {
        guard let size else { return "<img src=\"\(address)\" alt=\"\(alt)\">" }
        let name: HTML = size.width < shownWidth ? " class=\"pixelated\"" : ""
        return "<img src=\"\(address)\" alt=\"\(alt)\" width=\"\(size.width)\" height=\"\(size.height)\"\(name)>"
    }
}
