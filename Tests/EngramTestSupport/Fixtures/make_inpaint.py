"""Writes inpaint.json: biharmonic completions and qualities of small pictures by scikit-image 0.26 (numpy 2.4, scipy 1.17).

    python3 make_inpaint.py > inpaint.json
"""
import json
import sys

import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import inpaint_biharmonic


def case(name, seed, shape, make_mask):
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    picture = 0.5 + 0.3 * np.sin(rows / 3.0) * np.cos(columns / 4.0) + 0.1 * generator.random(shape)
    known = make_mask(generator, shape)
    filled = inpaint_biharmonic(np.where(known, picture, 0), ~known)
    return {
        "name": name, "height": shape[0], "width": shape[1], "picture": picture.ravel().tolist(),
        "known": known.astype(int).ravel().tolist(), "filled": filled.ravel().tolist(),
        "psnr": peak_signal_noise_ratio(picture, filled, data_range=1), "ssim": structural_similarity(picture, filled, data_range=1),
    }


def scattered(generator, shape):
    return generator.random(shape) < 0.5


def hole(generator, shape):
    known = np.ones(shape, bool)
    known[3:12, 4:14] = False
    return known


def corner(generator, shape):
    known = generator.random(shape) < 0.8
    known[:4, :5] = False
    return known


cases = [case("scattered", 1, (13, 17), scattered), case("hole", 2, (16, 18), hole), case("corner", 3, (9, 11), corner)]
json.dump({"generator": f"scikit-image {skimage.__version__}, numpy {np.__version__}", "cases": cases}, sys.stdout)
