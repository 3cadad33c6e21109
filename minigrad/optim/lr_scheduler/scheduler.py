"""LRScheduler: writes a new learning rate into each group of an optimizer, once per step.

Call `scheduler.step()` after `optimizer.step()`, or after each epoch. Its argument, an epoch to
jump to, is deprecated in PyTorch.
"""

from __future__ import annotations

import functools
import warnings
import weakref
from typing import Any

from ...errors import shown
from ...tensor import Tensor
from ..optimizer import Group, Optimizer

Rates = list[Any]  # a learning rate per group: numbers, or tensors of one element
JUMP = "step(epoch) is deprecated: call step() once per epoch, or set last_epoch"
ORDER = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first learning rate of "
    "the schedule was skipped. Call optimizer.step() first"
)
OVERRIDDEN = (
    "`optimizer.step()` has been overridden after the scheduler was made, which cannot see any "
    "more whether it was called. Make the scheduler last"
)


class LRScheduler:
    """The base of all schedules: the learning rates of the groups, as a function of the epoch.

    A subclass implements `get_lr`, which returns the next learning rate of each group. It may use:

    optimizer   and in it `param_groups`, where the present rates are
    base_lrs    the rates that the schedule started from
    last_epoch  the number of this step: 0 when the schedule is made

    last_epoch  given: the epoch after which training is resumed; the groups need an "initial_lr"
    """

    last_epoch: int
    _is_initial = False  # while the schedule is being made, or resumed
    _get_lr_called_within_step = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                resumed = f"last_epoch={last_epoch} resumes a schedule"
                raise KeyError(f"{resumed}: param_groups[{i}] must have an 'initial_lr'")
        self.base_lrs = rates(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _note_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count, self._is_initial = 0, True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch: int | None = None) -> None:
        """Give each group its next learning rate."""
        if self._step_count == 1:
            if not hasattr(self.optimizer.step, "_wrapped_by_lr_sched"):
                warnings.warn(OVERRIDDEN, UserWarning, stacklevel=2)
            elif not getattr(self.optimizer, "_opt_called", False):
                warnings.warn(ORDER, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(JUMP, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
        self._give(closed)

    def _give(self, get_lr: Any = None) -> None:
        """Write what `get_lr` returns into the groups."""
        self._get_lr_called_within_step = True
        try:
            values = (get_lr or self.get_lr)()
        finally:
            self._get_lr_called_within_step = False
        for group, value in zip(self.optimizer.param_groups, values, strict=True):
            give(group, "lr", value)
        self._last_lr = rates(self.optimizer)

    def get_lr(self) -> Rates:
        """The next learning rate of each group; `step` calls it."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr")

    def get_last_lr(self) -> Rates:
        """The learning rates that the last step has set."""
        return self._last_lr

    def _in_step(self) -> None:
        """Warn if `get_lr` was not called by `step`: then it need not be the present rate."""
        if not self._get_lr_called_within_step:
            what = "To get the last learning rate computed by the scheduler, use `get_last_lr()`"
            warnings.warn(what, UserWarning, stacklevel=3)

    def state_dict(self) -> dict[str, Any]:
        """All of the schedule but its optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a `state_dict`. The optimizer's own holds the learning rates: load it, too."""
        self.__dict__.update(state_dict)


class _LRScheduler(LRScheduler):
    """The older name."""


def _note_steps(optimizer: Any) -> None:
    """Let an optimizer note that `step` was called, so that a wrong order can be told."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    step: Any = optimizer.step.__func__
    of: Any = weakref.ref(optimizer)

    @functools.wraps(step)
    def noting(*args: Any, **settings: Any) -> Any:
        own = of()
        own._opt_called = True
        return step(own, *args, **settings)

    noting._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = noting


def checked(optimizer: Any) -> Optimizer:
    """The optimizer. Raises TypeError for anything else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"a scheduler takes an Optimizer, not {shown(optimizer)}")
    return optimizer


def copied(value: Any) -> Any:
    """A number, or a copy of a tensor, which would change otherwise."""
    return value.clone() if isinstance(value, Tensor) else value


def rates(optimizer: Optimizer, name: str = "lr") -> Rates:
    """One setting of all groups."""
    return [copied(group[name]) for group in optimizer.param_groups]


def give(group: Group, name: str, value: Any) -> None:
    """Change a setting; a tensor changes in place, because the caller may hold it."""
    if isinstance(group[name], Tensor):
        group[name].fill_(float(value))
    else:
        group[name] = value


def per_group(name: str, optimizer: Optimizer, value: Any) -> Rates:
    """A list with one value per group, of such a list or of one value for all."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [copied(value) for _ in range(groups)]
    if len(value) != groups:
        raise ValueError(f"{name}: {len(value)} values for {groups} groups of parameters")
    return [copied(one) for one in value]


def kept_of(function: Any) -> dict[str, Any] | None:
    """The attributes of a callable object, for a state_dict; None for a plain function."""
    plain = isinstance(function, type(kept_of))
    return None if plain else dict(getattr(function, "__dict__", {}))
