"""A translator can attend one word late and still be right; without dropout it does so more often.

Translators with attention learn the calendar, with dropout and without. In test sentences each word
of the true translation is linked to the source word with the largest weight at that step. These
links A are compared with those of the grammar by the alignment error rate (Och and Ney 2003, §5),
for sure links S and possible links P, which include the sure ones:

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|)

The grammar knows one link per word and is never in doubt: P = S, and the rate is the fraction of
words that attend elsewhere. It is computed for content words, which only the source determines (for
"the day after tomorrow" the first one), and also for all linked words, including ones like "is"
that the words before may already determine. Articles, commas and some "on" have no link and never
count.

A state depends on the word just read and on those before it. So the decoder can find a word in the
state after its own, and then the weights look sharp but mislead. To see whether that happens, the
content words that attend one word late are counted, how many of them are right, and how many still
are when the state with the largest weight is removed from the context. Koehn and Knowles (2017,
§3.5) found a translator that attends one word off; Jain and Wallace (2019, §4) ask for other models
whether attention weights explain anything.

The last two models start with the recurrent weights that PyTorch would give the encoder, ten times
those of models/attention.py: their states depend on earlier words before anything is learned.
"""

from dataclasses import dataclass
from itertools import islice

import numpy as np

import minigrad

from ..attention import attend
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks import calendar
from ..tasks.pairs import Pair
from ..tasks.text import words
from ..training import evaluation
from ..training.translating import Settings as Translator
from ..training.translating import Translating
from .parallel import each, tick

WITH, WITHOUT = "with dropout", "without dropout"
MODELS = {  # with dropout or not, and the factor on the recurrent weights at the start
    WITH: (True, 1),
    WITHOUT: (False, 1),
    f"{WITH}, usual start": (True, 10),
    f"{WITHOUT}, usual start": (False, 10),
}

LONG = Pair(
    source=words("어제는 제 생일 이었고 우리 시험은 3월 5일 금요일에 있습니다."),
    target=words("Yesterday was my birthday and our exam is on Friday, March 5."),
    alignment=(
        (0, 0), (1, 3), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 9), (8, 8), (9, 8), (11, 6),
        (12, 7), (13, 10),
    ),
    content=(0, 2, 3, 5, 6, 9, 11, 12),
    text=(
        "어제는 제 생일이었고 우리 시험은 3월 5일 금요일에 있습니다.",
        "Yesterday was my birthday and our exam is on Friday, March 5.",
    ),
)  # fmt: skip
SHOWN = (calendar.COURSE, LONG)


@dataclass(frozen=True)
class Settings:
    """The translators, and what they learn from."""

    models: tuple[str, ...] = tuple(MODELS)
    pairs: int = 5_000
    clauses: int = 2  # in the longest sentences
    test: int = 500
    hidden: int = 256
    dropout: float = 0.4  # at the first step, for those with dropout
    final_dropout: float = 0.1  # at the last step
    steps: int = 3_000
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.5
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    models=(WITH, WITHOUT),
    pairs=3_000,
    clauses=1,
    test=200,
    hidden=192,
    steps=600,
    batch_size=32,
    learning_rate=5e-3,
    seeds=(0, 1, 2),
)


def measure(settings):
    """For each model and seed the results of `examined`, and the weights of the sentences shown."""
    cells = [(name, seed, settings) for name in settings.models for seed in settings.seeds]
    found = iter(each(trained, cells, "alignment", settings.steps))
    runs = {name: [next(found) for _ in settings.seeds] for name in settings.models}
    return {
        "sentences": settings.test,
        "seeds": list(settings.seeds),
        "models": {
            name: {key: [run[key] for run in row] for key in row[0]} for name, row in runs.items()
        },
    }


def trained(name, seed, settings):
    """One translator, trained and examined."""
    splits = calendar.corpus(
        settings.pairs, seed, settings.clauses, validation=0, test=settings.test
    )
    shown = {pair.source for pair in SHOWN}
    pairs = [pair for pair in splits.train if pair.source not in shown]
    run = start(name, seed, settings, pairs)
    for batch in islice(run.batches(pairs), settings.steps):
        run.step(batch)
        tick()
    exact = evaluation.exact_match(evaluation.translate(run, splits.test), splits.test)
    weights = [look(run, pair)[0].tolist() for pair in SHOWN]
    return {"exact": exact, **examined(run, splits.test), "weights": weights}


def start(name, seed, settings, pairs):
    """A translator before its first step."""
    with_dropout, larger = MODELS[name]
    given = Translator(
        hidden=settings.hidden,
        steps=settings.steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        seed=seed,
        dropout=settings.dropout * with_dropout,
        final_dropout=settings.final_dropout * with_dropout,
    )
    run = Translating.start("unused", given, pairs)
    with minigrad.no_grad():
        run.model.encoder.rnn.hidden.weight *= larger
    return run


# What a model attends to.


def look(run, pair):
    """Three arrays about each word of the pair's target, with teacher forcing and without dropout.

    Its weights (target, source); True if it is predicted; and True if it still is after the state
    with its largest weight is removed from the context.
    """
    model, batch = run.model.eval(), run.batch([pair])
    with minigrad.no_grad():
        h, (hs, mask) = model.encode(minigrad.tensor(batch.source))
        hds, _ = model.decoder(minigrad.tensor(batch.target_in), h)  # (1, target, hidden)
        context, weights = attend(hds, hs, mask)
        most = weights.argmax(-1)  # (1, target)
        taken = weights.max(-1)[0][..., None] * hs[0, most]  # (1, target, hidden)
        right = [
            model.output(minigrad.cat([seen, hds], -1)).argmax(-1).numpy() == batch.target_out
            for seen in (context, context - taken)
        ]
    end = len(pair.target)
    return weights.numpy()[0, :end], right[0][0, :end], right[1][0, :end]


