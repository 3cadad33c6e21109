"""Sequence to sequence: an encoder reads, and passes its last state to a decoder that writes.

Sutskever, Vinyals and Le 2014; Cho et al. 2014. That one vector is all that the decoder ever learns
about the sentence, however long the sentence was.
"""

from dataclasses import dataclass

import minigrad
from minigrad import nn

from .rnn import CELLS, each, hidden


@dataclass(frozen=True)
class Config:
    """The sizes of the model, the dropout rate, and which of its variants it is."""

    source_words: int
    target_words: int
    embedding: int
    hidden: int
    dropout: float = 0.0
    pad: int = 0  # the id of padding
    cell: str = "rnn"  # or "gru", or "lstm"
    score: str = "dot"  # or "general", or "additive"; of Attention only
    order: str = "luong"  # or "bahdanau"; of Attention only

    def __post_init__(self):
        """Validate the configuration."""
        chosen(CELLS, "cell", self.cell)


class Encoder(nn.Module):
    """From the source's word ids (batch, source) to hidden states (batch, source, hidden)."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.source_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        cell = CELLS[config.cell]
        self.rnn = cell(config.embedding, config.hidden)
        self.start = nn.Parameter(minigrad.zeros(cell.VECTORS * config.hidden))
        self.state = cell.state

    def forward(self, source):
        """The hidden state after each word, which has read the sentence up to there.

        (batch, source, hidden); of an LSTM a pair of these.
        """
        x = self.dropout(self.embedding(source))  # (batch, source, embedding)
        hs, _ = self.rnn(x, self.state(self.start.expand(len(source), -1)))
        return each(self.dropout, hs)  # (batch, source, hidden)


class Decoder(nn.Module):
    """From the target words so far (batch, target) to the hidden states that predict the next.

    `more` numbers come beside each word's embedding.
    """

    def __init__(self, config, more=0):
        super().__init__()
        self.embedding = nn.Embedding(config.target_words, config.embedding, config.pad)
        self.dropout = nn.Dropout(config.dropout)
        self.rnn = CELLS[config.cell](config.embedding + more, config.hidden)

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
        return self.output(hidden(hds)), None, h


def last_states(hs, mask):
    """The state of each sentence after its last word: (batch, hidden).

    hs (batch, source, hidden), or a pair of these; mask (batch, source): False at padding.
    """
    last = minigrad.arange(len(mask)), mask.sum(1) - 1  # (batch,) each
    return each(lambda hs: hs[last], hs)  # (batch, hidden)


def chosen(table, name, value):
    """The entry of a table that a setting names."""
    if value not in table:
        raise ValueError(f"{name} must be {' or '.join(table)}, not {value}")
    return table[value]
