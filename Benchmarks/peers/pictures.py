"""The kernel of a convolutional network in NumPy, and the biharmonic completion of scikit-image.

    pictures.py THREADS

Reads `kernel SIDE LEVELS TIMES` and `fill HEIGHT WIDTH FILE MASKED`; answers with seconds and what came of it.
"""
import sys
import time

import numpy

from lines import answer, commands

SLOPE = 0.01


def duals(cosine):
    cosine = numpy.clip(cosine, -1, 1)
    angle, sine = numpy.arccos(cosine), numpy.sqrt((1 - cosine) * (1 + cosine))
    leak = 2 * SLOPE / (numpy.pi * (1 + SLOPE * SLOPE))
    return (cosine * (numpy.pi - angle) + sine) / numpy.pi + leak * (cosine * angle - sine), (numpy.pi - angle) / numpy.pi + leak * angle


def patch_sum(values):
    """Both pixels moved together: displacements stay, phases move round."""
    for axis in (0, 1):
        values = values + numpy.roll(values, 1, axis) + numpy.roll(values, -1, axis)
    return values


def activated(values):
    period, side = values.shape[0], values.shape[2]
    diagonal = values[:, :, 0, 0]
    other = (numpy.arange(period)[:, None] + numpy.arange(side)[None, :]) % period
    norms = numpy.sqrt(diagonal[:, :, None, None] * diagonal[other[:, None, :, None], other[None, :, None, :]])
    value, derivative = duals(values / norms)
    return value * norms / 9, derivative / 9


def doubled(values):
    period, side = values.shape[0], values.shape[2]
    phase, displacement = numpy.arange(2 * period)[:, None], numpy.arange(2 * side)[None, :]
    small = numpy.broadcast_to(phase // 2, (2 * period, 2 * side))
    moved = ((phase + displacement) // 2 - phase // 2) % side
    return values[small[:, None, :, None], small[None, :, None, :], moved[:, None, :, None], moved[None, :, None, :]]


def kernel(side, levels):
    covariance = numpy.full((1, 1, side, side), 1 / 400)
    covariance[0, 0, 0, 0] = 1 / 300
    tangent = covariance = patch_sum(covariance)

    def layer(covariance, tangent):
        value, derivative = activated(covariance)
        return value, value + derivative * tangent

    covariance, tangent = layer(covariance, tangent)
    for _ in range(levels):
        covariance, tangent = layer(patch_sum(covariance[:, :, ::2, ::2]), patch_sum(tangent[:, :, ::2, ::2]))
    for level in range(levels):
        covariance, tangent = doubled(covariance), doubled(tangent)
        if level < levels - 1:
            covariance, tangent = layer(patch_sum(covariance), patch_sum(tangent))
    return patch_sum(tangent)


def main():
    answer(threads=int(sys.argv[1]), version=numpy.__version__)
    for words in commands():
        if words[0] == "kernel":
            side, levels, times = map(int, words[1:])
            began = time.perf_counter()
            for _ in range(times):
                values = kernel(side, levels)
            answer(seconds=(time.perf_counter() - began) / times, corner=float(values[0, 0, 1, 2]))
        else:
            from skimage.restoration import inpaint_biharmonic

            height, width = int(words[1]), int(words[2])
            data = open(" ".join(words[3:]), "rb").read()
            count = height * width
            picture = numpy.frombuffer(data[: 8 * count]).reshape(height, width)
            known = numpy.frombuffer(data[8 * count :], numpy.uint8).reshape(height, width) == 1
            began = time.perf_counter()
            filled = inpaint_biharmonic(numpy.where(known, picture, 0), ~known)
            seconds = time.perf_counter() - began
            rounded = numpy.round(numpy.clip(numpy.where(known, picture, filled), 0, 1) * 255) / 255
            answer(seconds=seconds, psnr=float(-10 * numpy.log10(((rounded - picture) ** 2).mean())))


if __name__ == "__main__":
    main()
