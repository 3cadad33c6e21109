"""Optimizers with their settings, and a small net that they train in minigrad and in PyTorch."""

import numpy as np
import pytest

from minigrad.optim import (
    ASGD, SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RAdam, RMSprop, Rprop,
)  # fmt: skip

OPTIMIZERS = {
    "sgd": (SGD, {"lr": 0.1}),
    "sgd by default": (SGD, {}),
    "sgd, decay": (SGD, {"lr": 0.1, "weight_decay": 0.1}),
    "momentum": (SGD, {"lr": 0.05, "momentum": 0.9}),
    "momentum, decay": (SGD, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}),
    "adam": (Adam, {"lr": 0.01}),
    "adam by default": (Adam, {}),
    "adam, all": (Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
    "adamw": (AdamW, {"lr": 0.01}),
    "adamw by default": (AdamW, {}),
    "adamw, all": (AdamW, {"lr": 0.02, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.3}),
    "nesterov": (SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "dampening": (SGD, {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "foreach": True}),
    "sgd, maximize": (SGD, {"lr": 0.001, "maximize": True, "weight_decay": 0.5, "momentum": 0.5}),
    "amsgrad": (Adam, {"lr": 0.05, "betas": (0.5, 0.6), "amsgrad": True, "foreach": False}),
    "adam, maximize": (Adam, {"lr": 0.001, "maximize": True, "weight_decay": 0.5}),
    "adam, decoupled": (Adam, {"decoupled_weight_decay": True, "weight_decay": 0.5}),
    "adamw, amsgrad": (AdamW, {"lr": 0.05, "betas": (0.5, 0.6), "amsgrad": True, "fused": False}),
    "rmsprop": (RMSprop, {}),
    "rmsprop, momentum": (RMSprop, {"momentum": 0.8, "weight_decay": 0.1, "alpha": 0.9}),
    "rmsprop, centered": (RMSprop, {"centered": True, "eps": 1e-3, "alpha": 0.5}),
    "rmsprop, all": (RMSprop, {"centered": True, "momentum": 0.9, "maximize": True, "lr": 1e-4}),
    "adagrad": (Adagrad, {}),
    "adagrad, all": (
        Adagrad,
        {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1, "initial_accumulator_value": 0.5},
    ),
    "adadelta": (Adadelta, {}),
    "adadelta, all": (Adadelta, {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1}),
    "adamax": (Adamax, {}),
    "adamax, all": (Adamax, {"lr": 0.05, "betas": (0.5, 0.8), "eps": 0.1, "weight_decay": 0.1}),
    "nadam": (NAdam, {}),
    "nadam, all": (NAdam, {"lr": 0.03, "momentum_decay": 0.1, "weight_decay": 0.1}),
    "nadam, decoupled": (NAdam, {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    "radam": (RAdam, {}),
    "radam, all": (RAdam, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1}),
    "radam, decoupled": (RAdam, {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    "rprop": (Rprop, {}),
    "rprop, all": (Rprop, {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.2)}),
    "asgd": (ASGD, {}),
    "asgd, all": (ASGD, {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 4, "weight_decay": 0.1}),
}
KINDS = sorted({kind for kind, _ in OPTIMIZERS.values()}, key=lambda kind: kind.__name__)
NAMES = pytest.mark.parametrize("name", OPTIMIZERS)


def start():
    """The arrays of a two-layer net: weights and biases."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in [(4, 3), (4,), (1, 4), (1,)]]


def parameters(framework):
    """The same arrays as trainable parameters."""
    return [framework.nn.Parameter(framework.tensor(array)) for array in start()]


def loss(framework, params, step):
    """The squared error of the net on the batch of this step."""
    rng = np.random.default_rng(step)
    x, y = (framework.tensor(rng.standard_normal(shape)) for shape in [(5, 3), (5, 1)])
    w1, b1, w2, b2 = params
    return (((x @ w1.T + b1).tanh() @ w2.T + b2 - y) ** 2).mean()


def train(framework, params, optimizer, steps):
    """Train for these steps; returns the arrays of the parameters."""
    for step in steps:
        optimizer.zero_grad()
        loss(framework, params, step).backward()
        optimizer.step()
    return [p.detach().numpy() for p in params]


def assert_same(ours, theirs, **tolerance):
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x, y, **tolerance)
