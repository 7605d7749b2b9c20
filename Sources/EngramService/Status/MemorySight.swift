internal import EngramReports
internal import EngramSystem

/// What can be shown of a memory, and how it can be asked, without reading its network.
package struct MemorySight: Equatable, Sendable {
    /// A file that a person can play or read.
    package struct Player: Equatable, Sendable {
        /// What it is played by.
        package enum Kind: String, Sendable {
            case audio, animation, text
        }

        package var path: String
        package var kind: Kind
        package var name: String
        package var excerpt: String?
    }

    /// Items in one array file: the page reads it in the browser, never in this process.
    package struct Array: Equatable, Sendable {
        package var path: String
        package var width: Int
        package var height: Int
        package var channels: Int
    }

    /// A picture that stands for the whole: an animation where there is one.
    package var picture: String?
    /// The recalled pictures, one file each, in natural order; at most `itemLimit`.
    package var items: [String] = []
    /// Width and height of a picture.
    package var width: Int?
    package var height: Int?
    /// Sound, films and texts.
    package var players: [Player] = []
    /// See `Array`.
    package var array: Array?

    /// Pictures that a page lists; longer films are thinned evenly.
    package static let itemLimit = 240

    /// Whether the page can offer its pictures to be painted over.
    package var isPaintable: Bool { width != nil && (array != nil || !items.isEmpty) }

    /// Nothing can be shown.
    package init() {}

    /// - Parameters:
    ///   - report: The memory's.
    ///   - files: The paths of all its files, below its folder.
    init(_ report: DropReport, files: [String]) {
        let present = Set(files)
        let media = report.media
        players = (report.playable ?? []).filter { present.contains($0.path) }.map { file in
            let kind: Player.Kind =
                switch file.kind {
                case .audio: .audio
                case .animation: .animation
                case .text: .text
                }
            return Player(path: file.path, kind: kind, name: file.name, excerpt: file.excerpt)
        }
        let recovered = files.filter { $0.hasPrefix("recovered/") }.sorted(by: NaturalOrder.precedes)
        let pictures = recovered.filter { path in [".png", ".jpg", ".jpeg"].contains { path.lowercased().hasSuffix($0) } }
        items = Self.thinned(pictures)
        (width, height) = (media.width, media.height)
        if media.elementType == "ubyte", let shape = media.itemShape, recovered.count == 1,
            shape.count == 2 || (shape.count == 3 && shape[2] == 3)
        {
            array = Array(path: recovered[0], width: shape[1], height: shape[0], channels: shape.count == 3 ? 3 : 1)
            (width, height) = (shape[1], shape[0])
        }
        let animation = players.first { $0.kind == .animation }?.path
        picture = animation ?? items.first ?? (present.contains("from-noise.apng") ? "from-noise.apng" : nil)
    }

    private static func thinned(_ paths: [String]) -> [String] {
        guard paths.count > itemLimit else { return paths }
        return (0..<itemLimit).map { paths[$0 * paths.count / itemLimit] }
    }
}
