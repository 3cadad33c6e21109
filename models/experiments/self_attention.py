"""The weights of one layer cannot tell what *it* refers to; those of two layers can.

Bare embeddings attend mostly to themselves: the dot product of a random vector with itself is about
d, and with another one 0 ± √d. After training, *it* finds the nouns. But which of them? In one
layer the score of *it* with a noun depends only on these two words and their positions, whatever is
said after them: a text and its twin (see tasks/coreference.py) get the same scores, and for one of
the two the answer is wrong. With two layers, the nouns can attend in the first layer to what is
said; in the second, *it* recognizes the noun that fits by its changed vector. Other words find that
noun, too, because only *it* was ever asked.

The answer is the word to which *it* gives the largest weight in the last layer; training never
combined the nouns with what is said about them here. Then edges are cut: in one layer some words
may no longer attend to some others, and *it* answers again.
"""

from dataclasses import dataclass

import numpy as np

import minigrad

from ..self_attention import BareSelfAttention, Config, SelfAttention
from ..showing import plots
from ..showing.language import said
from ..showing.tables import table
from ..tasks import coreference
from ..training import reading
from .parallel import each, tick


MODELS = {
    "bare embeddings": {"model": "bare_attention"},
    "one layer of Q, K, V": {"layers": 1},
    "two layers of Q, K, V": {"layers": 2},
    "two layers, four heads": {"layers": 2, "heads": 4},
}
BARE, ONE_LAYER, TWO_LAYERS, _ = MODELS
FOUR_HEADS = plots.variant(plots.MORE[1])
LOOKS = dict(zip(MODELS, (plots.BARE, *plots.MORE[:2], FOUR_HEADS), strict=True))


@dataclass(frozen=True)
class Settings:
    """The sizes, and the length of training."""

    models: tuple[str, ...] = tuple(MODELS)
    size: int = 16  # d of the random embeddings
    texts: int = 8_000
    test: int = 1_000
    steps: int = 1_000
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings((BARE, ONE_LAYER, TWO_LAYERS), texts=3_000, test=200, steps=300, seeds=(0, 1, 2))


def measure(settings):
    """The weights of random embeddings; the answers and weights of trained models; the cuts."""
    cells = [(name, seed, settings) for name in settings.models for seed in settings.seeds]
    trained = iter(each(trained_model, cells, "self_attention", settings.steps))
    models = {name: [next(trained) for _ in settings.seeds] for name in settings.models}
    return {
        "text": list(coreference.COURSE.words),
        "it": coreference.COURSE.it,
        "random": [random_embeddings(settings.size, seed) for seed in settings.seeds],
        "accuracy": {name: [run["accuracy"] for run in runs] for name, runs in models.items()},
        "twins": {name: [run["twins"] for run in runs] for name, runs in models.items()},
        "weights": {name: runs[0]["weights"] for name, runs in models.items()},  # first seed
        "cuts": {cut: [run["cuts"][cut] for run in models[TWO_LAYERS]] for cut in CUTS},
        "course": {cut: models[TWO_LAYERS][0]["course"][cut] for cut in CUTS},  # first seed
    }


# Bare embeddings before training.


def random_embeddings(size, seed):
    """The weights among random words, as many as in the course's text, and their mean diagonal."""
    words = len(coreference.COURSE.words)
    found = {}
    for name in ("scaled", "unscaled"):
        minigrad.manual_seed(seed)
        model = BareSelfAttention(Config(words + 1, size, scaled=name == "scaled"))
        with minigrad.no_grad():
            _, weights = model(minigrad.arange(1, words + 1)[None])
        found[name] = weights[0, 0, 0].tolist()
        found[f"diagonal_{name}"] = float(np.trace(found[name]) / words)
    return found


# Trained models.


def trained_model(name, seed, settings):
    """One trained model: how often it is right, what it attends to, and the effect of the cuts."""
    splits = coreference.corpus(settings.texts, seed, validation=0, test=settings.test)
    given = reading.Settings(**MODELS[name], steps=settings.steps, seed=seed)
    model = BareSelfAttention if name == BARE else SelfAttention
    run = reading.Reading.start("", given, splits.train, model=model)
    batches = run.batches(splits.train)
    for _ in range(settings.steps):
        run.step(next(batches))
        tick()
    run.model.eval()
    found = {
        "accuracy": reading.accuracy(run, splits.test),
        "twins": float(np.median(difference_of_twins(run, splits.test))),
        "weights": reading.weights_of(run, coreference.COURSE.words).mean(1).tolist(),
    }
    if name == TWO_LAYERS:
        found["cuts"] = {cut: answers(run, splits.test, cut) for cut in CUTS}
        found["course"] = {cut: answers(run, [coreference.COURSE], cut) for cut in CUTS}
    return found


def difference_of_twins(run, texts):
    """How far the predicate moves *it* from one noun to the other: an array, one entry per pair.

    That is the difference of log(weight of the first noun / weight of the second) between twins.
    """
    with minigrad.no_grad():
        batch = run.batch(texts)
        logits = reading.logits_of(run.model, batch).numpy()
    rows = np.arange(len(texts))
    other = np.array([text.other for text in texts])
    favour = logits[rows, batch.answer] - logits[rows, other]
    return np.abs(favour[::2] + favour[1::2])  # the second twin's answer is the first one's other


# Cutting edges. For each cut: the layer, who may no longer attend, and to what.

CUTS = {
    "nothing": None,
    "layer 2: it → its noun": (1, "it", lambda text: [text.answer]),
    "layer 1: it → what is said": (0, "it", lambda text: range(text.it + 1, len(text.words))),
    "layer 1: it → the first sentence": (0, "it", lambda text: range(text.words.index(".") + 1)),
    "layer 1: all → what is said": (0, "all", lambda text: range(text.it + 1, len(text.words))),
}


