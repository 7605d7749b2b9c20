import EngramDrops
import EngramMedia

extension FormatKnowledge {
    /// The formats that are read, for a daemon that waits for whole files.
    static let media = FormatKnowledge { (file) throws(DropError) in try MediaFormats.all.completeness(of: file) }
}
