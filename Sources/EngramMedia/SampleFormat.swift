/// The colour channels of an image, in the order in which they are stored.
public enum ColorKind: String, Equatable, Sendable {
    case gray
    case grayAlpha
    case rgb
    case rgba

    /// Channels of one pixel.
    public var channelCount: Int {
        switch self {
        case .gray: 1
        case .grayAlpha: 2
        case .rgb: 3
        case .rgba: 4
        }
    }
}

/// Shape and depth of every image of a set. Values are `[height, width, channels]`, row-major, in [0, 1].
public struct ImageFormat: Equatable, Sendable {
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int
    /// Gray or colour, with or without alpha.
    public var colorKind: ColorKind
    /// Bits of a code: 8 or 16, for `.gray` also 1, 2 and 4.
    public var bitDepth: Int

    /// A format; the writer checks it.
    public init(width: Int, height: Int, colorKind: ColorKind, bitDepth: Int) {
        self.width = width
        self.height = height
        self.colorKind = colorKind
        self.bitDepth = bitDepth
    }

    /// Channels of one pixel.
    public var channels: Int { colorKind.channelCount }
    /// Values of one image.
    public var dimension: Int { width * height * channels }
}

/// An audio file format, as libsndfile divides them.
public enum AudioContainer: String, Equatable, Sendable, CaseIterable {
    case wav, wavex, rf64, w64, aiff, au, caf, flac, ogg
    case mpeg = "mp3"
}

/// How a sample is stored inside a container.
public enum AudioSubtype: String, Equatable, Sendable, CaseIterable {
    case pcmS8, pcmU8, pcm16, pcm24, pcm32, float, double, ulaw, alaw, imaADPCM, msADPCM, vorbis, opus
    case mpegLayer1, mpegLayer2, mpegLayer3

    /// Bits of an integer code, nil for floats and lossy codes.
    public var integerBitCount: Int? {
        switch self {
        case .pcmS8, .pcmU8: 8
        case .pcm16: 16
        case .pcm24: 24
        case .pcm32: 32
        default: nil
        }
    }

    /// True where a written sample reads back as it was.
    public var isLossless: Bool { integerBitCount != nil || self == .float || self == .double }
}

/// Byte order of the samples.
public enum AudioByteOrder: String, Equatable, Sendable {
    /// The container's usual order.
    case containerDefault
    case little
    case big
}

/// One audio file of a set.
public struct AudioClip: Equatable, Sendable {
    /// File name.
    public var name: String
    /// True length in frames; the last window may be padded beyond it.
    public var frameCount: Int
    /// The samples (windows) of the set that hold it.
    public var samples: Range<Int>

    /// A clip from its parts.
    public init(name: String, frameCount: Int, samples: Range<Int>) {
        self.name = name
        self.frameCount = frameCount
        self.samples = samples
    }
}

/// Rate, channels and storage of every clip of a set. A sample is one window, `[windowFrameCount, channels]`,
/// row-major (channels interleaved), full scale 1.
public struct AudioFormat: Equatable, Sendable {
    /// Frames a second.
    public var sampleRateHz: Int
    /// Values of one frame.
    public var channels: Int
    /// File format of the drop.
    public var container: AudioContainer
    /// Sample storage of the drop.
    public var subtype: AudioSubtype
    /// Byte order of the drop.
    public var byteOrder: AudioByteOrder
    /// Frames of one window.
    public var windowFrameCount: Int
    /// The files, in the order of their windows.
    public var clips: [AudioClip]
    /// Speaker positions, as WAVE_FORMAT_EXTENSIBLE has them; nil where the drop's header has none.
    public var channelMask: UInt32?
    /// Bits of a sample that count, where the drop's header says that they are fewer than its container's.
    public var validBitCount: Int?

    /// True length of all clips together, frames.
    public var totalFrameCount: Int { clips.reduce(0) { $0 + $1.frameCount } }

    /// True where a recovered clip is written as it came; lossy input comes back as 16-bit WAV.
    public var isWrittenAsRead: Bool { subtype.isLossless && container != .ogg && container != .mpeg }

    /// Bits of the integer codes of the recovered file, nil for floats.
    public var writtenBitCount: Int? { isWrittenAsRead ? subtype.integerBitCount : 16 }
}

/// Element types of IDX; the raw value is the type code at byte 2.
public enum IDXElementType: UInt8, Equatable, Sendable, CaseIterable {
    case ubyte = 0x08
    case byte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .ubyte, .byte: 1
        case .short: 2
        case .int, .float: 4
        case .double: 8
        }
    }
}

/// One of the files of an IDX drop.
public struct IDXFile: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its items.
    public var itemCount: Int
    /// Whether it came as .gz and goes back as .gz.
    public var isGzipped: Bool
}

/// Shape and element type of an IDX drop. A sample is one item along the first axis, row-major.
public struct IDXFormat: Equatable, Sendable {
    /// Name of the file.
    public var fileName: String
    /// Stored type.
    public var elementType: IDXElementType
    /// Dimensions of one item: all but the first of the file.
    public var itemDimensions: [Int]
    /// Whether the file came as .gz and goes back as .gz.
    public var isGzipped: Bool
    /// Where a drop has several files of such items, all of them in order; empty for one file.
    public var files: [IDXFile] = []
}

/// What the samples of a set were, and so what they are written back as.
///
/// A value of one of the kinds of samples. A further kind is a type that conforms to `SampleKind`, and the `MediaFormat` that reads and writes
/// it; nothing else asks which kinds there are.
public struct SampleFormat: Sendable {
    /// The kind's own answers.
    package let kind: any SampleKind

    /// Samples of this kind.
    package init(_ kind: any SampleKind) { self.kind = kind }

    /// Pictures.
    public static func image(_ format: ImageFormat) -> SampleFormat { SampleFormat(format) }
    /// Windows of sound.
    public static func audio(_ format: AudioFormat) -> SampleFormat { SampleFormat(format) }
    /// Items of an IDX file.
    public static func idx(_ format: IDXFormat) -> SampleFormat { SampleFormat(format) }

    /// Of pictures their format, else nil.
    public var image: ImageFormat? { kind as? ImageFormat }
    /// Of sound its format, else nil.
    public var audio: AudioFormat? { kind as? AudioFormat }
    /// Of items of an IDX file their format, else nil.
    public var idx: IDXFormat? { kind as? IDXFormat }
}

extension SampleFormat: Equatable {
    /// Whether both are of one kind and equal.
    public static func == (left: SampleFormat, right: SampleFormat) -> Bool { left.kind.isEqual(to: right.kind) }
}

extension SampleKind {
    fileprivate func isEqual(to other: any SampleKind) -> Bool { other as? Self == self }
}
