#!/usr/bin/env python3
"""Runs a published U-Net in PyTorch: unet_torch.py outbox/NAME

Prints how far f(x) is from x at the pictures in recovered/, which is an IDX file of bytes.
"""
import json, pathlib, struct, sys
import numpy as np, torch
from torch.nn import functional as F

folder = pathlib.Path(sys.argv[1])
data = (folder / "network.safetensors").read_bytes()
size = struct.unpack("<Q", data[:8])[0]
header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
meta = header.pop("__metadata__")
T = {name: torch.frombuffer(bytearray(body[slice(*e["data_offsets"])]), dtype=torch.float32).reshape(e["shape"]) for name, e in header.items()}
strides, centre, scale = [int(s) for s in meta["strides"].split()], float(meta["centre"]), float(meta["scale"])
phi = getattr(F, meta["activation"])


def convolved(x, name, stride=1):
    k = T[f"{name}.weight"].shape[-1]
    return F.conv2d(F.pad(x, [(k - 1) // 2, k // 2] * 2), T[f"{name}.weight"], T[f"{name}.bias"], stride=stride)


def f(x):
    images = [(x - centre) / scale]
    for level, stride in enumerate(strides):
        images.append(phi(convolved(images[-1], f"down.{level}", stride)))
    y = images.pop()
    for level, stride in reversed(list(enumerate(strides))):
        height, width = images[level].shape[2:]
        if meta["upsampling"] == "subpixel":
            y = F.pixel_shuffle(convolved(y, f"up.{level}"), stride)[..., :height, :width]
        else:
            y = convolved(F.interpolate(y, scale_factor=stride, mode=meta["upsampling"])[..., :height, :width], f"up.{level}")
        if f"skip.{level}.weight" in T:
            y = y + convolved(images[level], f"skip.{level}")
        y = phi(y) if level > 0 else y
    return centre + scale * y


idx = next((folder / "recovered").iterdir()).read_bytes()
shape = struct.unpack(f">{idx[3]}I", idx[4 : 4 + 4 * idx[3]])
pictures = np.frombuffer(idx, np.uint8, offset=4 + 4 * idx[3]).reshape(*shape[:3], -1) / 255
x = torch.tensor(pictures, dtype=torch.float32).permute(0, 3, 1, 2)
with torch.no_grad():
    print(f"largest difference of f(x) and x at {len(x)} pictures: {(f(x) - x).abs().max():.3g}")
