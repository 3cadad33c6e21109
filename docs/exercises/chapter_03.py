"""Exercises of chapter 3, Tokens and vectors.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 3
"""

from functools import cache
from itertools import pairwise

import numpy as np

import minigrad
from minigrad import nn, optim
from minigrad.nn import functional as F
from models.tasks import calendar
from models.tasks.vocabulary import Vocabulary


def by_hand():
    """1. On paper: three tokens have the logits (0, ln 3, ln 4), and the target is the last one.

    Returns {"loss": the cross-entropy, "gradient": its derivatives with respect to the three
    logits}, a float and a list of floats. You may use np.log, the logarithm to base e.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. The gradient of an embedding table from which the rows `ids` were picked.

    ids: an int array (time,), in which a word may appear twice; g: the gradient of the picked
    vectors, a float array (time, d); words: the number of rows of the table.
    Returns an array (words, d).
    """
    raise NotImplementedError


def log_softmax(x):
    """3. The logarithm of the softmax of each row, finite for all finite logits.

    x: a float32 array (rows, words). Returns an array of the same shape.
    """
    raise NotImplementedError


def bigram(pairs, words, steps, rate):
    """4. A bigram model without an engine: for each word, a row with the logits of the next word.

    pairs: an int array (n, 2), in each row a word and the word after it; words: the vocabulary
    size. The table starts at 0. Then do `steps` steps of gradient descent on the mean cross-entropy
    of all pairs, with the learning rate `rate`.
    Returns the table, a float array (words, words): row i holds the logits after word i.
    """
    raise NotImplementedError


@cache
def train(sentences, epochs=20, d=32):
    """Train the chapter's large model on this many sentences of the calendar, from seed 0.

    Returns its training loss and its validation loss after the last epoch, two floats.
    """
    corpus = calendar.corpus(1000, max_clauses=1, validation=500, test=500)
    vocabulary = Vocabulary.build(pair.target for pair in corpus.train)

    def pairs_of(part):
        texts = [[vocabulary.BEGIN, *vocabulary.encode(p.target), vocabulary.END] for p in part]
        return minigrad.tensor([pair for text in texts for pair in pairwise(text)])

    def loss_on(pairs):
        token, target = pairs.unbind(1)
        return F.cross_entropy(model(token), target)

    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Embedding(len(vocabulary), d), nn.Linear(d, len(vocabulary)))
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    training, validation = pairs_of(corpus.train[:sentences]), pairs_of(corpus.validation)
    for _ in range(epochs):
        for batch in training[minigrad.randperm(len(training))].split(128):
            loss = loss_on(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return loss_on(training).item(), loss_on(validation).item()


def overfitted():
    """5. Train, vary, explain: how much the model overfits, with more and more sentences.

    Call `train` with 20, 100 and 500 sentences. The gap is the validation loss minus the training
    loss. With more sentences the gap becomes smaller, and the training loss becomes *larger*. Why?
    "a": with more sentences, the 20 epochs have fewer steps, so the model is trained less
    "b": a bigram model cannot learn many sentences by heart, only what they have in common
    "c": the validation set becomes easier for a model that has seen more sentences

    Returns {20: the gap, 100: the gap, 500: the gap, "why": "a", "b" or "c"}.
    """
    raise NotImplementedError


BEGIN, END = 1, 2


def examples(sentences):
    """6. Break it and find it: what a model that predicts the next token is trained on.

    With these examples the loss falls to nearly 0 within a few epochs, on the validation set, too.
    But when the model writes, it repeats one token for ever. Find the mistake and repair it.

    sentences: a list of lists of token IDs, without BEGIN and END. Returns two lists of equal
    length: the tokens that the model reads, and for each the token that it has to predict.
    """
    tokens, targets = [], []
    for ids in sentences:
        text = [BEGIN, *ids, END]
        tokens += text[1:]
        targets += text[1:]
    return tokens, targets
