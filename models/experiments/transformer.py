"""A Transformer is 99% right after about as many steps as an RNN with attention, but more seconds.

A recurrent translator with attention and Transformers with three kinds of positions learn the same
sentences, in the same number of steps and with the same number of parameters (the recurrent one
gets the hidden size that makes it so). From time to time it is measured how many test sentences are
right to the last word. A sentence is right if each word is predicted from the true words before it:
then greedy decoding writes the same.

Seconds are those that the training steps take on one core, evaluation left out. They depend on the
machine; steps do not.

Then the links of cross-attention are compared with those of the grammar, for each layer and head:
the alignment error is the fraction of content words that attend most to another word than the one
they translate (see alignment.py). And sentences with more clauses than any in training are tested.
"""

import time
from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

import minigrad

from ..attention import Attention
from ..seq2seq import Config
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks import calendar
from ..tasks.batches import batches
from ..tasks.vocabulary import Vocabulary
from ..training import evaluation, transformer, translating
from ..transformer import Transformer
from .parallel import each, tick

RECURRENT = "RNN with attention"
POSITIONS = {
    "Transformer, sinusoidal": "sinusoidal",
    "Transformer, learned": "learned",
    "Transformer, rotary": "rotary",
}
MODELS = (RECURRENT, *POSITIONS)
LEARNED = plots.variant(plots.TRANSFORMER)
ROTARY = plots.TRANSFORMER | {"linestyle": "--", "marker": "s", "color": "#00543d"}
LOOKS = dict(zip(MODELS, (plots.WITH, plots.TRANSFORMER, LEARNED, ROTARY), strict=True))
ENOUGH = 0.99  # of the sentences exactly right
LONGEST = 80  # words in a sentence of the calendar, and some more


@dataclass(frozen=True)
class Settings:
    """The models, the sentences, and the training."""

    models: tuple[str, ...] = MODELS
    pairs: int = 16_000  # before those with too many clauses are left out
    clauses: int = 3  # in the longest sentences of training
    tested: int = 5  # and in the longest of the test
    tests: int = 250  # sentences for each number of clauses, on average
    embedding: int = 64
    hidden: int = 128  # of the feed-forward networks
    layers: int = 2
    heads: int = 4
    steps: int = 1_500
    every: int = 50  # steps from one measurement to the next
    batch_size: int = 64
    warmup: int = 200  # of the Transformers
    learning_rate: float = 6e-3
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    models=(RECURRENT, *list(POSITIONS)[:1]),
    pairs=3_000,
    clauses=1,
    tested=2,
    tests=100,
    embedding=32,
    hidden=32,
    layers=1,
    heads=2,
    steps=300,
    every=30,
    batch_size=32,
    warmup=30,
    learning_rate=1e-2,
    seeds=(0, 1, 2),
)


def measure(settings):
    """For each model, lists with an entry per seed of what `trained` returns."""
    cells = [(name, seed, settings) for name in settings.models for seed in settings.seeds]
    found = iter(each(trained, cells, "transformer", settings.steps))
    runs = {name: [next(found) for _ in settings.seeds] for name in settings.models}
    return {
        "seeds": list(settings.seeds),
        "clauses": settings.clauses,
        "steps": list(range(settings.every, settings.steps + 1, settings.every)),
        "models": {
            name: {key: [run[key] for run in row] for key in row[0]} for name, row in runs.items()
        },
    }


def trained(name, seed, settings):
    """One model, trained and tested.

    parameters      how many it has
    curve, seconds  at each measurement: the fraction of sentences right, and the time until then
    longer          the fraction of sentences right for each number of clauses
    error, best     the alignment error of each layer and head; and that of the head which is best
                    on sentences of the training
    """
    learned, tests = sentences(settings, seed)
    run = start(name, seed, settings, learned)
    known = [pair for same in tests[: settings.clauses] for pair in same]
    curve, seconds, spent = [], [], 0.0
    for step, batch in zip(range(settings.steps), run.batches(learned), strict=False):
        before = time.process_time()
        run.step(batch)
        spent += time.process_time() - before
        tick()
        if (step + 1) % settings.every == 0:
            curve.append(right(run, known))
            seconds.append(spent)
    error = 1 - np.atleast_2d(evaluation.aligned(run, known))
    chosen = np.argmax(np.atleast_2d(evaluation.aligned(run, learned[: len(known)])))
    return {
        "parameters": sum(p.numel() for p in run.parameters),
        "curve": curve,
        "seconds": seconds,
        "longer": [right(run, same) for same in tests],
        "error": error.tolist(),
        "best": error.flatten()[chosen].item(),
    }


