"""Showing a Transformer: as a translator, and each of its three kinds of attention."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad.autograd import grad

from ..decoding import greedy
from ..tasks.vocabulary import Vocabulary
from ..training import evaluation
from . import plots
from .common import print_largest, print_unknown, print_weights
from .layers import by_layer, check_kind, chosen
from .pages import about, best, change, check_length, probabilities, significant, strongest
from .tables import table
from .translating import AT_ONCE, caption, example, example_of, print_results, translated

__all__ = ["attend", "caption", "example", "example_of", "page", "report", "translate"]

COST = 4  # of cutting an edge, where a reader's is 1: there are feed-forward networks, too

# The kinds of attention, each with the titles of rows and columns of its weights.
KINDS = {
    "cross": ("translation", "source sentence"),
    "encoder": ("each word of the source …", "… attends to"),
    "decoder": ("before this word is written …", "… the decoder attends to"),
}


def report(run, splits, pair):
    """Print the test results and a translation; its cross-attention as heat maps."""
    print_results(run, splits)
    aligns = print_alignment(run, splits) if splits.test[0].alignment else None
    print()
    translation = translate(run, pair.source)
    if not translation.words:
        return {}
    weights = np.array(translation.weights)  # (layers, heads, target, source)
    maps = by_layer(weights)
    if aligns is not None and weights.shape[1] > 1:
        maps |= {title_of(*aligns): weights[aligns]}
    return {"alignment": plots.heat_maps(maps, translation.words, pair.source, *KINDS["cross"])}


def print_alignment(run, splits):
    """Print how many content words each head of cross-attention aligns with their source word.

    Returns the layer and the head that is best on the validation set, both from 0.
    """
    validation = evaluation.aligned(run, splits.validation)  # (layers, heads)
    test = evaluation.aligned(run, splits.test)
    best = np.unravel_index(validation.argmax(), validation.shape)
    print(
        f"{test[best]:.1%} of content words attend most to the word they translate in "
        f"{title_of(*best)}, which is best on the validation set; in all heads:\n"
    )
    heads = [f"head {j}" for j in range(1, test.shape[1] + 1)]
    print(table(["", *heads], [[f"layer {i}", *map(float, r)] for i, r in enumerate(test, 1)], 3))
    return best


def title_of(layer, head):
    """The title of a head, from 0."""
    return f"layer {layer + 1}, head {head + 1}"


def translate(run, source, write=greedy):
    """Print a sentence, its translation, and the word each word attends to most.

    That is the mean of the weights of all heads in all layers.
    """
    translation = evaluation.translate_words(run, source, write)
    print_unknown(run.source_vocabulary, source)
    print(caption(translated(run, source, translation)))
    if translation.words:
        mean = np.mean(translation.weights, (0, 1))  # (target, source)
        print_largest(mean, translation.words, source, most=1)
    return translation


def attend(run, words, head=None, layer=None, kind="cross"):
    """Print the translation and a table of the weights of each layer; returns heat maps."""
    check_kind(run, kind, *KINDS)
    sight = seen(run, words)
    rows, columns = axes(sight, kind)
    maps = chosen(run, np.array(weights_of(sight, kind)), layer, head)
    print_unknown(run.source_vocabulary, words)
    translation = evaluation.Translation(translation_of(sight), None)
    print(caption(translated(run, words, translation)) + "\n")
    for title, shown in maps.items():
        print(title)
        print_weights(shown.tolist(), list(rows.values()), list(columns.values()))
        print()
    return plots.heat_maps(maps, list(rows.values()), list(columns.values()), *KINDS[kind])


# A sentence, as the model sees it.


class Sight(NamedTuple):
    """A sentence and its translation, with all attention weights."""

    words: Sequence[str]  # of the source
    names: Sequence[str]  # of the target vocabulary
    source: minigrad.Tensor  # the ids of the source (1, source)
    target: minigrad.Tensor  # the ids that the decoder reads, the begin token first (1, target)
    ids: minigrad.Tensor  # those that it writes (1, target)
    logits: minigrad.Tensor  # (1, target, target_words)
    weights: dict[str, list]  # by kind, for each layer (1, heads, rows, columns)


def seen(run, words):
    """The words as the model sees and translates them; ValueError if the translation is empty."""
    run.model.eval()
    source = minigrad.tensor([run.source_vocabulary.encode(words)])
    ids, _ = greedy(run.model, source, Vocabulary.BEGIN, Vocabulary.END, evaluation.LIMIT)
    target = minigrad.cat([minigrad.tensor([[Vocabulary.BEGIN]]), ids[:, :-1]], 1)
    logits, weights = looked(run.model, source, target)
    sight = Sight(words, run.target_vocabulary.words, source, target, ids, logits, weights)
    if not translation_of(sight):
        raise ValueError(f"the translation is empty: {run.folder} is not trained enough")
    return sight


def looked(model, source, target, **cuts):
    """The logits, and the weights of every kind of attention: a list with an entry per layer.

    cuts, by kind, have an entry per layer, which broadcasts to (batch, heads, rows, columns): True
    where a word may not attend to another.
    """
    x, encoder = model.read(source, cuts.get("encoder"))
    memory = model.memory(x, source)
    if "cross" in cuts:
        cut = zip(memory, cuts["cross"], strict=True)
        memory = tuple((kept, mask & ~edges) for (kept, mask), edges in cut)
    logits, decoder, _ = model.write(target, None, memory, cuts.get("decoder"))
    decoder, cross = zip(*decoder, strict=True)
    return logits, {"encoder": encoder, "decoder": list(decoder), "cross": list(cross)}


def written(sight):
    """The words of the translation, by their place; special tokens are not among them."""
    special = (*Vocabulary.UNSEEN, Vocabulary.END)
    ids = enumerate(sight.ids[0].tolist())
    return {t: sight.names[word] for t, word in ids if word not in special}


def translation_of(sight):
    """The words of the translation."""
    return list(written(sight).values())


def axes(sight, kind):
    """The words that attend, and those that they attend to: their names by index."""
    source, rows = dict(enumerate(sight.words)), written(sight)
    read = {t: sight.names[word] for t, word in enumerate(sight.target[0].tolist())}
    read = {t: word for t, word in read.items() if t <= max(rows)}
    return {"cross": (rows, source), "encoder": (source, source), "decoder": (rows, read)}[kind]


def weights_of(sight, kind, of=None):
    """The weights of a kind (or other arrays `of` their shape) at the rows and columns of `axes`.

    For each layer (heads, rows, columns).
    """
    rows, columns = map(list, axes(sight, kind))
    layers = [w.detach().numpy()[0] for w in sight.weights[kind]] if of is None else of
    return [layer[:, rows][:, :, columns] for layer in layers]


# The page of weights.


def page(run, words, kind="cross"):
    """The data of the page. A row's answer is a word of the translation.

    It is the word that is written at this row; in the encoder, the word that attends most to the
    row's word.
    """
    check_length(words)
    check_kind(run, kind, *KINDS)
    sight = seen(run, words)
    rows, columns = axes(sight, kind)
    places = places_of(sight, kind)
    before = probabilities(sight.logits[0])  # (target, target_words)
    return {
        "rows": list(rows.values()),
        "columns": list(columns.values()),
        "about": about(run, kind),
        "asked": None,
        "places": [list(written(sight)).index(t) for t in places.values()],
        "sentence": list(words),
        "translation": translation_of(sight),
        "unknown": run.source_vocabulary.unknown(words),
        "weights": significant(map(minigrad.tensor, weights_of(sight, kind))),
        "gradients": significant(map(minigrad.tensor, gradients(sight, kind, places))),
        "answers": [best(before[t], sight.names) for t in places.values()],
        "cuts": cuts(run.model, sight, kind, places, before),
    }


def places_of(sight, kind):
    """For each row, the place of the word in the translation that is its answer."""
    rows, _ = axes(sight, kind)
    if kind != "encoder":
        return {row: row for row in rows}
    mean = np.mean(weights_of(sight, "cross"), (0, 1))  # (translation, source)
    places = list(written(sight))
    return {row: places[mean[:, row].argmax()] for row in rows}


def gradients(sight, kind, places):
    """The gradients of each row's answer with respect to its weights, as in `weights_of`."""
    answers = F.log_softmax(sight.logits, -1).gather(-1, sight.ids[..., None])[0, :, 0]
    weights = sight.weights[kind]
    found = [np.zeros(layer.shape[1:], np.float32) for layer in weights]
    for place in set(places.values()):
        rows = [row for row, its in places.items() if its == place]
        for layer, gradient in zip(
            found, grad(answers[place], weights, retain_graph=True), strict=True
        ):
            layer[:, rows] = gradient.numpy()[0][:, rows]
    if kind == "decoder":
        found = [np.tril(layer) for layer in found]  # no weight of a later word can grow
    return weights_of(sight, kind, found)


