"""Learning-rate schedules with their settings, and an optimizer whose rates they change."""

import numpy as np
import pytest


class Slower:
    """A callable object, whose attributes are part of the state."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, epoch):
        return self.rate**epoch


# Each is a function of the module of schedules and an optimizer of two groups.
SCHEDULES = {
    "LambdaLR": lambda m, o: m.LambdaLR(o, lambda epoch: 0.95**epoch),
    "LambdaLR, two": lambda m, o: m.LambdaLR(o, [lambda e: 1 / (e + 1), Slower(0.9)]),
    "MultiplicativeLR": lambda m, o: m.MultiplicativeLR(o, lambda epoch: 1 - 0.5 / (epoch + 1)),
    "StepLR": lambda m, o: m.StepLR(o, 3),
    "StepLR, gamma": lambda m, o: m.StepLR(o, step_size=2, gamma=0.7),
    "MultiStepLR": lambda m, o: m.MultiStepLR(o, [2, 5, 5, 9], gamma=0.5),
    "ConstantLR": lambda m, o: m.ConstantLR(o),
    "ConstantLR, all": lambda m, o: m.ConstantLR(o, factor=0.25, total_iters=7),
    "LinearLR": lambda m, o: m.LinearLR(o),
    "LinearLR, all": lambda m, o: m.LinearLR(o, 0.5, 0.1, total_iters=8),
    "ExponentialLR": lambda m, o: m.ExponentialLR(o, gamma=0.9),
    "PolynomialLR": lambda m, o: m.PolynomialLR(o),
    "PolynomialLR, all": lambda m, o: m.PolynomialLR(o, total_iters=9, power=2.5),
    "CosineAnnealingLR": lambda m, o: m.CosineAnnealingLR(o, 5),
    "CosineAnnealingLR, all": lambda m, o: m.CosineAnnealingLR(o, T_max=7, eta_min=0.01),
    "Restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 4),
    "Restarts, all": lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.02),
    "OneCycleLR": lambda m, o: m.OneCycleLR(o, 0.5, total_steps=40),
    "OneCycleLR, epochs": lambda m, o: m.OneCycleLR(
        o, [0.5, 0.2], epochs=4, steps_per_epoch=10, pct_start=0.4, anneal_strategy="linear"
    ),
    "OneCycleLR, three": lambda m, o: m.OneCycleLR(
        o, 0.5, 40, three_phase=True, div_factor=10, final_div_factor=100, base_momentum=0.7
    ),
    "OneCycleLR, no momentum": lambda m, o: m.OneCycleLR(o, 0.5, 40, cycle_momentum=False),
    "CyclicLR": lambda m, o: m.CyclicLR(o, 0.01, 0.1, step_size_up=4),
    "CyclicLR, down": lambda m, o: m.CyclicLR(
        o, [0.01, 0.02], 0.1, 4, 7, mode="triangular2", base_momentum=0.5, max_momentum=0.8
    ),
    "CyclicLR, range": lambda m, o: m.CyclicLR(
        o, 0.01, 0.1, 5, mode="exp_range", gamma=0.95, cycle_momentum=False
    ),
    "CyclicLR, own": lambda m, o: m.CyclicLR(
        o, 0.01, 0.1, 3, scale_fn=Slower(0.5), scale_mode="iterations"
    ),
    "SequentialLR": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=4), m.CosineAnnealingLR(o, 20)], milestones=[4]
    ),
    "SequentialLR, three": lambda m, o: m.SequentialLR(
        o, [m.ConstantLR(o, 0.1), m.ExponentialLR(o, 0.9), m.StepLR(o, 2)], [3, 8]
    ),
    "ChainedScheduler": lambda m, o: m.ChainedScheduler(
        [m.ConstantLR(o, 0.1, 4), m.ExponentialLR(o, 0.9)], optimizer=o
    ),
    "of chains": lambda m, o: m.SequentialLR(
        o, [m.ChainedScheduler([m.LinearLR(o), m.StepLR(o, 3)]), m.ExponentialLR(o, 0.9)], [7]
    ),
}
# PyTorch, too, takes the first step of a chain within a sequence for one in the wrong order.
ROWS = [
    pytest.param(name, marks=pytest.mark.filterwarnings("ignore:Detected call of"))
    if name == "of chains"
    else name
    for name in SCHEDULES
]
ALL = pytest.mark.parametrize("name", ROWS)
OPTIMIZERS = {"SGD": {"momentum": 0.9}, "Adam": {}}


def optimizer_of(library, kind="SGD", rates=(0.1, 0.3), **settings):
    groups = []
    for rate in rates:
        p = library.nn.Parameter(library.ones(2))
        p.grad = library.ones(2)
        groups.append({"params": [p], "lr": rate})
    return getattr(library.optim, kind)(groups, **(OPTIMIZERS[kind] | settings))


def now(optimizer):
    """The rates and momentums of an optimizer."""
    found = []
    for group in optimizer.param_groups:
        momentum = group["momentum"] if "momentum" in group else group["betas"][0]
        found += [float(group["lr"]), momentum]
    return found


def schedule(library, name, optimizer):
    return SCHEDULES[name](library.optim.lr_scheduler, optimizer)


def stepped(optimizer, scheduler, steps):
    """The rates after each of several steps."""
    found = [now(optimizer)]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        found.append(now(optimizer) + [float(rate) for rate in scheduler.get_last_lr()])
    return [rate for row in found for rate in row]


def assert_equal(found):
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-15)
