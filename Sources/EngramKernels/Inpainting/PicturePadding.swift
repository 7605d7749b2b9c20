/// What stands beyond the border of a picture that is completed.
public enum PicturePadding: String, Sendable, Equatable, CaseIterable {
    /// Nothing: the kernel of an endless picture, of which only this part was seen.
    case open
    /// The picture mirrored, as far as the kernel reaches; mirrored pixels are no unknowns of their own. It is mirrored where whole periods
    /// of the kernel end, since elsewhere a mirror is no symmetry of it: at its first row and column, and up to a period less one beyond its
    /// last.
    case mirrored
    /// The opposite border, as the network's own circular convolutions have it; where the sides are no whole periods of the kernel, that many
    /// unknown pixels lie between. On circles shorter than twice the kernel's reach its turns around them add up.
    case circular
}

/// One axis of a picture on a circle of pixels: which places of the circle show a pixel.
struct PaddedAxis: Sendable {
    /// Pixels of the picture.
    let count: Int
    /// Places of the circle, a multiple of the period.
    let circumference: Int
    /// For each pixel of the picture its places, its own first.
    let places: [[Int]]

    init(count: Int, period p: Int, reach: Int, padding: PicturePadding) {
        self.count = count
        let padded = (count + p - 1) / p * p
        let margin = (reach + p - 1) / p * p
        var places = (0..<count).map { [$0] }
        switch padding {
        case .circular:
            circumference = padded
        case .open:
            // A margin on one side keeps both borders apart.
            circumference = padded + margin
        case .mirrored:
            // Mirrors in two directions, and a margin so that the mirrors do not see each other around the circle.
            let total = padded + 3 * margin
            circumference = total
            for i in 0..<count {
                if i < margin { places[i].append(total - 1 - i) }
                let beyond = 2 * padded - 1 - i
                if beyond < padded + margin { places[i].append(beyond) }
            }
        }
        self.places = places
    }
}
