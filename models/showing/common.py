"""The parts that all kinds of run share: the graph, the files of a report, unknown words.

Beside it is one file per kind of run, each with the same parts:

    example(run, splits=None)   the example to show
    example_of(run, words)      an example with these words, labelled with the model's own answer
    caption(example)            the example as text
    report(run, splits, example)    prints test results and the example; returns pictures by name
    attend(run, words, head=, layer=, kind=)    prints the attention weights, and returns a picture
    page(run, words, kind=)     the data of the page of weights (see pages.py)
    live(run)                   what its live page is about (see live.py)
    translate(run, words, write)    prints a translation that `write` decodes; only translators
    write(run, prompt, count, limit, seed, …)   prints texts that begin with the prompt; only a GPT

For a model without attention, `attend` and `page` raise ValueError. `kinds.py` says which file
belongs to which model; `report` below takes it as `showing`.
"""

import contextlib
import sys

import numpy as np

import minigrad
from minigrad.text import printable

from ..training.film import FILM
from . import plots
from .tables import padded, table, width

KEPT = ("model.safetensors", "checkpoint.safetensors", "config.json", "metrics.csv")
MOST_COLUMNS, MOST_ROWS = 40, 100  # of a table of weights
MOST_LETTERS, MOST_NAME = 2_000, 40  # of a text, and of a word in a list


def report(showing, run, splits):
    """Print the test results and one example, and write the pictures."""
    example = showing.example(run, splits)
    pictures = showing.report(run, splits, example)
    losses = [row[0] for row in run.metrics]
    curve = plots.loss_curve(range(len(losses)), losses, f"training of {run.settings.model}")
    files = [run.folder / name for name in KEPT]
    files += [run.folder / FILM] * bool(run.settings.film)
    for name, picture in ({"loss": curve} | pictures).items():
        files.append(plots.save(picture, run.folder / f"{name}.svg"))
    drawing = graph(run, example)
    try:
        files.append(drawing.save(run.folder / "graph.svg"))
    except (RuntimeError, ValueError) as error:
        print(f"graph.svg is not drawn: {printable(str(error), MOST_LETTERS)}")
        files.append(drawing.save(run.folder / "graph.dot"))
    written(files)


def graph(run, example, **options):
    """The graph of the loss of one example, with its gradients and with the words as labels.

    options: those of minigrad.draw.
    """
    run.model.zero_grad()
    run.model.eval()
    with watched(run.model) as calls:
        loss, _ = run.loss(run.batch([example]))
    loss.backward()
    return minigrad.draw(loss, names=run.model, words=words_of(run, *calls[-1]), **options)


@contextlib.contextmanager
def watched(model):
    """A list of the calls of a model in this block: its inputs and its outputs."""
    calls, forward = [], model.forward

    def noted(*inputs):
        outputs = forward(*inputs)
        calls.append((inputs, outputs))
        return outputs

    model.forward = noted
    try:
        yield calls
    finally:
        del model.forward


def words_of(run, inputs, outputs):
    """The words of a call's ids and attention weights, by tensor, for `minigrad.draw`.

    They are those that the model read, so a word that it does not know is `<unknown>`.
    """
    known = run.vocabularies.values()
    read = [[v.words[i] for i in ids[0].tolist()] for v, ids in zip(known, inputs, strict=True)]
    found = {ids: {1: words} for ids, words in zip(inputs, read, strict=True)}
    for weights in outputs[1:] if isinstance(outputs, tuple) else ():
        axes = {weights.ndim - 2: read[-1], weights.ndim - 1: read[0]}  # rows and columns
        if weights.ndim > 2:
            found[weights] = axes
    return found


def allow_any_text():
    """Let stdout and stderr escape what their encoding does not have, such as Hangul in cp1252."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def written(files):
    """Print which files were written."""
    print("\nwritten:")
    for file in files:
        print(f"  {printable(str(file))}")


def text_of(words):
    """Words as a line of text that can be printed, whoever wrote them."""
    return printable(" ".join(words), MOST_LETTERS)


def print_unknown(vocabulary, words):
    """Print the words that are not in the vocabulary."""
    unknown = dict.fromkeys(vocabulary.unknown(words))
    if unknown:
        print(f"unknown words: {printable(', '.join(unknown), MOST_LETTERS)}")


def print_weights(weights, rows, columns):
    """Print a table of weights, one row per word that attends; only the largest, if it is wide."""
    if len(columns) <= MOST_COLUMNS:
        print(
            table(["", *columns], [[word, *row] for word, row in zip(rows, weights, strict=True)])
        )
    else:
        print_largest(weights[:MOST_ROWS], rows[:MOST_ROWS], columns)
        if len(rows) > MOST_ROWS:
            print(f"  … and {len(rows) - MOST_ROWS:,} more words")


def print_largest(weights, names, columns, most=3):
    """Print for each row its name and the words that it attends to most, aligned."""
    names = [printable(name, MOST_NAME) for name in names]
    wide = max(map(width, names), default=0)
    for name, row in zip(names, weights, strict=True):
        largest = [
            f"{printable(columns[i], MOST_NAME)} ({row[i]:.2f})"
            for i in np.argsort(-np.asarray(row), kind="stable")[:most]
        ]
        print(f"  {padded(name, wide)}  attends to {', '.join(largest)}")
