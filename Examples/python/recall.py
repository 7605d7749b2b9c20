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


def tournament(tensors, metadata):
    """f(x) = sum_i relu(1 - (max s - s_i)/margin) target_i; items behind the shortlist's window lose penalty times what they are behind"""
    def f(x):
        s = tensors["scores.weight"] @ x + tensors["scores.bias"]
        if "shortlist.weight" in tensors:
            t = tensors["shortlist.weight"] @ x
            s = s - float(metadata["penalty"]) * np.maximum(t.max() - t - float(metadata["window"]), 0)
        return np.maximum(1 - (s.max() - s) / float(metadata["margin"]), 0) @ tensors["targets"]
    return f


def normalised(tensors, metadata):
    """F(x) = itemsT (offset + mixing h): h is the softmax of steepness times the cosines of x and the items, whitened"""
    if "constant" in metadata:
        sys.exit("this example reads normalised machines that look at contrast alone")
    contrasts = tensors["items"] - tensors["items"].mean(1, keepdims=True)

    def state(x):
        x = x - x.mean()
        u = x - contrasts.T @ (tensors["whitening"] @ (contrasts @ x))
        return u / np.linalg.norm(u)
    centers = np.array([state(x) for x in tensors["items"]])

    def f(x):
        t = float(metadata["steepness"]) * (centers @ state(x))
        h = np.exp(t - t.max())
        return (tensors["offset"] + tensors["mixing"] @ (h / h.sum())) @ tensors["items"]
    return f


# One entry for each family: its name in the file, and what makes the map f of the file's tensors.
FAMILIES = {"fully-connected": fully_connected, "kernel": kernel, "tournament": tournament, "normalised": normalised}

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
