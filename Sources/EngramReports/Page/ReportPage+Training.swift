extension ReportPage {
    /// The loss curve with its phases.
    var trainingSection: HTML? {
        let plot = LossPlot(rows: content.loss, name: report.training.lossName, references: lossReferences)
        guard let drawing = plot.markup() else { return nil }
        let phases = plot.phases.map { phase -> HTML in
            let end = NumberText.significant(phase.rows.last?.mse)
            let span = phase.epochSpan > 0 ? "to epoch \(NumberText.count(phase.lastEpoch))" : "no epochs: solved in closed form"
            let unit = phase.epochSpan > 0 ? report.training.lossName ?? "MSE" : "MSE"
            return "<li><strong>\(phase.name)</strong> \(span), ended at \(unit) \(end)</li>"
        }
        return section(
            "training", "How it learned", lead: "Training ended because \(report.training.stopped).",
            """
            <figure class="wide">\(drawing)<figcaption>\(lossUnit)</figcaption></figure>
            <ol class="phases">\(phases)</ol>
            """)
    }

    /// What the loss is measured in.
    private var lossUnit: String {
        if let name = report.training.lossName {
            return "\(name.prefix(1).uppercased() + name.dropFirst()) of each epoch, on damaged copies."
        }
        return report.training.conditioning == nil
            ? "Mean squared error of each epoch, in units of the medium."
            : "Mean squared error of each epoch, clean and noisy copies together, in coordinates of unit variance."
    }

    /// Losses that mean something for the media: where the typical error is half a code, so that rounding begins to give the original.
    private var lossReferences: [(mse: Double, label: String)] {
        // Span coordinates are no pixels: there the loss has another unit.
        guard report.training.conditioning == nil, report.training.lossName == nil else { return [] }
        guard let codes = report.media.wording.codes(of: report.media) else { return [] }
        return [(0.25 / (codes.largest * codes.largest), "typical error = half a step of \(codes.bitCount) bits")]
    }

    /// Settings and timing.
    var settingsSection: HTML {
        let training = report.training
        let network = report.network
        let layers = network.depth.map { depth in "\(depth)" + (network.width.map { " of \(NumberText.count($0)) units" } ?? "") }
        let shape = [layers.map { ("Hidden layers", $0) }, network.activation.map { ("Activation", $0) }].compactMap(\.self)
        let properties = (network.properties ?? [:]).sorted { $0.key < $1.key }.map {
            ($0.key.prefix(1).uppercased() + $0.key.dropFirst(), $0.value)
        }
        let before: [(String, String)] = [
            ("Preset", training.preset), ("Optimizer", training.optimizer), ("Initializer", training.initializer),
            ("Epochs", NumberText.count(training.epochs)), ("Conditioning p", NumberText.significant(training.conditioning)),
            ("Training noise", NumberText.significant(training.noise)), ("Family", network.family),
        ]
        let after = [
            ("Parameters", NumberText.count(network.parameters)), ("Dimension", NumberText.count(report.dimension)),
            ("Seed", String(report.seed)), ("Training seed", String(training.seed)), ("Threads", String(report.threads)),
        ]
        let list = (before + shape + properties + after).map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" as HTML }
        let bar = TimingBar(seconds: report.seconds)
        let legend = bar.stages.map {
            "<li><span class=\"swatch stage\($0.shade)\"></span>\($0.name) \(NumberText.duration(seconds: $0.seconds))</li>" as HTML
        }
        let timing = bar.markup().map {
            """
            <figure class="wide timing"><figcaption>Where the time went: \(NumberText.duration(seconds: report.seconds.total)) in all</figcaption>
            \($0)<ul class="legend">\(legend)</ul></figure>
            """ as HTML
        }
        let remarks = (training.remarks ?? []).map { "<li>\($0)</li>" as HTML }
        let made: HTML? = remarks.isEmpty ? nil : "<ul class=\"fine\">\(remarks)</ul>"
        return section("settings", "Settings and timing", "<dl class=\"settings\">\(list)</dl>\(timing)\(made)")
    }

    /// How to get the same bytes again.
    var reproduceSection: HTML {
        let versions = report.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · ")
        let versionLine: HTML? = versions.isEmpty ? nil : "<p class=\"fine\">Made with \(versions).</p>"
        return section(
            "reproduce", "Make it again",
            lead: "The same input, settings, seed and thread count give the same network and the same pictures, "
                + "unless the time budget ended the training.",
            """
            <pre tabindex="0"><code>\(content.command)</code></pre>
            <p>Beside this page: <code>report.json</code> (these figures), <code>eigenvalues.csv</code>, <code>examples.csv</code>, <code>training.csv</code>
            and, where damage was tried, <code>recovery.csv</code> (the plots' numbers), <code>recovered/</code> (what the network gave for each example, in the drop's own format), <code>\(report.network.file)</code> (the network),
            <code>settings.yml</code> (all settings, resolved) and <code>manifest.json</code> (checksums).</p>
            \(versionLine)
            """)
    }

    /// The works the method and the words come from.
    var referenceSection: HTML {
        section(
            "references", "References",
            """
            <ol class="references">
            <li>A. Radhakrishnan, M. Belkin, C. Uhler. Overparameterized neural networks implement associative memory.
            PNAS 117 (2020), 27162–27170. <a href="https://doi.org/10.1073/pnas.2005013117">doi:10.1073/pnas.2005013117</a></li>
            <li>Y. Jiang, C. Pehlevan. Associative memory in iterated overparameterized sigmoid autoencoders. ICML 2020, PMLR 119.</li>
            <li>H. Ramsauer et al. Hopfield networks is all you need. ICLR 2021.
            <a href="https://arxiv.org/abs/2008.02217">arXiv:2008.02217</a></li>
            <li>E. B. Wilson. Probable inference, the law of succession, and statistical inference. JASA 22 (1927), 209–212.</li>
            </ol>
            """)
    }
}
