"""Self-attention: the words of one text look at each other, and at themselves.

First with nothing but their embeddings: a word asks, is asked and answers by one and the same
vector. Then with three, made from it (Vaswani et al. 2017, §3.2): the query asks, the key is what
it is compared with, the value is what is handed over.
"""

import math
from dataclasses import dataclass

import minigrad
from minigrad import nn


@dataclass(frozen=True)
class Config:
    """How large the model is, and what it knows of the order of the words."""

    words: int
    embedding: int
    layers: int = 2
    heads: int = 1
    positions: str = "none"  # or "learned", or "sinusoidal"
    scaled: bool = True  # scores are divided by √size
    longest: int = 64  # words of a text, where positions are learned
    pad: int = 0  # the id that fills up short texts

    def __post_init__(self):
        """Refuse what no model can be."""
        if self.layers < 1 or self.heads < 1 or self.embedding % self.heads:
            raise ValueError(
                f"{self.layers} layers, {self.heads} heads, an embedding of {self.embedding}: one "
                "layer at the least, and heads among which the embedding can be divided"
            )
        if self.positions not in ("none", "learned", "sinusoidal"):
            raise ValueError(f"positions are none, learned or sinusoidal, not {self.positions}")


def attention(query, key, value, mask, scale=1.0):
    """softmax(QKᵀ · scale) V: what each word takes from all, and how much from each.

    query, key and value (…, words, size), mask broadcasting to (…, words, words): False where a
    word (the row) may not look at a word (the column); one to look at each must have. Returns
    context (…, words, size) and weights (…, words, words), of which each row adds up to 1.
    """
    scores = query @ key.mT * scale  # (…, words, words)
    weights = minigrad.softmax(scores.masked_fill(~mask, -math.inf), -1)
    context = weights @ value  # (…, words, size)
    return context, weights


def pointer(weights):
    """To which word each word points: the logarithm of its weights, over all heads in the mean.

    As logits they give each word the probability that its weight is (Vinyals, Fortunato and Jaitly
    2015, §2.3). weights (batch, heads, words, words) to (batch, words, words). A weight below 1e-30
    counts as that, and gets no gradient: of a weight of 0 there is no logarithm.
    """
    return weights.mean(1).clamp(min=1e-30).log()


class BareSelfAttention(nn.Module):
    """Words as they are: query, key and value are all the embedding. No other parameters."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.embedding, config.pad)
        self.scale = 1 / math.sqrt(config.embedding) if config.scaled else 1.0

    def forward(self, text):
        """Logits of the word each word points to, and the weights, as SelfAttention gives them."""
        _, (weights,) = self.encode(text)
        return pointer(weights), weights[:, None]

    def encode(self, text):
        """Each word mixed from all, by how alike they are; and the weights, of the one layer."""
        x = self.embedding(text)[:, None]  # (batch, 1, words, embedding)
        mask = (text != self.config.pad)[:, None, None]  # (batch, 1, 1, words)
        x, weights = attention(x, x, x, mask, self.scale)
        return x[:, 0], [weights]


class Layer(nn.Module):
    """Each word asks all words with its query, and gets from each the value, by query · key.

    With several heads, several times side by side, each in its own part of the vectors (§3.2.2).
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
        """x (batch, words, embedding) to as many, and weights (batch, heads, words, words)."""
        query, key, value = map(self.split, (self.query(x), self.key(x), self.value(x)))
        context, weights = attention(query, key, value, mask, self.scale)
        return self.output(self.join(context)), weights

    def split(self, x):
        """(batch, words, embedding) to a part for each head: (batch, heads, words, size)."""
        return x.reshape(*x.shape[:2], self.heads, self.size).transpose(1, 2)

    def join(self, x):
        """The parts of the heads one behind the other: (batch, words, embedding)."""
        return x.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """Layers of Query, Key, Value, each adding to the words what they gained from each other."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.embedding, config.pad)
        if config.positions == "learned":
            self.position = nn.Embedding(config.longest, config.embedding)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])

    def forward(self, text, cut=None):
        """Logits of the word each word points to, by its weights in the last layer; all weights.

        text (batch, words) ids, padded at the end. cut, broadcasting to (layers, words, words):
        True where in that layer a word may not look at another. Returns logits (batch, words,
        words) and weights (batch, layers, heads, words, words). What the last layer hands over,
        its `value` and `output`, has no part in them: it counts for `encode` alone.
        """
        _, weights = self.encode(text, cut)
        return pointer(weights[-1]), minigrad.stack(weights, 1)

    def encode(self, text, cut=None):
        """What each word has become (batch, words, embedding), and the weights of each layer."""
        x = self.placed(self.embedding(text))  # (batch, words, embedding)
        mask = (text != self.config.pad)[:, None, None]  # (batch, 1, 1, words)
        all_weights = []
        for i, layer in enumerate(self.layers):
            context, weights = layer(x, mask if cut is None else mask & ~cut[i])
            x = x + context  # the residual: a word stays what it was, too
            all_weights.append(weights)  # (batch, heads, words, words)
        return x, all_weights

    def placed(self, x):
        """Words (batch, words, embedding), with what tells first from last added, if anything."""
        words = x.shape[1]
        if self.config.positions == "learned":
            if words > self.config.longest:
                raise ValueError(f"{words} words, and positions for {self.config.longest}")
            return x + self.position(minigrad.arange(words))
        if self.config.positions == "sinusoidal":
            return x + sinusoids(words, self.config.embedding)
        return x


def sinusoids(words, size):
    """Positions as sines and cosines of ever longer waves (Vaswani et al. 2017, §3.5).

    Position t has sin(t / 10000^(i/size)) at the even i, and the cosine behind it: (words, size).
    """
    waves = [math.cos if i % 2 else math.sin for i in range(size)]
    rates = [10_000 ** -((i - i % 2) / size) for i in range(size)]
    return minigrad.tensor(
        [[wave(t * rate) for wave, rate in zip(waves, rates, strict=True)] for t in range(words)]
    )
