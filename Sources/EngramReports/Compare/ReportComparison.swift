package import Foundation
internal import EngramSystem

/// Two reports of one job, figure by figure.
package struct ReportComparison: Equatable, Sendable {
    /// One report.
    package struct Side: Equatable, Sendable {
        /// What it is called.
        package var label: String
        /// The bytes of `report.json`.
        package var json: Data

        /// Takes both as given.
        package init(label: String, json: Data) { (self.label, self.json) = (label, json) }
    }

    /// One figure in both.
    package struct Figure: Equatable, Sendable {
        /// Its path in `report.json`, such as `network.width` or `recall[uniform noise].recovered`.
        package var name: String
        /// As text; a dash where a report does not have it.
        package var a: String
        /// The same of the other.
        package var b: String
        /// Whether the two are not the same.
        package var differs: Bool
        /// For numbers by how much; nil elsewhere.
        package var change: String?
        /// Whether both are numbers, or one is and the other has none.
        package var isNumber: Bool
    }

    /// What the two are called.
    package let labels: (a: String, b: String)
    /// The job of both.
    package let job: String
    /// All figures: what says most first.
    package let figures: [Figure]
    /// What came of each, in a few words.
    package let headlines: (a: String, b: String)

    package static func == (left: Self, right: Self) -> Bool {
        left.labels == right.labels && left.job == right.job && left.figures == right.figures && left.headlines == right.headlines
    }

    /// Compares.
    /// - Throws: `ComparisonError` where one cannot be read, or they are of different jobs.
    package init(_ a: Side, _ b: Side) throws(ComparisonError) {
        let (first, second) = (try Self.read(a), try Self.read(b))
        guard first.job == second.job else { throw .differentJobs(a: first.job, b: second.job) }
        (labels, job, headlines) = ((a.label, b.label), first.job, (first.headline, second.headline))
        let (left, right) = (FlatReport(first.json), FlatReport(second.json))
        let names = Set(left.values.keys).union(right.values.keys)
        let places = Dictionary(left.order + right.order.map { $0 }, uniquingKeysWith: min)
        figures = names.sorted { (Self.rank($0), places[$0] ?? 0, $0) < (Self.rank($1), places[$1] ?? 0, $1) }
            .map { Self.figure($0, left.values[$0], right.values[$0]) }
    }

    private static func read(_ side: Side) throws(ComparisonError) -> (json: JSONValue, job: String, headline: String) {
        do {
            let header = try ReportHeader(json: side.json)
            let json = try JSONValue.parse(Array(side.json))
            var headline = (try? GeneralReport(json: side.json))?.summary.headline ?? ""
            if let outcome = try? DropReport(json: side.json).outcome { headline = outcome.grade.text }
            return (json, header.jobName, headline)
        } catch {
            throw .unreadable(label: side.label, reason: "\(error)")
        }
    }

    /// Sections in the order in which they are asked about; the rest comes after them.
    private static let sections = [
        "outcome", "summary", "samples", "dimension", "recall", "attractors", "cycles", "recovery", "spurious", "network", "training",
        "seconds", "media", "threads", "seed", "versions",
    ]

    private static func rank(_ name: String) -> Int {
        let head = name.prefix { $0 != "." && $0 != "[" }
        return sections.firstIndex(of: String(head)) ?? sections.count
    }

    private static func figure(_ name: String, _ a: JSONValue?, _ b: JSONValue?) -> Figure {
        let (x, y) = (number(a), number(b))
        var change: String?
        if let x, let y, x != y {
            let difference = y - x
            change = (difference > 0 ? "+" : "") + text(difference)
            if x != 0, y != 0, (x > 0) == (y > 0) { change? += " (× \(NumberText.significant(y / x, digits: 3)))" }
        }
        return Figure(
            name: name, a: text(a), b: text(b), differs: a != b, change: change,
            isNumber: (x != nil || a == nil || a == .null) && (y != nil || b == nil || b == .null) && (x != nil || y != nil))
    }

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: NumberText.missing
        case .bool(let flag): flag ? "yes" : "no"
        case .integer(let number): Int(exactly: number).map(NumberText.count) ?? "\(number)"
        case .number(let number): text(number)
        case .string(let text): text
        case .array, .object: "…"
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15
            ? NumberText.count(Int(saturating: number)) : NumberText.significant(number, digits: 4)
    }

    /// The bytes of the JSON form, `engram-comparison/1`.
    package func json() -> Data {
        func side(_ label: String, _ headline: String) -> JSONValue {
            .object([.init("name", .string(label)), .init("outcome", .string(headline))])
        }
        let value = JSONValue.object([
            .init("schema", .string("engram-comparison/1")), .init("job", .string(job)), .init("a", side(labels.a, headlines.a)),
            .init("b", side(labels.b, headlines.b)),
            .init(
                "figures",
                .array(
                    figures.map { figure in
                        .object([
                            .init("name", .string(figure.name)), .init("a", .string(figure.a)), .init("b", .string(figure.b)),
                            .init("differs", .bool(figure.differs)), .init("change", figure.change.map { .string($0) } ?? .null),
                        ])
                    })),
        ])
        return Data(value.encoded())
    }
}

/// Why two reports cannot be compared.
package enum ComparisonError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One of them is no report.
    case unreadable(label: String, reason: String)
    /// They say different things.
    case differentJobs(a: String, b: String)

    package var description: String {
        switch self {
        case .unreadable(let label, let reason): "the report of \(label) cannot be read: \(reason)"
        case .differentJobs(let a, let b): "one report is of the job \(a) and the other of the job \(b), which have no figures in common."
        }
    }
}

/// Every value of a report by its path. What a list holds is named by what tells its members apart, so that a member that only one report
/// has does not shift the others.
private struct FlatReport {
    var values: [String: JSONValue] = [:]
    /// Where each path came in the report.
    var order: [(String, Int)] = []

    /// Members of a list beyond these are the files' business.
    private static let listLimit = 400
    /// By what members of lists are known, in this order.
    private static let keys = ["start", "corruption", "level", "criterion_mse", "name", "path", "fold", "column", "model", "method"]
    /// Sentences that repeat what figures say.
    private static let prose: Set<String> = ["criterion", "because", "setting", "text", "command"]

    init(_ json: JSONValue) {
        take(json, "")
    }

    private mutating func take(_ value: JSONValue, _ path: String) {
        switch value {
        case .object(let members):
            for member in members where !Self.prose.contains(member.name) {
                take(member.value, path.isEmpty ? member.name : path + "." + member.name)
            }
        case .array(let list):
            var seen: [String: Int] = [:]
            for (index, item) in list.prefix(Self.listLimit).enumerated() {
                var name = Self.name(of: item) ?? "\(index + 1)"
                let count = (seen[name] ?? 0) + 1
                seen[name] = count
                if count > 1 { name += " #\(count)" }
                take(item, "\(path)[\(name)]")
            }
            if list.count > Self.listLimit { set("\(path).count", .integer(Int64(list.count))) }
        default: set(path, value)
        }
    }

    private mutating func set(_ path: String, _ value: JSONValue) {
        if values[path] == nil { order.append((path, order.count)) }
        values[path] = value
    }

    private static func name(of item: JSONValue) -> String? {
        let parts = keys.compactMap { key -> String? in
            switch item[key] {
            case .string(let text): text
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            default: nil
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
