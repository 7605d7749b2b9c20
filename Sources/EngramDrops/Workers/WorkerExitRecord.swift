/// The exit code as the worker itself writes it down, last of all: only its parent learns it from the kernel, and that may be gone. With it
/// what the worker did with the drop, which its content decided.
package enum WorkerExitRecord {
    /// In the folder of the checkpoint, where the worker may write and nothing is published.
    static let fileName = "exit.json"

    /// Writes the record in one step.
    /// - Parameters:
    ///   - code: The code that the process is about to end with.
    ///   - token: Names the attempt.
    ///   - job: The name of what was done; nil where it did not come to that.
    ///   - folder: The checkpoint's folder.
    package static func write(
        _ code: Int32, token: String, job: String? = nil, in folder: String, files: FileSystem = FileSystem()
    ) throws(DropError) {
        let record = JSONValue.object([
            .init("token", .string(token)), .init("code", .integer(Int64(code))), .init("job", job.map { .string($0) } ?? .null),
            .init("boot", .string(InstanceLock.bootIdentifier())),
        ])
        // Not flushed: after a loss of power it does not count, since the result may not be whole either.
        try files.write(record.encoded(), to: folder + "/" + fileName, isDurable: false)
    }

    /// How the worker of an attempt ended; nil where it did not say so since the machine started.
    static func read(token: String, in folder: String, files: FileSystem = FileSystem()) -> WorkerExit? {
        guard let record = record(of: token, in: folder, files: files),
            let code = record["code"]?.integer.flatMap({ Int32(exactly: $0) })
        else { return nil }
        return .exited(code: code)
    }

    /// What the worker of an attempt did with the drop; nil where it did not say.
    static func job(token: String, in folder: String, files: FileSystem = FileSystem()) -> JobKind? {
        record(of: token, in: folder, files: files)?["job"]?.string.flatMap(JobKind.kind(named:))
    }

    private static func record(of token: String, in folder: String, files: FileSystem) -> JSONValue? {
        let path = folder + "/" + fileName
        guard let bytes = try? files.read(path, count: 4096), let record = try? JSONValue.parse(bytes, path: path),
            record["token"]?.string == token, record["boot"]?.string == InstanceLock.bootIdentifier()
        else { return nil }
        return record
    }
}