def examined(run, pairs):
    """Both error rates; and how often content words attend one word late, and are right then."""
    looks = [look(run, pair) for pair in pairs]
    most = [weights.argmax(-1).tolist() for weights, _, _ in looks]
    late = [
        (n, i)
        for n, pair in enumerate(pairs)
        for i, source in pair.alignment
        if i in pair.content and most[n][i] == source + 1
    ]
    content = [pair.content for pair in pairs]
    return {
        "error": error_of(most, pairs, content),
        "error_linked": error_of(most, pairs, [[i for i, _ in p.alignment] for p in pairs]),
        "late": len(late) / sum(map(len, content)),
        "late_right": share(looks[n][1][i] for n, i in late),
        "late_without": share(looks[n][2][i] for n, i in late),
    }


def error_of(most, pairs, counted):
    """The alignment error rate of the counted target words of each pair.

    most[n][i] is the source word with the largest weight for word i of pair n.
    """
    found, true = set(), set()
    for n, (pair, targets) in enumerate(zip(pairs, counted, strict=True)):
        found |= {(n, i, most[n][i]) for i in targets}
        true |= {(n, i, source) for i, source in pair.alignment if i in targets}
    return alignment_error(found, true, true)


def alignment_error(found, sure, possible):
    """1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|) for sets of links: 0 at best, 1 at worst."""
    return 1 - (len(found & sure) + len(found & possible)) / (len(found) + len(sure))


def share(answers):
    """The fraction of them that are true; None if there are none."""
    answers = list(answers)
    return float(np.mean(answers)) if answers else None


# What it looks like.


def report(result):
    """One line per model, then their words that attend late: medians and extremes of the seeds."""
    models = result["models"]
    rows = [
        [name, *(spread(found[key], digits=3) for key in ("exact", "error", "error_linked"))]
        for name, found in models.items()
    ]
    late = [
        [name, *(spread(found[key], digits=3) for key in ("late", "late_right", "late_without"))]
        for name, found in models.items()
    ]
    return "\n\n".join(
        (
            f"{result['sentences']} test sentences, seeds {', '.join(map(str, result['seeds']))}: "
            "median (least to most)",
            table(["model", "exactly right", "AER of content words", "of all linked words"], rows),
            table(["model", "attend one word late", "of these right", "without the state"], late),
        )
    )


def draw(result):
    """The course's sentence, a longer one with and without dropout, and the errors."""
    return {
        "alignment": draw_course(result),
        "alignment_sentences": draw_long(result),
        "alignment_error": draw_errors(result),
    }


def draw_course(result):
    """The weights of the course's sentence, with dropout and the first seed."""
    course, _ = result["models"][WITH]["weights"][0]
    fig, ax = plots.figure(4.6, 3.8)
    plots.paint(
        ax,
        course,
        calendar.COURSE.target,
        calendar.COURSE.source,
        said("translation"),
        said("source sentence"),
        said("Today and Friday attend\nto the words they translate"),
    )
    return fig


def draw_long(result):
    """The longer sentence, with the grammar's links in frames, for the seed with most errors."""
    models = result["models"]
    i = int(np.argmax(models[WITHOUT]["error"]))
    maps = {
        said("{} (seed {})", said(name), result["seeds"][i]): models[name]["weights"][i][1]
        for name in (WITH, WITHOUT)
    }
    titles = said("translation"), said("source sentence")
    fig = plots.heat_maps(maps, LONG.target, LONG.source, *titles, cell=0.38)
    for ax in fig.axes[: len(maps)]:
        plots.frame(ax, LONG.alignment)
    fig.suptitle(
        said("Without dropout, some words attend one word late (framed: the true alignment)")
    )
    return fig


def draw_errors(result):
    """One dot per seed: how often a sentence is right, how often a word attends elsewhere."""
    models = result["models"]
    fig, axes = plots.figure(10, 1.8 + 0.45 * len(models), columns=2, sharey=True)
    panels = {
        "exact": said("exact match on test sentences\n(one dot per seed)"),
        "error": said("alignment error rate of content words\n(one dot per seed)"),
    }
    for ax, (key, title) in zip(axes, panels.items(), strict=True):
        for i, (name, found) in enumerate(models.items()):
            ax.plot(found[key], [i] * len(found[key]), **plots.dots(look_of(name)), markersize=8)
        ax.set_xlabel(title)
        ax.grid(axis="y", color="#e5e7eb")
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_xlim(0, 1.02)
    axes[1].set_xlim(left=-0.01)
    axes[1].locator_params(axis="x", nbins=6)
    axes[0].set_yticks(range(len(models)), map(said, models))
    axes[0].set_ylim(len(models) - 0.5, -0.5)
    fig.suptitle(
        said("Without dropout as many sentences are right, but more words attend elsewhere")
    )
    return fig


def look_of(name):
    """How a model looks: with dropout or without, and hollow with PyTorch's usual start."""
    with_dropout, larger = MODELS[name]
    look = plots.WITH if with_dropout else plots.WITHOUT
    return look if larger == 1 else plots.variant(look)
