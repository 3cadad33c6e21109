"""Self-attention: the words of one text attend to each other, and to themselves.

First with nothing but embeddings: the same vector serves as query, key and value. Then with three
vectors computed from it (Vaswani et al. 2017, §3.2): the query asks, the key is what the query is
compared with, and the value is what is passed on.
"""

import math
from dataclasses import dataclass

import minigrad
from minigrad import nn


@dataclass(frozen=True)
class Config:
    """The sizes of the model, and how it knows the order of the words."""

    words: int
    embedding: int
    layers: int = 2
    heads: int = 1
    positions: str = "none"  # or "learned", or "sinusoidal"
    scaled: bool = True  # scores are divided by √size
    longest: int = 64  # the longest text, in words, with learned positions
    pad: int = 0  # the id of padding

    def __post_init__(self):
        """Validate the configuration."""
        if self.layers < 1 or self.heads < 1 or self.embedding % self.heads:
            raise ValueError(
                f"{self.layers} layers, {self.heads} heads, an embedding of {self.embedding}: "
                "there must be at least one layer, and the heads must divide the embedding evenly"
            )
        if self.positions not in ("none", "learned", "sinusoidal"):
            raise ValueError(f"positions must be none, learned or sinusoidal, not {self.positions}")


def attention(query, key, value, mask, scale=1.0):
    """softmax(QKᵀ · scale) V: the context of each word, and its attention weights.

    query, key and value (…, words, size); mask broadcasts to (…, words, words): False where a word
    (row) may not attend to a word (column), None if each may attend to all. Each word must have at
    least one to attend to. Returns context (…, words, size) and weights (…, words, words), whose
    rows add up to 1.
    """
    scores = query @ key.mT * scale  # (…, words, words)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = minigrad.softmax(scores, -1)
    context = weights @ value  # (…, words, size)
    return context, weights


def pointer(weights):
    """Attention weights as logits: the logarithm of their mean over the heads.

    Their softmax gives the mean weights back: the probability that a word (row) points to another
    (column), as in Vinyals, Fortunato and Jaitly 2015, §2.3. weights (batch, heads, words, words)
    to (batch, words, words). The mean is clamped at 1e-30, because log 0 is -inf; a smaller mean
    gets no gradient.
    """
    return weights.mean(1).clamp(min=1e-30).log()


class BareSelfAttention(nn.Module):
    """Self-attention without projections: the embedding itself is query, key and value.

    One layer with one head, and no positions, whatever the config says of these.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.embedding, config.pad)
        self.scale = 1 / math.sqrt(config.embedding) if config.scaled else 1.0

    def forward(self, text):
        """Logits of the word each word points to, and the weights, in SelfAttention's shapes."""
        _, (weights,) = self.encode(text)
        return pointer(weights), weights[:, None]

    def encode(self, text):
        """Each word as a weighted average of all words (batch, words, embedding), and [weights]."""
        x = self.embedding(text)[:, None]  # (batch, 1, words, embedding)
        mask = (text != self.config.pad)[:, None, None]  # (batch, 1, 1, words)
        x, weights = attention(x, x, x, mask, self.scale)
        return x[:, 0], [weights]


class Layer(nn.Module):
    """One layer of scaled dot-product self-attention.

    With several heads the attention runs several times in parallel, each time on its own part of
    the vectors (Vaswani et al. 2017, §3.2.2).
    """

    def __init__(self, config):
        super().__init__()
        self.heads, self.size = config.heads, config.embedding // config.heads
        self.scale = 1 / math.sqrt(self.size) if config.scaled else 1.0
        self.query = nn.Linear(config.embedding, config.embedding, bias=False)
        self.key = nn.Linear(config.embedding, config.embedding, bias=False)
        self.value = nn.Linear(config.embedding, config.embedding, bias=False)
        self.output = nn.Linear(config.embedding, config.embedding, bias=False)

    def forward(self, x, mask):
        """The output of the layer, in the shape of x, and its attention weights.

        x (batch, words, embedding), mask broadcasting to (batch, heads, words, words): False where
        a word may not attend to another. Returns weights (batch, heads, words, words).
        """
        query, key, value = map(self.split, (self.query(x), self.key(x), self.value(x)))
        context, weights = attention(query, key, value, mask, self.scale)
        return self.output(self.join(context)), weights

    def split(self, x):
        """Split the vectors: (batch, words, embedding) to (batch, heads, words, size)."""
        return x.reshape(*x.shape[:2], self.heads, self.size).transpose(1, 2)

    def join(self, x):
        """Concatenate the heads: (batch, heads, words, size) to (batch, words, embedding)."""
        return x.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """A stack of attention layers with residual connections."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.embedding, config.pad)
        if config.positions == "learned":
            self.position = nn.Embedding(config.longest, config.embedding)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])

    def forward(self, text, cut=None):
        """The logits of the word each word points to, and the weights of all layers.

        text (batch, words) ids, padded on the right. cut has an entry per layer, which broadcasts
        to (batch, heads, words, words): True where a word may not attend to another. Returns logits
        (batch, words, words), from the weights of the last layer, and weights (batch, layers,
        heads, words, words). The last layer's `value` and `output` do not affect them; only
        `encode` uses them.
        """
        _, weights = self.encode(text, cut)
        return pointer(weights[-1]), minigrad.stack(weights, 1)

    def encode(self, text, cut=None):
        """The encoded words (batch, words, embedding), and a list of each layer's weights."""
        x = self.placed(self.embedding(text))  # (batch, words, embedding)
        mask = (text != self.config.pad)[:, None, None]  # (batch, 1, 1, words)
        all_weights = []
        for i, layer in enumerate(self.layers):
            context, weights = layer(x, mask if cut is None else mask & ~cut[i])
            x = x + context  # residual connection: a word keeps what it was
            all_weights.append(weights)  # (batch, heads, words, words)
        return x, all_weights

    def placed(self, x):
        """The words (batch, words, embedding) plus positional encodings, if there are any."""
        words = x.shape[1]
        if self.config.positions == "learned":
            if words > self.config.longest:
                raise ValueError(
                    f"a text of {words} words, but there are only {self.config.longest} positions"
                )
            return x + self.position(minigrad.arange(words))
        if self.config.positions == "sinusoidal":
            return x + sinusoids(words, self.config.embedding)
        return x


def sinusoids(words, size):
    """Sinusoidal positional encodings (Vaswani et al. 2017, §3.5): (words, size).

    Position t has sin(t / 10000^(i/size)) at each even i, and the cosine of that angle at i + 1.
    """
    functions = [math.cos if i % 2 else math.sin for i in range(size)]
    rates = [10_000 ** -((i - i % 2) / size) for i in range(size)]
    return minigrad.tensor(
        [[f(t * rate) for f, rate in zip(functions, rates, strict=True)] for t in range(words)]
    )
