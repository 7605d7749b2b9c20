/// `report.html` of a recall: one file that opens offline and runs no script; a sound is played from the file beside it.
struct RecallPage: Page {
    let content: RecallContent

    private var report: RecallReport { content.report }
    private var backCount: Int { report.answers.count { $0.outcome.isItem } }

    /// Every part in the order of the page, with the sections of `report.json` that it shows.
    static let parts: [ReportPart<RecallPage>] = [
        .init([RecallReport.Memory.self, RecallReport.Seconds.self]) { $0.cards },
        .init { $0.worthKnowing($0.report.notes) },
        .init([[RecallReport.Answer].self]) { page in "\(page.report.answers.indices.map { page.answer($0) })" },
        .init { $0.reproduce },
    ]

    var markup: HTML {
        document(
            title: "\(report.name): \(label)", sources: "img-src data:; media-src 'self' file:; ", header: header,
            main: Self.parts.map { $0.markup(self) })
    }

    // MARK: Head

    private var header: HTML {
        """
        <header class="top \(tone)">
        <p class="eyebrow"><span class="badge \(tone)">\(sign) \(label)</span> <span class="name"><bdi>\(report.name)</bdi></span></p>
        <h1>\(headline)</h1>
        <p class="facts">asked <bdi>\(report.memory.name)</bdi> · \(NumberText.count(report.memory.items)) items · \(report.memory.family)</p>
        </header>
        """
    }

    private var tone: String {
        if backCount == 0 { return "failed" }
        if backCount < report.answers.count { return "partial" }
        return report.answers.allSatisfy { $0.outcome == .exact } ? "exact" : "inexact"
    }

    private var sign: String { ["exact": "✓", "inexact": "≈", "partial": "!"][tone] ?? "✕" }

    private var label: String {
        switch tone {
        case "exact": "recalled exactly"
        case "inexact": "recalled"
        case "partial": "\(backCount) of \(report.answers.count) recalled"
        default: "nothing stored was reached"
        }
    }

    private var headline: HTML {
        guard report.answers.count == 1, let answer = report.answers.first else {
            return "\(NumberText.count(backCount)) of \(NumberText.count(report.answers.count)) cues led to something stored."
        }
        return sentence(answer)
    }

    /// What one cue led to, in one sentence.
    private func sentence(_ answer: RecallReport.Answer) -> HTML {
        guard let name = answer.itemName else {
            let near = answer.nearestToCue.first.map { "; the item nearest to it is <bdi>\($0.name)</bdi>" as HTML }
            switch answer.outcome {
            case .diverged: return "This cue leads to nothing stored: the state ran off\(near)."
            case .unsettled: return "This cue led to nothing stored in \(NumberText.count(answer.steps)) steps\(near)."
            default:
                let what =
                    (answer.spuriousPeriod ?? 1) == 1
                    ? "a spurious fixed point" : "a spurious cycle of \(answer.spuriousPeriod ?? 0) states"
                return "This cue leads to nothing stored, but to \(what)\(near)."
            }
        }
        let exactly: HTML = answer.outcome == .exact ? ", equal in every code" : ""
        return "This is <bdi>\(name)</bdi>, reached in \(NumberText.count(answer.steps)) \(answer.steps == 1 ? "step" : "steps")\(exactly)."
    }

    private var cards: HTML {
        var all: [HTML] = [
            card(
                "Recalled", NumberText.count(backCount), unit: "of \(NumberText.count(report.answers.count))",
                meaning: "cues that led to something stored",
                tone: backCount == report.answers.count ? "good" : backCount == 0 ? "bad" : "warn")
        ]
        if report.answers.count == 1, let answer = report.answers.first {
            if let margin = answer.margin {
                all.append(
                    card(
                        "Margin", NumberText.significant(margin),
                        meaning: "by which the recalled state is nearer to its item than to the next one, root mean square"))
            }
            if let sure = answer.assurance {
                all.append(
                    card(
                        "Escapes at", sure.escape.map { NumberText.significant($0) } ?? "none found",
                        meaning: sure.escape == nil
                            ? "no perturbation of the cue up to \(NumberText.significant(sure.largestTried)) led elsewhere"
                            : "the smallest perturbation of the cue that was found to lead elsewhere, root mean square"))
            }
        }
        all.append(
            card(
                "Time", NumberText.duration(seconds: report.seconds.total),
                meaning: "from the cue to this page, of which \(NumberText.duration(seconds: report.seconds.read)) reading the memory"))
        return "<section class=\"cards\" aria-label=\"Key figures\">\(all)</section>"
    }

    // MARK: Answers

