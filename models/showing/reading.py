"""Showing a reader: how often it is right, and what *it* attends to in each layer and head."""

import numpy as np

import minigrad
from minigrad.autograd import grad

from ..self_attention import pointer
from ..tasks.coreference import Text
from ..tasks.tokens import Words
from ..training.reading import accuracy, index_of_it, weights_of
from . import plots
from .common import print_largest, print_unknown, print_weights, text_of
from .layers import EACH, by_layer, check_kind, chosen
from .live import vocabulary
from .pages import about, best, change, check_length, probabilities, significant, strongest


def example(run, splits=None):
    """The course's text."""
    return run.COURSE


def example_of(run, words):
    """A text of these words; *it* refers to what the model says."""
    print_unknown(run.vocabulary, words)
    it = index_of_it(words)
    answer = int(weights_of(run, words)[-1].mean(0)[it].argmax())
    return Text(words, it, answer, other=answer)


def caption(text):
    """The text, and what is asked of it."""
    it, answer = text_of([text.words[text.it]]), text_of([text.words[text.answer]])
    return f"«{text_of(text.words)}», {it} → {answer}"


def report(run, splits, text):
    """Print the test results, and what *it* attends to in one text; also as a heat map."""
    test, validation = accuracy(run, splits.test), accuracy(run, splits.validation)
    print(f"\nheld-out test set: {test:.1%} of {len(splits.test):,} texts understood", end="")
    print(f" (validation: {validation:.1%})\n")
    weights = weights_of(run, text.words)  # (layers, heads, words, words)
    print(f"«{text_of(text.words)}»")
    print_meaning(text.words, text.it, weights)
    rows = {title: row[text.it] for title, row in by_layer(weights, heads=True).items()}
    print_largest(rows.values(), rows, text.words)
    title = f"what {text_of([text.words[text.it]])} attends to"
    return {"weights": plots.heat_map(list(rows.values()), list(rows), text.words, title, "text")}


def print_meaning(words, it, weights):
    """Print which word *it* means: the one it attends to most in the last layer."""
    row = weights[-1].mean(0)[it]
    print(f"{text_of([words[it]])} means {text_of([words[row.argmax()]])} ({row.max():.2f})")


def attend(run, words, head=None, layer=None, kind="self"):
    """Print a table of the weights of each layer; returns them as heat maps."""
    check_kind(run, kind, "self")
    weights = weights_of(run, words)
    maps = chosen(run, weights, layer, head)
    print_unknown(run.vocabulary, words)
    for title, rows in maps.items():
        print(title)
        print_weights(rows.tolist(), words, words)
        print()
    its = [i for i, word in enumerate(words) if word.lower() == "it"]
    for it in its or [index_of_it(words)]:
        print_meaning(words, it, weights if head in (None, EACH) else weights[:, head - 1 : head])
    return plots.heat_maps(maps, words, words, "each word …", "… attends to")


# The page of weights.


def page(run, words, kind="self"):
    """The data of the page: the answer is the word that *it* (or else the last word) means."""
    check_length(words)
    check_kind(run, kind, "self")
    run.model.eval()
    text = minigrad.tensor([run.vocabulary.encode(words)])
    it = index_of_it(words)
    _, weights = run.model.encode(text)  # of each layer (1, heads, words, words)
    logits = pointer(weights[-1])[0, it]  # (words,)
    gradients = grad(logits[logits.argmax()], weights)
    answers = [None] * len(words)
    answers[it] = best(probabilities(logits), range(len(words)))
    return {
        "rows": words,
        "columns": words,
        "about": about(run, kind),
        "asked": it,
        "unknown": run.vocabulary.unknown(words),
        "weights": significant([layer[0] for layer in weights]),
        "gradients": significant([layer[0] for layer in gradients]),
        "answers": answers,
        "cuts": cuts(run.model, text, it, probabilities(logits), weights),
    }


def cuts(model, text, asked, before, weights, names=None, causal=False):
    """The change of the answer when one edge is cut: (layers, words, words), False or None.

    For each layer and each word that attends, one batch of the same text: each row may not attend
    to another one of its words. In a long text these are the words with the largest weights. In the
    last layer only the row that is asked affects the answer. A word's only edge is not cut.

    text (1, words) ids; before: the probabilities of the answers, whose names are the indices of
    the words if they are not given; causal: True if no word attends to a later one.
    """
    layers, words = len(weights), text.shape[1]
    names = range(words) if names is None else names
    found = [[[None] * words for _ in range(words)] for _ in range(layers)]
    for layer in range(layers):
        rows = range(words) if layer < layers - 1 else [asked]
        mean = weights[layer][0].detach().mean(0).numpy()  # of the heads
        chosen = strongest(mean, cost=max(1, layers - 1) * words**3)
        for row in rows:
            attended = row + 1 if causal else words
            columns = chosen[row][chosen[row] < attended]
            if attended == 1:
                continue
            found[layer][row][:attended] = [False] * attended
            cut = np.zeros((layers, len(columns), 1, words, words), bool)
            cut[layer, np.arange(len(columns)), 0, row, columns] = True
            with minigrad.no_grad():
                logits, _ = model(text.expand(len(columns), -1), minigrad.tensor(cut))
            after = probabilities(logits[:, asked])  # (words cut, answers)
            for column, one in zip(columns, after, strict=True):
                found[layer][row][column] = change(before, one, names)
    return found


# The live page.

EXAMPLES = (
    "The dog likes an apple. It has a long tail.",
    "The dog likes an apple. It tastes sweet.",
    "A hungry fox sees the melon with many seeds. I think it was asleep at noon.",
    "A hungry fox sees the melon with a long stem. I think it was picked in May.",
)


def live(run):
    """The texts and vocabularies of the live page of a reader (see live.py)."""
    return {
        "view": "reader",
        "title": "What does it mean?",
        "about": "Self-attention, computed in this page from its trained weights: the words of a "
        "text attend to each other, and in the last layer it points to its noun. Choose a word of "
        "a layer to see its query. Cut a line, and see all that follows.",
        "label": "A sentence with two nouns, and one about it",
        "text": EXAMPLES[0],
        "examples": EXAMPLES[1:],
        "vocabularies": {"text": vocabulary(run.vocabulary, Words())},
    }
