"""Attention: the decoder looks back at every state of the encoder.

Bahdanau, Cho and Bengio 2015; the dot product as the score is from Luong, Pham and Manning 2015,
§3.1. The two papers differ in the score, and in what comes first, reading a word or attending; a
model here can have each score in each order.
"""

import math

import minigrad
from minigrad import nn

from .rnn import hidden
from .seq2seq import Decoder, Seq2Seq, chosen, last_states


def dot(query, keys):
    """The dot product of each query with each key: (batch, target, source)."""
    return query @ keys.mT


def attend(query, hs, mask, score=dot, keys=None):
    """The context of each query, and its weights; by default, dot-product attention.

    A query is a state of the decoder. The more it points in the direction of an encoder state h,
    the larger their dot product, and the more of h goes into the context.

    query (batch, target, hidden), hs (batch, source, hidden), mask (batch, source): False at
    padding. The queries are compared by `score` with keys (batch, source, hidden), which are the
    states hs if there are no others. Returns context (batch, target, hidden) and weights (batch,
    target, source), which add up to 1 over the source.
    """
    scores = score(query, hs if keys is None else keys)  # (batch, target, source)
    scores = scores.masked_fill(~mask[:, None], -math.inf)
    weights = minigrad.softmax(scores, -1)
    context = weights @ hs  # (batch, target, hidden)
    return context, weights


# The scores of a query s with an encoder state h. A key is what the formula computes from h alone:
# the same for all queries, so it is computed once (Bahdanau et al. 2015, A.1.2).


class Dot(nn.Module):
    """sᵀ h (Luong et al. 2015, §3.1)."""

    def __init__(self, size):
        super().__init__()

    def keys(self, hs):
        """The states themselves: (batch, source, hidden)."""
        return hs

    def score(self, query, keys):
        """The scores (batch, target, source)."""
        return dot(query, keys)


class General(nn.Module):
    """sᵀ W h (Luong et al. 2015, §3.1)."""

    def __init__(self, size):
        super().__init__()
        self.W = nn.Linear(size, size, bias=False)

    def keys(self, hs):
        """W h: (batch, source, hidden)."""
        return self.W(hs)

    def score(self, query, keys):
        """The scores (batch, target, source)."""
        return dot(query, keys)


class Additive(nn.Module):
    """vᵀ tanh(W s + U h) (Bahdanau et al. 2015, A.1.2)."""

    def __init__(self, size):
        super().__init__()
        self.W = nn.Linear(size, size, bias=False)
        self.U = nn.Linear(size, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def keys(self, hs):
        """U h: (batch, source, hidden)."""
        return self.U(hs)

    def score(self, query, keys):
        """The scores (batch, target, source)."""
        pairs = self.W(query)[:, :, None] + keys[:, None]  # (batch, target, source, hidden)
        return self.v(minigrad.tanh(pairs))[..., 0]  # (batch, target, source)


SCORES = {"dot": Dot, "general": General, "additive": Additive}


# The orders. Each returns the decoder's states and their contexts (batch, target, hidden), the
# weights (batch, target, source), and the last state. attention(query) is `attend` to the source.


def luong(decoder, target, h, attention):
    """Read a word, then attend: the query is the state after it (Luong et al. 2015, §3).

    No context enters the recurrence, so all words can be read first, and attend at once.
    """
    hds, h = decoder(target, h)  # the decoder's states: (batch, target, hidden)
    hds = hidden(hds)
    context, weights = attention(hds)
    return hds, context, weights, h


def bahdanau(decoder, target, h, attention):
    """Attend, then read a word: the query is the state before it (Bahdanau et al. 2015, §3.1).

    The context is read together with the word: it enters the recurrence.
    """
    x = decoder.dropout(decoder.embedding(target))  # (batch, target, embedding)
    steps = []
    for x_t in x.split(1, 1):  # (batch, 1, embedding)
        context, weights = attention(hidden(h)[:, None])  # (batch, 1, hidden), (batch, 1, source)
        hd, h = decoder.rnn(minigrad.cat([x_t, context], -1), h)
        steps.append((hidden(hd), context, weights))
    if len(steps) == 1:  # no copy: the logits depend on these weights, and have a gradient there
        return *steps[0], h
    hds, contexts, weights = (minigrad.cat(parts, 1) for parts in zip(*steps, strict=True))
    return hds, contexts, weights, h


ORDERS = {"luong": luong, "bahdanau": bahdanau}


class Attention(Seq2Seq):
    """Seq2Seq whose decoder, before each word, attends to all encoder states h_1 … h_T."""

    def __init__(self, config):
        super().__init__(config)
        self.output = nn.Linear(2 * config.hidden, config.target_words)
        # Small recurrent weights: at first a state depends mostly on the word just read. So the
        # decoder learns to attend to the word it needs, not to a later one that remembers it.
        with minigrad.no_grad():
            self.encoder.rnn.hidden.weight *= 0.1
        self.score = chosen(SCORES, "score", config.score)(config.hidden)
        self.order = chosen(ORDERS, "order", config.order)
        if self.order is bahdanau:
            self.decoder = Decoder(config, more=config.hidden)

    def forward(self, source, target):
        """The logits of the next word (batch, target, target_words), and the attention weights."""
        h, memory = self.encode(source)
        logits, weights, _ = self.decode(target, h, memory)
        return logits, weights

    def encode(self, source):
        """The decoder's first state; and the memory: all encoder states, and their mask."""
        hs, mask = self.encoder(source), source != self.config.pad
        return last_states(hs, mask), (hidden(hs), mask)

    def decode(self, target, h, memory):
        """Logits (batch, target, target_words), weights (batch, target, source), and last state."""
        hs, mask = memory
        keys = self.score.keys(hs)  # (batch, source, hidden)

        def attention(query):
            return attend(query, hs, mask, self.score.score, keys)

        hds, context, weights, h = self.order(self.decoder, target, h, attention)
        logits = self.output(minigrad.cat([context, hds], -1))  # (batch, target, target_words)
        return logits, weights, h
