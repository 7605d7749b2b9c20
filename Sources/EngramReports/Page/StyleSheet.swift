/// The page's style: system fonts, one accent, three tones for the outcome, the same drawings in light, dark and print.
enum StyleSheet {
    /// All rules.
    static var markup: HTML { HTML(trusted: colours + layout + components + plots + print) }

    /// Text on background has a contrast of at least 4.5 in both schemes.
    static let colours = """

        :root{color-scheme:light dark;--paper:#fcfcfa;--panel:#fff;--ink:#1b1f24;--soft:#586069;--rule:#dfe1dd;--faint:#eef0ec;
        --accent:#0b6a88;--accent-soft:#cfe6ee;--good:#17734a;--warn:#8a5a00;--bad:#b3261e;--good-soft:#e2f2e9;--warn-soft:#faeed2;--bad-soft:#fbe3e0;
        --disc:#eaf3f6;--stage1:#7fb7c9;--stage2:#0b6a88;--stage3:#b58a2c;--stage4:#8c8f94}
        @media (prefers-color-scheme:dark){:root{--paper:#121517;--panel:#1a1e21;--ink:#e8e8e4;--soft:#a3abb3;--rule:#343a3f;--faint:#22272b;
        --accent:#62c4dd;--accent-soft:#1d4552;--good:#5fd39a;--warn:#e5b556;--bad:#ff8a7d;--good-soft:#163526;--warn-soft:#3a2d10;--bad-soft:#43201d;
        --disc:#18272d;--stage1:#3c7586;--stage2:#62c4dd;--stage3:#d8ab4c;--stage4:#7b8187}}
        """

    private static let layout = """

        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:1080px;padding:0 24px 64px;background:var(--paper);color:var(--ink);
        font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
        .top{margin:0 0 28px;padding:40px 0 0}
        .eyebrow{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin:0 0 14px;color:var(--soft)}
        .name{font-weight:600;overflow-wrap:anywhere;color:var(--ink)}
        h1{margin:0;max-width:26em;font-size:clamp(1.65rem,1.1rem + 2.4vw,2.6rem);line-height:1.16;letter-spacing:-.018em;font-weight:680;
        text-wrap:balance;overflow-wrap:break-word}
        .deck{margin:12px 0 0;max-width:44em;font-size:1.15rem;line-height:1.45;text-wrap:pretty}
        .facts{margin:14px 0 0;color:var(--soft);font-size:.95rem}
        section{margin:0 0 52px}
        h2{margin:0 0 6px;padding-top:14px;border-top:2px solid var(--ink);font-size:1.3rem;line-height:1.25;letter-spacing:-.01em}
        h3,p.label{margin:0;font-size:.86rem;font-weight:600;color:var(--soft)}
        .lead{margin:0 0 20px;max-width:54em;text-wrap:pretty;color:var(--soft)}
        .fine{margin:8px 0 0;font-size:.86rem;color:var(--soft);max-width:60em}
        ul.fine{padding-left:1.2em}
        a{color:var(--accent)}
        figure{margin:0}
        figcaption{font-size:.86rem;line-height:1.4;color:var(--soft)}
        """

