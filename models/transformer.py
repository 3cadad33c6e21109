"""The Transformer: a translator with attention and without recurrence (Vaswani et al. 2017).

Every word of the source attends to all words of the source (self-attention, §3.2.3), every word of
the target to the target words up to itself (causal self-attention) and to the encoded source
(cross-attention). In between, a feed-forward network works on each word by itself.
"""

import math
from dataclasses import dataclass

import minigrad
from minigrad import nn

from .self_attention import attention, sinusoids


@dataclass(frozen=True)
class Config:
    """The sizes of the model, and its variants."""

    source_words: int
    target_words: int
    embedding: int
    hidden: int  # of the feed-forward networks
    layers: int = 2
    heads: int = 4
    dropout: float = 0.0
    positions: str = "sinusoidal"  # or "learned", or "rotary"
    norm: str = "before"  # layer norm before each sublayer, or "after" it as in 2017
    tied: bool = True  # the output layer has the weights of the target's embedding
    longest: int = 128  # the longest sentence, in words
    pad: int = 0  # the id of padding

    def __post_init__(self):
        """Validate the configuration."""
        if self.layers < 1 or self.heads < 1 or self.embedding % (2 * self.heads):
            raise ValueError(
                f"{self.layers} layers, {self.heads} heads, an embedding of {self.embedding}: "
                "at least one layer, and the heads must divide the embedding into even sizes"
            )
        if self.positions not in ("sinusoidal", "learned", "rotary"):
            raise ValueError(
                f"positions must be sinusoidal, learned or rotary, not {self.positions}"
            )
        if self.norm not in ("before", "after"):
            raise ValueError(f"norm must be before or after, not {self.norm}")


class MultiHead(nn.Module):
    """Attention with several heads (§3.2.2), between any two sequences of words."""

    def __init__(self, config, rotary=False):
        super().__init__()
        self.heads, self.size = config.heads, config.embedding // config.heads
        self.query = nn.Linear(config.embedding, config.embedding)
        self.key = nn.Linear(config.embedding, config.embedding)
        self.value = nn.Linear(config.embedding, config.embedding)
        self.output = nn.Linear(config.embedding, config.embedding)
        self.rotary = Rotary(config.longest, self.size) if rotary else None

    def forward(self, x, memory, mask, start=0):
        """What each word of x found in the memory, and its attention weights.

        x (batch, words, embedding), the first of them at position `start`; memory: the keys and
        values of the words attended to, from `remember`; mask broadcasting to (batch, heads, words,
        attended): False where a word may not attend. Returns (batch, words, embedding) and (batch,
        heads, words, attended).
        """
        query = self.split(self.query(x))  # (batch, heads, words, size)
        if self.rotary:
            query = self.rotary(query, start)
        context, weights = attention(query, *memory, mask, 1 / math.sqrt(self.size))
        return self.output(context.transpose(1, 2).flatten(2)), weights

    def remember(self, x, start=0, past=None):
        """The keys and values (batch, heads, words, size) of the past and of the words x."""
        key, value = self.split(self.key(x)), self.split(self.value(x))
        if self.rotary:
            key = self.rotary(key, start)
        if past is not None:
            key, value = minigrad.cat([past[0], key], 2), minigrad.cat([past[1], value], 2)
        return key, value

    def split(self, x):
        """Split the vectors: (batch, words, embedding) to (batch, heads, words, size)."""
        return x.reshape(*x.shape[:2], self.heads, self.size).transpose(1, 2)


class Rotary(nn.Module):
    """Rotary position embedding (Su et al. 2021, §3.2).

    Each pair of numbers is turned by an angle that grows with the position, in every pair at
    another rate. So the dot product of a query and a key depends on how far apart they are.
    """

    def __init__(self, longest, size):
        super().__init__()
        angles = sinusoids(longest, size)
        self.register_buffer("sin", angles[:, 0::2], persistent=False)  # (longest, size / 2)
        self.register_buffer("cos", angles[:, 1::2], persistent=False)

    def forward(self, x, start):
        """x (…, words, size), turned; its first word is at position `start`."""
        sin, cos = (table[start : start + x.shape[-2]] for table in (self.sin, self.cos))
        a, b = x[..., 0::2], x[..., 1::2]  # (…, words, size / 2)
        return minigrad.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


class FeedForward(nn.Module):
    """Two linear layers with a ReLU in between, on each word by itself (§3.3)."""

    def __init__(self, config):
        super().__init__()
        self.first = nn.Linear(config.embedding, config.hidden)
        self.second = nn.Linear(config.hidden, config.embedding)

    def forward(self, x):
        """(batch, words, embedding) to the same shape."""
        return self.second(minigrad.relu(self.first(x)))


class Residual(nn.Module):
    """A residual connection with layer norm around a sublayer (§3.1; Xiong et al. 2020, §3.1)."""

    def __init__(self, config):
        super().__init__()
        self.norm = nn.LayerNorm(config.embedding)
        self.dropout = nn.Dropout(config.dropout)
        self.before = config.norm == "before"

    def enter(self, x):
        """What the sublayer reads."""
        return self.norm(x) if self.before else x

    def leave(self, x, y):
        """The sum of what was there and what the sublayer computed."""
        x = x + self.dropout(y)
        return x if self.before else self.norm(x)


