"""Tables with holes and ratings with folds: what is filled in against the truth, beside what other methods reach on the same holes."""
import csv

from .report import seconds_text, table

HIDDEN = {10: "1", 20: "12", 40: "124"}
FOLDS = 5
# Root mean square errors on the same five folds: what users and items add, and alternating least squares on top of it.
PUBLISHED_RATINGS = {"biases": 0.8855, "biases and low rank": 0.8736}
SYSTEM_TARGET_SECONDS = 30


def measure(setting):
    rows, ratios, raw = [], [], []
    folder = setting.data / "tabular" if setting.data else None
    if folder and folder.is_dir():
        for result in tables(setting, folder):
            raw.append(result)
            others = "".join(f", {name} {value:.3f}" for name, value in result["baselines"].items())
            best = min(result["baselines"].values())
            rows.append([
                f"{result['name']}, {result['share']} % hidden", f"**{result['error']:.3f}**", others.lstrip(", "),
                f"{result['coverage'] * 100:.1f} %", seconds_text(result["seconds"]), seconds_text(result["processor_seconds"])])
            result["is_better"] = result["error"] < best
        count = sum(result["is_better"] for result in raw)
        if raw:
            ratios.append(f"better than every other method on {count} of {len(raw)} tables with holes (target 70 %)")
        for metadata in [False, True]:
            results = [rated(setting, folder, fold, metadata) for fold in range(1 if setting.quick else FOLDS)]
            raw += results
            error = sum(result["error"] for result in results) / len(results)
            took = sum(result["seconds"] for result in results)
            coverage = sum(result["coverage"] for result in results) / len(results)
            what = "ratings with genres and years of items" if metadata else "ratings"
            others = ", ".join(f"{name} {value:.3f}" for name, value in PUBLISHED_RATINGS.items())
            rows.append([
                f"{what}, {len(results)} folds", f"**{error:.4f}**", others, f"{coverage * 100:.1f} %", seconds_text(took),
                seconds_text(sum(result["processor_seconds"] for result in results))])
            ratios.append(f"{what}: root mean square error {error:.4f} in {took:.0f} s (target 0.87 in 60 s)")
    system = setting.own_answer("completion", problem="system", **({"count": 1000, "right": 50} if setting.quick else {}))
    raw.append(system)
    rows.append([
        "14,336 positions, 978 right-hand sides", f"residual {system['residual']:.0e}", "", "", seconds_text(system["seconds"]),
        seconds_text(system["processor_seconds"])])
    ratios.append(f"14,336 positions and 978 right-hand sides take {system['seconds']:.0f} s (target {SYSTEM_TARGET_SECONDS})")
    headings = ["problem", "error of Engram", "of others on the same cells", "intervals hold", "seconds", "of the processors"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}


def tables(setting, folder):
    """Every table of holes/ at every share."""
    baselines = {}
    with open(folder / "holes" / "baselines.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    heading = {name: index for index, name in enumerate(lines[0])}
    for line in lines[1:]:
        # Ratings have their folds there, tables a share of hidden cells.
        if line[heading["missing"]].isdigit():
            key = (line[heading["data"]], int(line[heading["missing"]]))
            baselines.setdefault(key, {})[line[heading["method"]]] = float(line[heading["rmse"]])
    names = sorted({name for name, _ in baselines if (folder / "holes" / f"{name}.csv").exists()})
    for name in names[:1] if setting.quick else names:
        path = next(folder / kind / f"{name}.csv" for kind in ("classification", "regression") if (folder / kind / f"{name}.csv").exists())
        for share, hidden in HIDDEN.items():
            answer = setting.own_answer("completion", problem="table", path=path, holes=folder / "holes" / f"{name}.csv", hidden=hidden)
            yield {"name": name, "share": share, "baselines": baselines[name, share], **answer}


def rated(setting, folder, fold, metadata):
    """One fold of the ratings. The service counts folds from 1."""
    ratings = folder / "ratings"
    options = {"items": ratings / "movielens-small.items.csv"} if metadata else {}
    return setting.own_answer(
        "completion", problem="ratings", path=ratings / "movielens-small.csv", folds=ratings / "movielens-small.folds.csv", fold=fold + 1,
        **options)
