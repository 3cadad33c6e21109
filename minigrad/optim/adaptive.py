"""Other algorithms with a step size for each element: RMSprop, Adagrad, Adadelta, Adamax and more.

Settings that all have: lr, the learning rate; eps, added where something is divided; weight_decay,
an L2 penalty (weight_decay · p is added to the gradient); maximize, go up the gradient. `foreach`
and `fused` change nothing here.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..dtypes import Array
from .algorithms import WithBetas, decayed
from .bundles import State
from .optimizer import Group, Optimizer, ParamsT, settings_of


def started(state: State, g: Array, *names: str) -> list[Array]:
    """The arrays of a state with these names, zeros at first; the step is counted."""
    state["step"] = state.get("step", 0) + 1
    for name in names:
        if name not in state:
            state[name] = np.zeros_like(g)
    return [state[name] for name in names]


def average(mean: Array, value: Array, beta: float) -> None:
    """mean ← beta · mean + (1 - beta) · value, in place."""
    mean *= beta
    mean += (1 - beta) * value


class RMSprop(Optimizer):
    """p ← p - lr · gradient / (root of the running mean of its square + eps).

    (Tieleman and Hinton 2012, Lecture 6.5.)

    alpha     the decay rate of the running mean
    momentum  with it, the step is a buffer: buffer ← momentum · buffer + the quotient
    centered  divide by an estimate of the standard deviation: the squared mean is subtracted
    """

    elementwise = True
    kept = ("step", "square_avg")
    optional = ("momentum_buffer", "grad_avg")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of RMSprop."""
        g, alpha = decayed(p, g, group), group["alpha"]
        (square,) = started(state, g, "square_avg")
        average(square, g * g, alpha)
        if group["centered"]:
            mean = state.setdefault("grad_avg", np.zeros_like(g))
            mean += (1 - alpha) * (g - mean)
            square = square - mean * mean
        step = g / (np.sqrt(square) + group["eps"])
        if group["momentum"]:
            buffer = state.setdefault("momentum_buffer", np.zeros_like(g))
            buffer *= group["momentum"]
            buffer += step
            step = buffer
        p -= group["lr"] * step
        return p


class Adagrad(Optimizer):
    """p ← p - lr · gradient / (root of the sum of its squares so far + eps).

    (Duchi, Hazan and Singer 2011.)

    lr_decay                   in step t, lr is divided by 1 + (t - 1) · lr_decay
    initial_accumulator_value  where the sum starts
    """

    elementwise = True
    kept = ("step", "sum")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def add_param_group(self, group: Group) -> None:
        """Train more parameters; their sums start at once, as in PyTorch."""
        super().add_param_group(group)
        start = float(self.defaults["initial_accumulator_value"])
        for p in self.param_groups[-1]["params"]:
            self.state[p] = {"step": 0, "sum": np.full_like(p.value, start)}

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of Adagrad."""
        g = decayed(p, g, group)
        (total,) = started(state, g, "sum")
        total += g * g
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        p -= lr * g / (np.sqrt(total) + group["eps"])
        return p


class Adadelta(Optimizer):
    """p ← p - lr · gradient · root of the mean squared step / root of the mean squared gradient.

    Both are running means, with eps added (Zeiler 2012, Alg. 1).

    rho  the decay rate of the running means
    """

    elementwise = True
    kept = ("step", "square_avg", "acc_delta")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def _numbers(self, settings: Group) -> Group:
        checked = super()._numbers(settings)
        if checked["rho"] > 1:
            raise ValueError(f"Adadelta: rho must be at most 1, got {checked['rho']}")
        return checked

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of Adadelta."""
        g, rho, eps = decayed(p, g, group), group["rho"], group["eps"]
        square, steps = started(state, g, "square_avg", "acc_delta")
        average(square, g * g, rho)
        step = np.sqrt(steps + eps) / np.sqrt(square + eps) * g
        average(steps, step * step, rho)
        p -= group["lr"] * step
        return p


