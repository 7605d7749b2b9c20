internal import EngramSystem

/// A drawing under construction. Coordinates are rounded to a tenth of a unit: finer than a screen shows, and the same bytes every time.
///
/// Colours come from the page's style sheet through classes, so that one drawing serves light, dark and print.
struct SVG {
    /// Where text sits relative to its point.
    enum Anchor: String {
        case start, middle, end
    }

    let width: Double
    let height: Double
    private var body: [String] = []

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
        path("M\(Self.text(x1)) \(Self.text(y1))L\(Self.text(x2)) \(Self.text(y2))", class: name)
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class name: String, title: String? = nil) {
        let shape =
            "<rect x=\"\(Self.text(x))\" y=\"\(Self.text(y))\" width=\"\(Self.text(max(width, 0)))\" height=\"\(Self.text(max(height, 0)))\""
        body.append("\(shape) class=\"\(name)\"\(Self.closing("rect", title))")
    }

    mutating func circle(x: Double, y: Double, radius: Double, class name: String, title: String? = nil) {
        let shape = "<circle cx=\"\(Self.text(x))\" cy=\"\(Self.text(y))\" r=\"\(Self.text(radius))\""
        body.append("\(shape) class=\"\(name)\"\(Self.closing("circle", title))")
    }

    mutating func path(_ data: String, class name: String) {
        body.append("<path d=\"\(data)\" class=\"\(name)\"/>")
    }

    /// An open line through `points`.
    mutating func polyline(_ points: [(x: Double, y: Double)], class name: String) {
        guard let first = points.first else { return }
        let rest = points.dropFirst().map { "L\(Self.text($0.x)) \(Self.text($0.y))" }.joined()
        path("M\(Self.text(first.x)) \(Self.text(first.y))\(rest)", class: name)
    }

    /// A dot at each place, each cell of a `cell`-wide grid at most once: tens of thousands of eigenvalues stay a small file.
    ///
    /// Drawn as zero-length segments with round caps, nine bytes a dot. The style sheet sets the stroke width.
    mutating func dots(_ points: [(x: Double, y: Double)], cell: Double, class name: String) {
        var seen = Set<Int>()
        var data = ""
        for point in points where point.x.isFinite && point.y.isFinite {
            let column = (point.x / cell).rounded()
            let row = (point.y / cell).rounded()
            // Coordinates lie on the drawing, so they are far inside the range of Int.
            guard abs(column) < 1e6, abs(row) < 1e6, seen.insert(Int(saturating: column) * 2_000_001 + Int(saturating: row)).inserted else {
                continue
            }
            data += "M\(Self.text(column * cell)) \(Self.text(row * cell))h0"
        }
        guard !data.isEmpty else { return }
        path(data, class: name)
    }

    mutating func text(_ string: String, x: Double, y: Double, anchor: Anchor = .start, class name: String = "label") {
        let escaped = HTML.escaped(string)
        body.append(
            "<text x=\"\(Self.text(x))\" y=\"\(Self.text(y))\" text-anchor=\"\(anchor.rawValue)\" class=\"\(name)\">\(escaped)</text>")
    }

    /// The drawing as one image with a text alternative.
    func markup(label: String, class name: String = "plot") -> HTML {
        let open = "<svg class=\"\(name)\" viewBox=\"0 0 \(Self.text(width)) \(Self.text(height))\" role=\"img\""
        return HTML(trusted: "\(open) aria-label=\"\(HTML.escaped(label))\">\n\(body.joined(separator: "\n"))\n</svg>")
    }

    /// A coordinate with at most one decimal and no trailing zero.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int(saturating: (value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let fraction = tenths.magnitude % 10
        return fraction == 0 ? "\(sign)\(tenths.magnitude / 10)" : "\(sign)\(tenths.magnitude / 10).\(fraction)"
    }

    private static func closing(_ element: String, _ title: String?) -> String {
        title.map { "><title>\(HTML.escaped($0))</title></\(element)>" } ?? "/>"
    }
}
