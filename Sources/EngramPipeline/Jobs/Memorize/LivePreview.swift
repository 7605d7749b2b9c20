internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import Glibc

/// A picture of what the network recalls while it is trained: damaged examples above, and below each what it leads to. It lies in the folder
/// of the checkpoint for whoever shows the run, and nothing depends on it.
enum LivePreview {
    /// In the folder of the checkpoint.
    static let fileName = "preview.png"
    /// Examples that are shown, spread over the drop.
    private static let exampleCount = 4
    /// Applications of the map: as a cue that is asked, not only one step.
    private static let stepCount = 8
    /// The share of a cue that is replaced by noise.
    private static let damage = 0.4
    /// Values of one example above which a map of them is too large to be made for a picture.
    private static let largestDimension = 50_000
    /// Pixels between pictures.
    private static let gap = 2

    /// nil for drops that cannot be shown as pictures.
    static func preview(of drop: DecodedDrop, seed: UInt64, in folder: String) -> MemoryPreview? {
        let (media, examples) = (drop.media, drop.set.examples)
        guard media.previewFormat != nil, examples.columnCount <= largestDimension else { return nil }
        let count = min(exampleCount, examples.rowCount)
        let rows = (0..<count).map { $0 * examples.rowCount / count }
        var cues = examples.rows(at: rows).converted(to: Double.self)
        var generator = SplitMix64(seed: seed)
        let range = drop.set.valueRange
        for row in 0..<count {
            for column in 0..<media.dimension where Double.random(in: 0..<1, using: &generator) < damage {
                cues[row, column] = Double.random(in: range, using: &generator)
            }
        }
        let shown = cues
        return MemoryPreview(cues: cues, stepCount: stepCount) { states in
            guard let png = picture(cues: shown, states: states, of: media) else { return }
            replace(folder: folder, by: png)
        }
    }

    /// Both rows in one picture; nil where they cannot be shown.
    static func picture(cues: Matrix<Double>, states: Matrix<Double>, of media: SampleSet) -> [UInt8]? {
        guard var format = media.previewFormat else { return nil }
        let (width, height, channels) = (format.width, format.height, format.channels)
        format.width = cues.rowCount * (width + gap) - gap
        format.height = 2 * height + gap
        var codes = [UInt8](repeating: 127, count: format.dimension)
        for (line, matrix) in [cues, states].enumerated() {
            for row in 0..<matrix.rowCount {
                let values = matrix.row(row).prefix(media.dimension).map { $0.isFinite ? Float($0) : 0 }
                guard let picture = media.preview(of: values), picture.codes.count == width * height * channels else { return nil }
                for y in 0..<height {
                    let target = ((line * (height + gap) + y) * format.width + row * (width + gap)) * channels
                    let source = y * width * channels
                    codes.replaceSubrange(target..<target + width * channels, with: picture.codes[source..<source + width * channels])
                }
            }
        }
        return try? ImagePreview(format: format, codes: codes).png()
    }

    /// Takes the picture away, and what a kill left of one.
    static func remove(from folder: String) {
        for name in [fileName, fileName + ".part"] { unlink(folder + "/" + name) }
    }

    /// Replaces the file in one step, so that nobody reads half of one; a disk that is full has one picture less.
    private static func replace(folder: String, by bytes: [UInt8]) {
        let temporary = folder + "/" + fileName + ".part"
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { return }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard written == bytes.count, rename(temporary, folder + "/" + fileName) == 0 else {
            unlink(temporary)
            return
        }
    }
}
