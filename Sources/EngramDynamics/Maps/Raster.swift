/// How the entries of an example lie in a picture or along time: `[height, width, channels]`, row-major. Sound has height 1.
public struct Raster: Sendable, Equatable {
    /// Rows.
    public let height: Int
    /// Places in a row.
    public let width: Int
    /// Entries of one place.
    public let channels: Int

    /// A raster of at least one entry.
    public init(height: Int, width: Int, channels: Int = 1) {
        precondition(height >= 1 && width >= 1 && channels >= 1, "A raster of \(height)×\(width)×\(channels) has no entries.")
        self.height = height
        self.width = width
        self.channels = channels
    }

    /// Entries in all.
    public var count: Int { height * width * channels }
}
