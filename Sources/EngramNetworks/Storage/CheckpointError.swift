/// Why training cannot resume from a checkpoint. None of these is a reason to fail: training starts over.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes do not begin as a checkpoint of this kind does.
    case notACheckpoint
    /// Another version of the format.
    case otherVersion(found: UInt64, expected: UInt64)
    /// Written on a machine with another byte order.
    case otherByteOrder
    /// The bytes end too soon, or go on after the end.
    case wrongLength(expectedByteCount: Int, foundByteCount: Int)
    /// The checksum does not fit the content.
    case damaged
    /// The content is sound but not what this version writes.
    case malformed(byteOffset: Int)
    /// It belongs to a run that differs in what `what` names.
    case otherRun(what: String)

    /// What was expected and what was found, to follow "because".
    public var description: String {
        switch self {
        case .notACheckpoint: "it is not a checkpoint"
        case .otherVersion(let found, let expected): "its format has version \(found), this program reads version \(expected)"
        case .otherByteOrder: "it was written on a machine with another byte order"
        case .wrongLength(let expected, let found): "it should have \(expected) bytes and has \(found)"
        case .damaged: "it is damaged: its checksum does not fit its content"
        case .malformed(let byteOffset): "its content is not in order at byte \(byteOffset)"
        case .otherRun(let what): "it belongs to a run with other \(what)"
        }
    }
}
