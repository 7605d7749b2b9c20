internal import EngramMedia
internal import EngramNumerics

/// Natural pictures that no memory stores: random squares of larger photographs, mirrored half of the time, averaged down to one size.
struct ForeignPictures {
    /// One photograph, channels interleaved.
    private struct Photograph {
        let width: Int
        let height: Int
        let channelCount: Int
        let values: [Float]
    }

    /// Files they are cut from.
    let names: [String]
    private let photographs: [Photograph]
    private let side: Int

    /// - Parameters:
    ///   - paths: Pictures, each at least `side` in both directions.
    ///   - side: Pixels in a row of what is cut.
    /// - Throws: `ExperimentError.unusableData`.
    init(paths: [String], side: Int) throws(ExperimentError) {
        var photographs: [Photograph] = []
        for path in paths {
            let set: SampleSet
            do {
                set = try MediaReader.read(path: path)
            } catch {
                throw .unusableData(path: path, reason: "\(error)")
            }
            guard let format = set.format.image, min(format.width, format.height) >= side else {
                throw .unusableData(path: path, reason: "a picture of at least \(side) × \(side) is needed.")
            }
            photographs.append(
                Photograph(
                    width: format.width, height: format.height, channelCount: set.dimension / (format.width * format.height),
                    values: Array(set.values.prefix(set.dimension))))
        }
        guard !photographs.isEmpty else { throw .unusableData(path: "", reason: "no picture was named.") }
        self.photographs = photographs
        self.side = side
        names = paths
    }

    /// Pictures of three channels, shape `[count, 3·side²]`.
    func draw(_ count: Int, using generator: inout CounterBasedGenerator) -> Matrix<Double> {
        var elements: [Double] = []
        elements.reserveCapacity(count * 3 * side * side)
        for _ in 0..<count {
            let photograph = photographs[Int.random(in: photographs.indices, using: &generator)]
            let size = Int.random(in: side...min(photograph.width, photograph.height), using: &generator)
            let left = Int.random(in: 0...photograph.width - size, using: &generator)
            let top = Int.random(in: 0...photograph.height - size, using: &generator)
            let isMirrored = Bool.random(using: &generator)
            for row in 0..<side {
                for place in 0..<side {
                    let column = isMirrored ? side - 1 - place : place
                    let rows = top + row * size / side..<top + (row + 1) * size / side
                    let columns = left + column * size / side..<left + (column + 1) * size / side
                    elements += Self.mean(of: photograph, rows: rows, columns: columns)
                }
            }
        }
        return Matrix(rowCount: count, columnCount: 3 * side * side, elements: elements)
    }

    /// Red, green and blue; a gray picture has all three alike.
    private static func mean(of photograph: Photograph, rows: Range<Int>, columns: Range<Int>) -> [Double] {
        var sums = [0.0, 0, 0]
        for row in rows {
            for column in columns {
                let place = (row * photograph.width + column) * photograph.channelCount
                for channel in 0..<3 { sums[channel] += Double(photograph.values[place + (photograph.channelCount < 3 ? 0 : channel)]) }
            }
        }
        let count = Double(rows.count * columns.count)
        return sums.map { $0 / count }
    }
}
