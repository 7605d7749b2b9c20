package import EngramSystem

/// One file format: how it is recognised, when a growing file of it is whole, and how it is read, written and shown.
///
/// A format is a folder of `Formats/` and one line of `MediaFormats.all`.
package protocol MediaFormat: Sendable {
    /// With its article, as in `a PNG image`.
    var description: String { get }
    /// Endings of names whose files must begin as this format does; a file that is being reserved holds zeros there.
    var endings: [NameEnding] { get }

    /// What its samples are: files of formats of one name here are read together, told by their bytes alone.
    var samplesName: String { get }
    /// The rules of reading that knew this format first; by earlier ones its files are none that is read.
    var firstRules: ReadingRules { get }

    /// Whether the name alone says that a file is of this format, which has no mark in its bytes.
    var isToldByName: Bool { get }

    /// Whether a folder of folders of such files is a drop: one sequence in each.
    var comesInFolders: Bool { get }

    /// Whether the first bytes of a file, 64 where it has them, are this format's.
    func isBegun(by head: [UInt8]) -> Bool
    /// Whether a file's name says that it is of this format.
    func isMeant(by name: String) -> Bool

    /// Whether the file is all there; nil where its bytes do not say enough to be judged by this format.
    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness?
    /// How much the file holds, from its header alone; nil where that does not say it.
    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape?

    /// Decodes the files of one drop, which are all of this format.
    /// - Throws: `MediaError`; `.mixedDrop` for more files than one drop of this format may have.
    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet
    /// Whether samples of this kind came from this format and are written as it.
    func holds(_ format: SampleFormat) -> Bool
    /// Writes samples that `holds` is true for, as files with the names of the drop.
    /// - Parameter values: Shape `[set.count, set.dimension]`, row-major.
    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile]
    /// A picture of one sample of such a set; nil where it is none to look at.
    func preview(of values: [Float], in set: SampleSet) -> ImagePreview?

    /// Decodes a cue, fits it to the memory, and adds it.
    /// - Parameter mask: Which entries are known, where a picture lies beside the cue that says so.
    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError)
}

extension MediaFormat {
    /// A format for itself.
    package var samplesName: String { description }

    /// Always known.
    package var firstRules: ReadingRules { .first }

    /// No.
    package var comesInFolders: Bool { false }

    /// No: bytes decide.
    package var isToldByName: Bool { false }

    /// A picture where the set has a size to be shown in.
    package func preview(of values: [Float], in set: SampleSet) -> ImagePreview? { set.scaledPreview(of: values) }
}

/// An ending of a name, and how files of that name must begin.
package struct NameEnding: Equatable, Sendable {
    /// In lower case, with its dot.
    package let ending: String
    /// With its article, as in `a WAV`.
    package let format: String
    /// One of these stands at the beginning; empty where the bytes have been looked at already.
    package let beginnings: [String]
}

/// What one file holds.
package struct MediaShape: Equatable, Sendable {
    /// Pictures, windows or items.
    package var sampleCount: Int
    /// Values of one of them.
    package var dimension: Int
}

/// A file of a drop.
package struct MediaSource: Equatable, Sendable {
    /// Its path within the drop; what messages call it.
    package var name: String
    /// Where it is.
    package var path: String
}

/// The files of one format that are read together.
package struct MediaGroup: Equatable, Sendable {
    /// The drop, as messages call it.
    package var name: String
    /// In the order of the samples.
    package var files: [MediaSource]
    /// Which files lie in a folder of their own, where the drop has such; nil for the files of one folder and for a single file.
    package var folders: [Range<Int>]?
}