    private static let components = """

        .badge{display:inline-block;padding:2px 11px;border-radius:99px;font-size:.86rem;font-weight:650;white-space:nowrap}
        .badge.exact{background:var(--good-soft);color:var(--good)}
        .badge.inexact,.badge.partial{background:var(--warn-soft);color:var(--warn)}
        .badge.failed{background:var(--bad-soft);color:var(--bad)}
        .top.failed h1{color:var(--bad)}
        .top.partial h1{color:var(--warn)}
        .showcase{display:grid;grid-template-columns:1fr 1fr;gap:24px;margin-bottom:28px}
        .showcase img{display:block;width:100%;height:auto;border-radius:6px;background:var(--faint)}
        .showcase.small{max-width:420px;gap:14px}
        .showcase.four{grid-template-columns:repeat(auto-fit,minmax(150px,240px))}
        .showcase figcaption{margin-top:8px}
        .showcase strong{color:var(--ink)}
        .pixelated{image-rendering:pixelated}
        .players{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:16px}.players audio{width:100%}
        .players figcaption{overflow-wrap:anywhere}.film{max-width:100%;min-width:min(240px,100%);image-rendering:auto;background:var(--faint)}
        .read{white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;padding:12px;background:var(--faint);margin:0 0 12px}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:12px;margin-bottom:36px}
        .card{padding:11px 13px 13px;background:var(--panel);border:1px solid var(--rule);border-top:4px solid var(--accent);border-radius:6px}
        .card.good{border-top-color:var(--good)}.card.warn{border-top-color:var(--warn)}.card.bad{border-top-color:var(--bad)}
        .value{margin:2px 0 6px;font-size:1.5rem;line-height:1.2;font-weight:680;letter-spacing:-.02em;white-space:nowrap}
        .card.warn .value{color:var(--warn)}.card.bad .value{color:var(--bad)}
        .unit{display:block;min-height:1.3em;font-size:.82rem;font-weight:500;letter-spacing:0;color:var(--soft)}
        .meaning{margin:0;font-size:.82rem;line-height:1.4;color:var(--soft)}
        .notes{margin:0 0 44px;padding:14px 20px;background:var(--warn-soft);border-left:4px solid var(--warn);border-radius:0 6px 6px 0}
        .notes h2{padding:0;border:0;font-size:1rem}
        .notes ul{margin:6px 0 0;padding-left:1.1em}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(156px,1fr));gap:14px 14px}
        .pictures{display:flex;gap:3px}
        .pictures img{flex:1 1 0;min-width:0;height:auto;display:block;background:var(--faint)}
        .pair figcaption{font-size:.78rem;display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 8px;margin-top:4px;overflow-wrap:anywhere}
        .pair.bad .pictures{outline:3px solid var(--bad);outline-offset:1px}
        .mark{font-weight:600}td .mark{white-space:nowrap}
        span.good{color:var(--good)}span.warn{color:var(--warn)}span.bad{color:var(--bad)}
        .wide{margin:0 0 22px}
        .plots{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,4fr);gap:28px;margin-bottom:26px;align-items:start}
        .panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:22px 28px;margin-bottom:14px}
        .panels figcaption{font-weight:600;margin-bottom:2px}
        .legend.lines{margin-bottom:22px}.sample{width:28px;height:8px;margin-right:7px;vertical-align:middle;overflow:visible}
        .over{margin:26px 0 12px}
        details{margin:0 0 12px}summary{cursor:pointer;margin-bottom:10px;color:var(--accent)}
        .scroll{overflow-x:auto}
        table{width:100%;border-collapse:collapse;font-size:.92rem}
        caption{padding:0 0 6px;text-align:left;font-size:.86rem;color:var(--soft)}
        th,td{padding:7px 22px 7px 0;text-align:left;border-bottom:1px solid var(--rule);vertical-align:middle}
        thead th{font-size:.82rem;line-height:1.25;font-weight:600;color:var(--soft);vertical-align:bottom;border-bottom-color:var(--soft)}
        tbody th{font-weight:550;min-width:10.5em;overflow-wrap:break-word}
        .number{text-align:right;white-space:nowrap}.number .wrap{white-space:normal;display:inline-block;text-align:left;max-width:22em}
        thead .number{white-space:normal}
        .phases{margin:0;padding-left:1.4em;font-size:.92rem}
        .settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:0 28px;margin:12px 0 26px}
        .settings div{display:flex;justify-content:space-between;gap:12px;padding:6px 0;border-bottom:1px solid var(--rule);font-size:.92rem}
        dt{color:var(--soft)}
        dd{margin:0;text-align:right;overflow-wrap:anywhere}
        .legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:8px 0 0;padding:0;list-style:none;font-size:.88rem}
        .swatch{display:inline-block;width:11px;height:11px;margin-right:6px;border-radius:2px}
        .timing figcaption{margin-bottom:6px}
        pre{margin:0 0 12px;padding:13px 16px;overflow-x:auto;background:var(--faint);border-radius:6px;font-size:.9rem;line-height:1.5}
        code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
        .references{padding-left:1.3em;font-size:.92rem}
        """

