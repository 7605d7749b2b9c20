internal import EngramDrops
internal import EngramReports
internal import EngramSystem

/// The first page, in parts that change by themselves: the same markup is in the page as it is loaded, and in what watchers are sent.
struct HomePage {
    let snapshot: Snapshot

    private var status: StatusReport { snapshot.status }

    /// Rows that a list shows.
    static let rowLimit = 60

    /// Every part, by the element that holds it.
    var parts: [(id: String, markup: HTML)] {
        [
            ("daemon", daemon), ("now", now), ("waiting", waiting), ("memories", memories), ("rejected", rejected), ("lately", lately),
            ("times", times),
        ]
    }

    /// What stands between the page's header and its end.
    var main: HTML {
        func part(_ id: String) -> HTML { parts.first { $0.id == id }?.markup ?? "" }
        return """
            <h1 class="spoken">What Engram is doing</h1>
            <div id="now">\(part("now"))</div>
            \(dropZone)
            <div id="waiting">\(part("waiting"))</div>
            <div id="rejected">\(part("rejected"))</div>
            <div id="memories">\(part("memories"))</div>
            <div id="lately">\(part("lately"))</div>
            <div id="times">\(part("times"))</div>
            """
    }

    /// Whether the daemon runs, and what holds it up.
    var daemon: HTML {
        let isRunning = status.daemonProcess != nil
        let word: HTML = isRunning ? "<span class=\"dot good\"></span>running" : "<span class=\"dot\"></span>not running"
        return "\(word)"
    }

    // MARK: At work

    private var now: HTML {
        let running = status.drops.filter { $0.row.state == .running }
        var news = DaemonNews.lines(of: status.daemon).filter { !$0.hasPrefix("The inbox is watched by inotify") }
        if status.daemonProcess == nil { news.insert("Nothing is taken or learned now: engram run is not running.", at: 0) }
        let aside: HTML? = news.isEmpty ? nil : "<aside class=\"notes\"><ul>\(news.map { "<li>\($0)</li>" as HTML })</ul></aside>"
        guard !running.isEmpty else {
            let done = (status.counts[.archived] ?? 0) > 0
            return """
                \(aside)
                <section aria-labelledby="now-title" class="quiet">
                <h2 id="now-title">Nothing is being learned</h2>
                <p>\(done ? "Drop something to remember, or ask one of the memories below." : "Drop a picture, a film, a recording or a text: it comes back as a memory.")</p>
                </section>
                """
        }
        return """
            \(aside)
            <section aria-labelledby="now-title">
            <h2 id="now-title">Learning now</h2>
            \(running.map(atWork))
            </section>
            """
    }

    private func atWork(_ drop: StatusReport.Drop) -> HTML {
        let row = drop.row
        let preview: HTML? = snapshot.previews[row.id].map { stamp in
            """
            <figure class="preview"><img src="/previews/\(row.id)?\(Int(clamping: stamp))" alt="What the network recalls now" class="pixels">
            <figcaption>what it recalls now</figcaption></figure>
            """
        }
        let curve = PageParts.lossCurve(snapshot.losses[row.id] ?? []).map { "<figure class=\"curve-box\">\($0)</figure>" as HTML }
        return """
            <article class="work" data-drop="\(row.id)">
            \(preview)
            <div class="facts">
            <h3><a href="/drops/\(row.id)"><bdi>\(row.entryName)</bdi></a></h3>
            \(drop.interpretation.map { "<p class=\"soft\">\($0)</p>" as HTML })
            \(Self.progress(drop, daemonRuns: status.daemonProcess != nil))
            \(curve)
            </div>
            </article>
            """
    }

    /// A bar with its words; the bar has no value where nobody knows one.
    static func progress(_ drop: StatusReport.Drop, daemonRuns: Bool) -> HTML {
        guard daemonRuns else { return "<p>Its daemon ended; it goes on at the next start.</p>" }
        guard let progress = drop.progress else { return "<p>starting</p><progress aria-label=\"Progress\"></progress>" }
        var words = [StageWord.text(progress.stage)]
        if let epoch = progress.epoch {
            words.append("epoch \(NumberText.count(epoch))" + (progress.plannedEpochCount.map { " of \(NumberText.count($0))" } ?? ""))
        }
        if let loss = progress.loss { words.append("loss \(NumberText.significant(loss))") }
        if let left = progress.remainingSeconds { words.append("\(FigureText.duration(left)) left") }
        words.append("\(FigureText.duration(progress.elapsedSeconds)) so far")
        let value: HTML? = progress.fraction.map { fraction in
            " value=\"\(Int(saturating: (min(max(fraction, 0), 1) * 100).rounded(.down)))\" max=\"100\""
        }
        let percent: HTML? = progress.fraction.map { "<span class=\"percent\">\(FigureText.percent($0))</span>" }
        let detail = progress.detail.isEmpty || progress.detail == "training" ? "" : progress.detail
        return """
            <p class="bar"><progress aria-label="\(StageWord.text(progress.stage))"\(value)></progress>\(percent)</p>
            <p class="figures">\(words.joined(separator: " · "))</p>
            <p class="soft">\(detail)</p>
            """
    }

