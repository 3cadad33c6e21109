"""Decoding: from a model's probabilities to words, by greedy decoding, beam search or sampling.

All of them go on with what `decode` returned: the logits of the next word, and the decoder's state.
So a word is read once, whatever the model is, and a Transformer that carries on its keys and values
as its state has a cache.
"""

import math

import minigrad

from .rnn import each


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


def beam(model, source, begin, end, limit, width=4, alpha=0.6):
    """Beam search: at each step the `width` likeliest hypotheses of each sentence go on.

    A hypothesis that has ended keeps its place, and the others compete for what is left (Sutskever,
    Vinyals and Le 2014, §3.2). In the end the one with the largest log-probability is chosen,
    divided by its length penalty. With width 1 this is greedy decoding. `width` is at least 1,
    `alpha` at least 0; the other arguments, and what is returned, are those of `greedy`.
    """
    if not (width >= 1 and 0 <= alpha < math.inf):
        raise ValueError(
            f"beam search with width {width} and length penalty {alpha}: the width must be at "
            "least 1, the penalty a number that is at least 0"
        )
    with minigrad.no_grad():
        first = minigrad.arange(len(source)) * width  # the first hypothesis of each sentence
        sentence = minigrad.arange(len(source)).repeat_interleave(width)  # of each hypothesis
        state, memory = rows(model.encode(source), sentence)
        score = minigrad.full((len(sentence),), -math.inf).double()  # log-probabilities
        score[first] = 0.0  # the others do not exist yet
        length, ended = minigrad.zeros_like(score), score == -math.inf  # (hypotheses,) each
        word = minigrad.full((len(sentence), 1), begin)  # (hypotheses, 1)
        ids, weights = (), ()  # of each step: (hypotheses, 1) and (hypotheses, …, 1, source)
        while len(ids) < limit and undecided(score, length, ended, limit, width, alpha):
            logits, seen, state = model.decode(word, state, memory)  # (hypotheses, 1, words)
            parent, word, score = continued(score, ended, logits[:, -1], end, width)
            state, ids, weights = rows((state, ids, (*weights, seen)), parent)
            ids = (*ids, word)
            length = length[parent] + ~ended[parent]
            ended = ended[parent] | (word[:, 0] == end) | (score == -math.inf)
        final = score / length_penalty(length, alpha)
        best = first + final.reshape(-1, width).argmax(-1)  # (batch,)
        longest = int(length[best].max().item())
        ids = minigrad.cat(ids, 1)[best, :longest]  # (batch, target)
        if seen is None:
            return ids, None
        return ids, minigrad.cat(rows(weights[:longest], best), -2)


def length_penalty(length, alpha):
    """The divisor of a log-probability, with which longer sentences can win (Wu et al. 2016, §7).

    With alpha 0 it is 1. `length` counts the end token.
    """
    return ((5 + length) / 6) ** alpha


def undecided(score, length, ended, limit, width, alpha):
    """True while a hypothesis that goes on may still win, in any of the sentences.

    Its log-probability will not grow, so the best it can reach is that divided by the penalty of
    the longest.
    """
    reached = score / length_penalty(length, alpha)
    reached = reached.masked_fill(~ended, -math.inf).reshape(-1, width)  # (batch, width)
    hoped = score / length_penalty(limit, alpha)
    hoped = hoped.masked_fill(ended, -math.inf).reshape(-1, width)  # (batch, width)
    return (hoped.amax(-1) > reached.amax(-1)).any()


def continued(score, ended, logits, end, width):
    """The best `width` continuations, by one word, of the hypotheses of each sentence.

    score and ended (hypotheses,), logits (hypotheses, words). Returns parent (hypotheses,), the row
    of the hypothesis that is continued, word (hypotheses, 1) and its new score (hypotheses,). One
    that has ended has a single continuation, another end token, with probability 1.
    """
    words = logits.shape[-1]
    log_p = minigrad.log_softmax(logits.double(), -1)  # (hypotheses, words)
    another_end = minigrad.where(minigrad.arange(words) == end, 0.0, -math.inf)
    log_p = minigrad.where(ended[:, None], another_end, log_p)
    scores = score[:, None] + log_p  # (hypotheses, words)
    keeps = ended[:, None] & (scores > -math.inf)  # its place, whatever the others' scores are
    order = scores.masked_fill(keeps, math.inf).reshape(-1, width * words)  # (batch, width · words)
    best = order.topk(width, -1)[1]  # (batch, width)
    first = minigrad.arange(len(best))[:, None] * width
    parent = (first + best // words).flatten()
    word = (best % words).flatten()
    return parent, word[:, None], scores[parent, word]


def rows(state, chosen):
    """The chosen rows of all tensors of a state."""
    return each(lambda x: x[chosen], state)


def sample(
    decode,
    words,
    limit,
    state=None,
    end=None,
    temperature=1.0,
    top_k=None,
    top_p=1.0,
    generator=None,
):
    """Sampling: words drawn from the model's probabilities, each as soon as it is asked for.

    decode(words, state) returns logits, weights and the next state: a GPT's `decode`, or that of a
    translator with its memory. words (batch, n): the text so far. Yields ids (batch, 1), at most
    `limit` times; with an end token it stops when all rows have ended, and an ended row goes on
    with end tokens. For temperature, top_k and top_p see `drawn`.
    """
    ended = minigrad.full((len(words), 1), False)
    for _ in range(limit):
        with minigrad.no_grad():  # not around yield: there the caller goes on
            logits, _, state = decode(words, state)  # (batch, n, words)
            words = drawn(logits[:, -1], temperature, top_k, top_p, generator)  # (batch, 1)
            if end is not None:
                words = minigrad.where(ended, end, words)
                ended = words == end
        yield words
        if end is not None and ended.all():
            return


def drawn(logits, temperature=1.0, top_k=None, top_p=1.0, generator=None):
    """A word for each row, drawn from softmax(logits / temperature): (batch, words) to (batch, 1).

    A low temperature prefers the likeliest words, and 0 takes the likeliest. top_k leaves out all
    but the k likeliest words (Fan, Lewis and Dauphin 2018), top_p all but the fewest likeliest that
    together have at least that probability: nucleus sampling (Holtzman et al. 2020, §3.1).
    """
    if not (temperature >= 0 and (top_k is None or top_k >= 1) and 0 < top_p <= 1):
        raise ValueError(
            f"temperature {temperature}, top_k {top_k}, top_p {top_p}: the temperature must be at "
            "least 0, top_k at least 1, and top_p above 0 and at most 1"
        )
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    logits, ids = logits.double().sort(-1, descending=True)  # (batch, words), the likeliest first
    logits = (logits - logits[:, :1]) / temperature
    p = minigrad.softmax(logits[:, :top_k], -1)  # (batch, k)
    if top_p < 1:
        likelier = p.cumsum(-1) - p  # the probability of all words before it
        p = p.masked_fill(likelier >= top_p, 0.0)
    place = minigrad.multinomial(p, 1, generator=generator)  # (batch, 1)
    return ids.gather(-1, place)
