"""Sequence to sequence: an encoder reads, and passes its last state to a decoder that writes.

Sutskever, Vinyals and Le 2014; Cho et al. 2014. That one vector is all that the decoder ever learns
about the sentence, however long the sentence was.
"""

from dataclasses import dataclass

import minigrad
from minigrad import nn

from .rnn import RNN


@dataclass(frozen=True)
class Config:
    """The sizes of the model, and the dropout rate."""

    source_words: int
    target_words: int
    embedding: int
    hidden: int
    dropout: float = 0.0
    pad: int = 0  # the id of padding


class Encoder(nn.Module):
    """From the source's word ids (batch, source) to hidden states (batch, source, hidden)."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.source_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.rnn = RNN(config.embedding, config.hidden)
        self.start = nn.Parameter(minigrad.zeros(config.hidden))

    def forward(self, source):
        """The hidden state after each word, which has read the sentence up to there."""
        x = self.dropout(self.embedding(source))  # (batch, source, embedding)
        hs, _ = self.rnn(x, self.start.expand(len(source), -1))
        return self.dropout(hs)  # (batch, source, hidden)


class Decoder(nn.Module):
    """From the target words so far (batch, target) to the hidden states that predict the next."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.target_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.rnn = RNN(config.embedding, config.hidden)

    def forward(self, target, h):
        """The states (batch, target, hidden), and the last one (batch, hidden).

        target (batch, target) ids, h (batch, hidden): the state before the first of them.
        """
        x = self.dropout(self.embedding(target))  # (batch, target, embedding)
        return self.rnn(x, h)


class Seq2Seq(nn.Module):
    """Encoder → one vector → decoder."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output = nn.Linear(config.hidden, config.target_words)

    def forward(self, source, target):
        """The logits of the next word at each position: (batch, target, target_words).

        source (batch, source) ids, padded on the right; target (batch, target) ids, starting with
        the begin token.
        """
        h, _ = self.encode(source)
        logits, _, _ = self.decode(target, h)
        return logits

    def encode(self, source):
        """The decoder's first state (batch, hidden), and None: there is no memory to attend to."""
        hs = self.encoder(source)  # (batch, source, hidden)
        return last_states(hs, source != self.config.pad), None

    def decode(self, target, h, memory=None):
        """Logits (batch, target, target_words), None (no attention weights), and the last state."""
        hds, h = self.decoder(target, h)  # the decoder's states: (batch, target, hidden)
        return self.output(hds), None, h


def last_states(hs, mask):
    """The state of each sentence after its last word: (batch, hidden).

    hs (batch, source, hidden), mask (batch, source): False at padding.
    """
    lengths = mask.sum(1)  # (batch,)
    return hs[minigrad.arange(len(hs)), lengths - 1]  # (batch, hidden)


def greedy(model, source, begin, end, limit):
    """Greedy decoding: at each step the likeliest word, which is then the next input.

    source (batch, source) ids; `begin` and `end` are token ids, `limit` is at least 1. Returns ids
    (batch, target), at most `limit` of them, padded with `end` after the first `end`; and the
    attention weights (batch, …, target, source), or None if the model has no attention.
    """
    with minigrad.no_grad():
        h, memory = model.encode(source)
        word = minigrad.full((len(source), 1), begin)  # (batch, 1)
        ended = minigrad.full((len(source), 1), False)
        ids, all_weights = [], []
        while len(ids) < limit and not ended.all():
            logits, weights, h = model.decode(word, h, memory)  # (batch, 1, target_words)
            word = minigrad.where(ended, end, logits.argmax(-1))  # (batch, 1)
            ended = word == end
            ids.append(word)
            all_weights.append(weights)
        ids = minigrad.cat(ids, 1)
        return ids, None if weights is None else minigrad.cat(all_weights, -2)
