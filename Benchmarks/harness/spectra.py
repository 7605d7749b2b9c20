"""Eigenvalues of the Jacobians at every example, beside those libraries' that a Python user would call."""
import statistics

from .recipe import FILM, PHOTOGRAPHS
from .report import seconds_text, table

TARGET_SECONDS = 30


def measure(setting):
    # Without the photographs the film stands in: as an autoencoder it has spectra of 381 rows.
    case = PHOTOGRAPHS if setting.data else FILM
    folder = setting.folder("spectra")
    turns, share = (1, 6) if setting.quick else (4, 15)
    rows, ratios, raw = [], [], {}
    options = {**case.options(setting), "kind": "autoencoder", "activation": "selu", "epochs": 2 if setting.quick else 40}
    with setting.own_service("spectra", **options, export=folder) as own:
        count, side = own.greeting["count"], own.greeting["side"]
        whole = own.ask(f"run 0 {count}")
        rows.append([f"Engram, all {count}", "", seconds_text(whole["seconds"]), seconds_text(whole["seconds"] / count), "1"])
        ratios.append(f"{count} spectra of {side} × {side}: {whole['seconds']:.1f} s (target {TARGET_SECONDS} s for 500)")
        raw["whole"] = whole["seconds"]
        for library in ["torch", "numpy"] if setting.python else []:
            with setting.peer_service("spectra.py", folder, setting.threads, library) as peer:
                peer.ask("run 0 2")
                pairs = []
                for turn in range(turns):
                    command = f"run {turn * share} {share}"
                    pairs.append((own.ask(command), peer.ask(command)))
                version = peer.greeting["version"]
            ratio = statistics.median(theirs["seconds"] / mine["seconds"] for mine, theirs in pairs)
            difference = max(
                abs(a - b) / max(abs(a), 1e-300) for mine, theirs in pairs for a, b in zip(mine["radii"], theirs["radii"]))
            each = statistics.median(theirs["seconds"] for _, theirs in pairs) / share
            name = f"{'PyTorch' if library == 'torch' else 'NumPy'} {version}, {turns * share} in turns"
            rows.append([name, f"radii agree to {difference:.0e}", "", seconds_text(each), f"**{ratio:.2f}**"])
            ratios.append(f"spectra: {ratio:.2f} times as fast as {name}; radii agree to {difference:.0e}")
            raw[library] = {"ratio": ratio, "each": each, "difference": difference}
    headings = [f"{case.depth} × {case.width} {options['activation']}, {side} × {side}", "check", "all", "each", "of Engram's time"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}
