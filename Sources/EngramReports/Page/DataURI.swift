import Foundation

/// Pictures inside the page itself.
enum DataURI {
    /// A PNG or APNG as a `data:` address; browsers tell the two apart by their chunks.
    static func png(_ bytes: [UInt8]) -> HTML {
        HTML(trusted: "data:image/png;base64," + Data(bytes).base64EncodedString())
    }
}
