#!/usr/bin/env python3
"""Writes kernel_memory.json: kernel machines as memories, by the definition and nothing else. Usage: make_kernel_memory.py > kernel_memory.json

Needs NumPy. Jacobians are complex-step derivatives (exact to rounding), spectra are numpy.linalg.eigvals of the whole product of matrices.
"""
import json
import numpy as np

ITEMS = np.array([[.1, .7, .3, .9], [.8, .2, .5, .4], [.3, .3, .9, .1], [.6, .95, .05, .45], [.2, .5, .55, .75]])
PROBE = np.array([.45, .6, .2, .7])
N, D = ITEMS.shape
MEANS = ITEMS.mean(1)
M0 = MEANS.mean()
TAU = np.sqrt(np.mean(((ITEMS - MEANS[:, None]) ** 2).sum(1) / D + (MEANS - M0) ** 2))


def direction(x):
    m = x.mean()
    u = np.concatenate([x - m, [m - M0, TAU]])
    return u / np.sqrt((u * u).sum())


CENTERS = np.array([direction(x) for x in ITEMS])


def row(x, kind, steepness):
    z = direction(x)
    squared = ((z - CENTERS) ** 2).sum(1)
    logarithm = -steepness * squared / 2 if kind == "gaussian" else -steepness * np.sqrt(squared)
    p = np.exp(logarithm - logarithm.real.max())
    return p / p.sum()


def case(kind, steepness, successors):
    targets = ITEMS[successors]
    mean = targets.mean(0)
    kernel = np.array([row(x, kind, steepness) for x in ITEMS])
    weights = np.linalg.solve(kernel, targets - mean)

    def f(x):
        return mean + row(x, kind, steepness) @ weights

    def jacobian(x):
        step = 1e-30
        return np.array([f(x + 1j * step * np.eye(D)[j]).imag / step for j in range(D)]).T

    result = {"kernel": kind, "steepness": steepness, "successors": successors, "output": f(PROBE).tolist(),
              "second_output": f(f(PROBE)).tolist(), "jacobian": jacobian(PROBE).tolist()}
    if kind == "gaussian":
        jacobians = [jacobian(x) for x in ITEMS]
        result["radii"] = [float(np.abs(np.linalg.eigvals(j)).max()) for j in jacobians]
        result["item_jacobian"] = jacobians[0].tolist()
        if successors != list(range(N)):
            product, at = np.eye(D), 0
            for _ in range(N):
                product = jacobians[at] @ product
                at = successors[at]
            result["cycle_radius"] = float(np.abs(np.linalg.eigvals(product)).max())
    return result


loop = [(i + 1) % N for i in range(N)]
cases = [case(kind, steepness, successors)
         for kind, steepness in (("gaussian", 6.0), ("gaussian", 20.0), ("laplace", 4.0)) for successors in (list(range(N)), loop)]
cases[0]["items"], cases[0]["probe"] = ITEMS.tolist(), PROBE.tolist()
print(json.dumps({"topic": "kernel_memory", "generator": f"make_kernel_memory.py, NumPy {np.__version__}", "cases": cases}))
