"""The models in HIPS autograd's style: functions of a dict of parameters."""

import math

import autograd.numpy as np
from autograd import value_and_grad


def training(name, state, inputs, target):
    """A function that does a step of a model (named as in workloads.py) and returns the loss."""
    p = dict(state)
    mean, square = ({k: np.zeros_like(v) for k, v in p.items()} for _ in range(2))
    loss_and_gradients = value_and_grad(
        lambda p: cross_entropy(MODELS[name](p, *inputs), target.ravel())
    )
    t = 0

    def step():
        nonlocal t
        t += 1
        loss, gradients = loss_and_gradients(p)
        norm = math.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
        scale = min(1.0, 1 / (norm + 1e-6))
        for k, g in gradients.items():
            g = g * scale
            mean[k] = 0.1 * g + 0.9 * mean[k]
            square[k] = 0.001 * g * g + 0.999 * square[k]
            size = np.sqrt(square[k] / (1 - 0.999**t)) + 1e-8
            p[k] = p[k] - 1e-3 / (1 - 0.9**t) * mean[k] / size
        return float(loss)

    return step


def cross_entropy(logits, target):
    logits = logits.reshape(len(target), -1)
    logits = logits - np.max(logits, 1, keepdims=True)
    logs = logits - np.log(np.sum(np.exp(logits), 1, keepdims=True))
    return -np.mean(logs[np.arange(len(target)), target])


def softmax(x):
    e = np.exp(x - np.max(x, -1, keepdims=True))
    return e / np.sum(e, -1, keepdims=True)


def linear(p, name, x):
    y = np.dot(x, p[f"{name}.weight"].T)
    return y + p[f"{name}.bias"] if f"{name}.bias" in p else y


def rnn(p, name, x, h):
    x = linear(p, f"{name}.input", x)
    hs = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] + linear(p, f"{name}.hidden", h))
        hs.append(h)
    return np.stack(hs, 1)


def states(p, source, words):
    """The hidden states of the encoder and of the decoder."""
    start = p["encoder.start"] * np.ones((len(source), 1), np.float32)
    hs = rnn(p, "encoder.rnn", p["encoder.embedding.weight"][source], start)
    last = hs[np.arange(len(source)), (source != 0).sum(1) - 1]
    return hs, rnn(p, "decoder.rnn", p["decoder.embedding.weight"][words], last)


def seq2seq(p, source, words):
    return linear(p, "output", states(p, source, words)[1])


def attend(query, key, value, mask, scale):
    """The context and the weights."""
    scores = np.matmul(query, np.swapaxes(key, -1, -2)) * scale
    weights = softmax(np.where(mask, scores, -np.inf))
    return np.matmul(weights, value), weights


def attention(p, source, words):
    hs, hds = states(p, source, words)
    context, _ = attend(hds, hs, hs, (source != 0)[:, None], 1.0)
    return linear(p, "output", np.concatenate([context, hds], -1))


def self_attention(p, text):
    x = p["embedding.weight"][text]
    mask, scale = (text != 0)[:, None], 1 / math.sqrt(x.shape[-1])
    for i in (0, 1):
        qkv = [linear(p, f"layers.{i}.{part}", x) for part in ("query", "key", "value")]
        context, weights = attend(*qkv, mask, scale)
        if i == 0:  # the last layer's output does not affect the prediction
            x = x + linear(p, f"layers.{i}.output", context)
    return np.log(np.maximum(weights, 1e-30))


def layer_norm(p, name, x):
    centred = x - np.mean(x, -1, keepdims=True)
    rate = 1 / np.sqrt(np.mean(centred * centred, -1, keepdims=True) + 1e-5)
    return centred * rate * p[f"{name}.weight"] + p[f"{name}.bias"]


def transformer(p, text, layers=2, heads=4):
    batch, time = text.shape
    x = p["embedding.weight"][text] + p["position.weight"][:time]
    mask = np.tril(np.ones((time, time), bool))
    for i in range(layers):
        name = f"blocks.{i}"
        qkv = linear(p, f"{name}.qkv", layer_norm(p, f"{name}.norm1", x))
        query, key, value = np.transpose(qkv.reshape(batch, time, 3, heads, -1), (2, 0, 3, 1, 4))
        context, _ = attend(query, key, value, mask, 1 / math.sqrt(query.shape[-1]))
        x = x + linear(p, f"{name}.output", np.swapaxes(context, 1, 2).reshape(x.shape))
        wide = np.maximum(linear(p, f"{name}.wide", layer_norm(p, f"{name}.norm2", x)), 0)
        x = x + linear(p, f"{name}.narrow", wide)
    return linear(p, "output", layer_norm(p, "norm", x))


MODELS = {
    "seq2seq": seq2seq,
    "attention": attention,
    "self_attention": self_attention,
    "transformer": transformer,
}
