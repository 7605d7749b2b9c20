"""Time and memory against the number of examples and against their size."""
import gzip
import math
import random
import struct
import zlib

from .drops import verified
from .report import log_plots, seconds_text, size_text, table

COUNTS = [50, 100, 200, 500, 1000, 2000, 5000]
SIDES = [(28, 1), (32, 3), (64, 3), (128, 3)]
EXAMPLES_OF_EACH_SIZE = 100


def measure(setting):
    by_count, by_size = [], []
    if setting.data:
        for count in [20, 30] if setting.quick else COUNTS:
            by_count.append(run(setting, digits(setting, count), count))
    else:
        print("   without ENGRAM_DATA there are no digits to count")
    for side, channels in SIDES[:2] if setting.quick else SIDES:
        by_size.append(run(setting, pictures(setting, side, channels), EXAMPLES_OF_EACH_SIZE))
    return presented(by_count, by_size)


def presented(by_count, by_size):
    """Tables, ratios and plots of what was measured."""
    tables = []
    for heading, results in [("MNIST digits, d = 784", by_count), (f"{EXAMPLES_OF_EACH_SIZE} smooth pictures", by_size)]:
        if results:
            tables.append(table(
                [heading, "values d", "network", "an epoch", "training to the end", "closed-form steps", "analysis", "whole", "peak memory",
                 "verified"], [row(result) for result in results]))
    panels = []
    for label, key, results in [("examples n", "count", by_count), ("values d of each", "dimension", by_size)]:
        for title, field, unit in [("time", "whole", "seconds, drop to result"), ("memory", "peak", "peak memory, MB")]:
            scale = 1e-6 if field == "peak" else 1
            line = [(result[key], result[field] * scale, field == "peak" or result["is_whole"]) for result in results]
            if line:
                panels.append((f"{title} against {label.split()[-1] if key == 'count' else 'd'}", label, unit, [("fast", line)]))
    results = by_count + by_size
    ratios = [
        f"growth, n = {result['count']}, d = {result['dimension']}: {result['whole']:.1f} s{'' if result['is_whole'] else ' (computed)'}, "
        f"{size_text(result['peak'])}" for result in results]
    text = "\n\n".join(tables) + "\n\n![Time and memory against n and d](images/growth.svg)"
    return {"table": text, "ratios": ratios, "raw": results, "plots": {"growth.svg": log_plots(panels)}}


def row(result):
    whole = seconds_text(result["whole"])
    return [
        result["count"], f"{result['dimension']:,}", result["network"], seconds_text(result["epoch"]), result["epochs"],
        seconds_text(result["solve"]), seconds_text(result["analyse"]) if result["is_whole"] else "left out",
        whole if result["is_whole"] else f"≈ {whole}", size_text(result["peak"]), result["verified"]]


def run(setting, drop, count):
    """Runs one drop, to its end or for a few epochs from which the rest is computed."""
    limit = 50 if setting.quick else setting.arguments.whole_up_to
    is_whole = count <= limit
    options = ["kind=autoencoder"]
    if setting.quick:
        options += ["training.epochs=4", "network.width=32", "recall.starts=2", "recall.iterations=50"]
    elif not is_whole:
        # Enough epochs to time one. What is hardly trained would wander through all iterations of recall and verify as nothing.
        options += [f"training.epochs={max(3, 10000 // count)}", "analysis.eigenvalues=false", "recall.iterations=1", "recall.starts=0"]
    done = setting.process(drop, *options)
    took, report, moments = done.seconds, done.report, done.epoch_moments
    each = (moments[-1] - moments[0]) / max(len(moments) - 1, 1)
    stages = report["seconds"]
    solve = max(stages["train"] - each * len(moments), 0)
    full = report["training"]["epochs"]
    if not is_whole:
        # One round: sets that start matched are trained 150 epochs in it, others of this size 600.
        full = 150 if report["network"]["depth"] == 1 else 600
        took += each * (full - len(moments)) - stages["analyse"]
    network = report["network"]
    result = {
        "count": count, "dimension": report["dimension"], "network": f"{network['depth']} × {network['width']}", "epoch": each,
        "epochs": f"{full} epochs", "solve": solve, "analyse": stages["analyse"], "whole": took, "is_whole": is_whole, "peak": done.peak_bytes,
        "verified": verified(report)[1] if is_whole else "not trained to the end"}
    print(f"   n = {count}, d = {result['dimension']}: {took:.1f} s{'' if is_whole else ' (computed)'}, {size_text(done.peak_bytes)}", flush=True)
    return result


def digits(setting, count):
    """The first `count` training images of MNIST as an IDX file."""
    path = setting.folder("growth") / f"digits{count}-idx3-ubyte"
    with gzip.open(setting.data / "mnist" / "train-images-idx3-ubyte.gz") as file:
        magic, _, height, width = struct.unpack(">4I", file.read(16))
        path.write_bytes(struct.pack(">4I", magic, count, height, width) + file.read(count * height * width))
    return path


def pictures(setting, side, channels):
    """A folder of smooth random pictures: sums of a few waves, so that their number of values can be chosen freely."""
    folder = setting.folder("growth") / f"pictures{side}"
    folder.mkdir(exist_ok=True)
    generator = random.Random(side)
    for number in range(EXAMPLES_OF_EACH_SIZE):
        planes = [wave_plane(generator, side) for _ in range(channels)]
        rows = bytearray()
        for y in range(side):
            rows.append(0)
            for x in range(side):
                rows += bytes(plane[y][x] for plane in planes)
        (folder / f"picture-{number}.png").write_bytes(png(side, channels, bytes(rows)))
    return folder


def wave_plane(generator, side):
    """One channel of 8-bit codes: the sum of products of cosines of low frequencies across and down, stretched to the range."""
    terms = [(generator.gauss(0, 1), generator.uniform(0, 4), generator.uniform(0, 4), generator.uniform(0, 6.3)) for _ in range(4)]
    across = [[math.cos(math.pi * frequency * x / side + phase) for x in range(side)] for _, frequency, _, phase in terms]
    down = [[weight * math.cos(math.pi * frequency * y / side) for y in range(side)] for weight, _, frequency, _ in terms]
    plane = [[sum(a[x] * d[y] for a, d in zip(across, down)) for x in range(side)] for y in range(side)]
    low, high = min(map(min, plane)), max(map(max, plane))
    return [[int(255 * (value - low) / (high - low)) for value in line] for line in plane]


def png(side, channels, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">2I5B", side, side, 8, 0 if channels == 1 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
