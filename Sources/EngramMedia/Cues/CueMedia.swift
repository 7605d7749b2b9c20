/// What a cue file held, on the scale of the memory that it is meant for.
public struct CueMedia: Equatable, Sendable {
    /// One damaged picture or item.
    public struct Item: Equatable, Sendable {
        /// File name, with the number of the item where the file holds several.
        public var name: String
        /// Shape `[dimension]`, in the memory's layout.
        public var values: [Float]
        /// Which entries are known; nil where nothing says that any is missing.
        public var isKnown: [Bool]?
        /// What was converted, and what marked entries as missing.
        public var notes: [String]
        /// For a cue of several samples all of them in their order, the last of which is `values`; empty for a cue of one.
        public var reading: [Reading] = []

        /// An item from its parts.
        public init(name: String, values: [Float], isKnown: [Bool]? = nil, notes: [String] = []) {
            self.name = name
            self.values = values
            self.isKnown = isKnown
            self.notes = notes
        }
    }

    /// One of several samples that a cue gives one after another.
    public struct Reading: Equatable, Sendable {
        /// Shape `[dimension]`, in the memory's layout; nil where the memory has no such sample. Several entries of a token may be 1 where the
        /// cue leaves open which is meant.
        public var values: [Float]?
        /// As the cue has it.
        public var bytes: [UInt8]

        /// A sample from its parts.
        public init(values: [Float]?, bytes: [UInt8]) { (self.values, self.bytes) = (values, bytes) }
    }

    /// One stretch of sound, of any length, at the memory's rate and with its channels.
    public struct Clip: Equatable, Sendable {
        /// File name.
        public var name: String
        /// Shape `[frames, channels]`, row-major.
        public var values: [Float]
        /// Which frames are known; nil where nothing says that any is missing.
        public var isKnown: [Bool]?
        /// What was converted.
        public var notes: [String]

        /// A clip from its parts.
        public init(name: String, values: [Float], isKnown: [Bool]? = nil, notes: [String] = []) {
            self.name = name
            self.values = values
            self.isKnown = isKnown
            self.notes = notes
        }
    }

    /// Pictures and items; empty for a memory of sound.
    public var items: [Item] = []
    /// Sound; empty for any other memory.
    public var clips: [Clip] = []
    /// What concerns the whole, such as files that were passed over.
    public var notes: [String] = []
}

/// How a cue is read.
public struct CueReadOptions: Equatable, Sendable {
    /// Checked before memory is taken.
    public var limits = MediaLimits()
    /// The code, as the file stores it, that stands for a missing entry; nil where none does.
    public var missingCode: Double?
    /// A mask for a cue that is one picture: white is known, black is missing; nil to look for none.
    public var maskPath: String?

    /// No code and no mask.
    public init() {}
}
