internal import EngramDrops
internal import EngramReports
internal import EngramSystem

/// The losses that workers have told so far, read on from where the last look ended.
struct LossHistory {
    private struct Reading {
        var token: String?
        var offset: Int64 = 0
        var rest: [UInt8] = []
        var rows: [LossRow] = []
    }

    /// Points that are kept of one drop: more than a curve can show.
    static let rowLimit = 1200
    /// Bytes that one look reads at most, so that it stays short.
    private static let pieceByteCount = 1 << 20

    private var readings: [String: Reading] = [:]

    /// Reads what the workers of these drops wrote since, and forgets all others.
    mutating func update(_ drops: [DropRow], folders: DropFolders, files: FileSystem) {
        var current: [String: Reading] = [:]
        for row in drops {
            var reading = readings[row.id] ?? Reading()
            if reading.token != row.token { reading = Reading(token: row.token) }
            read(&reading, folders.work(for: row.id).workerOutput, files)
            current[row.id] = reading
        }
        readings = current
    }

    /// The losses of one drop, oldest first.
    func rows(of id: String) -> [LossRow] { readings[id]?.rows ?? [] }

    private func read(_ reading: inout Reading, _ path: String, _ files: FileSystem) {
        guard let facts = try? files.facts(of: path), facts.kind == .file else { return }
        // Another attempt begins the file anew.
        if facts.byteCount < reading.offset { reading = Reading(token: reading.token) }
        guard facts.byteCount > reading.offset,
            let bytes = try? files.read(path, from: reading.offset, count: Self.pieceByteCount), !bytes.isEmpty
        else { return }
        reading.offset += Int64(bytes.count)
        var lines = (reading.rest + bytes).split(separator: 0x0a, omittingEmptySubsequences: false)
        // A worker's output is not trusted: a line without an end is not kept for ever.
        reading.rest = lines.popLast().map { $0.count > 1 << 16 ? [] : Array($0) } ?? []
        for line in lines {
            guard let message = ProgressMessage(line: Array(line)), let epoch = message.epoch, let loss = message.loss, epoch >= 0 else {
                continue
            }
            reading.rows.append(
                LossRow(
                    epoch: epoch, mse: loss, learningRate: message.learningRate, seconds: message.elapsedSeconds, phase: "training"))
        }
        while reading.rows.count > Self.rowLimit {
            let last = reading.rows.count - 1
            reading.rows = reading.rows.enumerated().filter { $0.offset.isMultiple(of: 2) || $0.offset == last }.map(\.element)
        }
    }
}
