extension MemorySettings {
    /// How the decoder of a U-Net makes images larger.
    public enum Upsampling: String, Codable, Sendable, CaseIterable {
        /// A convolution gives the pixels of each cell as its channels.
        case subpixel
        /// Each pixel repeated.
        case nearest
        /// Between pixels, in proportion to the distance.
        case bilinear
    }

    /// Keys under `unet:`; what is left to `auto` goes by the size and number of the pictures.
    public struct UNet: Codable, Equatable, Sendable {
        /// Levels from the picture to the coarsest image; `auto` takes as many as it takes for one unit to see the whole picture.
        public var levels: AutoOr<Int> = .auto
        /// Stride of every level; `auto` goes to cells of a quarter of the picture first, and by fours from there.
        public var stride: AutoOr<Int> = .auto
        /// Side of the kernels; `auto` is twice the stride less 1, so that every pixel is seen from two cells.
        public var kernel: AutoOr<Int> = .auto
        /// Channels of the finest hidden image; each further level has twice as many.
        public var channels: AutoOr<Int> = .auto
        /// How images are made larger. Of `subpixel` alone the last convolution can be solved in closed form.
        public var upsampling: Upsampling = .subpixel
        /// Whether the decoder also reads the encoder.
        public var skips = false

        /// The defaults.
        public init() {}
    }
}
