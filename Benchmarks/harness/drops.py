"""From a drop to its published result: `engram process` as users run it, with what was verified."""
from .machine import ROOT
from .report import size_text, table

EXAMPLES = ROOT / "Examples" / "drops"


def cases(setting):
    """Name, path, settings, seconds that it should take at most."""
    found = [
        ("film, 382 frames", EXAMPLES / "steamboat", [], 30),
        ("film, closed-form", EXAMPLES / "steamboat", ["preset=closed-form"], 8),
        ("100 digits", EXAMPLES / "digits-idx3-ubyte", [], 5),
        ("two cycles of digits", EXAMPLES / "counting-idx3-ubyte", [], 2),
        ("speech", EXAMPLES / "speech.wav", [], 5),
    ]
    if setting.data:
        photographs = setting.data / "images64"
        found.insert(2, ("500 photographs", photographs, ["kind=autoencoder"], 60))
        found.insert(3, ("500 photographs, closed-form", photographs, ["kind=autoencoder", "preset=closed-form"], 8))
    else:
        print("   without ENGRAM_DATA the photographs are left out")
    return found


def measure(setting):
    rows, ratios, raw = [], [], []
    for name, path, settings, target in cases(setting):
        if setting.quick and "digits" not in name:
            continue
        small = ["training.epochs=5", "network.width=64", "recall.starts=2", "recall.iterations=50"] if setting.quick else []
        run = setting.process(path, *settings, *small)
        took, report = run.seconds, run.report
        holds, text = verified(report)
        stages = report["seconds"]
        shares = " / ".join(f"{stages[stage] or 0:.1f}" for stage in ("decode", "train", "analyse", "render"))
        network = report["network"]
        rows.append([
            name, f"{network['depth']} × {network['width']} {network['activation']}", report["training"]["epochs"],
            f"**{took:.1f}**", target, shares, size_text(run.peak_bytes), text, from_noise(report)])
        ratios.append(f"{name}: {took:.1f} s (target {target}), {'verified' if holds else 'NOT VERIFIED'}: {text}; {from_noise(report)}")
        raw.append({"name": name, "seconds": took, "target": target, "holds": holds, "peak": run.peak_bytes, "stages": stages})
        print("   " + ratios[-1], flush=True)
    headings = [
        "drop", "network", "epochs", "seconds", "target", "decode / train / analyse / render", "peak memory", "verified",
        "recalled from noise (uniform / Gaussian)"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}


def verified(report):
    """Whether what is promised holds, and the figures that say so."""
    if report["kind"] == "autoencoder":
        found = report["attractors"]
        radius = found["spectral_radius_max"]
        text = f"{found['verified']} of {found['total']} attractors" + (f", largest radius {radius:.2g}" if radius is not None else "")
        return found["total"] > 0 and found["verified"] == found["total"], text
    cycles = report["cycles"]
    radii = ", ".join("-∞" if cycle["log10_spectral_radius"] is None else f"{cycle['log10_spectral_radius']:.2f}" for cycle in cycles)
    stable = sum(cycle["stable"] for cycle in cycles)
    uniform = [run for run in report["recall"] if run["start"] == "uniform noise"]
    recalled = all(run["recovered"] == run["starts"] for run in uniform)
    return bool(cycles) and stable == len(cycles) and recalled, f"{stable} of {len(cycles)} cycles stable, log10 radius {radii}"


def from_noise(report):
    runs = [run for run in report["recall"] if run["start"].endswith("noise")]
    return " / ".join(f"{run['recovered']} of {run['starts']}" for run in runs)
