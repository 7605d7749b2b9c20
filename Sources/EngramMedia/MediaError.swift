internal import EngramSystem

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

/// One verdict on one file: what was expected where, what was found, and what to do about it.
public struct MediaFault: Equatable, Sendable {
    /// The file, as the drop names it.
    public var file: String
    /// Where in the file, if known.
    public var place: MediaPlace?
    /// What the format asks for.
    public var expected: String
    /// What the file holds.
    public var found: String
    /// What the owner of the file can do.
    public var remedy: String

    /// A verdict with every part a reader needs.
    public init(file: String, place: MediaPlace? = nil, expected: String, found: String, remedy: String) {
        self.file = file
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy
    }
}

/// What can be wrong with a drop. Only `.system` may succeed when tried again with the same bytes.
public enum MediaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system refused: missing, no permission, I/O error, out of memory.
    case system(path: String, call: String, errorNumber: Int32)
    /// A symbolic link, device, socket or pipe where a file or folder is needed.
    case notAFile(path: String, found: String)
    /// The bytes break the rules of their format: truncated, damaged, or self-contradictory.
    case malformed(MediaFault)
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
    public var description: String {
        switch self {
        case .system(let path, let call, let errorNumber):
            "\(path): \(call) failed: \(SystemMessage.text(of: errorNumber)) (errno \(errorNumber)). \(systemRemedy(errorNumber))"
        case .notAFile(let path, let found):
            "\(path): expected a regular file or a folder, found \(found). Links are not followed; drop a copy of the file itself."
        case .malformed(let fault):
            "\(fault.file): \(fault.place.map { "\($0): " } ?? "")expected \(fault.expected), found \(fault.found). \(fault.remedy)"
        case .unsupported(let file, let feature, let remedy):
            "\(file): \(feature) is not read. \(remedy)"
        case .overLimit(let file, let quantity, let limit, let found):
            "\(file): \(quantity) is \(found), the limit is \(limit). Make it smaller, or raise the limit in the settings."
        case .nameContradictsContent(let file, let nameSays, let contentIs):
            "\(file): expected \(nameSays) from its name, found \(contentIs). Give it the name of what it holds, and drop it again."
        case .mismatch(let file, let property, let expected, let reference, let found):
            "\(file): \(property) is \(found), expected \(expected) as in \(reference). One drop holds samples of one kind; convert or "
                + "split it."
        case .mixedDrop(let path, let first, let second):
            "\(path): expected entries of one kind, found \(first) beside \(second). Drop them separately."
        case .empty(let path, let found):
            "\(path): expected at least one PNG, audio or IDX sample, found \(found). Put the media in and drop it again."
        case .invalidOption(let name, let expected, let found):
            "\(name): expected \(expected), found \(found). Change the setting and drop it again."
        case .nonFiniteValue(let index):
            "value \(index) to write: expected a finite number, found NaN or infinity. The recall diverged; nothing was written."
        case .unfitCue(let file, let property, let memory, let found, let remedy):
            "\(file): \(property) is \(found), the memory's is \(memory). \(remedy)"
        case .notWritten(let file, let reason):
            "\(file): expected to write it in the drop's own format, found: \(reason). Report this with the file."
        }
    }
}

/// The usual damage, said the same way everywhere.
let copyAgain = "The file is damaged or was cut short; copy it again."
