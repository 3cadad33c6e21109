"""Schedules made of others, one after another or at once; and one that follows a metric."""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Literal, SupportsFloat

from ..optimizer import Optimizer
from .scheduler import JUMP, LRScheduler, checked, give, rates


class _Several(LRScheduler):
    """A schedule made of other schedules of the same optimizer."""

    _schedulers: Any

    def _check(self, optimizer: Optimizer, schedulers: Sequence[Any]) -> None:
        kind = type(self).__name__
        for i, one in enumerate(schedulers):
            what = f"{kind}: schedulers[{i}], a {type(one).__name__},"
            if not hasattr(one, "optimizer"):
                raise TypeError(f"{what} has no optimizer: give schedulers")
            if isinstance(one, ReduceLROnPlateau):
                raise ValueError(f"{what} needs a metric in each step: call its step yourself")
            if one.optimizer is not optimizer:
                raise ValueError(f"{what} belongs to another optimizer")

    def state_dict(self) -> dict[str, Any]:
        """All of the schedule but its optimizer, with the state_dicts of its parts."""
        return super().state_dict() | {
            "_schedulers": [one.state_dict() for one in self._schedulers]
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a `state_dict`. The optimizer's own holds the learning rates: load it, too."""
        state = dict(state_dict)
        for own, kept in zip(self._schedulers, state.pop("_schedulers"), strict=True):
            own.load_state_dict(kept)
        super().load_state_dict(state)


class SequentialLR(_Several):
    """One schedule after another: the next one begins at each of the milestones."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        if not schedulers:
            raise ValueError("SequentialLR: give at least one scheduler")
        self._check(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            given = f"{len(schedulers)} schedulers and {len(milestones)} milestones"
            raise ValueError(f"SequentialLR: {given}: there must be one milestone less")
        self.optimizer, self.last_epoch = optimizer, last_epoch + 1
        self._schedulers, self._milestones = schedulers, milestones
        for group in optimizer.param_groups:
            give(group, "lr", group["initial_lr"])
        _undo(self)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """A step of the schedule whose turn it is."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _undo(scheduler: Any) -> None:
    """Take back the first step, which each schedule made when it was created."""
    if hasattr(scheduler, "_schedulers"):
        for one in scheduler._schedulers:
            _undo(one)
    elif hasattr(scheduler, "last_epoch"):
        scheduler.last_epoch -= 1


class ChainedScheduler(_Several):
    """Several schedules at once: in each step, all of them change the learning rate in turn."""

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler: give at least one scheduler")
        optimizer = optimizer or getattr(schedulers[0], "optimizer", None)
        self._check(optimizer, schedulers)  # type: ignore[arg-type]
        self._schedulers, self.optimizer = schedulers, optimizer  # type: ignore[assignment]
        self._last_lr = rates(self.optimizer)

    def step(self) -> None:  # type: ignore[override]
        """A step of each schedule."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = rates(self.optimizer)


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the learning rate by `factor` when a metric has not improved for a while.

    mode            "min": the metric should fall; "max": it should rise
    patience        so many steps may bring no improvement
    threshold       what counts as one: of the best so far ("rel"), or in numbers ("abs")
    cooldown        so many steps after a reduction are not counted
    min_lr          a lower bound, or a list of one per group
    eps             a reduction by less than this is not made
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: list[float] | float = 0,
        eps: float = 1e-8,
    ) -> None:
        kind = type(self).__name__
        if factor >= 1.0:
            raise ValueError(f"{kind}: factor must be below 1, not {factor}")
        self.optimizer = checked(optimizer)
        groups = len(optimizer.param_groups)
        listed = isinstance(min_lr, list | tuple)
        self.default_min_lr: Any = None if listed else min_lr
        self.min_lrs: list[Any] = list(min_lr) if listed else [min_lr] * groups  # type: ignore[arg-type]
        if len(self.min_lrs) != groups:
            given = f"{len(self.min_lrs)} values for {groups} groups of parameters"
            raise ValueError(f"{kind}: min_lr: {given}")
        for name, value, known in (
            ("mode", mode, ("min", "max")),
            ("threshold_mode", threshold_mode, ("rel", "abs")),
        ):
            if value not in known:
                choice = f"{known[0]!r} or {known[1]!r}"
                raise ValueError(f"{kind}: {name} must be {choice}, not {value!r}")
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.last_epoch, self._last_lr = 0, rates(optimizer)
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self._reset()

    def _reset(self) -> None:
        """Forget the best metric, and what was counted."""
        self.best, self.cooldown_counter, self.num_bad_epochs = self.mode_worse, 0, 0

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]
        """Count this metric: a number, or a tensor of one element."""
        current = float(metrics)
        if epoch is not None:
            warnings.warn(JUMP, UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current, self.best):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = rates(self.optimizer)

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                given = f"{len(self.min_lrs)} min_lrs for {len(groups)} groups of parameters"
                raise RuntimeError(f"{type(self).__name__}: {given}: set min_lrs to one per group")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, least)
            if old - new > self.eps:
                give(group, "lr", new)

    @property
    def in_cooldown(self) -> bool:
        """True for `cooldown` steps after a reduction."""
        return self.cooldown_counter > 0

    def _is_better(self, metric: float, best: float) -> bool:
        """True if the metric improves on the best by more than the threshold."""
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            return sign * metric > sign * best * (1 + sign * self.threshold)
        return sign * metric > sign * best + self.threshold
