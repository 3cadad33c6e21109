"""What scripts do with schedules: their own, the order of steps, copies, and mistakes."""

import copy
import inspect
import pickle
import warnings

import pytest
from schedules import assert_equal, now, optimizer_of, stepped

import minigrad
from minigrad import nn
from minigrad.optim import lr_scheduler


def test_a_schedule_of_your_own_as_torch(torch):
    found = []
    for library in (minigrad, torch):

        class Noam(library.optim.lr_scheduler.LRScheduler):
            def __init__(self, optimizer, width, warmup, last_epoch=-1):
                self.width, self.warmup = width, warmup
                super().__init__(optimizer, last_epoch)

            def get_lr(self):
                step = self.last_epoch + 1
                scale = self.width**-0.5 * min(step**-0.5, step * self.warmup**-1.5)
                return [base * scale for base in self.base_lrs]

        optimizer = optimizer_of(library, "Adam")
        scheduler = Noam(optimizer, 64, 10)
        assert isinstance(scheduler.state_dict()["warmup"], int)
        found.append(stepped(optimizer, scheduler, 30))
    assert_equal(found)


def caught(library, call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call(library)
    return [(one.category, "lr_scheduler.step()" in str(one.message)) for one in found]


def first_the_scheduler(library):
    optimizer = optimizer_of(library)
    scheduler = library.optim.lr_scheduler.StepLR(optimizer, 2)
    scheduler.step()
    optimizer.step()
    scheduler.step()


def first_the_optimizer(library):
    optimizer = optimizer_of(library)
    scheduler = library.optim.lr_scheduler.StepLR(optimizer, 2)
    optimizer.step()
    scheduler.step()
    optimizer.step(lambda: library.ones(()))
    scheduler.step()


def overridden(library):
    optimizer = optimizer_of(library)
    scheduler = library.optim.lr_scheduler.StepLR(optimizer, 2)
    optimizer.step = lambda: None
    optimizer.step()
    scheduler.step()


def asked_for_get_lr(library):
    library.optim.lr_scheduler.StepLR(optimizer_of(library), 2).get_lr()


def given_an_epoch(library):
    optimizer = optimizer_of(library)
    scheduler = library.optim.lr_scheduler.StepLR(optimizer, 2)
    optimizer.step()
    scheduler.step(3)


@pytest.mark.parametrize(
    "call",
    [first_the_scheduler, first_the_optimizer, overridden, asked_for_get_lr, given_an_epoch],
    ids=lambda call: call.__name__,
)
def test_warnings_as_torch(torch, call):
    ours, theirs = caught(minigrad, call), caught(torch, call)
    assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
    if call is not given_an_epoch and call is not overridden:
        assert ours == theirs


def test_an_optimizer_with_a_schedule_is_copied_and_pickled():
    optimizer = optimizer_of(minigrad)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    stepped(optimizer, scheduler, 2)
    for one in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
        assert one.optimizer is not optimizer
        stepped(one.optimizer, one, 1)
        assert now(one.optimizer) == [0.0125, 0.9, 0.0375, 0.9]
    assert now(optimizer) == [0.025, 0.9, 0.075, 0.9]


def test_known_rates():
    optimizer = optimizer_of(minigrad, rates=(0.5,))
    scheduler = lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    found = []
    for _ in range(4):
        optimizer.step()
        scheduler.step()
        found.append(optimizer.param_groups[0]["lr"])
    assert found == [0.5, 0.25, 0.25, 0.125]
    assert scheduler.get_last_lr() == [0.125]
    assert scheduler.last_epoch == 4


def test_names_and_signatures_are_torchs(torch):
    theirs = torch.optim.lr_scheduler
    assert set(lr_scheduler.__all__) == set(theirs.__all__)
    for name in lr_scheduler.__all__:
        ours = inspect.signature(getattr(lr_scheduler, name)).parameters.values()
        wanted = inspect.signature(getattr(theirs, name)).parameters.values()
        assert [(p.name, p.kind, p.default) for p in ours] == [
            (p.name, p.kind, p.default) for p in wanted
        ]


P = nn.Parameter(minigrad.ones(2))


@pytest.mark.parametrize(
    "call",
    [
        lambda m, o: m.StepLR(3, 2),
        lambda m, o: m.ReduceLROnPlateau(3),
        lambda m, o: m.OneCycleLR(3, 0.1, 10),
        lambda m, o: m.CyclicLR(3, 0.1, 0.2),
        lambda m, o: m.LambdaLR(o, [lambda e: 1]),
        lambda m, o: m.LambdaLR(o, 3),
        lambda m, o: m.MultiplicativeLR(o, [lambda e: 1] * 3),
        lambda m, o: m.MultiplicativeLR(o, 0.9),
        lambda m, o: m.ConstantLR(o, 1.5),
        lambda m, o: m.LinearLR(o, 0),
        lambda m, o: m.LinearLR(o, 0.5, 1.5),
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 0),
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, 0),
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, eta_min="0"),
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 2).step(-1),
        lambda m, o: m.OneCycleLR(o, 0.1),
        lambda m, o: m.OneCycleLR(o, 0.1, epochs=3),
        lambda m, o: m.OneCycleLR(o, 0.1, 0),
        lambda m, o: m.OneCycleLR(o, 0.1, epochs=0, steps_per_epoch=3),
        lambda m, o: m.OneCycleLR(o, 0.1, 10, pct_start=1.5),
        lambda m, o: m.OneCycleLR(o, 0.1, 10, anneal_strategy="cosine"),
        lambda m, o: m.OneCycleLR(o, [0.1], 10),
        lambda m, o: [s := m.OneCycleLR(o, 0.1, 2), o.step(), s.step(), s.step(), s.step()],
        lambda m, o: m.CyclicLR(o, 0.1, [0.2]),
        lambda m, o: m.CyclicLR(o, 0.1, 0.2, mode="square"),
        lambda m, o: m.ReduceLROnPlateau(o, "least"),
        lambda m, o: m.ReduceLROnPlateau(o, factor=1.0),
        lambda m, o: m.ReduceLROnPlateau(o, threshold_mode="none"),
        lambda m, o: m.ReduceLROnPlateau(o, min_lr=[1.0]),
        lambda m, o: m.SequentialLR(o, [], []),
        lambda m, o: m.SequentialLR(o, [m.StepLR(o, 2)], [3]),
        lambda m, o: m.SequentialLR(o, [m.ReduceLROnPlateau(o)], []),
        lambda m, o: m.SequentialLR(o, [3], []),
        lambda m, o: m.ChainedScheduler([]),
        lambda m, o: m.ChainedScheduler([m.StepLR(o, 2), m.ReduceLROnPlateau(o)]),
        lambda m, o: m.LRScheduler(o),
    ],
)
def test_mistakes_are_errors_as_in_torch(torch, call):
    kinds = []
    for library in (torch, minigrad):
        with pytest.raises(Exception) as error:  # noqa: PT011
            call(library.optim.lr_scheduler, optimizer_of(library))
        kinds.append(error.type)
    assert "\n" not in str(error.value)
    assert kinds[0] is kinds[1]


def test_momentum_cannot_cycle_without_one():
    optimizer = minigrad.optim.Adagrad([P])
    with pytest.raises(ValueError, match="neither momentum nor betas: set cycle_momentum=False"):
        lr_scheduler.OneCycleLR(optimizer, 0.1, 10)
    others = optimizer_of(minigrad), optimizer_of(minigrad)
    schedules = [lr_scheduler.StepLR(o, 2) for o in others]
    with pytest.raises(ValueError, match="belongs to another optimizer"):
        lr_scheduler.ChainedScheduler(schedules)
