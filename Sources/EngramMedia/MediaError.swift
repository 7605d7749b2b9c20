public import EngramSystem

/// Where in a file something was found.
public struct MediaPlace: Equatable, Sendable, CustomStringConvertible {
    /// Chunk or block name as the format spells it, for example `IDAT`.
    public var chunk: String?
    /// Offset from the first byte of the file.
    public var byteOffset: Int?

    /// A place; give what is known.
    public init(chunk: String? = nil, byteOffset: Int? = nil) {
        self.chunk = chunk
        self.byteOffset = byteOffset
    }

    /// For example `chunk IDAT at byte 57`.
    public var description: String {
        switch (chunk, byteOffset) {
        case (let chunk?, let offset?): "chunk \(chunk) at byte \(offset)"
        case (let chunk?, nil): "chunk \(chunk)"
        case (nil, let offset?): "byte \(offset)"
        case (nil, nil): "unknown place"
        }
    }
}

/// What can be wrong with a drop. Only `.system` may succeed when tried again with the same bytes.
public enum MediaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system refused: missing, no permission, I/O error, out of memory.
    case system(path: String, call: String, errorNumber: Int32)
    /// A symbolic link, device, socket or pipe where a file or folder is needed.
    case notAFile(path: String, found: String)
    /// The bytes break the rules of their format: truncated, damaged, or self-contradictory.
    case malformed(Failure)
    /// Valid, but of a kind that is not read.
    case unsupported(file: String, feature: String, remedy: String)
    /// Larger than a limit of `MediaLimits`.
    case overLimit(file: String, quantity: String, limit: Int, found: Int)
    /// The name says one kind, the bytes another.
    case nameContradictsContent(file: String, nameSays: String, contentIs: String)
    /// Two samples of one drop differ in something they must share.
    case mismatch(file: String, property: String, expected: String, reference: String, found: String)
    /// A folder that mixes kinds of entry.
    case mixedDrop(path: String, first: String, second: String)
    /// Nothing to learn from.
    case empty(path: String, found: String)
    /// An option that does not fit this drop.
    case invalidOption(name: String, expected: String, found: String)
    /// A value to write is NaN or infinite; `index` counts values row-major.
    case nonFiniteValue(index: Int)
    /// A cue that cannot be one of the memory that it is meant for.
    case unfitCue(file: String, property: String, memory: String, found: String, remedy: String)
    /// A codec could not write.
    case notWritten(file: String, reason: String)

    /// True where the same drop may be read later: the fault lies with the system, not with the bytes.
    public var isRetryable: Bool {
        if case .system = self { return true }
        return false
    }

    /// One sentence on what happened and one on what to do.
    public var description: String { failure.message }
}

/// The usual damage, said the same way everywhere.
let copyAgain = "The file is damaged or was cut short; copy it again."