    // MARK: The inbox

    private var dropZone: HTML {
        """
        <section aria-labelledby="drop-title" class="drop" id="drop">
        <h2 id="drop-title">Drop something</h2>
        <form class="zone" id="upload" data-place="inbox">
        <p class="lead"><label for="files">Pictures, a film (its frames), sound, texts, tables, IDX files</label></p>
        <input type="file" id="files" multiple>
        <fieldset class="more" hidden>
        <legend>Several files</legend>
        <label><input type="radio" name="shape" value="folder" checked> as one drop</label>
        <label for="folder" class="spoken">Its name</label><input type="text" id="folder" value="" placeholder="name" maxlength="200">
        <label><input type="radio" name="shape" value="files"> each by itself</label>
        </fieldset>
        <p class="actions"><button disabled>Upload</button> <button type="button" class="plain" id="cancel" hidden>Cancel</button></p>
        <progress id="sent" max="100" value="0" aria-label="Sent" hidden></progress>
        <p class="answer" role="status" id="answer"></p>
        </form>
        <noscript><p>Uploading needs JavaScript; or copy your files into <code>\(status.folders.inbox)</code>.</p></noscript>
        </section>
        """
    }

    private var waiting: HTML {
        let rows = status.drops.filter { !$0.row.state.isFinal && $0.row.state != .running }
        guard !rows.isEmpty else { return "" }
        let shown = rows.prefix(Self.rowLimit).map { drop -> HTML in
            let row = drop.row
            let again: HTML? = row.state == .retrying ? requeue(row, "Try now") : nil
            return """
                <li><a href="/drops/\(row.id)"><bdi>\(row.entryName)</bdi></a> <span class="tag">\(StateWord.text(row.state))</span>
                <span class="soft">\(Self.shortened(row.reason))</span>\(again)</li>
                """
        }
        let rest: HTML? = rows.count > shown.count ? "<p class=\"soft\">and \(NumberText.count(rows.count - shown.count)) more</p>" : nil
        return """
            <section aria-labelledby="waiting-title">
            <h2 id="waiting-title">Waiting <span class="count">\(NumberText.count(rows.count))</span></h2>
            <ol class="rows">\(shown)</ol>
            \(rest)
            </section>
            """
    }

    private var rejected: HTML {
        let rows = status.drops.filter { $0.row.state == .rejected }
        guard !rows.isEmpty else { return "" }
        let items = rows.prefix(Self.rowLimit).map { drop -> HTML in
            let row = drop.row
            return """
                <li><div><a href="/drops/\(row.id)"><bdi>\(row.entryName)</bdi></a> <span class="soft">\(ago(row.updatedAt))</span>
                <p>\(Self.shortened(row.reason))</p></div>\(requeue(row, "Try again"))</li>
                """
        }
        return """
            <section aria-labelledby="rejected-title">
            <h2 id="rejected-title">Rejected <span class="count">\(NumberText.count(status.counts[.rejected] ?? rows.count))</span></h2>
            <ul class="rows bad">\(items)</ul>
            </section>
            """
    }

    /// A form that works without a script; the token is filled in where the page is written (`PageFrame`), or by the script.
    private func requeue(_ row: DropRow, _ label: String) -> HTML {
        """
        <form method="post" action="/drops/\(row.id)/requeue" class="inline">\(HTML(trusted: Self.tokenMark))
        <button class="small" aria-label="\(label): \(row.entryName)">\(label)</button></form>
        """
    }

    /// Stands where the form's token belongs: the parts are the same for all watchers, and the token is not.
    static let tokenMark = "<input type=\"hidden\" name=\"token\" value=\"\">"

    // MARK: What is stored

    private var memories: HTML {
        let entries = snapshot.memories.entries
        let problems = snapshot.memories.problems.map { "<li><bdi>\($0.name)</bdi> cannot be read: \($0.reason)</li>" as HTML }
        let trouble: HTML? = problems.isEmpty ? nil : "<aside class=\"notes\"><ul>\(problems)</ul></aside>"
        guard !entries.isEmpty else { return trouble ?? "" }
        return """
            <section aria-labelledby="memories-title">
            <h2 id="memories-title">Memories <span class="count">\(NumberText.count(entries.count))</span></h2>
            \(trouble)
            <ul class="gallery">\(entries.map(memory))</ul>
            </section>
            """
    }

