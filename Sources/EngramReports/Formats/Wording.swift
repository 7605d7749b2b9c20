/// The words for one example and for the whole drop, by what it held.
struct Wording: Equatable {
    /// One example.
    let singular: String
    /// Several examples.
    let plural: String
    /// One stored code of an example, plural.
    let codes: String

    init(_ report: DropReport) {
        (singular, plural, codes) = report.media.wording.nouns(of: report.kind)
    }

    /// "1 frame", "382 frames".
    func counted(_ count: Int) -> String {
        "\(NumberText.count(count)) \(count == 1 ? singular : plural)"
    }

    /// "All 382 frames", "The frame" for one, as the start of a sentence.
    func all(_ count: Int) -> String {
        count == 1 ? "The \(singular)" : "All \(NumberText.count(count)) \(plural)"
    }
}
