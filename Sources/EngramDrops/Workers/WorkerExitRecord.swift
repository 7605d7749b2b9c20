/// The exit code as the worker itself writes it down, last of all: only its parent learns it from the kernel, and that may be gone.
package enum WorkerExitRecord {
    /// In the folder of the checkpoint, where the worker may write and nothing is published.
    static let fileName = "exit.json"

    /// Writes the record in one step.
    /// - Parameters:
    ///   - code: The code that the process is about to end with.
    ///   - token: Names the attempt.
    ///   - folder: The checkpoint's folder.
    package static func write(_ code: Int32, token: String, in folder: String, files: FileSystem = FileSystem()) throws(DropError) {
        let record = JSONValue.object([
            .init("token", .string(token)), .init("code", .integer(Int64(code))), .init("boot", .string(InstanceLock.bootIdentifier())),
        ])
        // Not flushed: after a loss of power it does not count, since the result may not be whole either.
        try files.write(record.encoded(), to: folder + "/" + fileName, isDurable: false)
    }

    /// How the worker of an attempt ended; nil where it did not say so since the machine started.
    static func read(token: String, in folder: String, files: FileSystem = FileSystem()) -> WorkerExit? {
        let path = folder + "/" + fileName
        guard let bytes = try? files.read(path, count: 4096), let record = try? JSONValue.parse(bytes, path: path),
            record["token"]?.string == token, record["boot"]?.string == InstanceLock.bootIdentifier(),
            let code = record["code"]?.integer.flatMap({ Int32(exactly: $0) })
        else { return nil }
        return .exited(code: code)
    }
}
