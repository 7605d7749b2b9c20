/// What formats know of files. The daemon itself knows names and bytes only; who composes it brings the formats.
package struct FormatKnowledge: Sendable {
    /// Whether a file is all there, judged by its name and a few of its bytes.
    package typealias Completeness = @Sendable (GrowingFile<DropError>) throws(DropError) -> FileCompleteness

    let completeness: Completeness

    /// The given formats.
    package init(completeness: @escaping Completeness) { self.completeness = completeness }

    /// No formats: every file that is not empty is taken once its size is stable.
    package static let none = FormatKnowledge { (file) throws(DropError) in
        file.byteCount > 0 ? .unknown : .incomplete(reason: "the file is empty")
    }

    /// Looks at one file.
    func completeness(of path: String, name: String, byteCount: Int64, files: FileSystem) throws(DropError) -> FileCompleteness {
        try completeness(
            GrowingFile(name: name, byteCount: byteCount) { (offset, count) throws(DropError) in
                try files.read(path, from: offset, count: count)
            })
    }
}

/// Whether an entry of the inbox, a file or a folder with everything in it, is all there.
enum EntryCompleteness: Equatable, Sendable {
    /// As far as names and formats say.
    case complete
    /// Something says that there is more to come, or less than there is.
    case incomplete(reason: String)
    /// There is nothing yet that could be judged, or its owner calls it unfinished: it is waited for however long it takes.
    case awaited(reason: String)

    /// A format that does not say where its files end leaves it to their size.
    init(_ file: FileCompleteness) {
        switch file {
        case .complete, .unknown: self = .complete
        case .incomplete(let reason): self = .incomplete(reason: reason)
        }
    }
}
