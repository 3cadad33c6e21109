"""Attention: the decoder looks back at every state of the encoder.

Bahdanau, Cho and Bengio 2015; the dot product as the score is from Luong, Pham and Manning 2015,
§3.1.
"""

import math

import minigrad
from minigrad import nn

from .seq2seq import Seq2Seq, last_states


def attend(query, hs, mask):
    """Dot-product attention: the context of each query, and its weights.

    A query is a state of the decoder. The more it points in the direction of an encoder state h,
    the larger their dot product, and the more of h goes into the context.

    query (batch, target, hidden), hs (batch, source, hidden), mask (batch, source): False at
    padding. Returns context (batch, target, hidden) and weights (batch, target, source), which add
    up to 1 over the source.
    """
    scores = query @ hs.mT  # (batch, target, source)
    scores = scores.masked_fill(~mask[:, None], -math.inf)
    weights = minigrad.softmax(scores, -1)
    context = weights @ hs  # (batch, target, hidden)
    return context, weights


class Attention(Seq2Seq):
    """Seq2Seq whose decoder, before each word, attends to all encoder states h_1 … h_T."""

    def __init__(self, config):
        super().__init__(config)
        self.output = nn.Linear(2 * config.hidden, config.target_words)
        # Small recurrent weights: at first a state depends mostly on the word just read. So the
        # decoder learns to attend to the word it needs, not to a later one that remembers it.
        with minigrad.no_grad():
            self.encoder.rnn.hidden.weight *= 0.1

    def forward(self, source, target):
        """The logits of the next word (batch, target, target_words), and the attention weights."""
        h, memory = self.encode(source)
        logits, weights, _ = self.decode(target, h, memory)
        return logits, weights

    def encode(self, source):
        """The decoder's first state; and the memory: all encoder states, and their mask."""
        hs, mask = self.encoder(source), source != self.config.pad
        return last_states(hs, mask), (hs, mask)

    def decode(self, target, h, memory):
        """Logits (batch, target, target_words), weights (batch, target, source), and last state."""
        hds, h = self.decoder(target, h)  # the decoder's states: (batch, target, hidden)
        context, weights = attend(hds, *memory)
        logits = self.output(minigrad.cat([context, hds], -1))  # (batch, target, target_words)
        return logits, weights, h
