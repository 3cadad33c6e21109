"""GPT: the decoder of a Transformer alone, which continues a text (Radford et al. 2018).

Every token attends to itself and to the tokens before it, and predicts the next one. So a text of T
tokens trains T predictions at once, and the model writes by reading what it has just written.
Without a source there is no cross-attention, and a block is self-attention and a feed-forward
network.
"""

from dataclasses import dataclass

import minigrad
from minigrad import nn

from .transformer import Block, Embedding, causal, words_of
from .transformer import Config as Sizes


@dataclass(frozen=True)
class Config:
    """The sizes of the model, and its variants; the fields that `Block` and `Embedding` read."""

    words: int
    embedding: int
    hidden: int  # of the feed-forward networks
    layers: int = 4
    heads: int = 4
    dropout: float = 0.0
    positions: str = "learned"  # or "sinusoidal", or "rotary"
    norm: str = "before"  # layer norm before each sublayer, or "after" it
    tied: bool = True  # the output layer has the weights of the embedding
    longest: int = 128  # the longest text, in tokens
    pad: int = 0  # the id of padding

    __post_init__ = Sizes.__post_init__  # the same values are possible


class GPT(nn.Module):
    """A stack of Transformer blocks under a causal mask."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = Embedding(config.words, config)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(config.embedding) if config.norm == "before" else nn.Identity()
        self.output = nn.Linear(config.embedding, config.words, bias=False)
        if config.tied:
            self.output.weight = self.embedding.words.weight

    def forward(self, text, cut=None):
        """The logits of the next token at each place, and the attention weights.

        text (batch, words) ids, padded on the right. cut has an entry per layer, which broadcasts
        to (batch, heads, words, words): True where a token may not attend to another. Returns
        logits (batch, words, words known) and weights (batch, layers, heads, words, words).
        """
        logits, weights, _ = self.write(text, None, cut)
        return logits, minigrad.stack(weights, 1)

    def decode(self, words, state=None):
        """The same after the next tokens of a text, any number of them; and the next state.

        words (batch, words) ids; state: the cache, which holds the keys and values of all tokens
        before them, for each layer; None if there are none.
        """
        logits, weights, state = self.write(words, state)
        return logits, minigrad.stack(weights, 1), state

    def write(self, words, state=None, cut=None):
        """Like `decode`, but with a list of each layer's weights."""
        pasts = state or [None] * len(self.blocks)
        start, n = words_of(pasts[0]), words.shape[1]
        # One word may attend to all words before it, which needs no mask.
        mask = None if n == 1 and cut is None else causal(n, start + n)
        x, all_weights, state = self.embedding(words, start), [], ()
        for i, block in enumerate(self.blocks):
            allowed = mask if cut is None else mask & ~cut[i]
            x, (weights,), past = block(x, allowed, pasts[i])
            all_weights.append(weights)  # (batch, heads, words, all words)
            state = (*state, past)
        return self.output(self.norm(x)), all_weights, state
