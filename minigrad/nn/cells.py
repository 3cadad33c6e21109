"""Recurrent cells: one step of an RNN, an LSTM and a GRU, and their equations.

A cell adds up two products, of the input x_t and of the previous state h_{t-1},

    x = W_ih x_t + b_ih        y = W_hh h_{t-1} + b_hh

and makes the new state h_t from x and y. The layers in recurrent.py do so for all steps.
"""

from __future__ import annotations

import math
from typing import Any

from ..checks import flag, floats, whole
from ..creation import zeros
from ..errors import shown
from ..functions import chunk, squeeze, unsqueeze
from ..ops import add, relu, sigmoid, tanh
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module, Parameter

# --- the equations of one step -----------------------------------------------------------------

NONLINEARITIES = {"tanh": tanh, "relu": relu}


def rnn_step(x: Any, y: Any, nonlinearity: str = "tanh") -> Any:
    """The new state, h = tanh(x + y) (Elman 1990): (batch, hidden)."""
    return NONLINEARITIES[nonlinearity](add(x, y))


def lstm_step(x: Any, y: Any, c: Any) -> Any:
    """The new states h and c: x and y (batch, 4 · hidden), c (batch, hidden).

    The cell c is a memory to which each step adds: the input gate i decides what, the forget gate f
    what stays, and the output gate o what is shown (Hochreiter and Schmidhuber 1997, §4; with the
    forget gate of Gers, Schmidhuber and Cummins 2000, §3).
    """
    i, f, g, o = chunk(x + y, 4, -1)  # (batch, hidden) each
    i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
    c = f * c + i * g  # (batch, hidden)
    h = o * tanh(c)  # (batch, hidden)
    return h, c


def gru_step(x: Any, y: Any, h: Any) -> Any:
    """The new state h: x and y (batch, 3 · hidden), h (batch, hidden).

    The update gate z decides how much of the state stays, the reset gate r how much of it the
    candidate n sees (Cho et al. 2014, §2.3). Here r multiplies the product W_hn h, as in the first
    version of the paper and in PyTorch; in the published version it multiplies h.
    """
    (x_r, x_z, x_n), (y_r, y_z, y_n) = chunk(x, 3, -1), chunk(y, 3, -1)  # (batch, hidden) each
    r, z = sigmoid(x_r + y_r), sigmoid(x_z + y_z)
    n = tanh(x_n + r * y_n)
    return (1 - z) * n + z * h  # (batch, hidden)


# --- the modules -------------------------------------------------------------------------------


class RNNCellBase(Module):
    """The base of the cells: their sizes and parameters.

    weight_ih (gates · hidden_size, input_size), weight_hh (gates · hidden_size, hidden_size),
    bias_ih and bias_hh (gates · hidden_size,) start uniform within ±1 / √hidden_size.
    """

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = whole(f"{name}: input_size", input_size)
        self.hidden_size = whole(f"{name}: hidden_size", hidden_size)
        self.bias = flag(f"{name}: bias", bias)
        gates = num_chunks * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates, self.input_size)}
        shapes |= {"weight_hh": (gates, self.hidden_size), "bias_ih": (gates,), "bias_hh": (gates,)}
        for parameter, shape in shapes.items():
            if self.bias or parameter.startswith("weight"):
                made = Parameter(zeros(shape, device=device, dtype=dtype))
                self.register_parameter(parameter, made)
            else:
                self.register_parameter(parameter, None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """All parameters uniform within ±1 / √hidden_size."""
        start(self)

    def _products(self, input: Any, h: Any) -> tuple[Tensor, Tensor]:
        """x and y: (batch, gates · hidden) each."""
        x = F.linear(input, self.weight_ih, self.bias_ih)
        return x, F.linear(h, self.weight_hh, self.bias_hh)

    def _checked(self, input: Any, states: Any) -> tuple[Any, Any, bool]:
        """The input and the states with a batch, and True if the input had none."""
        name = type(self).__name__
        floats(name, input=input, **{f"hx[{i}]": state for i, state in enumerate(states or ())})
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: the input must have 1 or 2 dims, not shape {input.shape}")
        if any(state.ndim not in (1, 2) for state in states or ()):
            shapes = " and ".join(str(state.shape) for state in states)
            raise ValueError(f"{name}: a hidden state must have 1 or 2 dims, not shape {shapes}")
        alone = input.ndim == 1
        input = unsqueeze(input, 0) if alone else input
        wanted = (len(input), self.hidden_size)
        if input.shape[1] != self.input_size:
            last = f"the last dim of the input must be input_size, {self.input_size}"
            raise RuntimeError(f"{name}: {last}; its shape is {input.shape}")
        if states is None:
            states = [zeros(wanted, dtype=input.dtype)] * (2 if name == "LSTMCell" else 1)
        else:
            states = [unsqueeze(state, 0) if alone else state for state in states]
        for state in states:
            if state.shape != wanted:
                raise RuntimeError(f"{name}: a hidden state must be {wanted}, not {state.shape}")
        return input, states, alone

    def extra_repr(self) -> str:
        bias = "" if self.bias else ", bias=False"
        kind = getattr(self, "nonlinearity", "tanh")
        named = "" if kind == "tanh" else f", nonlinearity={kind}"
        return f"{self.input_size}, {self.hidden_size}{bias}{named}"


class RNNCell(RNNCellBase):
    """One step of an Elman network: see `rnn_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """input (batch, input_size), hx (batch, hidden_size) or None: zeros. Returns the new h.

        All without the batch, too.
        """
        input, (h,), alone = self._checked(input, None if hx is None else [hx])
        if self.nonlinearity not in NONLINEARITIES:
            raise RuntimeError(unknown("RNNCell", self.nonlinearity))
        h = rnn_step(*self._products(input, h), self.nonlinearity)  # (batch, hidden)
        return squeeze(h, 0) if alone else h


class LSTMCell(RNNCellBase):
    """One step of an LSTM: see `lstm_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """input (batch, input_size), hx the pair (h, c), (batch, hidden_size) each; None: zeros.

        Returns the new h and c. All without the batch, too.
        """
        if hx is not None and not (isinstance(hx, tuple | list) and len(hx) == 2):
            raise TypeError(f"LSTMCell: hx is a pair of tensors, (h, c), not {shown(hx)}")
        input, (h, c), alone = self._checked(input, hx)
        h, c = lstm_step(*self._products(input, h), c)  # (batch, hidden) each
        return (squeeze(h, 0), squeeze(c, 0)) if alone else (h, c)


class GRUCell(RNNCellBase):
    """One step of a GRU: see `gru_step`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """input (batch, input_size), hx (batch, hidden_size) or None: zeros. Returns the new h.

        All without the batch, too.
        """
        input, (h,), alone = self._checked(input, None if hx is None else [hx])
        h = gru_step(*self._products(input, h), h)  # (batch, hidden)
        return squeeze(h, 0) if alone else h


def start(module: Any) -> None:
    """All parameters of a recurrent module uniform within ±1 / √hidden_size."""
    bound = 1 / math.sqrt(module.hidden_size) if module.hidden_size else 0.0
    for parameter in module.parameters():
        init.uniform_(parameter, -bound, bound)


def unknown(name: str, nonlinearity: Any) -> str:
    """The message for a nonlinearity that is neither tanh nor relu."""
    return f"{name}: nonlinearity is tanh or relu, not {shown(nonlinearity)}"
