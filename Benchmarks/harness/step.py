"""Use of the machine: the arithmetic rate of training steps beside that of plain products in the same run."""
from .growth import digits
from .recipe import FILM, PHOTOGRAPHS, Case
from .report import seconds_text, table

TARGET = 0.8
# Products of few rows thin out; a set of this size shows what the same step reaches with more.
LARGER_COUNT = 1000


def measure(setting):
    cases = [FILM]
    if setting.data:
        # An absolute path stays as it is when it is looked for below the data folder.
        cases += [PHOTOGRAPHS, Case(f"{LARGER_COUNT:,} digits", str(digits(setting, LARGER_COUNT)), 3, 1024, "selu", 0.5, 1, needs_data=True)]
    rows, ratios, raw = [], [], []
    for case in cases:
        options = {**case.options(setting), **({"rounds": 2, "turn": 0.02} if setting.quick else {})}
        result = setting.own_answer("step", **options)
        raw.append(result)
        parts = result["parts"]
        other = max(result["step_seconds"] - sum(parts.values()), 0)
        rows.append([
            case.title(setting), result["kernels"], f"{result['sgemm_rate'] / 1e9:.0f}", seconds_text(result["step_seconds"]),
            f"{result['operations'] / result['step_seconds'] / 1e9:.0f}", f"**{result['fraction_of_sgemm'] * 100:.0f} %**",
            f"{result['fraction_of_products'] * 100:.0f} %",
            *(seconds_text(parts[name]) for name in ("products", "activations", "deltas", "adam", "noise")), seconds_text(other)])
        ratios.append(
            f"{case.name}: training steps reach {result['fraction_of_sgemm'] * 100:.0f} % of sgemm's "
            f"{result['sgemm_rate'] / 1e9:.0f} GFLOP/s (target {TARGET * 100:.0f} %), "
            f"{result['fraction_of_products'] * 100:.0f} % of their own products' rate; kernels {result['kernels']}")
    headings = [
        "problem", "kernels", "sgemm 1024³, GFLOP/s", "step", "GFLOP/s", "of sgemm", "of its own products", "products", "activations",
        "deltas and biases", "Adam", "noise", "rest"]
    return {"table": table(headings, rows), "ratios": ratios, "raw": raw}
