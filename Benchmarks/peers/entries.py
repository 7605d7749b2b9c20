"""The tangent kernel of a fully connected network on points that engram-bench exported, in turns, in float64.

    entries.py FOLDER COUNT THREADS numpy|neural-tangents

Reads `run ACTIVATION DEPTH`; answers with the seconds and how far the entries in FOLDER/entries.f64, which engram-bench wrote, are from
its own, relative to the largest: off the diagonal, where both have all their digits, and on it.
"""
import concurrent.futures
import math
import os
import pathlib
import sys
import time

# Before the libraries are loaded, which read them.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = sys.argv[3]
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy

from lines import answer, commands

# W² of each layer; b² is 0.01.
WEIGHT = {"relu": 2.0, "erf": 1.0}
BIAS = 0.01


class Plain:
    """The published recursions, vectorised: [R23] Theorem 5 for relu, [JP20] Eq. (6) for erf.

    Rows are cut into blocks that stay in the cache, and the blocks are divided among threads: NumPy lets go of its lock in each pass.
    """

    def __init__(self, points, threads):
        self.points, self.pool, self.version = points, concurrent.futures.ThreadPoolExecutor(threads), numpy.__version__

    def __call__(self, activation, depth):
        weight = WEIGHT[activation]
        covariance = self.points @ self.points.T
        covariance *= weight / self.points.shape[1]
        covariance += BIAS
        variances = [numpy.diagonal(covariance).copy()]
        for _ in range(depth - 1):
            p = variances[-1]
            image = p / 2 if activation == "relu" else 2 / math.pi * numpy.arcsin(2 * p / (1 + 2 * p))
            variances.append(weight * image + BIAS)
        tangent = numpy.empty_like(covariance)

        def block(rows):
            s = covariance[rows]
            t = s.copy()
            for p in variances:
                if activation == "relu":
                    norms = numpy.sqrt(p[rows])[:, None] * numpy.sqrt(p)
                    cosine = s / norms
                    numpy.clip(cosine, -1, 1, out=cosine)
                    theta = numpy.arccos(cosine)
                    turned = numpy.pi - theta
                    # sin θ from its square: as exact as the sine off the diagonal, and one pass less.
                    s = weight / (2 * math.pi) * (norms * numpy.sqrt(1 - cosine * cosine) + s * turned) + BIAS
                    slope = turned / (2 * math.pi)
                else:
                    product = (1 + 2 * p[rows])[:, None] * (1 + 2 * p)
                    slope = 4 / math.pi / numpy.sqrt(product - 4 * s * s)
                    s = weight * 2 / math.pi * numpy.arcsin(2 * s / numpy.sqrt(product)) + BIAS
                t *= slope
                t *= weight
                t += s
            tangent[rows] = t

        side = 32
        list(self.pool.map(block, [slice(start, start + side) for start in range(0, len(tangent), side)]))
        return tangent


class NeuralTangents:
    """The library's own kernel function, compiled."""

    def __init__(self, points, threads):
        import jax
        import neural_tangents
        from neural_tangents import stax

        self.jax, self.stax, self.version = jax, stax, neural_tangents.__version__
        self.points, self.compiled = jax.numpy.asarray(points), {}

    def __call__(self, activation, depth):
        if (activation, depth) not in self.compiled:
            stax = self.stax
            layer = stax.Dense(1, W_std=math.sqrt(WEIGHT[activation]), b_std=math.sqrt(BIAS))
            nonlinearity = stax.Relu() if activation == "relu" else stax.Erf()
            _, _, kernel = stax.serial(*[layer, nonlinearity] * depth, layer)
            self.compiled[activation, depth] = self.jax.jit(lambda points: kernel(points, None, "ntk"))
        return numpy.asarray(self.compiled[activation, depth](self.points).block_until_ready())


def main():
    folder, count, threads, library = sys.argv[1:]
    folder = pathlib.Path(folder)
    points = numpy.fromfile(folder / "points.f64").reshape(int(count), -1)
    peer = (Plain if library == "numpy" else NeuralTangents)(points, int(threads))
    answer(version=peer.version, threads=int(threads))
    for words in commands():
        began = time.perf_counter()
        entries = peer(words[1], int(words[2]))
        took = time.perf_counter() - began
        difference = numpy.abs(entries - numpy.fromfile(folder / "entries.f64").reshape(entries.shape))
        scale = numpy.abs(entries).max()
        diagonal = numpy.diagonal(difference).max() / scale
        numpy.fill_diagonal(difference, 0)
        answer(seconds=took, difference=float(difference.max() / scale), on_diagonal=float(diagonal))


if __name__ == "__main__":
    main()
