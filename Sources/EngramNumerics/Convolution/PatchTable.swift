/// Which rows of an image the taps of a kernel read at each place, and what becomes of the results.
///
/// An image is a matrix of a row for each pixel and a column for each channel. A term of a convolution gathers a patch for each place and
/// multiplies it by weights. Where several taps of the kernel read the same row at every place, as they do after nearest upsampling, one
/// column of patches stands for all of them, with the sum of their weights.
package struct PatchTable: Sendable, Equatable {
    /// Places of one image.
    package let placeCount: Int
    /// Columns of patches, times channels.
    package let cellCount: Int
    /// The row that each cell of each place reads, negative for none; shape `[placeCount, cellCount]`.
    let rows: [Int32]
    /// The taps of the kernel that each cell stands for.
    let taps: [[Int]]
    /// The row of the output that each place is; nil for all of them in order.
    let outputs: [Int32]?

    /// A table without those cells that read nothing at any place.
    ///
    /// - Parameters:
    ///   - rows: For each place the row of each cell, nil for none.
    ///   - taps: The taps of the kernel that each cell stands for.
    ///   - outputs: The row of the output that each place is; nil for all of them in order.
    package init(rows: [[Int?]], taps: [[Int]], outputs: [Int]? = nil) {
        let kept = taps.indices.filter { cell in rows.contains { $0[cell] != nil } }
        placeCount = rows.count
        cellCount = kept.count
        self.rows = rows.flatMap { place in kept.map { Int32(place[$0] ?? -1) } }
        self.taps = kept.map { taps[$0] }
        self.outputs = outputs.map { $0.map { Int32($0) } }
    }

    /// Whether cells are the kernel's taps, all of them and in order: then weights need no folding.
    func isPlain(tapCount: Int) -> Bool { taps.count == tapCount && taps.enumerated().allSatisfy { $1 == [$0] } }
}

/// The image that a convolution reads. Columns of the weights go tap by tap, and channel by channel in each.
package struct ConvolutionInput: Sendable, Equatable {
    /// Pixels of the image.
    package let pixelCount: Int
    /// Channels of the image.
    package let channelCount: Int
    /// Taps of the kernel.
    package let tapCount: Int
    /// Together they cover every output once.
    package let terms: [PatchTable]

    /// An input from its parts.
    package init(pixelCount: Int, channelCount: Int, tapCount: Int, terms: [PatchTable]) {
        self.pixelCount = pixelCount
        self.channelCount = channelCount
        self.tapCount = tapCount
        self.terms = terms
    }

    /// Columns of the weights.
    package var columnCount: Int { tapCount * channelCount }

    /// Multiplications and additions for one image and output channel.
    package var operationCount: Double { terms.reduce(0) { $0 + 2 * Double($1.placeCount * $1.cellCount * channelCount) } }
}
