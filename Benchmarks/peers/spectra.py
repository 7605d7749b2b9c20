"""Eigenvalues of the Jacobians of a network, in turns, by PyTorch or NumPy.

    spectra.py FOLDER THREADS torch|numpy

FOLDER is what engram-bench exported. Reads `run FIRST COUNT`; answers with the spectral radius at each of these examples.
"""
import sys
import time

import numpy
import torch

from lines import answer, commands
from problem import Problem


def main():
    folder, threads, library = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_default_dtype(torch.float64)
    problem = Problem(folder)
    samples = problem.samples.double()
    layers = [(weight.double(), bias.double()) for weight, bias in problem.layers]
    activation = problem.activation()
    answer(version=torch.__version__ if library == "torch" else numpy.__version__, threads=int(threads))

    def jacobians(points):
        """W_L D_{L-1} W_{L-1} ... D_1 W_1 at each point, shape [points, rank, rank]: cheaper than automatic differentiation."""
        hidden, slopes = points, []
        for weight, bias in layers[:-1]:
            before = (hidden @ weight.T + bias).requires_grad_()
            hidden = activation(before)
            slopes.append(torch.autograd.grad(hidden.sum(), before)[0])
            hidden = hidden.detach()
        product = slopes[0].unsqueeze(2) * layers[0][0]
        for slope, (weight, _) in zip(slopes[1:], layers[1:-1]):
            product = slope.unsqueeze(2) * (weight @ product)
        return layers[-1][0] @ product

    for words in commands():
        first, count = int(words[1]), int(words[2])
        began = time.perf_counter()
        radii = []
        # Ten at a time: enough to fill batched products, and a few hundred megabytes.
        for start in range(first, first + count, 10):
            matrices = jacobians(samples[start : min(start + 10, first + count)])
            values = torch.linalg.eigvals(matrices) if library == "torch" else numpy.linalg.eigvals(matrices.numpy())
            radii += abs(values).max(-1)[0].tolist() if library == "torch" else numpy.abs(values).max(-1).tolist()
        answer(seconds=time.perf_counter() - began, radii=radii)


if __name__ == "__main__":
    main()
