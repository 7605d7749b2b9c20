/// Limits checked before memory is taken, so that a header's lie costs nothing.
public struct MediaLimits: Equatable, Sendable {
    /// Largest file read, bytes. 2 GiB: an hour of 8-channel 24-bit audio at 48 kHz is 4 GB and no one's memory.
    public var maxFileByteCount = 2 << 30
    /// Widest and tallest image, pixels. 16384 is what common viewers and GPUs hold.
    public var maxImageSide = 16384
    /// Most pixels in one image. 2²⁶ = 8192², three floats of which take 0.8 GB.
    public var maxPixelCount = 1 << 26
    /// Most samples (images, windows, items) in a drop. MNIST has 60,000.
    public var maxSampleCount = 1_000_000
    /// Most bytes all decoded values take together at 4 bytes a value, and most bytes a .gz may inflate to. 4 GiB.
    public var maxDecodedByteCount = 4 << 30
    /// Most audio channels. 64 covers third-order ambisonics and stage recorders.
    public var maxChannelCount = 64

    /// The documented defaults.
    public init() {}
}

/// What a drop is to be read as.
public enum MediaKind: String, Equatable, Sendable, CaseIterable {
    /// Decided by the drop: numbered images in the order of a film, folders of images and audio are sequences; the rest is for an
    /// autoencoder.
    case auto
    /// Every sample is an example of its own.
    case autoencoder
    /// Samples follow one another in cycles.
    case sequence
}

/// How the files of a folder become samples. A memory is read again by the rules that it was made by.
public enum ReadingRules: Int, Equatable, Sendable {
    /// Copies and backups are samples, files are in natural order, and of an animated PNG its default image is read.
    case first = 1
    /// Copies and backups are passed over, names that differ in one number only are in the order of that number, with its sign and as a
    /// decimal, and an animated PNG is a film.
    case second = 2
    /// JPEGs are pictures, too; one that is not numbered beside PNGs that are is passed over, and so are such PNGs beside JPEGs.
    case third = 3

    /// What drops are read by.
    public static let current = ReadingRules.third
}

/// How `MediaReader` reads a drop.
public struct MediaReadOptions: Equatable, Sendable {
    /// Checked before memory is taken.
    public var limits = MediaLimits()
    /// Autoencoder, sequence, or as the drop suggests.
    public var kind = MediaKind.auto
    /// Cuts the samples into cycles of this many; must divide their count. Implies a sequence.
    public var sequenceLength: Int?
    /// Length of an audio window in seconds, more than 0. One second holds a syllable or two and keeps the
    /// dimension (the sample rate) within reach of dense layers.
    public var audioWindowSeconds = 1.0
    /// What texts are cut into; nil for what fits them.
    public var textUnit: TextUnit?
    /// Tokens of a window of text; nil for as many as tell its places apart.
    public var textContext: Int?
    /// Whether samples that use little of their medium's range are stretched to it.
    public var scaling = ScalingChoice.none
    /// By which rules a folder is read.
    public var rules = ReadingRules.current

    /// The documented defaults.
    public init() {}
}
