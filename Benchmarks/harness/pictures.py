"""Kernels of convolutional networks beside NumPy, and half-missing pictures beside scikit-image's biharmonic completion."""
import pathlib
import random
import statistics
import struct
import zlib

from .report import seconds_text, table

# [R23] SI prints 11 s for the authors' program; it takes 6.2 s in one process of the machine that the prototypes were measured on.
PUBLISHED_SECONDS = 11
PICTURES = ["barbara", "boat", "Cameraman256", "couple", "fingerprint", "hill", "house", "man", "montage", "peppers256"]


def measure(setting):
    rows, ratios, raw = [], [], {"kernels": [], "pictures": []}
    sizes = [(16, 3, 3)] if setting.quick else [(16, 3, 200), (64, 5, 5), (128, 6, 1)]
    with setting.own_service("pictures") as own:
        peer = setting.peer_service("pictures.py", setting.threads) if setting.python else None
        for side, levels, times in sizes:
            command = f"kernel {side} {levels} {times}"
            mine = min((own.ask(command) for _ in range(3)), key=lambda reply: reply["seconds"])
            theirs = peer.ask(f"kernel {side} {levels} {max(1, times // 20)}") if peer else None
            ratio = f"{theirs['seconds'] / mine['seconds']:.1f}" if theirs else "–"
            published = f"{PUBLISHED_SECONDS / mine['seconds']:,.0f}" if side == 16 else "–"
            rows.append([f"{side}², {levels} levels", seconds_text(mine["seconds"]), seconds_text(theirs["seconds"]) if theirs else "–", ratio, published])
            ratios.append(f"CNTK of {side}², {levels} levels: {1e3 * mine['seconds']:.2f} ms; NumPy takes {ratio} times as long")
            raw["kernels"].append({"side": side, "levels": levels, "seconds": mine["seconds"], "numpy": theirs and theirs["seconds"]})
        first = table(["kernel", "Engram", "NumPy", "of Engram's time", "of the published 11 s"], rows)
        second, gains = filled(setting, own, peer, raw["pictures"])
        if peer:
            peer.close()
    return {"table": first + ("\n\n" + second if second else ""), "ratios": ratios + gains, "raw": raw}


def filled(setting, own, peer, raw):
    folder = pathlib.Path(setting.data or "") / "inpaint"
    if not setting.data or not folder.is_dir():
        print("   without ENGRAM_DATA there are no pictures to fill")
        return "", []
    rows = []
    for index, name in enumerate(PICTURES[6:7] if setting.quick else PICTURES):
        width, height, codes = gray(folder / f"{name}_GT.png")
        draw = random.Random(index)
        path = setting.folder("pictures") / f"{name}.bin"
        known = bytes(draw.random() < 0.5 for _ in codes)
        path.write_bytes(struct.pack(f"<{len(codes)}d", *(code / 255 for code in codes)) + known)
        mine = own.ask(f"fill {height} {width} 1 {path}")
        theirs = peer.ask(f"fill {height} {width} {path}") if peer else None
        network = f"{mine['levels']} levels, {mine['upsampling']}, {mine['smoothing']} more"
        rows.append([
            name, f"{mine['psnr']:.2f}", f"{mine['biharmonic']:.2f}", f"{theirs['psnr']:.2f}" if theirs else "–",
            f"{mine['psnr'] - (theirs or {'psnr': mine['biharmonic']})['psnr']:+.2f}", network, seconds_text(mine["seconds"]), seconds_text(mine["processor_seconds"])])
        raw.append({"name": name, **mine, "scikit_image": theirs and theirs["psnr"]})
        print(f"   {name}: {mine['psnr']:.2f} dB in {mine['seconds']:.1f} s", flush=True)
    mean, least = statistics.mean(each["psnr"] for each in raw), min(each["psnr"] - (each["scikit_image"] or each["biharmonic"]) for each in raw)
    headings = ["half missing", "CNTK, dB", "our biharmonic", "scikit-image", "gain", "network", "time", "processor time"]
    return table(headings, rows), [f"{len(raw)} pictures, half missing: mean {mean:.2f} dB (target 31.5), least gain over biharmonic {least:+.2f} dB (target -0.3)"]


def gray(path):
    """Width, height and codes of an 8-bit gray PNG; of colour the first channel, which of these pictures is the same as the others."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    step = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    raw, size = zlib.decompress(packed), width * step
    before, codes = bytearray(size), []
    for row in range(height):
        kind, line = raw[row * (size + 1)], bytearray(raw[row * (size + 1) + 1 : (row + 1) * (size + 1)])
        for i in range(size):
            left, up, corner = line[i - step] if i >= step else 0, before[i], before[i - step] if i >= step else 0
            line[i] = (line[i] + [0, left, up, (left + up) // 2, paeth(left, up, corner)][kind]) & 255
        codes += line[::step]
        before = line
    return width, height, codes


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