class Adamax(WithBetas):
    """p ← p - lr · mean of the gradient / its largest size, which decays.

    (Kingma and Ba 2015, Alg. 2.)

    betas  decay rates of the running mean of the gradient, and of the largest size
    """

    kept = ("step", "exp_avg", "exp_inf")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of Adamax."""
        g, (beta1, beta2) = decayed(p, g, group), group["betas"]
        mean, largest = started(state, g, "exp_avg", "exp_inf")
        average(mean, g, beta1)
        largest *= beta2
        np.maximum(largest, np.abs(g) + group["eps"], out=largest)
        p -= group["lr"] / (1 - beta1 ** state["step"]) * mean / largest
        return p


class NAdam(WithBetas):
    """Adam with Nesterov's momentum (Dozat 2016, Alg. 8).

    betas           decay rates of the running means of the gradient and of its square
    momentum_decay  how fast the momentum grows from beta1 / 2 to beta1
    decoupled_weight_decay  the decay of AdamW
    """

    kept = ("step", "mu_product", "exp_avg", "exp_avg_sq")
    scalars = ("mu_product",)

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of NAdam."""
        g, (beta1, beta2) = decayed(p, g, group), group["betas"]
        mean, square = started(state, g, "exp_avg", "exp_avg_sq")
        step, decay, lr = state["step"], group["momentum_decay"], group["lr"]
        now, later = (beta1 * (1 - 0.5 * 0.96 ** (t * decay)) for t in (step, step + 1))
        # PyTorch keeps this product in float32; so does this, for the same numbers.
        product = float(np.float32(state.get("mu_product", 1.0)) * np.float32(now))
        state["mu_product"] = product
        average(mean, g, beta1)
        average(square, g * g, beta2)
        root = np.sqrt(square / (1 - beta2**step)) + group["eps"]
        p -= lr * (1 - now) / (1 - product) * g / root
        p -= lr * later / (1 - product * later) * mean / root
        return p


class RAdam(WithBetas):
    """Adam that first waits until the mean of squares can be trusted (Liu et al. 2020, Alg. 2).

    betas  decay rates of the running means of the gradient and of its square
    decoupled_weight_decay  the decay of AdamW
    """

    kept = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of RAdam: along the mean alone, until the variance of its root is finite."""
        g, (beta1, beta2) = decayed(p, g, group), group["betas"]
        mean, square = started(state, g, "exp_avg", "exp_avg_sq")
        average(mean, g, beta1)
        average(square, g * g, beta2)
        step, correction = state["step"], 1 - beta2 ** state["step"]
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction
        change = group["lr"] / (1 - beta1**step) * mean
        if length > 5:
            variance = (length - 4) * (length - 2) * longest
            variance /= (longest - 4) * (longest - 2) * length
            change *= (correction * variance) ** 0.5 / (np.sqrt(square) + group["eps"])
        p -= change
        return p


class Rprop(Optimizer):
    """p ← p - sign of the gradient · a step size of its own (Riedmiller and Braun 1993).

    etas        the factors of a step size when the sign changes, and when it stays
    step_sizes  the least step size and the most
    """

    elementwise = True
    kept = ("step", "prev", "step_size")
    several: ClassVar[dict[str, int]] = {"etas": 2, "step_sizes": 2}

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def _numbers(self, settings: Group) -> Group:
        checked = super()._numbers(settings)
        less, more = checked["etas"]
        if not 0 < less < 1 < more:
            raise ValueError(f"Rprop: etas must be below 1 and above 1, got {(less, more)}")
        return checked

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of Rprop: after a change of sign, none."""
        before, size = started(state, g, "prev", "step_size")
        if state["step"] == 1:
            size += group["lr"]
        turned, same = (before * g < 0), (before * g > 0)
        less, more = group["etas"]
        size *= np.where(turned, less, np.where(same, more, 1)).astype(size.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        before[...] = np.where(turned, 0, g)
        p -= np.sign(before) * size
        return p


class ASGD(Optimizer):
    """SGD with a learning rate that falls, and the mean of the parameters (Polyak, Juditsky 1992).

    lambd  the decay of p and of the learning rate
    alpha  the power with which the learning rate falls
    t0     the step after which the mean `ax` begins
    """

    elementwise = True
    kept = ("step", "eta", "mu", "ax")
    scalars = ("eta", "mu")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step of ASGD. PyTorch keeps eta and mu in float32; so does this."""
        g, lr, lambd = decayed(p, g, group), group["lr"], group["lambd"]
        (mean,) = started(state, g, "ax")
        eta, mu = state.get("eta", float(np.float32(lr))), state.get("mu", 1.0)
        p *= 1 - lambd * eta
        p -= eta * g
        mean += (p - mean) * mu
        state["eta"] = float(np.float32(lr / (1 + lambd * lr * state["step"]) ** group["alpha"]))
        state["mu"] = float(np.float32(1 / max(1, state["step"] - group["t0"])))
        return p
