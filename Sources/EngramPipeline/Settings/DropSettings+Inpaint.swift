package import EngramMemories

extension DropSettings {
    /// Keys under `inpaint:`.
    package struct Inpaint: Codable, Equatable, Sendable {
        /// What stands beyond the border of a picture.
        package enum Padding: String, Codable, Sendable, CaseIterable {
            case open, mirrored, circular
        }

        /// How often the network halves the picture; `auto` tries several on held-out pixels.
        package var levels: AutoOr<Int> = .auto
        /// λ over K(x, x); `auto` is chosen by generalized cross-validation.
        package var ridge: AutoOr<Double> = .auto
        /// What stands beyond the border; `auto` is open.
        package var padding: AutoOr<Padding> = .auto
        /// Row and column from 1 of the missing pixel whose origin is shown; `auto` is the least certain one.
        package var explain: AutoOr<String> = .auto
    }

    static let inpaintFields: [SettingsField<DropSettings>] = [
        .init(
            "inpaint.levels", \.inpaint.levels, .integer(0...6).orAuto,
            "How often the network halves the picture: a hole of 2^levels pixels is filled from its rim; auto tries several on held-out pixels",
            own: .atMostGiven),
        .init(
            "inpaint.ridge", \.inpaint.ridge, .real(1e-12...1).orAuto,
            "Ridge over the kernel's variance, more for noisy pictures; auto goes by generalized cross-validation"),
        .init(
            "inpaint.padding", \.inpaint.padding, .choice(Inpaint.Padding.self).orAuto,
            "What stands beyond the border: open is nothing, mirrored the picture itself from its edge or, below and to the right, from the end of its last block of 2^levels pixels, circular its opposite border; auto is open"
        ),
        .init(
            "inpaint.explain", \.inpaint.explain, .text.orAuto,
            "Row and column, from 1, of the missing pixel of which the page shows where it came from: 12,40; auto is the least certain one"),
    ]
}

extension DropSettings.Inpaint.Padding: SettingChoice {}
