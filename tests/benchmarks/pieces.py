"""GELU, attention and layer norm alone, forward and backward, in float32."""

import math

import numpy as np

from .page import comparison
from .timing import compared
from .workloads import on_each

TITLE = "A piece of a Transformer"
SIZES = ((32, 16, 64), (64, 32, 64), (32, 64, 128))  # batch, time, hidden
HEADS = 4


def measure(arguments):
    """One row per piece and size."""
    for piece, function in PIECES.items():
        for shape in SIZES:
            row = {"piece": piece, "size": "B{} T{} H{}".format(*shape)}
            yield row | compared(steps(function, shape), arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("piece", "size"), "ms")


def steps(function, shape):
    """For each framework, a function that goes forward and backward and gives one number."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape, np.float32) for _ in range(4)]

    def on(framework):
        *inputs, arrived = [framework.tensor(x) for x in arrays]
        inputs = [x.requires_grad_() for x in inputs]
        run = function(framework, shape)

        def step():
            for x in inputs:
                x.grad = None
            out = run(*inputs)
            out.backward(arrived)
            return inputs[0].grad[0, 0, 0].item()

        return step

    return on_each(on)


def written_gelu(framework, shape):
    """As scripts write it."""
    factor = math.sqrt(2.0 / math.pi)
    return lambda x, *_: (
        0.5 * x * (1.0 + framework.tanh(factor * (x + 0.044715 * framework.pow(x, 3.0))))
    )


def gelu(framework, shape):
    """Exact."""
    return lambda x, *_: framework.nn.functional.gelu(x)


def layer_norm(framework, shape):
    """With weight and bias."""
    layer = framework.nn.LayerNorm(shape[-1])
    return lambda x, *_: layer(x)


def written_attention(framework, shape):
    """As scripts write it, with a causal mask."""
    time = shape[1]
    mask = framework.tril(framework.ones(time, time)) == 0

    def attend(q, k, v):
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(q.shape[-1]))
        return framework.softmax(scores.masked_fill(mask, -math.inf), dim=-1) @ v

    return lambda *inputs: _joined(attend(*map(_heads, inputs)))


def fused_attention(framework, shape):
    """By the function, with a causal mask."""
    attend = framework.nn.functional.scaled_dot_product_attention
    return lambda *inputs: _joined(attend(*map(_heads, inputs), is_causal=True))


def _heads(x):
    batch, time, hidden = x.shape
    return x.view(batch, time, HEADS, hidden // HEADS).transpose(1, 2)


def _joined(x):
    return x.transpose(1, 2).contiguous().flatten(2)


PIECES = {
    "GELU as scripts write it": written_gelu,
    "F.gelu": gelu,
    "attention as scripts write it": written_attention,
    "scaled_dot_product_attention": fused_attention,
    "layer norm": layer_norm,
}
