"""The limit: the four models in NumPy without a graph, with hand-written backward passes.

In the recurrent models the time dim comes first, so the words of one step are contiguous. Weights
with the same input share one product, and nothing is computed that the loss does not need. In all
else the products are those of the models.
"""

import math

import numpy as np

from .by_hand_layers import (
    RNN, Adam, Attention, Embedding, LayerNorm, Linear, Parameters, Readout, cross_entropy,
    row_sums, softmax,
)  # fmt: skip


def training(name, state, inputs, target):
    """A function that does a step of a model (named as in workloads.py) and returns the loss."""
    # The last layer of self_attention does not use these for its prediction.
    unused = "layers.1.value.weight", "layers.1.output.weight"
    parameters = Parameters({name: v for name, v in state.items() if name not in unused})
    forward_and_back = MODELS[name](parameters, *inputs, target)
    adam = Adam(parameters)

    def step():
        loss = forward_and_back()
        adam.step()
        return loss

    return step


def seq2seq(parameters, source, words, target, attends=False):
    """A step of seq2seq; source, words and target are (batch, time) ids."""
    (batch, time), (start, g_start) = words.shape, parameters("encoder.start")
    hidden = len(start)
    encoder = RNN(parameters, "encoder.rnn", source.shape[1], batch)
    decoder = RNN(parameters, "decoder.rnn", time, batch)
    read = Embedding(parameters, "encoder.embedding.weight", source.T, pad=0)
    write = Embedding(parameters, "decoder.embedding.weight", words.T, pad=0)
    output = Readout(parameters, "output", time * batch, target.T)
    each, dhs = np.arange(batch), np.zeros((source.shape[1], batch, hidden), np.float32)
    if attends:
        attention = Attention((batch, time, source.shape[1]))
        both, d_hds = np.empty((time, batch, 2 * hidden), np.float32), np.empty_like(decoder.d)
        d_keys = np.empty_like(dhs)

    def step():
        hs = encoder.forward(read.forward(), start)
        lengths = (source != 0).sum(1)
        states = decoder.forward(write.forward(), hs[lengths, each])[1:]
        if attends:
            keys = by_batch(hs[1:])
            context = by_batch(both[..., :hidden])
            attention.forward(by_batch(states), keys, keys, mask_of(source), context)
            both[..., hidden:] = states
            states = both
        loss = output.loss(states.reshape(time * batch, -1))
        d_states = output.backward(output.out).reshape(states.shape)
        dhs.fill(0)
        if attends:
            d_context, d_from_logits = d_states[..., :hidden], d_states[..., hidden:]
            attention.backward(*map(by_batch, (d_context, d_hds, d_keys, dhs)))
            np.add(dhs, d_keys, out=dhs)
            d_states = np.add(d_hds, d_from_logits, out=d_hds)
        write.backward(decoder.backward(d_states))
        dhs[lengths - 1, each] += decoder.dh
        read.backward(encoder.backward(dhs))
        encoder.dh.sum(0, out=g_start)
        return loss

    return step


def attention(parameters, source, words, target):
    """seq2seq whose decoder attends to the encoder's states."""
    return seq2seq(parameters, source, words, target, attends=True)


def mask_of(text):
    """What is added to scores (batch, words, words): -inf at padding, else 0."""
    return np.where(text == 0, np.float32(-np.inf), 0)[:, None]


def by_batch(x):
    """(time, batch, hidden) as a view (batch, time, hidden)."""
    return x.swapaxes(0, 1)


