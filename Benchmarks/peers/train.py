"""The `fast` recipe in PyTorch, in turns: reads `run N`, trains N epochs, tells how long they took.

    train.py FOLDER EPOCHS THREADS RATE COMPILED ADAM

FOLDER is what engram-bench exported; EPOCHS is the length of the cosine schedule; COMPILED is `eager`, `compiled` (torch.compile) or
`autotuned` (torch.compile, max-autotune); ADAM is `fused` or `foreach`.
"""
import math
import sys
import time

import torch
from torch.nn import functional

from lines import answer, commands
from problem import Problem


def main():
    folder, planned, threads, peak, compiled, adam = sys.argv[1:]
    planned, peak = int(planned), float(peak)
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    problem = Problem(folder)
    network = problem.network()
    optimizer = torch.optim.Adam(network.parameters(), lr=peak, fused=adam == "fused", foreach=adam == "foreach")
    count = problem.count
    batch = problem.samples.clone()
    targets = problem.targets

    def loss_of(batch, targets):
        return functional.mse_loss(network(batch), targets)

    if compiled != "eager":
        loss_of = torch.compile(loss_of, mode="max-autotune" if compiled == "autotuned" else None)

    def epoch(step):
        rate = peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(step / max(planned - 1, 1), 1))))
        for group in optimizer.param_groups:
            group["lr"] = rate
        if problem.noise > 0:
            strengths = problem.noise * torch.rand(count, 1).square_()
            torch.randn(count, problem.rank, out=batch)
            batch.mul_(strengths).add_(problem.samples)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(batch, targets)
        loss.backward()
        optimizer.step()
        return loss

    # Compiling, and whatever the libraries set up at their first call, is not training: done on a loss whose gradients are dropped.
    for _ in range(2):
        loss_of(batch, targets).backward()
        optimizer.zero_grad(set_to_none=True)
    answer(version=torch.__version__, threads=torch.get_num_threads(), variant=f"{compiled}, {adam} Adam")

    done = 0
    for words in commands():
        began = time.perf_counter()
        for _ in range(int(words[1])):
            loss = epoch(done)
            done += 1
        took = time.perf_counter() - began
        with torch.no_grad():
            clean = functional.mse_loss(network(problem.samples), problem.targets).item()
        answer(epoch=done, seconds=took, loss=loss.item(), clean=clean)


if __name__ == "__main__":
    main()
