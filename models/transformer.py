"""The Transformer: a translator with attention and without recurrence (Vaswani et al. 2017).

There are three kinds of attention. Each word of the source attends to all words of the source
(self-attention, §3.2.3), each word of the target to itself and the target words before it (causal
self-attention) and then to the encoded source (cross-attention). After that a feed-forward network
works on each word by itself.
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
    longest: int = 1024  # the longest sentence, in words
    pad: int = 0  # the id of padding

    def __post_init__(self):
        """Validate the configuration."""
        if self.layers < 1 or self.heads < 1 or self.embedding % (2 * self.heads):
            raise ValueError(
                f"{self.layers} layers, {self.heads} heads, an embedding of {self.embedding}: "
                "there must be at least one layer, and the heads must divide the embedding into "
                "even sizes"
            )
        if self.positions not in ("sinusoidal", "learned", "rotary"):
            raise ValueError(
                f"positions must be sinusoidal, learned or rotary, not {self.positions}"
            )
        if self.norm not in ("before", "after"):
            raise ValueError(f"norm must be before or after, not {self.norm}")


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
            raise ValueError(f"a text of {end} words, but there are only {self.longest} positions")
        x = self.words(ids) * self.scale  # (batch, words, embedding)
        if self.positions != "rotary":  # which is added nowhere: it turns queries and keys
            x = x + self.position[start:end]
        return self.dropout(x)


class Rotary(nn.Module):
    """Rotary position embedding (Su et al. 2021, §3.2).

    Each pair of numbers is a point in the plane, and is turned by an angle that grows with the
    position of its word, at another rate in every pair. So the dot product of a query and a key
    depends on how far apart their words are, and not on where they are.
    """

    def __init__(self, longest, size):
        super().__init__()
        table = sinusoids(longest, size)
        self.register_buffer("sin", table[:, 0::2], persistent=False)  # (longest, size / 2)
        self.register_buffer("cos", table[:, 1::2], persistent=False)

    def forward(self, x, start):
        """Turn x (batch, heads, words, size), whose first word is at position `start`."""
        end = start + x.shape[2]
        sin, cos = self.sin[start:end], self.cos[start:end]  # (words, size / 2)
        a, b = x[..., 0::2], x[..., 1::2]  # (batch, heads, words, size / 2)
        return minigrad.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


class MultiHead(nn.Module):
    """Attention with several heads (§3.2.2), from some words to the same or to other words."""

    def __init__(self, config, rotary=False):
        super().__init__()
        self.heads, self.size = config.heads, config.embedding // config.heads
        self.query = nn.Linear(config.embedding, config.embedding)
        self.key = nn.Linear(config.embedding, config.embedding)
        self.value = nn.Linear(config.embedding, config.embedding)
        self.output = nn.Linear(config.embedding, config.embedding)
        self.rotary = Rotary(config.longest, self.size) if rotary else None

    def forward(self, x, memory, mask):
        """The context of each word, (batch, words, embedding), and its attention weights.

        x (batch, words, embedding); memory: the keys and values of the words attended to, from
        `remember`; mask broadcasts to (batch, heads, words, attended): False where a word may not
        attend, None if each may. Returns weights (batch, heads, words, attended).
        """
        key, value = memory  # (batch, heads, attended, size)
        query = self.split(self.query(x))  # (batch, heads, words, size)
        if self.rotary:
            query = self.rotary(query, start=key.shape[2] - x.shape[1])  # the last of the words
        context, weights = attention(query, key, value, mask, 1 / math.sqrt(self.size))
        return self.output(context.transpose(1, 2).reshape(x.shape)), weights

    def remember(self, x, past=None):
        """The keys and values (batch, heads, words, size) of the words x, after those of the past.

        So a model that writes computes the key and the value of each word only once.
        """
        key, value = self.split(self.key(x)), self.split(self.value(x))
        if self.rotary:
            key = self.rotary(key, start=words_of(past))
        if past is not None:
            key, value = minigrad.cat([past[0], key], 2), minigrad.cat([past[1], value], 2)
        return key, value

    def split(self, x):
        """Split the vectors: (batch, words, embedding) to (batch, heads, words, size)."""
        batch, words, _ = x.shape
        return x.reshape(batch, words, self.heads, self.size).transpose(1, 2)


class FeedForward(nn.Module):
    """Two linear layers with a ReLU in between, on each word by itself (§3.3)."""

    def __init__(self, config):
        super().__init__()
        self.first = nn.Linear(config.embedding, config.hidden)
        self.second = nn.Linear(config.hidden, config.embedding)

    def forward(self, x):
        """(batch, words, embedding) to the same shape."""
        return self.second(minigrad.relu(self.first(x)))


class Block(nn.Module):
    """One layer: self-attention; cross-attention, in a decoder; and a feed-forward network.

    Around each of these sublayers is a residual connection, and layer norm before the sublayer
    (Xiong et al. 2020) or after the sum (§3.1). The other one of the two places is left empty.
    """

    def __init__(self, config, cross=False):
        super().__init__()
        self.attention = MultiHead(config, rotary=config.positions == "rotary")
        self.cross = MultiHead(config) if cross else None
        self.feed_forward = FeedForward(config)
        self.dropout = nn.Dropout(config.dropout)
        norms = nn.ModuleList([nn.LayerNorm(config.embedding) for _ in range(2 + cross)])
        empty = nn.ModuleList([nn.Identity() for _ in norms])
        self.before, self.after = (norms, empty) if config.norm == "before" else (empty, norms)

    def forward(self, x, mask, past=None, source=None, source_mask=None):
        """The words after this layer, the weights of each attention in it, and the cache.

        x (batch, words, embedding); past: the keys and values of earlier words, or None; source:
        those of the encoded source. The masks are those of `MultiHead`. Returns x in its shape,
        [weights] or [weights, cross-attention's weights], and the keys and values of all words.
        """
        h = self.before[0](x)
        past = self.attention.remember(h, past)
        y, found = self.attention(h, past, mask)
        x, weights = self.after[0](x + self.dropout(y)), [found]
        if self.cross:
            y, found = self.cross(self.before[1](x), source, source_mask)
            x, weights = self.after[1](x + self.dropout(y)), [*weights, found]
        y = self.feed_forward(self.before[-1](x))
        return self.after[-1](x + self.dropout(y)), weights, past


class Transformer(nn.Module):
    """Encoder and decoder."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.source = Embedding(config.source_words, config)
        self.target = Embedding(config.target_words, config)
        self.encoder = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.decoder = nn.ModuleList([Block(config, cross=True) for _ in range(config.layers)])
        # With layer norm before each sublayer, the last sum has not had any yet.
        last = nn.Identity if config.norm == "after" else nn.LayerNorm
        self.encoder_norm, self.decoder_norm = last(config.embedding), last(config.embedding)
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
        """The decoder's first state, None: it has read no word yet; and the memory."""
        x, _ = self.read(source)
        return None, self.memory(x, source)

    def memory(self, x, source):
        """The source's keys and values for the cross-attention of each layer, and their mask."""
        mask = (source != self.config.pad)[:, None, None]  # (batch, 1, 1, source)
        return tuple((block.cross.remember(x), mask) for block in self.decoder)

    def decode(self, words, state, memory):
        """Logits (batch, words, target_words), cross-attention's weights, and the next state.

        words (batch, words): the next ones, any number of them; state: the cache, which holds the
        keys and values of all words before them, for each layer. Returns weights (batch, layers,
        heads, words, source).
        """
        logits, weights, state = self.write(words, state, memory)
        return logits, minigrad.stack([cross for _, cross in weights], 1), state

    # The two stacks of layers. In both, `cut` has an entry per layer, which broadcasts to (batch,
    # heads, words, attended): True where a word may not attend to another in self-attention.

    def read(self, source, cut=None):
        """The encoded source (batch, source, embedding), and a list of each layer's weights."""
        x, all_weights = self.source(source), []
        mask = (source != self.config.pad)[:, None, None]  # (batch, 1, 1, source)
        for i, block in enumerate(self.encoder):
            x, (weights,), _ = block(x, mask if cut is None else mask & ~cut[i])
            all_weights.append(weights)  # (batch, heads, source, source)
        return self.encoder_norm(x), all_weights

    def write(self, words, state, memory, cut=None):
        """Like `decode`, but with a list of [self-attention's, cross-attention's] weights."""
        pasts = state or [None] * len(self.decoder)
        start, n = words_of(pasts[0]), words.shape[1]
        # One word may attend to all words before it, which needs no mask.
        mask = None if n == 1 and cut is None else causal(n, start + n)
        x, all_weights, state = self.target(words, start), [], ()
        for i, block in enumerate(self.decoder):
            allowed = mask if cut is None else mask & ~cut[i]
            x, weights, past = block(x, allowed, pasts[i], *memory[i])
            all_weights.append(weights)  # (batch, heads, words, …)
            state = (*state, past)
        return self.output(self.decoder_norm(x)), all_weights, state


def causal(words, attended):
    """The causal mask (words, attended): the last `words` of those attended see no later word."""
    return minigrad.ones(words, attended).tril(attended - words) > 0


def words_of(past):
    """The number of words whose keys and values these are."""
    return 0 if past is None else past[0].shape[2]
