/// What the mask of a picture is called: `NAME_mask.png` beside `NAME.png`.
package enum MaskName {
    /// Ends the name of a mask.
    package static let suffix = "_mask.png"

    /// The name of the mask of the picture `name`.
    package static func of(_ name: String) -> String {
        (name.lowercased().hasSuffix(".png") ? String(name.dropLast(4)) : name) + suffix
    }
}
