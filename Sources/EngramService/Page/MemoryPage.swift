internal import EngramDrops
internal import EngramReports
internal import EngramSystem

/// One memory: what it holds, and how to ask it.
struct MemoryPage {
    let entry: MemoryList.Entry
    /// Cues that it was asked with, newest first.
    let asked: [StatusReport.Drop]
    let now: Double

    private var base: String { "/results/" + PathParts.encoded(entry.name) }
    private var sight: MemorySight { entry.sight }

    var main: HTML {
        let check: HTML =
            entry.check.map { " · last verified \(String(Timestamp.text($0.at).prefix(10))): \($0.state)" as HTML } ?? ""
        return """
            <nav class="crumbs" aria-label="Where"><a href="/">All</a></nav>
            <h1><bdi>\(entry.name)</bdi></h1>
            <p class="lead-line soft">\(NumberText.count(entry.items)) \(entry.items == 1 ? "item" : "items") · \(entry.media) · \(entry.kind) ·
            \(entry.family) · \(DiskAdmission.text(entry.byteCount))\(check)</p>
            <p class="actions"><a class="button plain" href="\(HTML(trusted: base))/report.html">Read the report</a></p>
            \(players)
            \(ask)
            \(history)
            """
    }

    private var players: HTML? {
        guard !sight.players.isEmpty else { return nil }
        let items = sight.players.prefix(12).map { player -> HTML in
            let source: HTML = "\(HTML(trusted: base))/\(HTML(trusted: PathParts.encodedPath(player.path)))"
            switch player.kind {
            case .audio:
                return
                    "<figure><audio controls preload=\"none\" src=\"\(source)\" aria-label=\"\(player.name)\"></audio><figcaption><bdi>\(player.name)</bdi></figcaption></figure>"
            case .animation:
                return
                    "<figure><img src=\"\(source)\" alt=\"\(player.name)\" class=\"film pixels\"><figcaption><bdi>\(player.name)</bdi></figcaption></figure>"
            case .text: return "<blockquote>\(player.excerpt ?? "")</blockquote>"
            }
        }
        return "<section aria-label=\"What it holds\"><div class=\"players\">\(items)</div></section>"
    }

    // MARK: Asking

    private var ask: HTML {
        """
        <section aria-labelledby="ask-title" id="ask" data-memory="\(entry.name)">
        <h2 id="ask-title">Ask it</h2>
        \(sight.isPaintable ? painting : nil)
        <form class="zone" id="upload" data-place="recall/\(entry.name)">
        <p class="lead"><label for="files">\(sight.isPaintable ? "Or ask with a damaged copy of your own" : "Ask with a damaged copy, or a piece of it")</label></p>
        <input type="file" id="files" multiple>
        <p class="actions"><button disabled>Ask</button> <button type="button" class="plain" id="cancel" hidden>Cancel</button></p>
        <progress id="sent" max="100" value="0" aria-label="Sent" hidden></progress>
        <p class="answer" role="status" id="answer"></p>
        </form>
        <noscript><p>Asking on the page needs JavaScript; or put a damaged copy into <code>inbox/recall/\(entry.name)/</code>.</p></noscript>
        </section>
        """
    }

    /// Pictures to choose from, and a canvas to paint over the chosen one: without a script, the pictures alone.
    private var painting: HTML {
        let items = sight.items.map { path -> HTML in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return """
                <li><button type="button" data-item="\(name)"><img class="pixels" loading="lazy"
                src="\(HTML(trusted: base))/\(HTML(trusted: PathParts.encodedPath(path)))" alt="\(name)"></button></li>
                """
        }
        let array: HTML? = sight.array.map { array in
            """
             data-array="\(HTML(trusted: base))/\(HTML(trusted: PathParts.encodedPath(array.path)))" data-width="\(array.width)"
            data-height="\(array.height)" data-channels="\(array.channels)"
            """
        }
        return """
            <div id="painter"\(array)>
            <p class="lead">Choose a picture and paint over it: see whether the rest is enough to remember it.</p>
            <ul class="items" id="items">\(items)</ul>
            <div class="easel" id="easel" hidden>
            <canvas id="canvas" tabindex="0" aria-label="The picture to paint over. Arrow keys move the brush, the space bar paints."></canvas>
            <div class="tools">
            <fieldset><legend>Brush</legend>
            <label><input type="radio" name="tool" value="cover" checked> cover (unknown)</label>
            <label><input type="radio" name="tool" value="black"> black</label>
            <label><input type="radio" name="tool" value="white"> white</label>
            <label><input type="radio" name="tool" value="noise"> noise</label>
            <label><input type="radio" name="tool" value="restore"> restore</label>
            </fieldset>
            <label for="size">Size</label><input type="range" id="size" min="1" max="32" value="6">
            <p class="soft" id="share" role="status"></p>
            <p class="actions"><button type="button" id="send">Ask with this</button>
            <button type="button" class="plain" id="half">Cover half</button> <button type="button" class="plain" id="reset">Begin again</button></p>
            <p class="answer" role="status" id="painted"></p>
            </div>
            </div>
            </div>
            """
    }

    private var history: HTML? {
        guard !asked.isEmpty else { return nil }
        let items = asked.prefix(20).map { drop -> HTML in
            let row = drop.row
            let state: HTML = HomePage.badge(drop.summary) ?? "<span class=\"tag\">\(StateWord.text(row.state))</span>"
            return """
                <li><a href="/drops/\(row.id)"><bdi>\(row.entryName)</bdi></a> \(state)
                <span class="soft">\(AgeText.ago(max(0, now - row.updatedAt)))</span></li>
                """
        }
        return """
            <section aria-labelledby="asked-title"><h2 id="asked-title">Asked before</h2><ol class="rows">\(items)</ol></section>
            """
    }
}