    static let plots = """

        .plot{display:block;width:100%;height:auto;overflow:visible}
        .share{display:block;width:120px;height:18px}
        svg text{fill:var(--ink);font-size:12.5px}
        .wide svg text{font-size:11px}
        svg .halo{paint-order:stroke;stroke:var(--disc);stroke-width:4px;stroke-linejoin:round}
        .scroll:focus-visible{outline:2px solid var(--accent)}
        svg .muted,svg .axis-title{fill:var(--soft)}
        svg .strong{font-weight:700}
        svg path{fill:none}
        .grid{stroke:var(--rule);stroke-width:1;fill:none}
        .polar{stroke:var(--soft);stroke-opacity:.35;fill:none}
        .axis{stroke:var(--soft);stroke-width:1}
        .limit{stroke:var(--ink);stroke-width:1.5;fill:none}
        .reference{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 4}
        .divider{stroke:var(--soft);stroke-width:1}
        .band{fill:var(--faint)}
        .disc{fill:var(--disc)}
        .curve{stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
        .curve.loose{stroke-width:1.4;stroke-opacity:.6}
        .confidence{fill:var(--accent-soft);fill-opacity:.75}
        .baseline{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:7 4}.baseline.hopfield{stroke:var(--stage3);stroke-dasharray:2 3;stroke-width:2}
        svg .mark{fill:var(--accent)}
        .dots{stroke:var(--accent);stroke-width:3.4;stroke-linecap:round;stroke-opacity:.75}
        .dots.bad{stroke:var(--bad);stroke-opacity:1}
        .dots.few{stroke-width:7}
        .ring{fill:none;stroke:var(--ink);stroke-width:1.5}
        .ring.bad{stroke:var(--bad)}
        .bar{fill:var(--accent)}.bar.good{fill:var(--good)}.bar.warn{fill:var(--warn)}.bar.bad{fill:var(--bad)}
        .track{fill:var(--faint)}
        .whisker{stroke:var(--ink);stroke-width:2}
        svg .wave{fill:var(--accent)}svg .wave.noise{fill:var(--soft);fill-opacity:.45}svg .wave.original{fill:var(--ink)}svg .wave.bad{fill:var(--bad)}
        .stage1{fill:var(--stage1);background:var(--stage1)}.stage2{fill:var(--stage2);background:var(--stage2)}
        .stage3{fill:var(--stage3);background:var(--stage3)}.stage4{fill:var(--stage4);background:var(--stage4)}
        @media (max-width:760px){body{padding:0 16px 40px}.top{padding-top:24px}.plots{grid-template-columns:1fr}.showcase{gap:12px}
        .cards{grid-template-columns:1fr 1fr;gap:10px}.card{padding:11px 12px 12px}.value{font-size:1.4rem}.gallery{grid-template-columns:1fr 1fr;gap:14px 10px}
        .wide{overflow-x:auto}.wide svg.plot{min-width:620px}.wide svg text{font-size:15px}.timing svg.plot{min-width:0}th,td{padding-right:16px}}
        """

    private static let print = """

        @media print{:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--rule:#ccc;--faint:#eee;--accent:#0b6a88;--good:#17734a;--warn:#8a5a00;
        --bad:#b3261e;--disc:#eef5f7}body{max-width:none;font-size:11pt}figure,.card,tr{break-inside:avoid}h2{break-after:avoid}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

        """
}
