#!/usr/bin/env python3
"""Plays a published memory of a text, with numpy alone: recall_text.py outbox/poem.txt

Reads network.safetensors of the family `recurrent`, reads the text once with it, and then lets it write. Prints what it wrote, whether that is
recovered/, and how far its margins are from those of confidence.csv. With PyTorch, torch.from_numpy of the same tensors does the same.
"""
import csv, json, pathlib, re, struct, sys
import numpy as np

PHI = {
    "none": lambda z: z, "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh,
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
}
SPLIT = {"words": r"(?s)\S+\s*|^\s+", "characters": r"(?s)\r\n|."}

folder = pathlib.Path(sys.argv[1])
data = (folder / "network.safetensors").read_bytes()
size = struct.unpack("<Q", data[:8])[0]
header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
metadata = header.pop("__metadata__")
if metadata["family"] != "recurrent":
    sys.exit(f"this example reads recurrent networks, not {metadata['family']}")
tensor = {
    name: np.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).astype(float) for name, entry in header.items()
}
phi = PHI[metadata["activation"]]


def layers(name):
    return [(tensor[f"{name}.{i}.weight"], tensor[f"{name}.{i}.bias"]) for i in range(len(tensor)) if f"{name}.{i}.weight" in tensor]


def step(token, state):
    """The next state h = s(token, state), and the logits o(h): the largest unit of each token, where there are several"""
    for weight, bias in layers("state"):
        state = phi(weight @ (np.r_[np.eye(vocabulary)[token], state] if weight.shape[1] == vocabulary + width else state) + bias)
    z = state
    for i, (weight, bias) in enumerate(layers("output")):
        z = weight @ (phi(z) if i > 0 else z) + bias
    logits = np.full(vocabulary, -np.inf)
    np.maximum.at(logits, tensor.get("output.tokens", np.arange(len(z))).astype(int), z)
    return state, logits


width = layers("state")[-1][0].shape[0]
vocabulary = layers("state")[0][0].shape[1] - width
path = sorted((folder / "recovered").iterdir())[0]
report = json.loads((folder / "report.json").read_text())
text = path.read_bytes().decode()
words = re.findall(SPLIT[report["media"]["element_type"]], text)
distinct = list(dict.fromkeys(words))
if len(distinct) != vocabulary:
    sys.exit("this example plays memories of one text")

# Reading: the last word is left for the network to write from.
state = np.zeros(width)
for word in (words * (2 + 400 // len(words)))[:-1]:
    state, _ = step(distinct.index(word), state)
token, written, margins = distinct.index(words[-1]), [], []
for _ in words:
    state, logits = step(token, state)
    second, first = np.sort(np.r_[-np.inf, logits])[-2:]
    token = int(logits.argmax())
    written.append(distinct[token])
    margins.append(first - second)
stored = [float(row["margin"]) for row in csv.DictReader((folder / "confidence.csv").open(newline=""))]
off = max(abs(a - b) / max(abs(b), 1e-9) for a, b in zip(margins, stored)) if vocabulary > 1 else 0
print("".join(written))
print(f"{'equal to' if ''.join(written) == text else 'NOT'} {path.name}; margins differ from confidence.csv by {off:.1e} of their size at most")