class Block(nn.Module):
    """One layer: self-attention; cross-attention, in a decoder; and a feed-forward network."""

    def __init__(self, config, cross=False):
        super().__init__()
        self.attention = MultiHead(config, rotary=config.positions == "rotary")
        self.around_attention = Residual(config)
        self.cross = MultiHead(config) if cross else None
        self.around_cross = Residual(config) if cross else None
        self.feed_forward = FeedForward(config)
        self.around_feed_forward = Residual(config)

    def forward(self, x, mask, past=None, source=None, source_mask=None):
        """The words after this layer, the weights of both kinds of attention, and the cache.

        x (batch, words, embedding); past: the keys and values of earlier words, or None; source:
        the keys and values of the encoded source. The masks are those of `MultiHead`. Returns x in
        its shape, [weights] or [weights, cross weights], and the keys and values of all words.
        """
        start = 0 if past is None else past[0].shape[2]
        y = self.around_attention.enter(x)
        past = self.attention.remember(y, start, past)
        y, weights = self.attention(y, past, mask, start)
        x, weights = self.around_attention.leave(x, y), [weights]
        if self.cross is not None:
            y, found = self.cross(self.around_cross.enter(x), source, source_mask)
            x, weights = self.around_cross.leave(x, y), [*weights, found]
        y = self.feed_forward(self.around_feed_forward.enter(x))
        return self.around_feed_forward.leave(x, y), weights, past


class Embedding(nn.Module):
    """Words as vectors: embeddings times √size (§3.4), plus positional encodings (§3.5)."""

    def __init__(self, words, config):
        super().__init__()
        self.words = nn.Embedding(words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.scale = math.sqrt(config.embedding)
        self.longest, self.positions = config.longest, config.positions
        with minigrad.no_grad():
            self.words.weight /= self.scale
        if config.positions == "learned":
            self.position = nn.Parameter(0.1 * minigrad.randn(config.longest, config.embedding))
        elif config.positions == "sinusoidal":
            table = sinusoids(config.longest, config.embedding)
            self.register_buffer("position", table, persistent=False)

    def forward(self, ids, start=0):
        """ids (batch, words), the first at position `start`, to (batch, words, embedding)."""
        end = start + ids.shape[1]
        if end > self.longest:
            raise ValueError(f"a sentence of {end} words, but there are {self.longest} positions")
        x = self.words(ids) * self.scale
        if self.positions != "rotary":
            x = x + self.position[start:end]
        return self.dropout(x)


def causal(words, attended):
    """The causal mask (words, attended): the last `words` of those attended see no later word."""
    return minigrad.ones(words, attended).tril(attended - words) > 0


class Transformer(nn.Module):
    """Encoder and decoder."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.source = Embedding(config.source_words, config)
        self.target = Embedding(config.target_words, config)
        self.encoder = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.decoder = nn.ModuleList([Block(config, cross=True) for _ in range(config.layers)])
        # Layer norm before each sublayer leaves the last sum without one.
        last = [nn.LayerNorm(config.embedding), nn.LayerNorm(config.embedding)]
        self.norms = nn.ModuleList(last if config.norm == "before" else [nn.Identity()] * 2)
        self.output = nn.Linear(config.embedding, config.target_words)
        if config.tied:
            self.output.weight = self.target.words.weight

    def forward(self, source, target):
        """The logits of the next word (batch, target, target_words), and cross-attention's weights.

        source (batch, source) ids, padded on the right; target (batch, target) ids, starting with
        the begin token. Returns weights (batch, layers, heads, target, source).
        """
        state, memory = self.encode(source)
        logits, weights, _ = self.decode(target, state, memory)
        return logits, weights

    def encode(self, source):
        """No state, for no word is written yet; and the memory, for cross-attention.

        The memory is the keys and values of the source for each layer of the decoder, and the mask.
        """
        x, _ = self.read(source)
        mask = (source != self.config.pad)[:, None, None]  # (batch, 1, 1, source)
        return None, ([block.cross.remember(x) for block in self.decoder], mask)

    def read(self, source):
        """The encoded source (batch, source, embedding), and each layer's weights."""
        x, all_weights = self.source(source), []
        mask = (source != self.config.pad)[:, None, None]  # (batch, 1, 1, source)
        for block in self.encoder:
            x, (weights,), _ = block(x, mask)
            all_weights.append(weights)  # (batch, heads, source, source)
        return self.norms[0](x), all_weights

    def decode(self, target, state, memory):
        """Logits (batch, target, target_words), cross-attention's weights, and the next state.

        target (batch, target): the next words; state: the cache, which holds the keys and values of
        all words before them, for each layer.
        """
        sources, source_mask = memory
        start = 0 if state is None else state[0][0].shape[2]
        mask = causal(target.shape[1], start + target.shape[1])
        x, all_weights, after = self.target(target, start), [], []
        for i, block in enumerate(self.decoder):
            past = None if state is None else state[i]
            x, (_, weights), past = block(x, mask, past, sources[i], source_mask)
            all_weights.append(weights)  # (batch, heads, target, source)
            after.append(past)
        logits = self.output(self.norms[1](x))
        return logits, minigrad.stack(all_weights, 1), tuple(after)
