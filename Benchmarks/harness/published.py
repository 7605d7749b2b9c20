"""The published recipe in PyTorch on the film, beside the time that Engram takes to the same property.

The recipe is stopped at a mean squared error of 1e-8, many thousands of epochs away: its epochs are timed, and their number is
extrapolated from the loss curve. Both are said.
"""
import math
import statistics
import time

from .recipe import FILM
from .report import seconds_text, table

TARGET_RATIO = 100
STOP = 1e-8


def measure(setting):
    if not setting.python:
        return {"table": "PyTorch was not installed.", "ratios": ["published: not measured without PyTorch"]}
    drop = FILM.path(setting)
    folder = setting.folder("published")
    depth, width = (2, 32) if setting.quick else (16, 1024)
    items = {"items": 12} if setting.quick else {}
    exported = setting.own_answer("samples", drop=drop, file=folder / "samples.f32", **items)
    words = [folder / "samples.f32", exported["count"], depth, width, setting.threads]
    best, trials = None, {}
    for variant in [("eager", "fused")] + ([] if setting.quick else [("compiled", "fused")]):
        with setting.peer_service("published.py", *words, *variant) as peer:
            peer.ask("run 1")
            trials[variant] = statistics.median(peer.ask("run 1", pause=0)["seconds"] for _ in range(3))
    best = min(trials, key=trials.get)
    losses, took = [], 0.0
    limit = 2 if setting.quick else setting.arguments.published_seconds
    with setting.peer_service("published.py", *words, *best) as peer:
        name = peer.greeting["variant"]
        end = time.monotonic() + limit
        while time.monotonic() < end:
            turn = peer.ask("run 5", pause=0)
            losses += turn["losses"]
            took += turn["seconds"]
    each = took / len(losses)
    epochs, how = within_reach(losses, *epochs_to(STOP, losses))
    options = ["training.epochs=2", "network.width=64", "recall.iterations=5", "analysis.eigenvalues=false"] if setting.quick else []
    run = setting.process(drop, *options)
    own, report = run.seconds, run.report
    ratio = each * epochs / own
    rows = [
        [f"published, {depth} × {width} SELU, PyTorch ({name})", seconds_text(each), f"{len(losses)} run, to {losses[-1]:.2g}",
         f"{how}", seconds_text(each * epochs), f"**{ratio:,.0f}**"],
        [f"Engram, `fast`, {report['network']['depth']} × {report['network']['width']}", "", f"{report['training']['epochs']}", "",
         f"{own:.1f} s, drop to published result", "1"]]
    headings = ["recipe", "an epoch", "epochs", f"epochs to {STOP:g}", "time", "of Engram's time"]
    ratios = [
        f"published recipe: {each:.2f} s an epoch, {len(losses)} epochs run to a loss of {losses[-1]:.2g}; to {STOP:g} {how}, so "
        f"{each * epochs / 3600:.1f} h; Engram {own:.1f} s: {ratio:,.0f} times (target {TARGET_RATIO}); "
        f"in Engram's time the recipe does {own / each:.0f} epochs and is at {losses[min(int(own / each), len(losses) - 1)]:.2g}"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": {"each": each, "losses": losses, "epochs": epochs, "own": own}}


def within_reach(losses, epochs, how):
    """The count of epochs and its words, no further than a thousand times as far as the curve was seen: beyond that it is a lower bound."""
    reach = 1000 * len(losses)
    if epochs <= reach:
        return epochs, f"{epochs:,.0f} ({how})"
    return reach, f"more than {reach:,} (no further than a thousand times what was run; {how})"


def epochs_to(target, losses):
    """How many epochs a loss curve takes to `target`, and how that was found.

    A power law, loss = a·epoch^-b, fitted to the second half of the curve's logarithms: training curves flatten on a linear scale of
    epochs, and an exponential through the same points would promise less than it keeps.
    """
    for index, loss in enumerate(losses):
        if loss <= target:
            return index + 1, "measured"
    first = len(losses) // 2
    points = [(math.log(index + 1), math.log(losses[index])) for index in range(first, len(losses))]
    mean_x, mean_y = (statistics.fmean(point[axis] for point in points) for axis in (0, 1))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    if slope >= 0:
        return math.inf, "the loss does not fall"
    logarithm = (math.log(target) - mean_y) / slope + mean_x
    return math.exp(logarithm) if logarithm < 700 else math.inf, f"extrapolated, loss ~ epoch^{slope:.2f}"
