"""Exercises of chapter 15, Fast.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 15
"""

import numpy as np

import minigrad


def folded(xs, gs):
    """1. A sum of T matrix products as one product.

    A weight was used at T steps. xs: its inputs, T arrays (batch, in). gs: the gradients of its
    outputs, T arrays (batch, out). The gradient of the weight is Σ gₜᵀ @ xₜ, (out, in).
    Returns two matrices X and G with G.T @ X equal to this sum. The checker computes the product.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. The gradient of an embedding table, without a loop over the words, and without np.add.at.

    ids: word ids, an int array of any shape. g: the gradients of their vectors, an array of that
    shape with one more dim, (…, embedding). words: the number of rows of the table.
    Returns an array (words, embedding): in each row the sum of the gradients of that word.
    """
    raise NotImplementedError


def cross_entropy_gradient(logits, target):
    """3. The gradient of the mean cross-entropy with respect to the logits, in one array.

    logits: a float array (N, words), which must not change. target: an int array (N,). Allocate one
    array (N, words), and do the rest in place. It must be right for logits as large as 10,000.
    Returns that array.
    """
    raise NotImplementedError


def broken_training(weight, steps):
    """4. Break it and find it: this training needs more memory with every step.

    It takes steps of gradient descent on the loss Σ weight² and returns the mean loss over all
    steps, a float. The mean is right, and yet nothing that a step computed is ever freed.
    weight: a minigrad tensor that requires a gradient. One line is wrong.
    """
    total = 0.0
    for _ in range(steps):
        loss = (weight**2).sum()
        weight.grad = None
        loss.backward()
        with minigrad.no_grad():
            weight -= 0.1 * weight.grad
        total = total + loss
    return total / steps


def vary_batch():
    """5. Train, vary, explain: the same number of sentences in small and in large batches.

    In the root of the project, train two runs that see 6,400 sentences each:

        python -m models train attention --steps 400 --batch-size 16 --out runs/small
        python -m models train attention --steps 100 --batch-size 64 --out runs/large

    Returns {"small": …, "large": …, "calls": …, "why": "a", "b" or "c"}: the mean training loss of
    the last 50 steps of each run (metrics.csv in its folder), how many times as many calls of ops
    the small batches need for the same sentences (a whole number; a step has about as many calls
    with 16 sentences as with 64), and what the runs tell you:

        a) large batches are better: they need fewer calls per sentence, and what a training costs
           is its calls
        b) each is better in one thing: large batches take less time per sentence, and small ones
           learn more per sentence; which is better for you has to be measured in seconds
        c) small batches are better: they learn more per sentence, and what a model learns from is
           sentences, however long they take
    """
    raise NotImplementedError
