"""Tables, plots, and the places in Documentation/Performance.md that they go to."""
import math
import re

from .machine import ROOT

DOCUMENT = ROOT / "Documentation" / "Performance.md"


def table(headings, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def write(setting, results):
    """Replaces what stands between the markers of each part, and writes its plots."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, result in results.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        if begin not in text or end not in text:
            raise RuntimeError(f"{DOCUMENT} has no place for {name}: the lines {begin} and {end} are missing")
        for file, plot in result.get("plots", {}).items():
            path = ROOT / "Documentation" / "images" / file
            path.write_text(plot, encoding="utf-8")
        body = f"{begin}\n\n{result['table']}\n\n*{setting.description()}.*\n\n{end}"
        text = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: body, text, flags=re.DOTALL)
    DOCUMENT.write_text(text, encoding="utf-8")


def seconds_text(value):
    """Three digits, with the unit that keeps them short."""
    if value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    if value < 1:
        return f"{value * 1e3:.3g} ms"
    return f"{value:.3g} s" if value < 1000 else f"{value:,.0f} s" if value < 36000 else f"{value / 3600:.3g} h"


def size_text(byte_count):
    return f"{byte_count / 1e6:.0f} MB" if byte_count < 1e9 else f"{byte_count / 1e9:.2f} GB"


def log_plots(panels):
    """An SVG of log-log line plots side by side.

    Each panel is (title, x label, y label, [(name, [(x, y, is measured)])]); points that were computed are drawn hollow.
    """
    width, height, margin = 360, 300, 56
    colours = ["#1f6f8b", "#c8553d", "#5b8c5a"]
    parts = []
    for number, (title, x_label, y_label, series) in enumerate(panels):
        left = number * width
        points = [point for _, line in series for point in line]
        if not points:
            continue
        scales = [log_scale([point[axis] for point in points]) for axis in (0, 1)]

        def place(x, y):
            across = (math.log10(x) - scales[0][0]) / (scales[0][1] - scales[0][0])
            up = (math.log10(y) - scales[1][0]) / (scales[1][1] - scales[1][0])
            return left + margin + across * (width - margin - 16), height - 44 - up * (height - 44 - 34)

        parts.append(f'<text x="{left + width / 2:.0f}" y="18" class="title">{title}</text>')
        parts.append(f'<text x="{left + width / 2 + 20:.0f}" y="{height - 8}" class="label">{x_label}</text>')
        parts.append(f'<text transform="translate({left + 14} {height / 2:.0f}) rotate(-90)" class="label">{y_label}</text>')
        for axis in (0, 1):
            for exponent in range(math.ceil(scales[axis][0] - 1e-9), math.floor(scales[axis][1] + 1e-9) + 1):
                low = [10 ** scales[0][0], 10 ** scales[1][0]]
                high = [10 ** scales[0][1], 10 ** scales[1][1]]
                low[axis] = high[axis] = 10.0**exponent
                (x1, y1), (x2, y2) = place(*low), place(*high)
                parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="grid"/>')
                text = tick_text(exponent)
                where = f'x="{x1:.1f}" y="{y1 + 15:.1f}" class="tick"' if axis == 0 else f'x="{x1 - 5:.1f}" y="{y1 + 4:.1f}" class="tick end"'
                parts.append(f"<text {where}>{text}</text>")
        for index, (name, line) in enumerate(series):
            colour = colours[index % len(colours)]
            placed = [place(x, y) for x, y, _ in line]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            for (x, y), (_, value, measured) in zip(placed, line):
                fill = colour if measured else "#ffffff"
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>')
                parts.append(f'<text x="{x - 6:.1f}" y="{y - 7:.1f}" class="value">{value:,.{0 if value >= 100 else 1}f}</text>')
            if len(series) > 1:
                parts.append(f'<text x="{left + margin + 8}" y="{44 + 15 * index}" style="fill:{colour}">{name}</text>')
    style = (
        "text{font:11px sans-serif;fill:#333}.title{font-size:13px;text-anchor:middle}.label,.tick{text-anchor:middle}"
        ".end{text-anchor:end}.value{font-size:10px;text-anchor:end}.grid{stroke:#ddd;stroke-width:1}"
    )
    full = width * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {height}" width="{full}" height="{height}">'
        f'<style>{style}</style><rect width="{full}" height="{height}" fill="#ffffff"/>' + "".join(parts) + "</svg>\n"
    )


def log_scale(values):
    """Decimal logarithms of both ends, with room beyond the values."""
    low, high = math.log10(min(values)), math.log10(max(values))
    low, high = low - 0.08, high + 0.12
    # At least one power of ten inside, so that an axis has a number.
    return math.floor(low) if math.ceil(low) > math.floor(high) else low, high


def tick_text(exponent):
    if 0 <= exponent <= 5:
        return f"{10 ** exponent:,}"
    return f"10<tspan dy='-4' font-size='8'>{exponent}</tspan>" if abs(exponent) > 2 else f"{10.0 ** exponent:g}"
