extension DropReport {
    /// What the drop held. Only the fields of its own kind are set; the others are absent from the JSON.
    package struct Media: ReportSection {
        package static let key: String? = "media"
        package static let isRequired = true

        /// A kind of media, by the word for it; a report of a kind that this version does not know can be read.
        package struct Kind: RawRepresentable, Codable, Hashable, Sendable {
            /// The word.
            package let rawValue: String

            /// The kind of that word.
            package init(rawValue: String) { self.rawValue = rawValue }

            /// PNG pictures, values in [0, 1].
            package static let image = Kind(rawValue: "image")
            /// Audio windows, values in [-1, 1].
            package static let audio = Kind(rawValue: "audio")
            /// Items of an IDX file.
            package static let idx = Kind(rawValue: "idx")
            /// Windows of words, characters or bytes.
            package static let text = Kind(rawValue: "text")
        }

        /// The kind of media.
        package var type: Kind
        /// Image: columns.
        package var width: Int?
        /// Image: rows.
        package var height: Int?
        /// Image or audio: channels per pixel or frame.
        package var channels: Int?
        /// Image: bits per channel in the file.
        package var bitDepth: Int?
        /// Audio: frames per second.
        package var sampleRateHz: Int?
        /// Audio: sample format of the file, such as `pcm_16`.
        package var sampleFormat: String?
        /// Audio: true length in frames, before the last window was padded.
        package var frames: Int?
        /// Audio: frames in one window, which is one example.
        package var windowFrames: Int?
        /// IDX: element type, such as `ubyte`; text: `words`, `characters` or `bytes`.
        package var elementType: String?
        /// IDX: shape of one item; text: of one window, which is tokens times distinct tokens.
        package var itemShape: [Int]?

        /// How the values that were learned follow from those of the medium: medium = offset + factor · value.
        package struct Scale: Codable, Equatable, Sendable {
            /// The medium's value that is 0.
            package var offset: Double
            /// How much of the medium 1 is.
            package var factor: Double

            /// Takes both as given.
            package init(offset: Double, factor: Double) {
                (self.offset, self.factor) = (offset, factor)
            }
        }

        /// The scale of the samples; absent where it is the medium's own.
        package var scale: Scale?
        /// Bits of the drop's codes that were held, where some had more; absent where all were held.
        package var heldBits: Int?
        /// By which rules the files were read; absent from reports of earlier versions, which had the first.
        package var reading: Int?

        /// Marks that tell equal samples of a sequence apart.
        package struct Repeats: Codable, Equatable, Sendable {
            /// Values of a mark, which stand after those of the sample.
            package var entries: Int
            /// The value of a mark's zeros.
            package var low: Float
            /// The value of a mark's ones.
            package var high: Float
            /// The samples whose mark is not that of number 0.
            package var samples: [Int]
            /// The number of each of those.
            package var numbers: [Int]

            /// Takes every value as given.
            package init(entries: Int, low: Float, high: Float, samples: [Int], numbers: [Int]) {
                (self.entries, self.low, self.high) = (entries, low, high)
                (self.samples, self.numbers) = (samples, numbers)
            }
        }

        /// What tells equal samples apart; absent where nothing has to.
        package var repeats: Repeats?
        /// Samples of each cycle; absent for an autoencoder, and from reports of earlier versions.
        package var cycleLengths: [Int]?

        /// Takes every value as given; nothing is computed or checked.
        package init(
            type: Kind, width: Int? = nil, height: Int? = nil, channels: Int? = nil, bitDepth: Int? = nil, sampleRateHz: Int? = nil,
            sampleFormat: String? = nil, frames: Int? = nil, windowFrames: Int? = nil, elementType: String? = nil, itemShape: [Int]? = nil
        ) {
            self.type = type
            self.width = width
            self.height = height
            self.channels = channels
            self.bitDepth = bitDepth
            self.sampleRateHz = sampleRateHz
            self.sampleFormat = sampleFormat
            self.frames = frames
            self.windowFrames = windowFrames
            self.elementType = elementType
            self.itemShape = itemShape
        }
    }
}

extension DropReport {
    /// What the drop held.
    package var media: Media {
        get { required() }
        set { sections[Media.self] = newValue }
    }
}
