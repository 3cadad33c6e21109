"""Learning-rate schedules beside PyTorch: the rates of many steps, also changed and resumed."""

import copy

import numpy as np
import pytest
from schedules import ALL, OPTIMIZERS, assert_equal, now, optimizer_of, schedule, stepped

import minigrad


@pytest.mark.parametrize("kind", OPTIMIZERS)
@ALL
def test_many_steps_as_torch(torch, name, kind):
    found = []
    for library in (minigrad, torch):
        optimizer = optimizer_of(library, kind)
        found.append(stepped(optimizer, schedule(library, name, optimizer), 35))
    assert_equal(found)


@pytest.mark.parametrize("tensor", [False, True])
@ALL
def test_a_rate_that_was_changed_in_between_as_torch(torch, name, tensor):
    found = []
    for library in (minigrad, torch):
        rates = [library.tensor(rate, dtype=library.float64) for rate in (0.1, 0.3)]
        optimizer = optimizer_of(library, rates=rates if tensor else (0.1, 0.3))
        scheduler = schedule(library, name, optimizer)
        values = stepped(optimizer, scheduler, 6)
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
        values += stepped(optimizer, scheduler, 6)
        optimizer.param_groups[0]["lr"] = 0.25
        found.append(values + stepped(optimizer, scheduler, 20))
    assert_equal(found)


@pytest.mark.parametrize("steps", [0, 1, 4, 12])
@ALL
def test_a_loaded_state_goes_on_as_torch(torch, name, steps):
    found = []
    for library in (minigrad, torch):
        optimizer = optimizer_of(library)
        scheduler = schedule(library, name, optimizer)
        values = stepped(optimizer, scheduler, steps)
        states = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
        optimizer = optimizer_of(library, rates=(7.0, 8.0))
        scheduler = schedule(library, name, optimizer)
        optimizer.load_state_dict(states[0])
        scheduler.load_state_dict(states[1])
        found.append(values + stepped(optimizer, scheduler, 20))
    assert_equal(found)


@ALL
def test_the_state_of_torch_is_loaded(torch, name):
    theirs = optimizer_of(torch)
    other = schedule(torch, name, theirs)
    stepped(theirs, other, 5)
    optimizer = optimizer_of(minigrad)
    scheduler = schedule(minigrad, name, optimizer)
    own = scheduler.state_dict()
    expected = other.state_dict()
    assert own.keys() == expected.keys()
    optimizer.load_state_dict(theirs.state_dict())
    scheduler.load_state_dict(copy.deepcopy(expected))
    assert_equal([stepped(optimizer, scheduler, 20), stepped(theirs, other, 20)])


LAST = {
    "LambdaLR": lambda m, o, e: m.LambdaLR(o, lambda n: 0.9**n, e),
    "MultiplicativeLR": lambda m, o, e: m.MultiplicativeLR(o, lambda n: 0.9, e),
    "StepLR": lambda m, o, e: m.StepLR(o, 3, 0.5, e),
    "MultiStepLR": lambda m, o, e: m.MultiStepLR(o, [2, 6, 9], 0.5, e),
    "ConstantLR": lambda m, o, e: m.ConstantLR(o, 0.5, 7, e),
    "LinearLR": lambda m, o, e: m.LinearLR(o, 0.5, 1.0, 8, e),
    "ExponentialLR": lambda m, o, e: m.ExponentialLR(o, 0.9, e),
    "PolynomialLR": lambda m, o, e: m.PolynomialLR(o, 9, 2.0, e),
    "CosineAnnealingLR": lambda m, o, e: m.CosineAnnealingLR(o, 6, 0.01, e),
    "Restarts": lambda m, o, e: m.CosineAnnealingWarmRestarts(o, 3, 2, 0.0, e),
    "OneCycleLR": lambda m, o, e: m.OneCycleLR(o, 0.5, 40, last_epoch=e),
    "CyclicLR": lambda m, o, e: m.CyclicLR(o, 0.01, 0.1, 4, last_epoch=e),
}


@pytest.mark.filterwarnings("ignore:To get the last learning rate")
@pytest.mark.parametrize("epoch", [0, 4, 5, 6])
@pytest.mark.parametrize("name", LAST)
def test_resumed_at_an_epoch_as_torch(torch, name, epoch):
    found = []
    for library in (minigrad, torch):
        module, optimizer = library.optim.lr_scheduler, optimizer_of(library)
        values = stepped(optimizer, LAST[name](module, optimizer, -1), epoch)
        scheduler = LAST[name](module, optimizer, epoch)
        optimizer.param_groups[0]["lr"] = 0.07
        values += scheduler.get_lr()
        found.append(values + stepped(optimizer, scheduler, 12))
        with pytest.raises(KeyError, match="initial_lr"):
            LAST[name](module, optimizer_of(library), 3)
    assert_equal(found)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", LAST)
def test_jumps_to_an_epoch_as_torch(torch, name):
    found = []
    for library in (minigrad, torch):
        optimizer, values = optimizer_of(library), []
        scheduler = LAST[name](library.optim.lr_scheduler, optimizer, -1)
        for epoch in (3, 8, None, 1, None, None, 12):
            optimizer.step()
            scheduler.step(epoch)
            values += [scheduler.last_epoch, *now(optimizer)]
        found.append(values)
    assert_equal(found)


def test_restarts_at_a_part_of_an_epoch_as_torch(torch):
    found = []
    for library in (minigrad, torch):
        optimizer, values = optimizer_of(library), []
        module = library.optim.lr_scheduler
        scheduler = module.CosineAnnealingWarmRestarts(optimizer, 3, T_mult=2)
        for epoch in np.arange(0, 20, 0.5):
            scheduler.step(float(epoch))
            values += now(optimizer)
        found.append(values)
    assert_equal(found)


METRICS = [3.0, 2.0, 2.0, 1.9999, 2.5, 2.6, 2.0, 1.5, 1.5, 1.6, 1.7, float("nan"), 1.8, 0.5, 0.5]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"patience": 1},
        {"patience": 0, "mode": "max", "factor": 0.5},
        {"patience": 1, "threshold": 0.1, "threshold_mode": "abs"},
        {"patience": 1, "threshold": 0.1, "threshold_mode": "abs", "mode": "max"},
        {"patience": 0, "cooldown": 2, "min_lr": 1e-3},
        {"patience": 0, "min_lr": [0.01, 0.2], "eps": 0.05},
    ],
)
@pytest.mark.parametrize("tensors", [False, True])
def test_reduce_on_plateau_as_torch(torch, settings, tensors):
    found = []
    for library in (minigrad, torch):
        optimizer, values = optimizer_of(library), []
        make = library.optim.lr_scheduler.ReduceLROnPlateau
        scheduler = make(optimizer, **settings)
        for i, metric in enumerate(METRICS * 2):
            scheduler.step(library.tensor(metric) if tensors else metric)
            counted = [scheduler.num_bad_epochs, scheduler.cooldown_counter, scheduler.last_epoch]
            values += now(optimizer) + scheduler.get_last_lr() + counted
            if i == 7:
                state = copy.deepcopy(scheduler.state_dict())
                scheduler = make(optimizer)
                scheduler.load_state_dict(state)
        found.append(values)
    np.testing.assert_allclose(*found, rtol=1e-6 if tensors else 1e-12)
