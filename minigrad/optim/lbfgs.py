"""LBFGS: Newton's method with a curvature that is estimated from the last gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..checks import number
from ..dtypes import Array
from ..errors import shown
from ..grad_mode import enable_grad, no_grad
from ..tensor import Tensor
from .optimizer import Optimizer, ParamsT

# How far along the direction, the loss there, its gradient, and its slope along the direction.
Point = tuple[float, float, Array, float]


class LBFGS(Optimizer):
    """p ← p + lr · direction, up to max_iter times per step (Liu and Nocedal 1989; Nocedal 1980).

    `step` needs a closure: it clears the gradients, computes the loss, calls backward and returns
    the loss. All parameters are in one group.

    max_eval          the most calls of the closure per step: max_iter · 5 / 4, if it is None
    tolerance_grad    it ends when no gradient is larger
    tolerance_change  it ends when no parameter, and not the loss, changes by more
    history_size      how many changes of the gradient are kept
    line_search_fn    None, or "strong_wolfe": find a step that decreases the loss and the slope
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if number("LBFGS: lr", lr) < 0:
            raise ValueError(f"LBFGS: lr must not be negative, got {lr}")
        if line_search_fn not in (None, "strong_wolfe"):
            what = 'line_search_fn is None or "strong_wolfe"'
            raise RuntimeError(f"LBFGS: {what}, not {shown(line_search_fn)}")
        defaults = {
            "lr": lr, "max_iter": max_iter, "tolerance_grad": tolerance_grad,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS trains one group of parameters: it has no settings for each")

    def step(self, closure: Callable[[], Tensor] | None = None) -> Any:
        """Go towards the minimum. Returns the loss before."""
        if not callable(closure):
            raise TypeError(f"LBFGS: step takes a function, not {shown(closure)}")
        group, state = self.param_groups[0], self.state[self._params()[0]]
        with enable_grad():
            first = closure()
        loss, gradient, evaluations = float(first), self._gradient(), 1
        for iteration in range(1, group["max_iter"] + 1):
            if np.abs(gradient).max() <= group["tolerance_grad"]:
                break
            d = _direction(state, gradient, group["history_size"])
            first_step = min(1.0, 1 / float(np.abs(gradient).sum()))
            t = state["t"] = group["lr"] * (first_step if state["n_iter"] == 1 else 1)
            slope, before = float(gradient @ d), loss
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"]:
                start = self._values()
                at = partial(self._at, closure, start, d)
                most = group["max_eval"] - evaluations
                found = _wolfe(at, t, d, (0.0, loss, gradient, slope), most)
                t, loss, gradient, calls = found
                self._write(start + t * d)
            else:
                self._write(self._values() + t * d)
                calls = int(iteration != group["max_iter"])
                loss, gradient = self._evaluated(closure) if calls else (loss, gradient)
            state["t"], evaluations = t, evaluations + calls
            small = np.abs(d * t).max(), abs(loss - before)
            if evaluations >= group["max_eval"] or min(small) < group["tolerance_change"]:
                break
        state["func_evals"] = state.get("func_evals", 0) + evaluations
        return first

    def _at(self, closure: Any, start: Array, d: Array, t: float) -> Point:
        """The point at t along a direction."""
        self._write(start + t * d)
        loss, gradient = self._evaluated(closure)
        return t, loss, gradient, float(gradient @ d)

    def _evaluated(self, closure: Callable[[], Tensor]) -> tuple[float, Array]:
        with enable_grad():
            loss = float(closure())
        return loss, self._gradient()

    def _gradient(self) -> Array:
        """All gradients as one vector; 0 where there is none."""
        given = [(p, p._grad) for p in self._params()]
        return np.concatenate(
            [np.zeros(p.numel(), p.value.dtype) if g is None else g.value.ravel() for p, g in given]
        )

    def _values(self) -> Array:
        """All parameters as one vector."""
        return np.concatenate([p.value.ravel() for p in self._params()])

    @no_grad()
    def _write(self, values: Array) -> None:
        """Write a vector into the parameters."""
        at = 0
        for p in self._params():
            part = values[at : at + p.numel()].reshape(p.shape)
            p.copy_(part.astype(p.value.dtype, copy=False))
            at += p.numel()


def _direction(state: dict[str, Any], gradient: Array, most: int) -> Array:
    """The gradient times minus the estimated inverse of the Hessian: the two loops of Nocedal."""
    state["n_iter"] = state.get("n_iter", 0) + 1
    if state["n_iter"] == 1:
        state |= {"old_dirs": [], "old_stps": [], "ro": [], "H_diag": 1.0}
        d = -gradient
    else:
        y, s = gradient - state["prev_flat_grad"], state["d"] * state["t"]
        kept = (state["old_dirs"], state["old_stps"], state["ro"])
        if (ys := y @ s) > 1e-10:
            for one, new in zip(kept, (y, s, 1 / ys), strict=True):
                one.append(new)
                del one[:-most]
            state["H_diag"] = ys / (y @ y)
        d, factors = -gradient, []
        for y, s, ro in reversed(list(zip(*kept, strict=True))):
            factors.append(s @ d * ro)
            d = d - factors[-1] * y
        d = d * state["H_diag"]
        for y, s, ro in zip(*kept, strict=True):
            d = d + s * (factors.pop() - y @ d * ro)
    state |= {"d": d, "prev_flat_grad": gradient.copy()}
    return d


def _wolfe(
    at: Callable[[float], Point], t: float, d: Array, start: Point, most: int
) -> tuple[float, float, Array, int]:
    """A step by the strong Wolfe conditions (Nocedal and Wright 2006, Alg. 3.5), as in PyTorch.

    Returns how far it goes, the loss and the gradient there, and how often `at` was called.
    """
    before, now, calls = start, at(t), 1
    ends = [start, now]
    while calls <= most:
        passed = _rises(now, start) or (calls > 2 and now[1] >= before[1])
        if not passed and abs(now[3]) <= -0.9 * start[3]:
            return *now[:3], calls
        if passed or now[3] >= 0:
            ends = [before, now]
            break
        far = now[0] + 0.01 * (now[0] - before[0]), now[0] * 10
        before, now, calls = now, at(_cubic(before, now, *far)), calls + 1
        ends = [start, now]
    return _zoomed(at, ends, float(np.abs(d).max()), start, calls, most)


def _zoomed(
    at: Callable[[float], Point],
    ends: list[Point],
    size: float,
    start: Point,
    calls: int,
    most: int,
) -> tuple[float, float, Array, int]:
    """A point between two ends that satisfies the conditions (Alg. 3.6); or the lower end."""
    slope, stuck = start[3], False
    low, high = sorted(ends, key=lambda end: end[1])
    while calls <= most and abs(high[0] - low[0]) * size >= 1e-9:
        left, right = sorted((low, high), key=lambda end: end[0])
        t, margin = _cubic(low, high, left[0], right[0]), 0.1 * (right[0] - left[0])
        near = min(right[0] - t, t - left[0]) < margin
        if near and (stuck or not left[0] < t < right[0]):
            t = right[0] - margin if right[0] - t < t - left[0] else left[0] + margin
            near = False
        stuck, now, calls = near, at(t), calls + 1
        if _rises(now, start) or now[1] >= low[1]:
            low, high = sorted((low, now), key=lambda end: end[1])
            continue
        if abs(now[3]) <= -0.9 * slope:
            return *now[:3], calls
        if now[3] * (high[0] - low[0]) >= 0:
            high = low
        low = now
    return *low[:3], calls


def _rises(point: Point, start: Point) -> bool:
    """True if the loss there is not enough below that at the start."""
    return point[1] > start[1] + 1e-4 * point[0] * start[3]


def _cubic(one: Point, two: Point, least: float, most: float) -> float:
    """Where the cubic through two losses, with their slopes, is lowest; within bounds."""
    (x1, f1, _, g1), (x2, f2, _, g2) = sorted((one, two), key=lambda point: point[0])
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    if (square := d1 * d1 - g1 * g2) < 0:
        return (least + most) / 2
    d2 = square**0.5
    lowest = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    return min(max(lowest, least), most)
