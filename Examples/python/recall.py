#!/usr/bin/env python3
"""Iterates a published memory from noise, with numpy alone: recall.py outbox/digits-idx3-ubyte

Prints how far the result is from the nearest example in recovered/, and writes it as a picture, recalled.pgm. The drop was an IDX file
of bytes; PNGs and sound would need another reader.
"""
import json, pathlib, struct, sys
import numpy as np

PHI = {
    "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 0.5 + 0.5 * np.tanh(0.5 * z), "sinusoidal": np.sin,
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
}


def fully_connected(tensors, metadata):
    """f(x) = W_L phi(... phi(W_1 x + b_1) ...) + b_L"""
    def f(x):
        for i in range(len(tensors) // 2):
            x = tensors[f"layers.{i}.weight"] @ (PHI[metadata["activation"]](x) if i > 0 else x) + tensors[f"layers.{i}.bias"]
        return x
    return f


def kernel(tensors, metadata):
    """F(x) = itemsᵀ (offset + mixing p): p is the kernel row of x and the items, on the common norm, divided by its sum"""
    if (metadata["kernel"], metadata["rows"], metadata["features"]) != ("gaussian", "normalized", "lifted"):
        sys.exit(f"this example reads the default kernel, not {metadata['kernel']}")
    brightness, constant, norm = (float(metadata[name]) for name in ("brightness", "constant", "norm"))

    def state(x):
        u = np.r_[x - x.mean(), x.mean() - brightness, constant]
        return norm * u / np.linalg.norm(u)
    centers = np.array([state(x) for x in tensors["items"]])

    def f(x):
        logarithms = -((centers - state(x)) ** 2).sum(1) / (2 * float(metadata["kernel.bandwidth"]) ** 2)
        p = np.exp(logarithms - logarithms.max())
        return (tensors["offset"] + tensors["mixing"] @ (p / p.sum())) @ tensors["items"]
    return f


# One entry for each family: its name in the file, and what makes the map f of the file's tensors.
FAMILIES = {"fully-connected": fully_connected, "kernel": kernel}

folder = pathlib.Path(sys.argv[1])
data = (folder / "network.safetensors").read_bytes()
size = struct.unpack("<Q", data[:8])[0]
header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
metadata = header.pop("__metadata__")
array = lambda entry: np.frombuffer(body[slice(*entry["data_offsets"])], {"F32": "<f4", "F64": "<f8"}[entry["dtype"]])
f = FAMILIES[metadata["family"]]({name: array(entry).reshape(entry["shape"]).astype(float) for name, entry in header.items()}, metadata)

idx = next((folder / "recovered").iterdir()).read_bytes()
count, height, width = struct.unpack(">3I", idx[4:16])
stored = np.frombuffer(idx, np.uint8, offset=16).reshape(count, height * width) / 255

x = np.random.default_rng(1).random(height * width)
for _ in range(300):
    x = f(x)
distances = np.linalg.norm(stored - x, axis=1)
print(f"300 iterations from noise lead to example {distances.argmin()}, at distance {distances.min():.3g}")
pathlib.Path("recalled.pgm").write_bytes(b"P5 %d %d 255\n" % (width, height) + np.rint(255 * x.clip(0, 1)).astype(np.uint8).tobytes())
