internal import EngramKernels
internal import EngramMedia
internal import EngramNumerics
internal import EngramSystem

/// The pictures that show what a completion did, 8-bit RGB.
struct InpaintMaps {
    private let filled: FilledPicture
    private let picture: MaskedPicture

    init(_ filled: FilledPicture, of picture: MaskedPicture) {
        self.filled = filled
        self.picture = picture
    }

    private typealias Color = (red: Double, green: Double, blue: Double)

    private var height: Int { filled.known.height }
    private var width: Int { filled.known.width }

    /// Small pictures are enlarged, so that their pixels can be seen.
    private var enlargement: Int { max(1, Self.leastWidth / width) }
    private static let leastWidth = 320

    /// A completion as it is shown: its colours, no alpha.
    func shown(_ values: Matrix<Double>) -> ImagePreview {
        drawn(height: height, width: width, scale: enlargement) { color(of: values, at: $0 * width + $1) }
    }

    /// What was known, the rest hatched, and beside it what was made of it.
    var beforeAfter: ImagePreview {
        let gap = max(4, width / 64)
        return drawn(height: height, width: 2 * width + gap, scale: enlargement) { row, column in
            if column >= width + gap { return color(of: filled.completion.values, at: row * width + column - width - gap) }
            guard column < width else { return (1, 1, 1) }
            let pixel = row * width + column
            guard !filled.known.isKnown(pixel) else { return color(of: filled.known.values, at: pixel) }
            return (row + column) % 8 < 4 ? (0.85, 0.2, 0.55) : (0.95, 0.55, 0.75)
        }
    }

    /// Deviations from black over red and yellow to white at the largest.
    var uncertainty: ImagePreview {
        let deviations = filled.completion.deviations
        let channels = Double(deviations.columnCount)
        let means = (0..<height * width).map { pixel in (0..<deviations.columnCount).reduce(0) { $0 + deviations[pixel, $1] } / channels }
        let largest = max(means.max() ?? 0, .leastNormalMagnitude)
        return drawn(height: height, width: width, scale: enlargement) { row, column in
            let share = means[row * width + column] / largest
            return (min(1, 2.2 * share), min(1, max(0, 2 * share - 0.7)), min(1, max(0, 3 * share - 2)))
        }
    }

    /// Half the side of the square that the weights are shown in, in pixels.
    private static let influenceRadius = 20

    /// The weights around the explained pixel, enlarged: orange where they are above 0, blue below.
    var influence: ImagePreview {
        let completion = filled.completion
        // A hole is shown with its rim.
        let radius = min(max(Self.influenceRadius, 2 * filled.holes.largestDistance), 96)
        let side = 2 * radius + 1
        let scale = max(1, 400 / side)
        let (centreRow, centreColumn) = (completion.explained / width, completion.explained % width)
        let largest = max(completion.influence.map { abs($0) }.max() ?? 0, .leastNormalMagnitude)
        // The part of the square that lies in the picture.
        let (top, left) = (max(0, centreRow - radius), max(0, centreColumn - radius))
        let (bottom, right) = (min(height, centreRow + radius + 1), min(width, centreColumn + radius + 1))
        return drawn(height: bottom - top, width: right - left, scale: scale) { row, column in
            let (r, c) = (top + row, left + column)
            if r == centreRow, c == centreColumn { return (0.1, 0.75, 0.2) }
            let pixel = r * width + c
            guard filled.known.isKnown(pixel) else { return (0.22, 0.22, 0.24) }
            // The root shows small weights too.
            let weight = completion.influence[pixel] / largest
            let share = abs(weight).squareRoot()
            return weight >= 0
                ? (0.35 + 0.65 * share, 0.35 + 0.2 * share, 0.35 - 0.3 * share)
                : (0.35 - 0.3 * share, 0.35 + 0.2 * share, 0.35 + 0.65 * share)
        }
    }

    private func color(of values: Matrix<Double>, at pixel: Int) -> Color {
        let colors = picture.format.colorCount
        return colors == 3 ? (values[pixel, 0], values[pixel, 1], values[pixel, 2]) : (values[pixel, 0], values[pixel, 0], values[pixel, 0])
    }

    private func drawn(height small: Int, width narrow: Int, scale: Int, _ color: (Int, Int) -> Color) -> ImagePreview {
        let (height, width) = (small * scale, narrow * scale)
        var codes: [UInt8] = []
        codes.reserveCapacity(3 * height * width)
        for row in 0..<height {
            for column in 0..<width {
                let color = color(row / scale, column / scale)
                for value in [color.red, color.green, color.blue] { codes.append(UInt8(saturating: (255 * value).rounded())) }
            }
        }
        return ImagePreview(format: ImageFormat(width: width, height: height, colorKind: .rgb, bitDepth: 8), codes: codes)
    }
}