    private func answer(_ index: Int) -> HTML {
        let answer = report.answers[index]
        let view = content.views.indices.contains(index) ? content.views[index] : AnswerView()
        let title = report.answers.count == 1 ? "The answer" : answer.cue
        return section(
            "answer-\(index + 1)", title,
            """
            <p class="lead">\(report.answers.count == 1 ? nil : sentence(answer))</p>
            \(pictures(view))
            \(sound(view))\(view.text.map { text -> HTML in "<pre class=\"read\"><bdi>\(text)</bdi></pre>" })
            \(facts(answer))
            \(DistancePlot(distances: answer.distances).markup().map { "<figure class=\"wide\">\($0)</figure>" as HTML })
            \(answer.notes.isEmpty ? nil : "<ul class=\"fine\">\(answer.notes.map { "<li>\($0)</li>" as HTML })</ul>" as HTML)
            """)
    }

    private func pictures(_ view: AnswerView) -> HTML? {
        let all: [(name: String, bytes: [UInt8]?)] = [
            ("cue", view.cue), ("recall", view.recall), ("difference", view.difference), ("the way there", view.path),
        ]
        let figures = all.compactMap { part in
            part.bytes.map { bytes -> HTML in
                "<figure>\(EmbeddedPicture(bytes: bytes).markup(alt: part.name, shownWidth: 240))<figcaption>\(part.name)</figcaption></figure>"
            }
        }
        return figures.isEmpty ? nil : "<div class=\"showcase four\">\(figures)</div>"
    }

    private func sound(_ view: AnswerView) -> HTML? {
        guard let waveform = view.waveform else { return nil }
        let player: HTML? = view.sound.map { "<p><audio controls preload=\"none\" src=\"\(MediaLink.address($0))\"></audio></p>" }
        return
            "<figure class=\"wide\">\(WaveformPlot(pair: waveform).markup())<figcaption>The cue, where it is known, and what was recalled.</figcaption></figure>\(player)"
    }

    private func facts(_ answer: RecallReport.Answer) -> HTML {
        var rows: [[HTML]] = []
        if let second = answer.secondItem {
            rows.append(["next item", "<bdi>\(second.name)</bdi>, \(NumberText.significant(second.distance)) off"])
        }
        if let near = answer.nearestToCue.first {
            let verdict = answer.agreesWithNearest.map { $0 ? " (the same)" : " (another)" } ?? ""
            rows.append(["nearest neighbour of the cue", "<bdi>\(near.name)</bdi>, \(NumberText.significant(near.distance)) off\(verdict)"])
        }
        if answer.tried.count > 1 {
            let tried = answer.tried.map { "\($0.method): \($0.item.map { "item \($0)" } ?? "nothing")" }.joined(separator: "; ")
            rows.append([
                "missing entries",
                "\(NumberText.count(answer.knownEntries)) of \(NumberText.count(report.memory.dimension)) known; \(answer.method) was taken (\(tried))",
            ])
        }
        if let place = answer.placement {
            rows.append([
                "place",
                "<bdi>\(place.clip)</bdi> at \(NumberText.fixed(place.offsetSeconds, decimals: 3)) s, of \(place.shiftsTried) shifts tried",
            ])
        }
        if let sure = answer.assurance {
            rows.append([
                "smallest escape found",
                sure.escape.map { "\(NumberText.significant($0)), towards <bdi>\(sure.escapeTo ?? "nothing stored")</bdi>" as HTML }
                    ?? "none up to \(NumberText.significant(sure.largestTried)), in \(sure.directions) directions",
            ])
            rows.append([
                "by the Jacobian, to first order",
                "\(sure.firstOrderRadius.map { NumberText.significant($0) } ?? "any")  (‖J‖ = \(NumberText.significant(sure.jacobianNorm)))",
            ])
        }
        rows.append(["distance of the recalled state", "\(NumberText.significant(answer.error))"])
        return table(caption: "Distances are root mean squares, in units of the medium", columns: [("", false), ("", false)], rows: rows)
    }

    private var reproduce: HTML {
        let versions = report.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · ")
        return section(
            "reproduce", "Ask again",
            """
            <pre tabindex="0"><code>\(content.command)</code></pre>
            <p>Beside this page: <code>report.json</code> (these figures), what was recalled in the memory's own format, the way there, and
            <code>manifest.json</code> (checksums).</p>
            <p class="fine">Made with \(versions).</p>
            """)
    }
}

/// The address of a file beside a page.
enum MediaLink {
    /// Percent-encodes every byte of a path that an address may not hold; `/` stays.
    static func address(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension RecallReport {
    package static var sectionTypes: [any ReportSection.Type] { RecallPage.parts.flatMap(\.sections) }
}