def sentences(settings, seed):
    """Sentences to learn from, and those of the test by their number of clauses."""
    splits = calendar.corpus(
        settings.pairs, seed, settings.tested, validation=0, test=settings.tests * settings.tested
    )
    learned = [pair for pair in splits.train if clauses_of(pair) <= settings.clauses]
    numbers = range(1, settings.tested + 1)
    return learned, [[p for p in splits.test if clauses_of(p) == n] for n in numbers]


def clauses_of(pair):
    """The number of clauses of a sentence."""
    return 1 + sum(word in ("and", "but") for word in pair.target)


def start(name, seed, settings, pairs):
    """A run before its first step; the recurrent model has as many parameters as the others."""
    given = {
        "steps": settings.steps,
        "batch_size": settings.batch_size,
        "learning_rate": settings.learning_rate,
        "embedding": settings.embedding,
        "seed": seed,
    }
    if name == RECURRENT:
        known = translating.Translating.vocabularies_of(translating.Settings(), pairs)
        hidden = hidden_of(settings, *map(len, known))
        return translating.Translating.start(
            "", translating.Settings(**given, hidden=hidden), pairs
        )
    own = transformer.Settings(
        **given,
        hidden=settings.hidden,
        layers=settings.layers,
        heads=settings.heads,
        warmup=settings.warmup,
        positions=POSITIONS[name],
    )
    return Short.start("", own, pairs)


class Short(transformer.Transforming):
    """A Transformer that has no more positions than are needed."""

    def build(self, model):
        """The model before training, of this class."""
        known = map(len, self.vocabularies.values())
        return model(replace(transformer.config_of(self.settings, *known), longest=LONGEST))


def hidden_of(settings, *words):
    """The smallest hidden size that gives the recurrent model at least as many parameters."""

    def parameters(hidden):
        model = Attention(Config(*words, settings.embedding, hidden))
        return sum(p.numel() for p in model.parameters())

    sizes = {"embedding": settings.embedding, "hidden": settings.hidden, "layers": settings.layers}
    config = transformer.config_of(transformer.Settings(**sizes, heads=settings.heads), *words)
    wanted = sum(p.numel() for p in Transformer(config).parameters())
    return bisect_left(range(2_000), wanted, lo=1, key=parameters)


def right(run, pairs):
    """The fraction of sentences in which every next word is predicted from the true ones before."""
    run.model.eval()
    count = 0
    with minigrad.no_grad():
        for batch in batches(pairs, *run.vocabularies.values(), 250):
            logits = translating.logits_of(run.model, *map(minigrad.tensor, batch[:2]))
            hit = logits.argmax(-1).numpy() == batch.target_out
            count += (hit | (batch.target_out == Vocabulary.PAD)).all(1).sum()
    run.model.train()
    return float(count / len(pairs))


def reached(result, name):
    """For each seed, the first measurement with enough sentences right; None if there is none."""
    curves = result["models"][name]["curve"]
    return [next((i for i, x in enumerate(c) if x >= ENOUGH), None) for c in curves]


# What it looks like.


