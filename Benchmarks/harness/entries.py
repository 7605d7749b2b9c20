"""Entries of the tangent kernels of infinitely wide networks, beside a NumPy program of the same formulas and neural-tangents."""
import statistics

from .report import seconds_text, table

COUNT = 2000
# Of many values most of the time goes into one product of matrices, which is the same library's for all; of few, into the layers.
DIMENSIONS = [3072, 64]
CASES = [("relu", 2), ("relu", 3), ("erf", 2), ("erf", 3)]
TARGET = 3
PEERS = {"numpy": "numpy", "neural-tangents": "neural_tangents"}


def measure(setting):
    count = 60 if setting.quick else COUNT
    libraries = [library for library, module in PEERS.items() if setting.has_library(module)]
    rows, ratios, raw = [], [], []
    for dimension in [20] if setting.quick else DIMENSIONS:
        folder = setting.folder(f"entries-{dimension}")
        with setting.own_service("entries", count=count, dimension=dimension, folder=folder) as own:
            for library in libraries:
                with setting.peer_service("entries.py", folder, count, setting.threads, library) as peer:
                    for result in compared(own, peer, library, 1 if setting.quick else 5):
                        raw.append({"dimension": dimension, **result})
            if not libraries:
                raw += [{"dimension": dimension, **result} for result in alone(own)]
    for result in raw:
        name = f"{result['activation']}, {result['depth']} hidden layers, d = {result['dimension']:,}"
        if "peer" not in result:
            rows.append([name, seconds_text(result["own"]), "", "", "", ""])
            continue
        rows.append([
            name, seconds_text(result["own"]), result["library"], seconds_text(result["peer"]), f"**{result['ratio']:.2f}**",
            f"{result['difference']:.0e}, on the diagonal {result['on_diagonal']:.0e}"])
        ratios.append(
            f"{count} × {count} tangent kernel of {name}: {result['ratio']:.2f} times as fast as {result['library']} (target {TARGET}); "
            f"entries agree to {result['difference']:.0e}, on the diagonal {result['on_diagonal']:.0e}")
    headings = [f"{count:,} points", "Engram", "peer", "its time", "of Engram's time", "entries differ, of the largest"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}


def alone(own):
    """Engram's times without a peer."""
    for activation, depth in CASES:
        took = [own.ask(f"run {activation} {depth}")["seconds"] for _ in range(3)]
        yield {"activation": activation, "depth": depth, "own": statistics.median(took)}


def compared(own, peer, library, turns):
    """Both in turns. A first turn does not count: compiling is not computing."""
    name = f"{'NumPy' if library == 'numpy' else library} {peer.greeting['version']}"
    for activation, depth in CASES:
        pairs = [(own.ask(command), peer.ask(command)) for command in [f"run {activation} {depth}"] * (turns + 1)][1:]
        mine, theirs = (statistics.median(pair[side]["seconds"] for pair in pairs) for side in (0, 1))
        yield {
            "library": name, "activation": activation, "depth": depth, "own": mine, "peer": theirs,
            "ratio": statistics.median(other["seconds"] / one["seconds"] for one, other in pairs),
            **{key: max(other[key] for _, other in pairs) for key in ("difference", "on_diagonal")}}
