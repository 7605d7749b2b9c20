/// A picture, PNG or JPEG, as values.
public struct WholePicture: Equatable, Sendable {
    /// The file's name.
    public let name: String
    /// Size, channels and depth.
    public let format: ImageFormat
    /// Codes over the largest code, `[height, width, channels]`, row-major.
    public let values: [Float]

    /// Reads a picture.
    /// - Throws: `MediaError`.
    public init(_ path: String, limits: MediaLimits) throws(MediaError) {
        name = lastComponent(of: path)
        let image = try PictureReader.image(try InputFile.read(path, limits: limits), file: name, limits: limits)
        format = image.format
        var values: [Float] = []
        image.appendValues(to: &values)
        self.values = values
    }
}

extension ImageFormat {
    /// Channels without alpha.
    public var colorCount: Int { colorKind.colorCount }
}