def report(result):
    """How soon each model learns, its alignment, and longer sentences: medians and extremes."""
    models, seeds = result["models"], len(result["seeds"])
    soon, longer, heads = [], [], []
    for name, found in models.items():
        at = reached(result, name)
        there = [(seed, i) for seed, i in enumerate(at) if i is not None]
        soon.append([
            name,
            found["parameters"][0],
            f"{len(there)} of {seeds}",
            spread([result["steps"][i] for _, i in there], digits=0),
            spread([found["seconds"][seed][i] for seed, i in there], digits=1),
            spread([curve[-1] for curve in found["curve"]], digits=3),
        ])  # fmt: skip
        longer.append([name, *map(spread, zip(*found["longer"], strict=True))])
        error = np.array(found["error"])  # (seeds, layers, heads)
        layers = [float(np.median(error[:, i].min(-1))) for i in range(error.shape[1])]
        heads.append([name, spread(found["best"], digits=3), ", ".join(f"{e:.3f}" for e in layers)])
    header = ["model", "parameters", f"reach {ENOUGH:.0%}", "in steps", "in seconds", "at the end"]
    numbers = [str(n) for n in range(1, len(longer[0]))]
    return "\n\n".join(
        [
            f"sentences of up to {result['clauses']} clauses exactly right",
            table(header, soon),
            "exactly right by the number of clauses",
            table(["model", *numbers], longer),
            "alignment error: of the head chosen in training, and of the best head in each layer",
            table(["model", "chosen head", "layers"], heads),
        ]
    )


def draw(result):
    """The sentences right by steps and by seconds, by the number of clauses; alignment errors."""
    return {
        "transformer": draw_curves(result),
        "transformer_longer": draw_longer(result),
        "transformer_alignment": draw_heads(result),
    }


def draw_curves(result):
    """The fraction of sentences right against steps, and against seconds."""
    fig, axes = plots.figure(10, 4, columns=2, sharey=True)
    for name, found in result["models"].items():
        curve = np.transpose(found["curve"])  # (measurements, seeds)
        plots.median_and_band(axes[0], result["steps"], curve, said(name), LOOKS[name])
        seconds = np.median(found["seconds"], 0)
        plots.median_and_band(axes[1], seconds, curve, said(name), LOOKS[name])
    axes[0].set_xlabel(said("training steps"))
    axes[1].set_xlabel(said("seconds of training on one core"))
    axes[0].set_ylabel(said("exact match (fraction of sentences)"))
    axes[0].legend(frameon=False)
    fig.suptitle(said("How soon the calendar is learned (median of the seeds; band: all seeds)"))
    return fig


def draw_longer(result):
    """The fraction of sentences right by their number of clauses."""
    fig, ax = plots.figure(7, 4)
    for name, found in result["models"].items():
        values = np.transpose(found["longer"])  # (clauses, seeds)
        plots.median_and_band(ax, range(1, len(values) + 1), values, said(name), LOOKS[name])
    edge = result["clauses"] + 0.5
    ax.axvline(edge, color=plots.INK, linewidth=1, linestyle=":")
    ax.text(edge + 0.05, 1.02, said("longer than\nin training"), va="top")
    ax.set_xticks(range(1, len(values) + 1))
    ax.set_xlabel(said("number of clauses in the sentence"))
    ax.set_ylabel(said("exact match (fraction of sentences)"))
    ax.legend(frameon=False, loc="lower left")
    ax.set_title(said("Longer sentences than any in training"))
    return fig


def draw_heads(result):
    """The alignment error of each head, in each layer from the best to the worst; dots: seeds."""
    models = result["models"]
    fig, axes = plots.figure(2.5 * len(models), 4, columns=len(models), sharey=True)
    for ax, (name, found) in zip(axes, models.items(), strict=True):
        error = np.sort(found["error"], -1)  # (seeds, layers, heads)
        _, layers, heads = error.shape
        for i in range(layers):
            x = np.arange(heads) + i * (heads + 1)
            look = plots.MORE[i % 4] if layers > 1 else LOOKS[name]
            ax.plot(x, error[:, i].T, **plots.dots(look))
        ax.set_xticks([(heads - 1) / 2 + i * (heads + 1) for i in range(layers)])
        ax.set_xticklabels([said("layer {}", i + 1) for i in range(layers)] if layers > 1 else [""])
        ax.set_xlim(-0.8, x[-1] + 0.8)
        ax.set_title(said(name).replace(", ", ",\n"))
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(bottom=0)
    axes[0].set_ylabel(said("alignment error rate"))
    fig.suptitle(
        said("Heads of cross-attention, in each layer the best on the left (one dot per seed)")
    )
    return fig