def cuts(model, sight, kind, places, before):
    """The change of each row's answer when one edge of the row is cut: (layers, rows, columns).

    A word's only edge is not cut. In a long sentence only those with the largest weights are.
    """
    rows, columns = map(list, axes(sight, kind))
    size = len(sight.words) + sight.target.shape[1]
    found = []
    for i, layer in enumerate(weights_of(sight, kind)):
        mean = layer.mean(0)  # of the heads: (rows, columns)
        can = np.full(mean.shape, True)
        if kind == "decoder":
            can = np.array(columns) <= np.array(rows)[:, None]  # it is causal
        can &= can.sum(1, keepdims=True) > 1
        tried = strongest(mean, cost=COST * len(mean) * len(sight.weights[kind]) * size**2)
        changes = [[False if may else None for may in row] for row in can]
        edges = [(r, c) for r, some in enumerate(tried) for c in some if can[r, c]]
        for start in range(0, len(edges), AT_ONCE):
            some = edges[start : start + AT_ONCE]
            after = answers_without(model, sight, kind, i, [(rows[r], columns[c]) for r, c in some])
            for (r, c), logits in zip(some, after, strict=True):
                t = places[rows[r]]
                changes[r][c] = change(before[t], logits[t], sight.names)
        found.append(changes)
    return found


def answers_without(model, sight, kind, layer, edges):
    """The probabilities with each of these edges cut, in all heads: (edges, target, words)."""
    layers, shape = len(sight.weights[kind]), sight.weights[kind][layer].shape[2:]
    cut = np.zeros((layers, len(edges), 1, *shape), bool)
    for i, (row, column) in enumerate(edges):
        cut[layer, i, 0, row, column] = True
    source, target = (x.expand(len(edges), -1) for x in (sight.source, sight.target))
    with minigrad.no_grad():
        logits, _ = looked(model, source, target, **{kind: minigrad.tensor(cut)})
    return probabilities(logits)
