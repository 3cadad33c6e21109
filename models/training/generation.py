"""Writing with a trained GPT, whose context slides and has a cache; and its loss on texts."""

import math

import numpy as np

import minigrad

from ..decoding import sample
from ..tasks.vocabulary import Vocabulary
from ..terminal import Progress

# Tokens that are read, but never written. Texts that go on and on have no END, either.
READ = (Vocabulary.PAD, Vocabulary.BEGIN, Vocabulary.UNKNOWN)
AT_ONCE = 100  # texts in a batch
DELAY = 1.0  # seconds before there is a progress bar


def sliding(model, cached=True, never=READ):
    """The model's `decode` for a text of any length, as `decoding.sample` wants it.

    decode(words, state) returns the logits of the token after these words (batch, 1, words known).
    Its state is the text that the model has in sight, and its cache. When there are no positions
    left, the model reads the second half of that text again, from the first position on. Without
    the cache it reads all of the text for each token, and the logits are the same.

    never: the tokens that it may not write.
    """
    longest = model.config.longest

    def decode(words, state=None):
        text, cache = state or (words[:, :0], None)
        text = minigrad.cat([text, words], 1)
        if text.shape[1] > longest:
            begin = minigrad.full((len(text), 1), Vocabulary.BEGIN)
            text = minigrad.cat([begin, text[:, -(longest // 2) :]], 1)
            words, cache = text, None
        elif not cached:
            words, cache = text, None
        logits, weights, cache = model.decode(words, cache)
        logits = logits[:, -1:].clone()
        logits[:, :, never] = -math.inf
        return logits, weights, (text, cache)

    return decode


def ids_after(run, prompt, count, cached=True, **options):
    """The ids (batch, 1) that follow a prompt, for `count` texts at once, one step after the other.

    prompt: tokens; options: those of `decoding.sample`, without its `end`.
    """
    run.model.eval()
    never = never_written(run.settings)
    words = minigrad.tensor([[Vocabulary.BEGIN, *run.vocabulary.encode(prompt)]] * count)
    return sample(sliding(run.model, cached, never), words, end=Vocabulary.END, **options)


def never_written(settings):
    """The ids that a GPT with these settings never writes."""
    return READ if settings.text is None else (*READ, Vocabulary.END)


def continued(run, prompt, cached=True, **options):
    """The tokens that follow a prompt, each as soon as it is written; options as in `ids_after`."""
    for ids in ids_after(run, prompt, 1, cached, **options):
        yield from run.vocabulary.decode(ids[0].tolist())


def written(run, count, limit, **options):
    """Texts that the model writes from their beginning, as tuples of tokens."""
    texts = []
    with Progress(count, "write", unit=" texts", delay=DELAY, leave=False) as bar:
        while len(texts) < count:
            rows = min(AT_ONCE, count - len(texts))
            ids = list(ids_after(run, (), rows, limit=limit, **options))
            texts += [tuple(run.vocabulary.decode(row)) for row in np.hstack(ids).tolist()]
            bar.update(rows)
    return texts


def mean_loss(run, texts):
    """The mean loss of each token of the texts, in nats."""
    run.model.eval()
    losses, counts = [], []
    options = {"unit": " texts", "delay": DELAY, "leave": False}
    with minigrad.no_grad(), Progress(len(texts), "read", **options) as bar:
        for start in range(0, len(texts), AT_ONCE):
            batch = run.batch(texts[start : start + AT_ONCE])
            losses.append(run.loss(batch)[0].item())
            counts.append(run.count(batch))
            bar.update(len(batch.text))
    return float(np.average(losses, weights=counts))
