"""Reads a training problem that engram-bench exported: the same samples, targets and first weights for every program."""
import json
import pathlib

import numpy
import torch
from torch import nn

ACTIVATIONS = {"selu": nn.SELU, "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "swish": nn.SiLU}


class Problem:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        shape = json.loads((folder / "problem.json").read_text())
        self.count, self.rank, self.noise = shape["count"], shape["rank"], shape["noise"]
        self.activation = ACTIVATIONS[shape["activation"]]
        widths = [self.rank] + [shape["width"]] * shape["depth"] + [self.rank]

        def read(name, *sides):
            return torch.from_numpy(numpy.fromfile(folder / name, dtype="<f4").reshape(sides))

        self.samples = read("samples.f32", self.count, self.rank)
        self.targets = read("targets.f32", self.count, self.rank)
        self.layers = [
            (read(f"weight-{index}.f32", wide, narrow), read(f"bias-{index}.f32", wide))
            for index, (narrow, wide) in enumerate(zip(widths, widths[1:]))
        ]

    def network(self):
        modules = []
        for index, (weight, bias) in enumerate(self.layers):
            linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0])
            with torch.no_grad():
                linear.weight.copy_(weight)
                linear.bias.copy_(bias)
            modules += [linear, self.activation()] if index + 1 < len(self.layers) else [linear]
        return nn.Sequential(*modules)
