"""The published recipe on a sequence, in PyTorch, in turns: full pixel space, Adam 1e-4, plain initialisation, no noise.

    published.py SAMPLES COUNT DEPTH WIDTH THREADS COMPILED ADAM

SAMPLES holds COUNT frames as float32, each of which is to be mapped to the next and the last to the first. Reads `run N`; answers with
the loss of every epoch.
"""
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

from lines import answer, commands


def main():
    path, count, depth, width, threads, compiled, adam = sys.argv[1:]
    count, depth, width = int(count), int(depth), int(width)
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    samples = torch.from_numpy(numpy.fromfile(path, dtype="<f4").reshape(count, -1))
    targets = samples.roll(-1, 0).contiguous()
    widths = [samples.shape[1]] + [width] * depth + [samples.shape[1]]
    modules = []
    for narrow, wide in zip(widths, widths[1:]):
        modules += [nn.Linear(narrow, wide), nn.SELU()]
    network = nn.Sequential(*modules[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=adam == "fused", foreach=adam == "foreach")

    def loss_of(samples, targets):
        return functional.mse_loss(network(samples), targets)

    if compiled != "eager":
        loss_of = torch.compile(loss_of)
    loss_of(samples, targets).backward()
    optimizer.zero_grad(set_to_none=True)
    answer(version=torch.__version__, threads=torch.get_num_threads(), variant=f"{compiled}, {adam} Adam")

    for words in commands():
        losses = []
        began = time.perf_counter()
        for _ in range(int(words[1])):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(samples, targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        took = time.perf_counter() - began
        answer(seconds=took, losses=[value.item() for value in losses])


if __name__ == "__main__":
    main()
