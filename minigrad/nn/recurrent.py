"""Recurrent layers: RNN, LSTM and GRU over whole sequences, in several layers and both directions.

The equations of a step are in cells.py. A layer computes the input's product for all steps at once,
then one step after the other: the loop is in recurrence.py.
"""

from __future__ import annotations

import warnings
from typing import Any

from ..checks import flag, floats, tensors, whole
from ..creation import zeros
from ..errors import shown
from ..functions import cat, squeeze, stack, transpose, unsqueeze
from ..graph import value_of
from ..picking import index_select
from . import functional as F
from .cells import NONLINEARITIES, lstm_step, start, unknown
from .module import Module, Parameter
from .recurrence import following, gru_steps, last_rows, lstm_steps, rnn_steps, steps
from .utils.rnn import PackedSequence

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


class RNNBase(Module):
    """The base of RNN, LSTM and GRU: sizes, parameters, the loop over layers and directions.

    Parameters of layer k (with `_reverse` at the end for the direction from last to first):

        weight_ih_l{k}  (gates · hidden, input)   from the input, or from the layer below
        weight_hh_l{k}  (gates · hidden, hidden)  from the previous state
        bias_ih_l{k}, bias_hh_l{k}  (gates · hidden,)
        weight_hr_l{k}  (proj_size, hidden)       only of an LSTM with proj_size

    All start uniform within ±1 / √hidden_size. dropout is applied between layers.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if mode not in GATES:
            raise ValueError(f"RNNBase: mode is one of {', '.join(GATES)}, not {shown(mode)}")
        self.mode, name = mode, type(self).__name__
        self.input_size = _positive(f"{name}: input_size", input_size)
        self.hidden_size = _positive(f"{name}: hidden_size", hidden_size)
        self.num_layers = _positive(f"{name}: num_layers", num_layers)
        self.bias = flag(f"{name}: bias", bias)
        self.batch_first = flag(f"{name}: batch_first", batch_first)
        self.dropout = _dropout(name, dropout, num_layers)
        self.bidirectional = flag(f"{name}: bidirectional", bidirectional)
        self.proj_size = whole(f"{name}: proj_size", proj_size)
        if self.proj_size >= self.hidden_size:
            raise ValueError(f"{name}: proj_size {proj_size} must be less than hidden_size")
        self._all_weights: list[list[str]] = []
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self.directions]:
                shapes = self._shapes(layer)
                self._all_weights.append([f"{what}_l{layer}{suffix}" for what in shapes])
                for parameter, shape in zip(self._all_weights[-1], shapes.values(), strict=True):
                    made = zeros(*shape, device=device, dtype=dtype)
                    setattr(self, parameter, Parameter(made))
        self.reset_parameters()

    @property
    def directions(self) -> int:
        """2 if it is bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """The shapes of one layer's parameters, by name."""
        gates, hidden = GATES[self.mode] * self.hidden_size, self.proj_size or self.hidden_size
        inputs = hidden * self.directions if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates, inputs)}
        shapes["weight_hh"] = (gates, hidden)
        if self.bias:
            shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
        if self.proj_size:
            shapes["weight_hr"] = (hidden, self.hidden_size)
        return shapes

    def reset_parameters(self) -> None:
        """All parameters uniform within ±1 / √hidden_size."""
        start(self)

    def flatten_parameters(self) -> None:
        """Nothing: in PyTorch, it puts the weights next to each other in a GPU's memory."""

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters: a list per layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights_names(self) -> list[str]:
        """The names of the parameters: programs go through them to start them."""
        return [name for names in self._all_weights for name in names]

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The output of the last layer for all steps, and the last states of all layers.

        input  (time, batch, input_size); with batch_first (batch, time, input_size); without a
               batch (time, input_size); or a PackedSequence
        hx     the states before the first step, (layers · directions, batch, hidden); for an LSTM
               the pair (h, c); None: zeros

        Returns the output (time, batch, directions · hidden), in the form of the input, and the
        last states in the form of hx.
        """
        x, sizes = self._rows(input)  # (rows, input_size)
        states = self._states(input, hx, sizes[0], x)  # h, or h and c
        last: list[Any] = []
        for layer, weights in enumerate(_by(self.directions, self.all_weights)):
            x = F.dropout(x, self.dropout, self.training) if layer else x
            outputs = []
            for direction, of_direction in enumerate(weights):
                before = [state[len(last)] for state in states]  # (batch, hidden) each
                out, *after = self._layer(x, before, of_direction, sizes, bool(direction))
                outputs.append(out)  # (rows, hidden)
                last.append(after)
            x = cat(outputs, -1) if self.bidirectional else outputs[0]  # (rows, directions · h)
        ends = [stack(state) for state in zip(*last, strict=True)]
        return self._restored(x, ends, input, sizes)

    def _layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> Any:
        """One layer in one direction: its output (rows, hidden), and its last states."""
        raise NotImplementedError(f"{type(self).__name__}: use RNN, LSTM or GRU")

    # --- from what is given to rows, and back

    def _rows(self, input: Any) -> tuple[Any, tuple[int, ...]]:
        """The input as one matrix, step after step, and the batch size of each step."""
        name, packed = type(self).__name__, isinstance(input, PackedSequence)
        x, weight = input.data if packed else input, self.all_weights[0][0]
        tensors(name, input=x)
        if not packed and x.ndim not in (2, 3):
            raise ValueError(f"{name}: the input must have 2 or 3 dims, not shape {x.shape}")
        if x.dtype != weight.dtype:
            raise ValueError(f"{name}: the input is {x.dtype}, the weights are {weight.dtype}")
        if packed and x.ndim != 2 or x.shape[-1] != self.input_size:
            last = f"the last dim of the input must be input_size, {self.input_size}"
            raise RuntimeError(f"{name}: {last}; its shape is {x.shape}")
        if packed:
            return x, tuple(value_of(input.batch_sizes).tolist())
        x = unsqueeze(x, 1) if x.ndim == 2 else transpose(x, 0, 1) if self.batch_first else x
        if not len(x):
            raise RuntimeError(f"{name}: the sequences must have at least one element")
        return x.reshape(-1, self.input_size), (x.shape[1],) * len(x)

    def _states(self, input: Any, hx: Any, batch: int, x: Any) -> list[Any]:
        """The states before the first step, as a list: (layers · directions, batch, hidden)."""
        sizes = [self.proj_size or self.hidden_size]
        sizes += [self.hidden_size] if self.mode == "LSTM" else []
        wanted = [(self.num_layers * self.directions, batch, size) for size in sizes]
        if hx is None:
            return [zeros(shape, dtype=x.dtype) for shape in wanted]
        name, states = type(self).__name__, list(hx) if self.mode == "LSTM" else [hx]
        if len(states) != len(wanted):
            raise RuntimeError(f"{name}: hx is a pair, (h, c), each of shape {wanted[0]}")
        floats(name, **dict(zip(("h", "c"), states, strict=False)))
        alone = not isinstance(input, PackedSequence) and input.ndim == 2
        for state, (layers, _, size) in zip(states, wanted, strict=True):
            shape = (layers, size) if alone else (layers, batch, size)
            if state.shape != shape or state.dtype != x.dtype:
                given = f"{state.dtype} {tuple(state.shape)}"
                raise RuntimeError(f"{name}: hx must be {x.dtype} {shape}, not {given}")
        if alone:
            return [unsqueeze(state, 1) for state in states]
        order = input.sorted_indices if isinstance(input, PackedSequence) else None
        return states if order is None else [index_select(state, 1, order) for state in states]

    def _restored(self, x: Any, ends: list[Any], input: Any, sizes: Any) -> Any:
        """The output in the form of the input, and the last states in the form of hx."""
        if isinstance(input, PackedSequence):
            x = PackedSequence(x, *input[1:])
            order = input.unsorted_indices
            ends = ends if order is None else [index_select(state, 1, order) for state in ends]
        else:
            x = x.reshape(len(sizes), sizes[0], x.shape[-1])  # (time, batch, directions · hidden)
            if input.ndim == 2:
                x, ends = squeeze(x, 1), [squeeze(state, 1) for state in ends]
            elif self.batch_first:
                x = transpose(x, 0, 1)
        return x, tuple(ends) if self.mode == "LSTM" else ends[0]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False}
        usual |= {"dropout": 0, "bidirectional": False}
        said = [(name, getattr(self, name), value) for name, value in usual.items()]
        return text + "".join(f", {name}={value}" for name, value, at in said if value != at)


class RNN(RNNBase):
    """An Elman network: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), or relu.

    The arguments after nonlinearity are those of RNNBase.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        _no_projection(kwargs)
        if nonlinearity not in NONLINEARITIES:
            raise ValueError(unknown("RNN", nonlinearity))
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(mode, input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    def _layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> Any:
        w_ih, w_hh, *biases = weights
        x = F.linear(x, w_ih, _sum(biases))  # (rows, hidden)
        kind = self.nonlinearity
        hs = rnn_steps(x, *states, w_hh, sizes=sizes, reverse=reverse, nonlinearity=kind)
        return hs, hs[last_rows(sizes, reverse)]


class LSTM(RNNBase):
    """Long short-term memory: see `lstm_step` for the equations.

    The arguments are those of RNNBase. With proj_size, the state h is projected to that size after
    each step (Sak, Senior and Beaufays 2014).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def _layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> Any:
        w_ih, w_hh, *biases = weights
        w_hr = biases.pop() if self.proj_size else None
        x = F.linear(x, w_ih, _sum(biases))  # (rows, 4 · hidden)
        if w_hr is not None:
            return _projected(x, states, w_hh, w_hr, sizes, reverse)
        hs, cs = lstm_steps(x, *states, w_hh, sizes=sizes, reverse=reverse)  # (rows, hidden) each
        last = last_rows(sizes, reverse)
        return hs, hs[last], cs[last]


def _projected(x: Any, states: Any, w_hh: Any, w_hr: Any, sizes: Any, reverse: bool) -> Any:
    """The layer of an LSTM with a projection, step by step."""
    (h, c), found = states, {}
    for rows in steps(sizes, reverse):
        n = rows.stop - rows.start
        new, new_c = lstm_step(x[rows], F.linear(h[:n], w_hh), c[:n])
        found[rows.start] = new = F.linear(new, w_hr)  # (n, proj_size)
        h, c = following(new, h), following(new_c, c)
    return cat([found[row] for row in sorted(found)]), h, c


class GRU(RNNBase):
    """A gated recurrent unit: see `gru_step` for the equations. The arguments are RNNBase's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _no_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)

    def _layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> Any:
        w_ih, w_hh, *biases = weights
        x = F.linear(x, w_ih, *biases[:1])  # (rows, 3 · hidden)
        hs = gru_steps(x, *states, w_hh, *biases[1:], sizes=sizes, reverse=reverse)
        return hs, hs[last_rows(sizes, reverse)]


def _by(size: int, items: list[Any]) -> list[list[Any]]:
    """A list in pieces of a size."""
    return [items[i : i + size] for i in range(0, len(items), size)]


def _sum(biases: list[Any]) -> Any:
    """The sum of the two biases; None if there are none."""
    return biases[0] + biases[1] if biases else None


def _positive(what: str, value: Any) -> int:
    if (size := whole(what, value, None)) < 1:
        raise ValueError(f"{what} must be positive, not {size}")
    return size


def _dropout(name: str, p: Any, layers: int) -> float:
    """A probability. Warns if there is only one layer, and nothing between layers to drop."""
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise ValueError(f"{name}: dropout is a probability, from 0 to 1, not {shown(p)}")
    if p and layers == 1:
        says = f"{name}: dropout={p} has no effect: it is applied between layers, and there is one"
        warnings.warn(says, stacklevel=4)
    return float(p)


def _no_projection(given: dict[str, Any]) -> None:
    if "proj_size" in given:
        raise ValueError("proj_size: only an LSTM has it, not RNN or GRU")
