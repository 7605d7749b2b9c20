internal import EngramDrops
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// One drop: where it stands, what came of it, and every step that led there. Of a cue it shows the way back to the memory.
struct DropPage {
    let drop: StatusReport.Drop
    let transitions: [DropTransition]
    let snapshot: Snapshot
    /// What asking a memory came to; nil for other drops, and before that.
    var recall: RecallReport?

    private var row: DropRow { drop.row }

    var main: HTML {
        """
        <nav class="crumbs" aria-label="Where"><a href="/">All</a>\(crumb)</nav>
        <h1><bdi>\(row.entryName)</bdi></h1>
        <p class="lead-line">\(head)</p>
        <div id="drop" data-drop="\(row.id)" data-final="\(row.state.isFinal ? "yes" : "no")">
        \(body)
        </div>
        """
    }

    private var crumb: HTML? {
        row.job.memory.map { " / <a href=\"/memories/\(PathParts.encoded($0))\"><bdi>\($0)</bdi></a>" }
    }

    private var head: HTML {
        let state: HTML =
            row.state == .archived && drop.summary != nil
            ? "\(HomePage.badge(drop.summary))"
            : "<span class=\"tag\(HTML(trusted: row.state == .rejected ? " bad" : ""))\">\(StateWord.text(row.state))</span>"
        let taken: HTML? = drop.interpretation.map { " <span class=\"soft\">\($0)</span>" }
        return "\(state)\(taken)"
    }

    private var body: HTML {
        """
        \(atWork)
        \(answer)
        \(outcome)
        \(steps)
        """
    }

    private var atWork: HTML? {
        guard row.state == .running else { return nil }
        let preview = snapshot.previews[row.id].map { stamp -> HTML in
            """
            <figure class="preview"><img src="/previews/\(row.id)?\(Int(clamping: stamp))" alt="What the network recalls now" class="pixels">
            <figcaption>what it recalls now</figcaption></figure>
            """
        }
        let curve = PageParts.lossCurve(snapshot.losses[row.id] ?? []).map { "<figure class=\"curve-box\">\($0)</figure>" as HTML }
        return """
            <section class="work" aria-label="Progress">\(preview)<div class="facts">
            \(HomePage.progress(drop, daemonRuns: snapshot.status.daemonProcess != nil))\(curve)</div></section>
            """
    }

    // MARK: Result

    private var outcome: HTML? {
        switch row.state {
        case .archived:
            guard let address = Self.address(of: row, folders: snapshot.status.folders) else { return nil }
            let memory: HTML? =
                row.becomesMemory
                ? "<a class=\"button\" href=\"/memories/\(PathParts.encodedPath(String(address.dropFirst("/results/".count))))\">See and ask it</a> "
                : nil
            let reused: HTML? = row.reusedFrom == nil ? nil : "<p>The same bytes and settings had this result already.</p>"
            let warning = drop.summary?.warning.map { "<p>\($0)</p>" as HTML }
            return """
                <section aria-label="Result">\(warning)\(reused)
                <p class="actions">\(memory)<a class="button plain" href="\(HTML(trusted: address))/report.html">Read the report</a></p></section>
                """
        case .rejected:
            return """
                <section aria-labelledby="why-title"><h2 id="why-title">Why</h2>
                <p>\(row.reason)</p>
                <form method="post" action="/drops/\(row.id)/requeue" class="inline">\(HTML(trusted: HomePage.tokenMark))
                <button>Try again</button></form></section>
                """
        case .running: return nil
        default: return "<section aria-label=\"Why it waits\"><p>\(row.reason)</p></section>"
        }
    }

    /// The address of a drop's result; nil where it has none in the outbox.
    static func address(of row: DropRow, folders: DropFolders) -> String? {
        guard let path = row.resultPath, path.hasPrefix(folders.outbox + "/") else { return nil }
        return "/results/" + PathParts.encodedPath(String(path.dropFirst(folders.outbox.count + 1)))
    }

    // MARK: The answer of a memory

    private var answer: HTML? {
        guard let recall, let address = Self.address(of: row, folders: snapshot.status.folders) else { return nil }
        return "\(recall.answers.prefix(20).enumerated().map { way($0.element, number: $0.offset, address: address, of: recall) })"
    }

    private func way(_ answer: RecallReport.Answer, number: Int, address: String, of recall: RecallReport) -> HTML {
        let base = HTML(trusted: address)
        let title = "answer-\(number)"
        var figures: [HTML] = []
        if let path = answer.files.path {
            // Browsers play it; the script takes it apart, so that it can be gone through step by step.
            figures.append(
                """
                <figure class="way" data-steps="\(base)/\(HTML(trusted: PathParts.encodedPath(path)))">
                <img class="pixels" src="\(base)/\(HTML(trusted: PathParts.encodedPath(path)))" alt="From the cue to the memory">
                <figcaption>from the cue to the memory</figcaption></figure>
                """)
        }
        for file in (answer.files.recalled + answer.files.state).prefix(4) {
            let source: HTML = "\(base)/\(HTML(trusted: PathParts.encodedPath(file)))"
            let type = ResultFiles.type(of: file).type
            let name = answer.itemName ?? file
            if type.hasPrefix("image/") {
                figures.append(
                    "<figure><img class=\"pixels\" src=\"\(source)\" alt=\"\(name)\"><figcaption>\(answer.outcome.isItem ? "what came back" : "where it ended")</figcaption></figure>"
                )
            } else if type.hasPrefix("audio/") {
                figures.append(
                    "<figure><audio controls src=\"\(source)\" aria-label=\"\(name)\"></audio><figcaption>what came back</figcaption></figure>"
                )
            } else {
                figures.append("<figure><a href=\"\(source)\">\(file)</a></figure>")
            }
        }
        let curve = PageParts.distanceCurve(answer.distances).map { "<figure class=\"curve-box\">\($0)</figure>" as HTML }
        let notes = answer.notes.map { "<li>\($0)</li>" as HTML }
        return """
            <section aria-labelledby="\(title)">
            <h2 id="\(title)">\(sentence(answer))</h2>
            <div class="answer-figures">\(figures)</div>
            \(curve)
            \(notes.isEmpty ? nil : "<ul class=\"soft\">\(notes)</ul>" as HTML)
            </section>
            """
    }

    private func sentence(_ answer: RecallReport.Answer) -> HTML {
        let steps = "\(NumberText.count(answer.steps)) \(answer.steps == 1 ? "step" : "steps")"
        if let item = answer.itemName {
            return "It remembered <bdi>\(item)</bdi> in \(steps)\(answer.outcome == .exact ? ", exactly" : "")"
        }
        switch answer.outcome {
        case .diverged: return "It led nowhere: the numbers ran off"
        case .unsettled: return "It did not settle in \(steps)"
        default: return "It led to something that was never stored"
        }
    }

    // MARK: Steps

    private var steps: HTML {
        let items = transitions.suffix(60).map { step in
            "<li><time>\(Timestamp.text(step.at))</time> <strong>\(StateWord.text(step.to))</strong> <span class=\"soft\">\(step.reason)</span></li>"
                as HTML
        }
        return """
            <details><summary>Every step</summary><ol class="steps">\(items)</ol>
            <p class="soft">identifier \(row.id)</p></details>
            """
    }
}
