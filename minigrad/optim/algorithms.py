"""The algorithms: SGD, Adam, AdamW."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..dtypes import Array
from .bundles import State
from .optimizer import Group, Optimizer, ParamsT, settings_of


class SGD(Optimizer):
    """p ← p - lr · v, where v is the gradient or, with momentum, v ← momentum · v + gradient.

    lr            the learning rate
    momentum      the factor of the last v
    dampening     with momentum, the gradient is multiplied by 1 - dampening from the second step on
    weight_decay  L2 penalty: weight_decay · p is added to the gradient
    nesterov      the step goes along gradient + momentum · v (Sutskever et al. 2013, §2)
    maximize      go up the gradient; foreach and fused change nothing here
    """

    elementwise = True
    kept = ("momentum_buffer",)

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(params, **settings_of(locals()))
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError("SGD: nesterov needs a momentum above 0, and dampening 0")

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One step along -v."""
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if group["momentum"]:
            v = state.get("momentum_buffer")
            if v is None:
                state["momentum_buffer"] = v = np.array(g)
            else:
                v *= group["momentum"]
                v += (1 - group["dampening"]) * g if group["dampening"] else g
            g = g + group["momentum"] * v if group["nesterov"] else v
        p -= group["lr"] * g
        return p


class WithBetas(Optimizer):
    """The base of optimizers whose betas, the decay rates of running means, lie below 1."""

    elementwise = True
    several: ClassVar = {"betas": 2}

    def _numbers(self, settings: Group) -> Group:
        checked = super()._numbers(settings)
        if max(checked["betas"]) >= 1:
            kind = type(self).__name__
            raise ValueError(f"{kind}: betas must be two numbers below 1, got {checked['betas']}")
        return checked


def decayed(p: Array, g: Array, group: Group) -> Array:
    """The gradient with weight decay added; if that is decoupled, p itself shrinks instead."""
    if not group["weight_decay"]:
        return g
    if group.get("decoupled_weight_decay"):
        p *= 1 - group["lr"] * group["weight_decay"]
        return g
    return g + group["weight_decay"] * p


class Adam(WithBetas):
    """p ← p - lr · mean of the gradient / root of the mean of its square.

    The means are running means, corrected for their start at 0 (Kingma and Ba 2015, Alg. 1).

    lr            the learning rate
    betas         decay rates of the running means of the gradient and of its square
    eps           added to the root
    weight_decay  L2 penalty: weight_decay · p is added to the gradient
    amsgrad       take the largest mean of squares so far (Reddi, Kale and Kumar 2018, Alg. 2)
    maximize      go up the gradient; foreach and fused change nothing here
    decoupled_weight_decay  the decay of AdamW
    """

    kept = ("step", "exp_avg", "exp_avg_sq")
    optional = ("max_exp_avg_sq",)

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, **settings_of(locals()))

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """One Adam step, with weight decay."""
        return self.adam_step(p, decayed(p, g, group), state, **group)

    def adam_step(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """p after one step of Adam against the gradient g; t is the number of the step.

            mean ← β₁ · mean + (1 - β₁) · g,  square ← β₂ · square + (1 - β₂) · g²
            p - lr · mean / (1 - β₁ᵗ) / (√(square / (1 - β₂ᵗ)) + eps)

        All temporaries share one array, x: for large arrays every extra pass over memory counts.
        """
        (beta1, beta2), eps = group["betas"], group["eps"]
        if not state:
            state.update(step=0, exp_avg=np.zeros_like(g), exp_avg_sq=np.zeros_like(g))
        state["step"] += 1
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        root = (1 - beta2 ** state["step"]) ** 0.5
        step_size = group["lr"] * root / (1 - beta1 ** state["step"])

        x = np.multiply(g, 1 - beta1, np.empty_like(g))
        mean *= beta1
        mean += x
        x = np.multiply(g, g, x)
        x *= 1 - beta2
        square *= beta2
        square += x
        if group.get("amsgrad"):
            largest = state.setdefault("max_exp_avg_sq", np.zeros_like(g))
            square = np.maximum(largest, square, out=largest)
        x = np.sqrt(square, x)
        x += eps * root
        x = np.divide(mean, x, x)
        x *= step_size
        return np.subtract(p, x, p)


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself (Loshchilov and Hutter 2019, Alg. 2).

    weight_decay  in each step p is first multiplied by 1 - lr · weight_decay
    """

    fixed: ClassVar = Adam.fixed | {"decoupled_weight_decay": True}  # PyTorch's name of it

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(decoupled_weight_decay=True, params=params, **settings_of(locals()))
