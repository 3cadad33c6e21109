"""Schedules that rise and fall: along a cosine, or in cycles, in which the momentum may change too.

Where the learning rate is high, the momentum is low, and the other way round. The momentum of Adam
and the like is beta1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

from ..optimizer import Group, Optimizer
from .scheduler import LRScheduler, Rates, checked, give, kept_of, per_group, rates


class CosineAnnealingLR(LRScheduler):
    """From the first learning rate down to eta_min in T_max steps, along half a cosine, and back.

    (Loshchilov and Hutter 2017, Eq. 5.)
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The next learning rate of each group, from the present one: so it can be chained."""
        self._in_step()
        groups, least, epoch = self.optimizer.param_groups, self.eta_min, self.last_epoch
        if self._is_initial:
            return rates(self.optimizer)
        if self._step_count == 1 and epoch > 0:
            return self._get_closed_form_lr()
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # the last step was the lowest
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            pairs = zip(groups, self.base_lrs, strict=True)
            return [group["lr"] + (base - least) * rise for group, base in pairs]
        now, before = (1 + math.cos(math.pi * n / self.T_max) for n in (epoch, epoch - 1))
        return [now / before * (group["lr"] - least) + least for group in groups]

    def _get_closed_form_lr(self) -> Rates:
        at = self.last_epoch / self.T_max
        return [cosine(base, self.eta_min, at) for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Down to eta_min along half a cosine in T_0 steps, then from the start again.

    Each time, the number of steps is multiplied by T_mult (Loshchilov and Hutter 2017, §3). `step`
    may be given an epoch, also one with a fraction.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        kind = type(self).__name__
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{kind}: {name} must be an int from 1, not {value!r}")
        if not isinstance(eta_min, int | float):
            raise ValueError(f"{kind}: eta_min must be a number, not {eta_min!r}")
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The next learning rate of each group."""
        self._in_step()
        return [cosine(base, self.eta_min, self.T_cur / self.T_i) for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Give each group its next learning rate, or that of an epoch."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            if epoch < 0:
                raise ValueError(f"{type(self).__name__}: epoch must not be negative, got {epoch}")
            self._jump(epoch)
        self.last_epoch = math.floor(epoch)
        self._give()

    def _jump(self, epoch: float) -> None:
        """Find the round in which an epoch lies, and its place there."""
        times = 0
        if epoch < self.T_0:
            self.T_cur, self.T_i = epoch, self.T_0
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            times = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**times - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**times


class _Cycling(LRScheduler):
    """A schedule in which the momentum may change too: momentum, or the first of betas."""

    def _start_momentum(
        self, cycle: bool, least: Any, most: Any, last_epoch: int
    ) -> tuple[Rates, Rates]:
        """The lowest and the highest momentum of each group, which starts at the highest."""
        self.cycle_momentum = cycle
        if not cycle:
            return [], []
        known = self.optimizer.defaults.keys() & {"momentum", "betas"}
        if not known:
            what = "the optimizer has neither momentum nor betas: set cycle_momentum=False"
            raise ValueError(f"{type(self).__name__}: {what}")
        self.use_beta1 = "betas" in known
        lows = per_group("base_momentum", self.optimizer, least)
        highs = per_group("max_momentum", self.optimizer, most)
        if last_epoch == -1:
            for group, low, high in zip(self.optimizer.param_groups, lows, highs, strict=True):
                self._give_momentum(group, high)
                group.update(max_momentum=high, base_momentum=low)
        return lows, highs

    def _give_momentum(self, group: Group, value: float) -> None:
        if self.use_beta1:
            group["betas"] = (value, *group["betas"][1:])
        else:
            group["momentum"] = value


Scale = Callable[[float], float]


class CyclicLR(_Cycling):
    """From base_lr up to max_lr in step_size_up steps, down again, and so on (Smith 2017).

    mode        "triangular", "triangular2" (the height is halved after each cycle), "exp_range"
                (it is multiplied by gamma in each step)
    scale_fn    in place of a mode: the height, as a function of the cycle (counted from 1) or, with
                scale_mode "iterations", of the step
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Scale | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked(optimizer)
        base_lrs = per_group("base_lr", optimizer, base_lr)
        self.max_lrs = per_group("max_lr", optimizer, max_lr)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            modes = "'triangular', 'triangular2' or 'exp_range'"
            raise ValueError(f"CyclicLR: mode must be {modes}, not {mode!r}")
        if last_epoch == -1:
            for group, base in zip(optimizer.param_groups, base_lrs, strict=True):
                give(group, "lr", base)
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up) + float(down)
        self.step_ratio = float(step_size_up) / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        own = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = own if scale_fn is None else scale_mode
        lows, highs = self._start_momentum(cycle_momentum, base_momentum, max_momentum, last_epoch)
        if cycle_momentum:
            self.base_momentums, self.max_momentums = lows, highs
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The height of the cycle or step x, as a part of the first."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else self.gamma**x

    def get_lr(self) -> Rates:
        """The next learning rate of each group; it also changes the momentum."""
        self._in_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        up = x <= self.step_ratio
        height = x / self.step_ratio if up else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            momentums = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, momentums, strict=True):
                self._give_momentum(group, high - (high - low) * height * scale)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * scale for low, high in pairs]

    def state_dict(self) -> dict[str, Any]:
        """All of the schedule but the optimizer and a plain function."""
        return super().state_dict() | {"_scale_fn_custom": kept_of(self._scale_fn_custom) or None}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a `state_dict`; a callable object gets its attributes."""
        state = dict(state_dict)
        kept = state.pop("_scale_fn_custom")
        if kept is not None:
            self._scale_fn_custom.__dict__.update(kept)
        super().load_state_dict(state)


class OneCycleLR(_Cycling):
    """From max_lr / div_factor up to max_lr, and down to almost 0 (Smith and Topin 2019).

    total_steps       the steps of the whole schedule; or give epochs and steps_per_epoch
    pct_start         the part of the steps in which it rises
    anneal_strategy   "cos", or "linear"
    final_div_factor  the last rate is the first one divided by it
    three_phase       first down to where it started, in as many steps as up, then to the last rate
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked(optimizer)
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be a float from 0 to 1, not {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            what = f"anneal_strategy must be 'cos' or 'linear', not {anneal_strategy!r}"
            raise ValueError(f"OneCycleLR: {what}")
        self._anneal_func_type = anneal_strategy
        self._schedule_phases = _phases(pct_start, self.total_steps, three_phase)
        most = per_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, high in zip(optimizer.param_groups, most, strict=True):
                start = high / div_factor
                group.update(initial_lr=start, max_lr=high, min_lr=start / final_div_factor)
        self._start_momentum(cycle_momentum, base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The next learning rate of each group; it also changes the momentum."""
        self._in_step()
        if self.last_epoch > self.total_steps:
            what = f"step {self.last_epoch} of a schedule of {self.total_steps} steps"
            raise ValueError(f"OneCycleLR: {what}: give more total_steps")
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if self.last_epoch <= phase["end_step"]:
                break
            start = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        at = (self.last_epoch - start) / (phase["end_step"] - start)
        anneal, values = cosine if self._anneal_func_type == "cos" else linear, []
        for group in self.optimizer.param_groups:
            values.append(anneal(group[phase["start_lr"]], group[phase["end_lr"]], at))
            if self.cycle_momentum:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._give_momentum(group, anneal(*ends, at))
        return values


def cosine(start: Any, end: Any, at: float) -> Any:
    """From `start` (at 0) to `end` (at 1) along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * at)) / 2


def linear(start: Any, end: Any, at: float) -> Any:
    """From `start` (at 0) to `end` (at 1)."""
    return (end - start) * at + start


def _total(total_steps: Any, epochs: Any, steps_per_epoch: Any) -> int:
    """The number of steps. Raises ValueError if it is not given, or is not an int from 1."""
    named = {"total_steps": total_steps}
    if total_steps is None:
        named = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
    if None in named.values():
        raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
    for name, value in named.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"OneCycleLR: {name} must be an int from 1, not {value!r}")
    return math.prod(named.values())


def _phases(part: float, steps: int, three: bool) -> list[dict[str, Any]]:
    """The phases of a cycle: its last step, and which rates and momentums it leads from and to."""
    high, low = ("max_lr", "base_momentum"), ("initial_lr", "max_momentum")
    last, up = ("min_lr", "max_momentum"), (float(part * steps) - 1, low, high)
    down = (float(2 * part * steps) - 2, high, low)
    rest = [down, (steps - 1, low, last)] if three else [(steps - 1, high, last)]
    return [
        {
            "end_step": end,
            "start_lr": start[0],
            "end_lr": to[0],
            "start_momentum": start[1],
            "end_momentum": to[1],
        }
        for end, start, to in [up, *rest]
    ]
