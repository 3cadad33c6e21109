"""Exercises of chapter 8, Words looking at words.

Replace the last line of each function by your code, then run: python -m docs.exercises 8
"""

import numpy as np


def odds(x, word, one, other):
    """1. The ratio of two attention weights: those of `word` at `one` and at `other`.

    x: the embeddings, an array (words, size). word, one, other: row indices. Attention is as in the
    chapter: dot products, without 1 / √size, and a softmax. Returns a float. Do not compute the
    softmax.
    """
    raise NotImplementedError


def self_attention(x):
    """2. Self-attention with bare embeddings, without 1 / √size.

    x: an array (words, size). Returns the context (words, size) and the weights (words, words). The
    scores may be large.
    """
    raise NotImplementedError


def gradient(x, g):
    """3. The backward pass of exercise 2: the gradient of x, if the context has the gradient g.

    x, g: arrays (words, size). Returns an array (words, size). x is used as query, as key and as
    value, and gets a gradient from each use. Your `self_attention` may help.
    """
    raise NotImplementedError


def stays(x):
    """4. A word that attends to no other word more than to itself. Every text has one.

    x: an array (words, size). Returns the row index of that word, an int. There may be several.
    Return the one that the chapter's inequality gives you: you can find it from a · a of each word
    alone, without dot products of different words.
    """
    raise NotImplementedError


def broken_loss(weights, answers):
    """5. Break it and find it: all answers are right, and the loss stays high.

    A model gives the right word nearly all the weight, in every text, and this loss is still above
    1.5. Training is slow, too.

    weights: an array (texts, words), the attention weights of *It* in each text, which are its
    answer. answers: an array (texts,), the index of the right word in each text. Returns the mean
    cross-entropy, a float. It does one thing too many.
    """
    exps = np.exp(weights)
    probabilities = exps / exps.sum(1, keepdims=True)
    return float(-np.log(probabilities[np.arange(len(answers)), answers]).mean())


def vary_twins():
    """6. Train, vary, explain: one text alone, and both twins.

    Type the chapter's session that ends with `train(model, meant)`. Then write a second `meant`
    that looks at the first text alone: text[:1], with the answer [1]. Train two new models of the
    same size, one on the first text alone and one on both twins.

    Returns {"one": …, "both": …, "why": "a", "b" or "c"}: the two losses after 1,000 steps, and why
    they differ:

        a) the scores of *It* with the two nouns are the same in both twins, so the odds are too
        b) eight numbers per word are enough for one text, but not for two texts that differ
        c) the loss of two texts falls at half the speed, so 1,000 steps are not enough for them
    """
    raise NotImplementedError