def answers(run, texts, cut):
    """How often *it* takes its noun, and how often the other; and the mean weight of each."""
    batch = run.batch(texts)
    edges = None if CUTS[cut] is None else minigrad.tensor(cut_edges(texts, batch, *CUTS[cut]))
    with minigrad.no_grad():
        _, weights = run.model(minigrad.tensor(batch.text), edges)
    rows = np.arange(len(texts))
    weights = weights.numpy()[:, -1].mean(1)[rows, batch.it]  # (texts, words)
    nouns = {"answer": batch.answer, "other": np.array([text.other for text in texts])}
    found = {name: float((weights.argmax(-1) == noun).mean()) for name, noun in nouns.items()}
    mean = {f"{name}_weight": float(weights[rows, noun].mean()) for name, noun in nouns.items()}
    return found | mean


def cut_edges(texts, batch, layer, who, words):
    """True where a word may not attend to another: (layers, texts, 1, words, words)."""
    wide = batch.text.shape[1]
    edges = np.zeros((2, len(texts), 1, wide, wide), bool)
    for i, text in enumerate(texts):
        edges[layer, i, 0, slice(None) if who == "all" else text.it, list(words(text))] = True
    return edges


# What it looks like.


def report(result):
    """Random embeddings, the trained models, and the cuts."""
    diagonal = [
        [name, float(np.mean([seed[f"diagonal_{name}"] for seed in result["random"]]))]
        for name in ("scaled", "unscaled")
    ]
    trained = [
        [
            name,
            *(float(f(values)) for f in (np.median, min, max)),
            float(np.median(result["twins"][name])),
        ]
        for name, values in result["accuracy"].items()
    ]
    cuts = [
        [
            cut,
            *(float(np.median([seed[name] for seed in seeds])) for name in ("answer", "other")),
            *(result["course"][cut][name] for name in ("answer_weight", "other_weight")),
        ]
        for cut, seeds in result["cuts"].items()
    ]
    return "\n\n".join(
        [
            table(["random embeddings", "weight of a word for itself"], diagonal),
            table(
                ["it means", "right", "min", "max", "what is said moves the log-odds by"],
                trained,
                digits=3,
            ),
            table(["cut", "its noun", "the other", "dog", "apple"], cuts, digits=3),
        ]
    )


def draw(result):
    """The weights of *it*; how often it is right; random embeddings; the cuts."""
    return {
        "self_attention": draw_looks(result),
        "self_attention_accuracy": draw_accuracy(result),
        "self_attention_random": draw_random(result),
        "self_attention_cut": draw_cuts(result),
    }


def draw_looks(result):
    """The weights of *it* in each layer of three trained models."""
    rows = {}
    for name in (BARE, ONE_LAYER, TWO_LAYERS):
        for i, weights in enumerate(result["weights"][name], start=1):
            several = len(result["weights"][name]) > 1
            row = said("{}: layer {}", said(name), i) if several else said(name)
            rows[row] = weights[result["it"]]
    return plots.heat_map(
        list(rows.values()),
        list(rows),
        result["text"],
        "",
        said("words that It attends to"),
        said("One layer finds the nouns, two layers find the dog"),
    )


def draw_accuracy(result):
    """One dot per seed, and the chance level of one half."""
    fig, ax = plots.figure(7, 0.9 + 0.5 * len(result["accuracy"]))
    for i, (name, values) in enumerate(result["accuracy"].items()):
        ax.plot(values, [i] * len(values), **plots.dots(LOOKS[name]))
    ax.axvline(0.5, **plots.CHANCE, label=said("chance level"))
    ax.legend(frameon=False)
    ax.set_yticks(range(len(result["accuracy"])), map(said, result["accuracy"]))
    ax.set_ylim(len(result["accuracy"]) - 0.5, -0.5)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel(said("accuracy on held-out texts (one dot per seed)"))
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(said("One layer is at chance level, two layers are right"))
    return fig


def draw_random(result):
    """The weights of random embeddings, with and without 1/√d."""
    first, words = result["random"][0], [str(i) for i in range(len(result["text"]))]
    maps = {"softmax(xxᵀ / √d)": first["scaled"], "softmax(xxᵀ)": first["unscaled"]}
    titles = said("random embedding …"), said("… attends to")
    fig = plots.heat_maps(maps, words, words, *titles, cell=0.3)
    fig.suptitle(said("Random embeddings attend to themselves, even more so without 1/√d"))
    return fig


def draw_cuts(result):
    """For each cut, how often *it* takes its noun, the other one, or neither."""
    cuts = result["cuts"]
    fig, ax = plots.figure(9, 1.2 + 0.5 * len(cuts))
    left = np.zeros(len(cuts))
    fractions = {
        "its noun": [np.mean([seed["answer"] for seed in seeds]) for seeds in cuts.values()],
        "the other noun": [np.mean([seed["other"] for seed in seeds]) for seeds in cuts.values()],
    }
    fractions["another word"] = 1 - np.sum(list(fractions.values()), 0)
    colours = plots.WITH["color"], plots.WITHOUT["color"], "#d1d5db"
    for (name, fraction), colour in zip(fractions.items(), colours, strict=True):
        ax.barh([*map(said, cuts)], fraction, left=left, color=colour, label=said(name), height=0.7)
        left += fraction
    ax.invert_yaxis()
    ax.set_ylabel(said("attention that is cut"))
    ax.set_xlim(0, 1)
    ax.set_xlabel(said("fraction of texts in which “it” attends most to …"))
    ax.legend(frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))
    ax.spines[["top", "right"]].set_visible(False)
    fig.suptitle(
        said("Hidden from “it” alone, what is said still helps; hidden from all words, it does not")
    )
    return fig
