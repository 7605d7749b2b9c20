"""The same recipe, network, first weights, data and epochs in Engram and in PyTorch, in turns."""
import dataclasses
import statistics

from .machine import ROOT
from .report import seconds_text, table

TARGET = 2.0


@dataclasses.dataclass
class Case:
    """A training problem: a drop and the recipe that `engram process` chooses for it."""

    name: str
    drop: str
    depth: int
    width: int
    activation: str
    conditioning: float
    noise: float
    needs_data: bool = False

    def path(self, setting):
        return setting.data / self.drop if self.needs_data else ROOT / "Examples" / "drops" / self.drop

    def options(self, setting):
        options = {
            "drop": self.path(setting), "depth": self.depth, "width": 64 if setting.quick else self.width,
            "activation": self.activation, "conditioning": self.conditioning, "noise": self.noise}
        if self.needs_data:
            # Photographs with numbered names are a set all the same.
            options["kind"] = "autoencoder"
        if setting.quick:
            options["items"] = 24
        return options

    def title(self, setting):
        width = 64 if setting.quick else self.width
        return f"{self.name}, {self.depth} × {width} {self.activation}"


FILM = Case("film", "steamboat", 3, 1024, "relu", 0.5, 0.3)
PHOTOGRAPHS = Case("photographs", "images64", 4, 1024, "selu", 1, 0.6, needs_data=True)
VARIANTS = [("eager", "foreach"), ("eager", "fused"), ("compiled", "fused"), ("autotuned", "fused")]


def measure(setting):
    if not setting.python:
        return {"table": "PyTorch was not installed.", "ratios": ["recipe: not measured without PyTorch"]}
    rows, ratios, raw = [], [], []
    # What each was compiled for decides the ratio as much as the programs do.
    own_kernels, peer_kernels = setting.versions["kernels"], setting.versions["PyTorch kernels"]
    for case in [FILM] + ([PHOTOGRAPHS] if setting.data else []):
        result = compare(setting, case)
        raw.append(result)
        for name, took in result["trials"].items():
            rows.append([case.title(setting), f"PyTorch, {name}", peer_kernels, seconds_text(took), f"{took / result['own']:.2f}", "", ""])
        rows.append([
            case.title(setting), f"PyTorch, {result['best']}, in turns", peer_kernels, seconds_text(result["peer"]), f"**{result['ratio']:.2f}**",
            f"{result['peer_loss']:.3g}", f"{result['peer_clean']:.3g}"])
        rows.append([
            case.title(setting), "Engram, in turns", own_kernels, seconds_text(result["own"]), "1", f"{result['own_loss']:.3g}",
            f"{result['own_clean']:.3g}"])
        ratios.append(
            f"{case.name}: {result['ratio']:.2f} times as fast as PyTorch ({result['best']}; target {TARGET:g}; {own_kernels} beside {peer_kernels} kernels), epoch {result['epochs']}: "
            f"loss {result['own_loss']:.3g} beside {result['peer_loss']:.3g}")
    headings = ["problem", "program", "kernels", "an epoch", "of Engram's time", "last loss, with noise", "last error, clean"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}


def compare(setting, case):
    folder = setting.folder(f"recipe-{case.name}")
    turns, epochs = (2, 3) if setting.quick else (6, 25)
    planned = turns * epochs
    with setting.own_service("train", **case.options(setting), epochs=planned, export=folder) as own:
        # A short trial of each way to write it; the best one goes on to the comparison.
        trials = {}
        for variant in VARIANTS[:1] if setting.quick else VARIANTS:
            with setting.peer_service("train.py", folder, planned, setting.threads, 1e-3, *variant) as peer:
                peer.ask("run 2")
                trials[variant] = min(peer.ask(f"run {epochs // 3 or 1}")["seconds"] / (epochs // 3 or 1) for _ in range(2))
        best = min(trials, key=trials.get)
        own_turns, peer_turns = [], []
        with setting.peer_service("train.py", folder, planned, setting.threads, 1e-3, *best) as peer:
            name = peer.greeting["variant"]
            for _ in range(turns):
                own_turns.append(own.ask(f"run {epochs}"))
                peer_turns.append(peer.ask(f"run {epochs}"))
    # The ratio of each pair of turns, so that a slow moment of the machine spoils one pair and not the result.
    ratio = statistics.median(peer["seconds"] / own["seconds"] for own, peer in zip(own_turns, peer_turns))
    return {
        "epochs": planned, "best": name, "ratio": ratio, "trials": {", ".join(key): took for key, took in trials.items()},
        "own": statistics.median(turn["seconds"] for turn in own_turns) / epochs,
        "peer": statistics.median(turn["seconds"] for turn in peer_turns) / epochs,
        "own_loss": own_turns[-1]["loss"], "peer_loss": peer_turns[-1]["loss"], "own_clean": own_turns[-1]["clean"],
        "peer_clean": peer_turns[-1]["clean"]}
