package import EngramDrops
package import EngramSystem

/// Where the job of a drop stands in a cluster, as the daemon wrote it down last.
package enum ClusterNews {
    /// What was written; nil where the drop's worker is no job of a cluster.
    package static func of(_ row: DropRow, in folders: DropFolders, files: FileSystem = FileSystem()) -> JSONValue? {
        let path = folders.work(for: row.id).cluster
        return (try? files.read(path, count: 64 << 10)).flatMap { try? JSONValue.parse($0, path: path) }
    }

    /// The sentence for people.
    package static func text(_ news: JSONValue?) -> String? { news?["text"]?.string }

    /// What was asked for, in the options of `sbatch`.
    package static func request(_ news: JSONValue?) -> String? {
        guard let request = news?["request"] else { return nil }
        var parts: [String] = []
        if let partition = request["partition"]?.string { parts.append("partition \(partition)") }
        if let cpus = request["cpus"]?.integer { parts.append("\(cpus) \(cpus == 1 ? "processor" : "processors")") }
        if let memory = request["memory_bytes"]?.integer { parts.append(DiskAdmission.text(memory)) }
        if let seconds = request["seconds"]?.integer { parts.append("at most " + FigureText.duration(Double(seconds))) }
        if let gres = request["gres"]?.string { parts.append(gres) }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