    private func memory(_ entry: MemoryList.Entry) -> HTML {
        let base = "/results/" + PathParts.encoded(entry.name)
        let sight = entry.sight
        let face: HTML
        if let picture = sight.picture {
            let pixels: HTML = (sight.width ?? 999) < 128 ? " class=\"pixels\"" : ""
            face = "<img src=\"\(base)/\(PathParts.encodedPath(picture))\" alt=\"\" loading=\"lazy\"\(pixels)>"
        } else if let text = sight.players.first(where: { $0.kind == .text })?.excerpt {
            face = "<blockquote>\(String(text.prefix(160)))</blockquote>"
        } else {
            face = "<span class=\"glyph\" aria-hidden=\"true\">\(sight.players.contains { $0.kind == .audio } ? "♪" : "≡")</span>"
        }
        let player = sight.players.first { $0.kind == .audio }.map { sound -> HTML in
            "<audio controls preload=\"none\" src=\"\(base)/\(PathParts.encodedPath(sound.path))\" aria-label=\"\(entry.name)\"></audio>"
        }
        let check: HTML? = entry.check.flatMap { check in
            ["sound", "unchecked"].contains(check.state) ? nil : "<span class=\"tag bad\">\(check.state)</span>"
        }
        return """
            <li class="memory"><a class="face" href="/memories/\(PathParts.encoded(entry.name))">\(face)
            <span class="name"><bdi>\(entry.name)</bdi></span></a>
            <span class="soft">\(NumberText.count(entry.items)) \(entry.items == 1 ? "item" : "items") · \(entry.media)</span>\(check)\(player)</li>
            """
    }

    // MARK: What was

    private var lately: HTML {
        let rows = status.drops.filter { $0.row.state == .archived }
        guard !rows.isEmpty else { return "" }
        let items = rows.map { drop -> HTML in
            """
            <li><a href="/drops/\(drop.row.id)"><bdi>\(drop.row.entryName)</bdi></a>
            \(Self.badge(drop.summary)) <span class="soft">\(jobWord(drop.row)) \(ago(drop.row.updatedAt))</span></li>
            """
        }
        return """
            <section aria-labelledby="lately-title">
            <h2 id="lately-title">Lately</h2>
            <ol class="rows">\(items)</ol>
            </section>
            """
    }

    private func jobWord(_ row: DropRow) -> String {
        if row.reusedFrom != nil { return "known already," }
        guard let memory = row.job.memory else { return row.job.kind.nameWhereFound.map { "\($0)," } ?? "" }
        return "asked \(memory),"
    }

    /// What came of a drop, in its words and a colour.
    static func badge(_ summary: JobSummary?) -> HTML? {
        summary.map { summary in
            let tone = !summary.isSuccess ? "bad" : summary.warning != nil ? "warn" : "good"
            return "<span class=\"tag \(tone)\">\(summary.headline)</span>"
        }
    }

    private var times: HTML {
        var blocks: [HTML] = []
        if case .array(let jobs) = status.schedule, !jobs.isEmpty {
            let rows = jobs.map { job -> HTML in
                let next = job["next"]?.string ?? "never"
                let last = job["last_outcome"]?.string.map { "; last: \($0)" } ?? ""
                let open = job["open"].map { $0 == .bool(true) ? "; open now" : "; closed now" } ?? ""
                return
                    "<li><strong>\(job["name"]?.string ?? "")</strong> \(job["what"]?.string ?? "") <span class=\"soft\">next \(next)\(open)\(last)</span></li>"
            }
            blocks.append(
                "<section aria-labelledby=\"schedule-title\"><h2 id=\"schedule-title\">Schedule</h2><ul class=\"rows\">\(rows)</ul></section>"
            )
        }
        if !snapshot.digests.isEmpty {
            let rows = snapshot.digests.map { name -> HTML in
                let day = name.dropFirst("digest-".count).dropLast(".html".count)
                return "<li><a href=\"/results/\(PathParts.encoded(name))\">\(String(day))</a></li>"
            }
            blocks.append(
                "<section aria-labelledby=\"digests-title\"><h2 id=\"digests-title\">Digests</h2><ul class=\"days\">\(rows)</ul></section>")
        }
        return "\(blocks)"
    }

    /// How long ago, in steps that do not make the page change every second.
    private func ago(_ moment: Double) -> String { AgeText.ago(max(0, snapshot.now - moment)) }

    private static func shortened(_ text: String) -> String { text.count > 300 ? text.prefix(300) + "…" : text }
}

/// The states of drops in a visitor's words.
enum StateWord {
    static func text(_ state: DropState) -> String {
        switch state {
        case .archived: "done"
        case .seen, .settling: "arriving"
        case .claiming, .claimed, .ready: "in the queue"
        case .retrying: "tried again later"
        case .publishing, .published, .reused: "being published"
        case .rejecting: "being rejected"
        case .vanished: "taken away"
        case .waiting, .running, .rejected: state.rawValue
        }
    }
}

/// The stages of work in a visitor's words.
enum StageWord {
    private static let words = [
        "decode": "reading", "train": "training", "analyse": "measuring what it holds", "render": "writing the report",
        "recall": "recalling",
    ]

    static func text(_ stage: String) -> String { words[stage] ?? stage }
}

/// Ages as a person says them.
enum AgeText {
    static func ago(_ seconds: Double) -> String {
        switch seconds {
        case ..<60: "just now"
        case ..<3600: "\(Int(saturating: seconds / 60)) min ago"
        case ..<86_400: "\(Int(saturating: seconds / 3600)) h ago"
        default: "\(Int(saturating: seconds / 86_400)) d ago"
        }
    }
}
