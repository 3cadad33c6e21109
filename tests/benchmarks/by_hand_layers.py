"""Layers with hand-written backward passes; each works in arrays that it allocates once.

The parameters are in one flat array, and so are their gradients.
"""

import math

import numpy as np

BLOCK = 1 << 16  # floats that stay in the cache while several passes go over them


class Parameters:
    """Values and gradients, each in one flat array; views into both by name."""

    def __init__(self, state):
        self.values = np.concatenate([v.ravel() for v in state.values()])
        self.gradients = np.zeros_like(self.values)
        self.shapes, self.starts, start = {}, {}, 0
        for name, v in state.items():
            self.shapes[name], self.starts[name] = v.shape, start
            start += v.size

    def __call__(self, first, *others):
        """The value and the gradient of one parameter, or of several adjacent ones as one array."""
        shape = self.shapes[first]
        shape = (shape[0] * (1 + len(others)), *shape[1:])
        there = slice(self.starts[first], self.starts[first] + math.prod(shape))
        return self.values[there].reshape(shape), self.gradients[there].reshape(shape)


class Adam:
    """Clipping to a norm of 1, then a step of Adam; gradients are overwritten."""

    def __init__(self, parameters, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.p, self.g = parameters.values, parameters.gradients
        self.mean, self.square = np.zeros_like(self.p), np.zeros_like(self.p)
        self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0

    def step(self):
        self.t += 1
        scale = min(1.0, 1 / (math.sqrt(np.dot(self.g, self.g)) + 1e-6))
        # Both means are stored divided by 1 - beta, which saves a multiplication for each.
        root = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        size = self.lr * (1 - self.beta1) / (1 - self.beta1**self.t) / root
        for i in range(0, len(self.p), BLOCK):
            block = slice(i, i + BLOCK)
            p, g, mean, square = (x[block] for x in (self.p, self.g, self.mean, self.square))
            g *= scale
            mean *= self.beta1
            mean += g
            g *= g
            square *= self.beta2
            square += g
            np.sqrt(square, out=g)
            g += self.eps / root
            np.divide(mean, g, out=g)
            g *= size
            p -= g


class Embedding:
    """ids (…) to rows (…, hidden); the row of `pad` gets no gradient."""

    def __init__(self, parameters, name, ids, pad=None):
        (self.weight, self.gradient), self.ids, self.pad = parameters(name), ids.ravel(), pad
        self.out = np.empty((*ids.shape, self.weight.shape[1]), np.float32)

    def forward(self):
        np.take(self.weight, self.ids, 0, out=self.out.reshape(len(self.ids), -1), mode="clip")
        return self.out

    def backward(self, d):
        words, hidden = self.weight.shape
        ids, d = self.ids, d.reshape(-1, hidden)
        real = np.flatnonzero(ids != self.pad)
        if len(real) < len(ids):
            ids, d = ids[real], d[real]
        if d.size < BLOCK:
            at = ids[:, None] * hidden + np.arange(hidden)
            total = np.bincount(at.ravel(), d.ravel(), words * hidden)
            self.gradient[...] = total.reshape(words, hidden)
        else:  # the first occurrence of every word, then the second of every word …
            order = np.argsort(ids, kind="stable")
            ids = ids[order]
            firsts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
            counts = np.diff(np.r_[firsts, len(ids)])
            self.gradient.fill(0)
            while len(firsts):
                self.gradient[ids[firsts]] += d[order[firsts]]
                firsts, counts = firsts[counts > 1] + 1, counts[counts > 1] - 1


class Linear:
    """x @ weightᵀ + bias; several adjacent weights make one product."""

    def __init__(self, parameters, names, rows, bias=None):
        self.weight, self.g_weight = parameters(*names)
        self.bias, self.g_bias = parameters(bias) if bias else (None, None)
        self.out = np.empty((rows, len(self.weight)), np.float32)
        self.dx, self.ones = np.empty((rows, self.weight.shape[1]), np.float32), ones(rows)

    def forward(self, x):
        self.x = x
        np.dot(x, self.weight.T, out=self.out)
        if self.bias is not None:
            np.add(self.out, self.bias, out=self.out)
        return self.out

    def backward(self, d):
        np.dot(d.T, self.x, out=self.g_weight)
        if self.bias is not None:
            np.dot(self.ones, d, out=self.g_bias)
        return np.dot(d, self.weight, out=self.dx)


class RNN:
    """From x (time, batch, in) and a state h to the states hs: hs[0] is h, hs[time] the last."""

    def __init__(self, parameters, name, time, batch):
        self.weight, self.gradient = parameters(f"{name}.hidden.weight")
        rows, hidden = time * batch, len(self.weight)
        self.input = Linear(parameters, [f"{name}.input.weight"], rows, f"{name}.input.bias")
        self.hs = np.empty((time + 1, batch, hidden), np.float32)
        self.d = np.empty((time, batch, hidden), np.float32)
        self.dh = np.empty((batch, hidden), np.float32)

    def forward(self, x, h):
        hs, w = self.hs, self.weight.T
        xs = self.input.forward(x.reshape(-1, x.shape[-1])).reshape(self.d.shape)
        hs[0] = h
        for before, x_t, now in zip(hs[:-1], xs, hs[1:], strict=True):
            np.dot(before, w, out=now)
            np.add(now, x_t, out=now)
            np.tanh(now, out=now)
        return hs

    def backward(self, dhs):
        """Returns the gradient of x, and leaves that of hs[0] in dh; dhs are those of hs[1:]."""
        d, dh, w, rows = self.d, self.dh, self.weight, len(self.d) * len(self.dh)
        np.multiply(self.hs[1:], self.hs[1:], out=d)
        np.subtract(1, d, out=d)
        dh.fill(0)
        for d_t, dh_t in zip(d[::-1], dhs[::-1], strict=True):
            np.add(dh, dh_t, out=dh)
            np.multiply(d_t, dh, out=d_t)
            np.dot(d_t, w, out=dh)
        flat = d.reshape(rows, -1)
        np.dot(flat.T, self.hs[:-1].reshape(rows, -1), out=self.gradient)
        return self.input.backward(flat)


class Attention:
    """softmax(query keyᵀ · scale + mask) value, for batches (…, time, size) that may be views."""

    def __init__(self, shape, scale=1.0):
        self.weights, self.d, self.scale = *np.empty((2, *shape), np.float32), scale

    def scores(self, query, key, mask):
        """Turn the scores into weights, by a softmax in place."""
        self.query, self.key = query, key
        np.matmul(query, key.mT, out=self.weights)
        if self.scale != 1:
            self.weights *= self.scale
        self.weights += mask
        return self.weights

    def forward(self, query, key, value, mask, out):
        self.value = value
        np.matmul(softmax(self.scores(query, key, mask)), value, out=out)

    def backward(self, d_out, d_query, d_key, d_value):
        np.matmul(self.weights.mT, d_out, out=d_value)
        np.matmul(d_out, self.value.mT, out=self.d)
        self.d -= np.einsum("...i,...i->...", self.d, self.weights)[..., None]
        self.d *= self.weights
        self.backward_scores(self.d, d_query, d_key)

    def backward_scores(self, d, d_query, d_key):
        if self.scale != 1:
            d *= self.scale
        np.matmul(d, self.key, out=d_query)
        np.matmul(d.mT, self.query, out=d_key)


class LayerNorm:
    """Rows with mean 0 and variance 1, times weight, plus bias."""

    def __init__(self, parameters, name, rows):
        self.weight, self.g_weight = parameters(f"{name}.weight")
        self.bias, self.g_bias = parameters(f"{name}.bias")
        hidden = len(self.weight)
        self.normal, self.out, self.dx = np.empty((3, rows, hidden), np.float32)
        self.ones, self.mean = ones(rows), ones(hidden) / hidden

    def forward(self, x):
        np.subtract(x, np.dot(x, self.mean)[:, None], out=self.normal)
        variance = np.einsum("ij,ij->i", self.normal, self.normal) / len(self.mean)
        self.rate = 1 / np.sqrt(variance + np.float32(1e-5))[:, None]
        self.normal *= self.rate
        np.multiply(self.normal, self.weight, out=self.out)
        self.out += self.bias
        return self.out

    def backward(self, d):
        np.dot(self.ones, d, out=self.g_bias)
        np.multiply(d, self.normal, out=self.dx)
        np.dot(self.ones, self.dx, out=self.g_weight)
        along = np.dot(self.dx, self.weight) / len(self.mean)
        np.multiply(d, self.weight, out=self.dx)
        self.dx -= np.dot(self.dx, self.mean)[:, None]
        np.multiply(self.normal, along[:, None], out=self.out)  # the output is no longer needed
        self.dx -= self.out
        self.dx *= self.rate
        return self.dx


def cross_entropy(logits, target, bias=None):
    """The mean loss of rows of logits, which are overwritten with their gradient block by block.

    bias is added to the logits first.
    """
    rows, words = logits.shape
    loss, step = 0.0, max(1, BLOCK // words)
    for i in range(0, rows, step):
        x, classes = logits[i : i + step], target[i : i + step]
        if bias is not None:
            x += bias
        each = np.arange(len(x))
        x -= x.max(1, keepdims=True)
        picked = x[each, classes]
        np.exp(x, out=x)
        total = row_sums(x)
        loss += np.sum(np.log(total) - picked)
        x *= (1 / (rows * total))[:, None]
        x[each, classes] -= np.float32(1 / rows)
    return float(loss / rows)


def softmax(x):
    """The softmax over the last dim, in place."""
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= row_sums(x)[..., None]
    return x


def row_sums(x):
    """The sum over the last dim, as a product, which is faster than np.sum."""
    return np.dot(x.reshape(-1, x.shape[-1]), ones(x.shape[-1])).reshape(x.shape[:-1])


def ones(count):
    return np.ones(count, np.float32)


class Readout(Linear):
    """A linear layer to logits, and their cross-entropy; the gradient overwrites the logits."""

    def __init__(self, parameters, name, rows, target):
        super().__init__(parameters, [f"{name}.weight"], rows, f"{name}.bias")
        self.target = target.ravel()

    def loss(self, x):
        self.x = x
        np.dot(x, self.weight.T, out=self.out)
        return cross_entropy(self.out, self.target, self.bias)