def self_attention(parameters, text, target):
    """Two layers with one head. The weights of the second layer are the prediction.

    The logits are their logarithm, clamped at 1e-30. The logarithm divides the gradient by the
    weights, and the softmax multiplies it by them again, so both are left out.
    """
    batch, time = text.shape
    rows, hidden = text.size, parameters("embedding.weight")[0].shape[1]
    read = Embedding(parameters, "embedding.weight", text, pad=0)
    qkv, output, qk = (
        Linear(parameters, [f"layers.{i}.{part}.weight" for part in parts], rows)
        for i, parts in ((0, ("query", "key", "value")), (0, ("output",)), (1, ("query", "key")))
    )
    looks = [Attention((batch, time, time), 1 / math.sqrt(hidden)) for _ in range(2)]
    context, d_qkv, d_qk = (np.empty((batch, time, n, hidden), np.float32) for n in (1, 3, 2))
    logits, lowest = np.empty((batch, time, time), np.float32), np.float32(1e-30)

    def step():
        x, mask = read.forward().reshape(rows, hidden), mask_of(text)
        looks[0].forward(*apart(qkv.forward(x).reshape(d_qkv.shape)), mask, context[:, :, 0])
        x = output.forward(context.reshape(rows, hidden)) + x
        weights = softmax(looks[1].scores(*apart(qk.forward(x).reshape(d_qk.shape)), mask))
        np.log(np.maximum(weights, lowest, out=logits), out=logits)
        loss = cross_entropy(logits.reshape(rows, time), target.ravel())

        d = logits  # they have become their own gradient
        d *= weights >= lowest
        d -= weights * row_sums(d)[..., None]
        looks[1].backward_scores(d, *apart(d_qk))
        d = qk.backward(d_qk.reshape(rows, -1))
        d_context = output.backward(d).reshape(batch, time, hidden)
        looks[0].backward(d_context, *apart(d_qkv))
        d += qkv.backward(d_qkv.reshape(rows, -1))
        read.backward(d)
        return loss

    return step


def apart(x):
    """(batch, time, n, hidden) as n views (batch, time, hidden)."""
    return [x[:, :, i] for i in range(x.shape[2])]


def transformer(parameters, text, target, layers=2, heads=4):
    """A stack of blocks."""
    batch, time = text.shape
    rows, hidden = text.size, parameters("embedding.weight")[0].shape[1]
    read = Embedding(parameters, "embedding.weight", text)
    position, g_position = parameters("position.weight")
    mask = np.triu(np.full((time, time), -np.inf, np.float32), 1)
    blocks = [Block(parameters, f"blocks.{i}", batch, time, heads, mask) for i in range(layers)]
    norm = LayerNorm(parameters, "norm", rows)
    output = Readout(parameters, "output", rows, target)

    def step():
        x = read.forward()
        x += position[:time]
        x = x.reshape(rows, hidden)
        for block in blocks:
            block.forward(x)
        loss = output.loss(norm.forward(x))
        d = norm.backward(output.backward(output.out))
        for block in reversed(blocks):
            block.backward(d)
        read.backward(d)
        np.sum(d.reshape(batch, time, hidden), 0, out=g_position[:time])
        return loss

    return step


class Block:
    """Attention and a feed-forward network; both add to x, and to its gradient, in place."""

    def __init__(self, parameters, name, batch, time, heads, mask):
        rows = batch * time
        self.norm1, self.norm2 = (LayerNorm(parameters, f"{name}.norm{i}", rows) for i in (1, 2))
        self.qkv, self.output, self.wide, self.narrow = (
            Linear(parameters, [f"{name}.{part}.weight"], rows, f"{name}.{part}.bias")
            for part in ("qkv", "output", "wide", "narrow")
        )
        hidden = len(self.output.weight)
        size = hidden // heads
        self.attention = Attention((batch, heads, time, time), 1 / math.sqrt(size))
        self.mask, self.split = mask, (batch, time, -1, heads, size)
        self.context = np.empty((rows, hidden), np.float32)
        self.d_qkv = np.empty((rows, 3 * hidden), np.float32)

    def heads(self, x):
        """(rows, n · hidden) as n views (batch, heads, time, size)."""
        return np.moveaxis(x.reshape(self.split), (2, 3), (0, 2))

    def forward(self, x):
        query, key, value = self.heads(self.qkv.forward(self.norm1.forward(x)))
        self.attention.forward(query, key, value, self.mask, self.heads(self.context)[0])
        x += self.output.forward(self.context)
        wide = self.wide.forward(self.norm2.forward(x))
        x += self.narrow.forward(np.maximum(wide, 0, out=wide))

    def backward(self, d):
        d_wide = self.narrow.backward(d)
        d_wide *= self.wide.out > 0
        d += self.norm2.backward(self.wide.backward(d_wide))
        d_context = self.heads(self.output.backward(d))[0]
        self.attention.backward(d_context, *self.heads(self.d_qkv))
        d += self.norm1.backward(self.qkv.backward(self.d_qkv))


MODELS = {
    "seq2seq": seq2seq,
    "attention": attention,
    "self_attention": self_attention,
    "transformer": transformer,
}
