/// What the mask of a picture is called: `NAME_mask.png` beside `NAME.png` or `NAME.jpg`.
package enum MaskName {
    /// Ends the name of a mask.
    package static let suffix = "_mask.png"

    /// The name of the mask of the picture `name`.
    package static func of(_ name: String) -> String {
        let ending = [".png", ".jpg", ".jpeg"].first { name.lowercased().hasSuffix($0) }
        return String(name.dropLast(ending?.count ?? 0)) + suffix
    }
}
