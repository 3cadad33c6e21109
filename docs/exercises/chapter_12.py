"""Exercises of chapter 12, A GPT that writes.

Replace the last line of each function by your code, then run: python -m docs.exercises 12
"""

import numpy as np


def probabilities(logits, temperature=1.0, top_k=None, top_p=1.0):
    """1. The probabilities from which the next word is drawn.

    logits (words,). First they are divided by the temperature. Then only the top_k largest are
    kept, if top_k is not None. Then only the smallest set of the most likely words whose
    probabilities add up to at least top_p. What is left is made to add up to 1.
    Returns an array (words,), with 0 for a word that was dropped.
    """
    raise NotImplementedError


def with_cache(query, key, value, keys, values):
    """2. One step of causal attention, with a cache.

    query, key and value (size,) are those of the newest token; keys and values (tokens, size) those
    of all tokens before it. Scores are divided by √size. The newest token attends to itself, too.
    Returns the context (size,) and the two new caches, both (tokens + 1, size).
    """
    raise NotImplementedError


def perplexity(probabilities):
    """3. The perplexity of a text, from the probabilities that the model gave to its tokens.

    probabilities: a list of numbers, one per token. Returns e to the mean of -log probability.
    """
    raise NotImplementedError


def induction(tokens):
    """4. What an induction head predicts: what followed the last token earlier in the text.

    tokens: a list of ints. Look for the latest earlier place of tokens[-1], and return what
    follows there; None if tokens[-1] did not occur before.
    """
    raise NotImplementedError


def broken_sample(logits, temperature, generator):
    """5. Break it and find it: this model writes the same story, whatever the seed.

    logits (words,); generator: a NumPy random generator. Returns the index of a word, drawn by the
    softmax of logits / temperature. One line is wrong, and `generator` is not used yet.
    """
    exps = np.exp((logits - logits.max()) / temperature)
    p = exps / exps.sum()
    return int(p.argmax())


def vary_layers():
    """6. Train, vary, explain: one layer or three.

    In the root of the project, train two runs that differ only in their number of layers:

        python -m models train gpt --steps 600 --layers 1 --out runs/shallow
        python -m models train gpt --steps 600 --layers 3 --out runs/deep

    Returns {"shallow": …, "deep": …, "perplexity": …, "why": "a", "b" or "c"}: the mean training
    loss of the last 50 steps of each run (metrics.csv in its folder), the perplexity that belongs
    to the loss of the deep run, rounded to one decimal, and what the difference tells you:

        a) that three layers are needed to look things up, as in the experiment `induction`
        b) that the deep model writes stories without contradictions, because its loss is lower
        c) not what the layers do, because the deep model also has almost three times the parameters
    """
    raise NotImplementedError
