"""Sequence to sequence: an encoder reads, and hands its last state to a decoder that writes.

Sutskever, Vinyals and Le 2014; Cho et al. 2014. All that the decoder ever learns of the sentence
is that one vector, however long the sentence was.
"""

from dataclasses import dataclass

import minigrad
from minigrad import nn

from .rnn import RNN


@dataclass(frozen=True)
class Config:
    """How large the model is, and how much of it drops out in training."""

    source_words: int
    target_words: int
    embedding: int
    hidden: int
    dropout: float = 0.0
    pad: int = 0  # the id that fills up short sentences


class Encoder(nn.Module):
    """Reads: word ids (batch, source) to states (batch, source, hidden)."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.source_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.rnn = RNN(config.embedding, config.hidden)
        self.start = nn.Parameter(minigrad.zeros(config.hidden))

    def forward(self, source):
        """The state after each word: it has read the sentence up to there."""
        x = self.dropout(self.embedding(source))  # (batch, source, embedding)
        hs, _ = self.rnn(x, self.start.expand(len(source), -1))
        return self.dropout(hs)  # (batch, source, hidden)


class Decoder(nn.Module):
    """Writes: the words so far (batch, target) and a state to the states that choose the next."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.target_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.rnn = RNN(config.embedding, config.hidden)

    def forward(self, target, h):
        """States (batch, target, hidden), and the last (batch, hidden) to go on from."""
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
        """The logits of each next word.

        source (batch, source) ids, padded at the end; target (batch, target) ids, from the
        begin sign on. Returns logits (batch, target, target_words).
        """
        h, _ = self.encode(source)
        logits, _, _ = self.decode(target, h)
        return logits

    def encode(self, source):
        """The decoder's first state (batch, hidden); and what it may look back at: nothing."""
        hs = self.encoder(source)  # (batch, source, hidden)
        return last_states(hs, source != self.config.pad), None

    def decode(self, target, h, memory=None):
        """Logits (batch, target, target_words), weights (None: it looks nowhere), last state."""
        hds, h = self.decoder(target, h)  # the decoder's states: (batch, target, hidden)
        return self.output(hds), None, h


def last_states(hs, mask):
    """Each sentence's state after its last word.

    hs (batch, source, hidden), mask (batch, source): False where a sentence is filled up.
    """
    lengths = mask.sum(1)  # (batch,)
    return hs[minigrad.arange(len(hs)), lengths - 1]  # (batch, hidden)


def greedy(model, source, begin, end, limit):
    """Translate: at each step the likeliest word, which is then read as the next input.

    source (batch, source) ids. Returns ids (batch, at most limit), filled up with `end` behind
    the first one, and the weights (batch, as many, source), or None from a model without; `limit`
    is at least 1.
    """
    with minigrad.no_grad():
        h, memory = model.encode(source)
        word = minigrad.full((len(source), 1), begin)  # (batch, 1)
        ended = minigrad.full((len(source), 1), False)
        ids, looks = [], []
        while len(ids) < limit and not ended.all():
            logits, weights, h = model.decode(word, h, memory)  # (batch, 1, target_words)
            word = minigrad.where(ended, end, logits.argmax(-1))  # (batch, 1)
            ended = word == end
            ids.append(word)
            looks.append(weights)
        return minigrad.cat(ids, 1), None if looks[0] is None else minigrad.cat(looks, 1)
