"""Without a length penalty, wide beams find likelier, shorter translations of lower chrF.

A recurrent translator with attention learns real sentence pairs, about three thousand, split into
byte pairs. It translates those that were held out by beams of several widths, with several length
penalties α: Wu et al. 2016 (§7) divide the log-probability by ((5 + length) / 6)^α.

Beam search does what it should. The wider the beam, the likelier are the sentences that it finds.
But the likeliest sentences are short ones, and those of greedy decoding were already too short. So
the widest beam has a lower chrF than greedy decoding, from every seed. Koehn and Knowles 2017 and
Stahlberg and Byrne 2019 saw the same in translators that are much better than these.

An α of 1 gives back a small part of the length. With an α of 2, which is more than Wu et al. tried,
a wide beam writes about as many words as the references have. Then chrF is higher than with greedy
decoding from most seeds, but not from all. BLEU does not decide between any of them: it goes up
from some seeds and down from others. The translators are weak, and each has fewer than 200 test
sentences.
"""

import importlib.util
from dataclasses import dataclass

import numpy as np

import minigrad

from ..decoding import beam
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks import calendar
from ..tasks.batches import batches
from ..tasks.pairs import Pair, read_pairs, split_pairs
from ..tasks.vocabulary import Vocabulary
from ..training import translating
from ..training.evaluation import LIMIT, scores
from . import WANTED
from .parallel import each, tick

MEASURES = {"BLEU": 1, "chrF": 1, "exact": 3, "length": 3, "log-probability": 1}  # digits to show
AT_ONCE = 250  # sentences in a batch


@dataclass(frozen=True)
class Corpus:
    """The sentences of the calendar or of a file, and the translator that learns them."""

    steps: int
    sentences: int | None = None  # of the calendar, for training; None: the pairs are a file's
    clauses: int = calendar.MOST_CLAUSES  # in a sentence of the calendar, at most
    tests: int | None = None  # None: one in twenty of the file's
    merges: int | None = None  # of byte pairs; None: the tokens are words
    embedding: int = 64
    hidden: int = 128
    dropout: float = 0.0
    learning_rate: float = 5e-3
    weight_decay: float = 0.5
    every: int = 100  # steps from one measurement of the validation loss to the next


@dataclass(frozen=True)
class Settings:
    """The corpus, and how its test sentences are translated."""

    corpus: Corpus
    widths: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    alphas: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings(Corpus(steps=1_500, merges=1_000, dropout=0.4))
QUICK = Settings(
    Corpus(steps=200, sentences=1_000, clauses=2, tests=100, embedding=32, hidden=64),
    widths=(1, 8),
    alphas=(0.0, 1.0),
    seeds=(0, 1, 2),
)


def measure(settings, pairs=None):
    """The measures of `decoded`, by name: (widths, alphas, seeds).

    pairs: the file that the real pairs are from; the result has its digest.
    """
    digest = digest_of(settings.corpus, pairs)
    cells = [(seed, settings, pairs) for seed in settings.seeds]
    found = each(trained, cells, "decoding", settings.corpus.steps)
    return {
        "digest": digest,
        "widths": list(settings.widths),
        "alphas": list(settings.alphas),
        "decoded": {
            name: np.stack(
                [[[cell[name] for cell in row] for row in grid] for grid in found], -1
            ).tolist()
            for name in found[0][0][0]
        },
    }


def digest_of(corpus, pairs):
    """The digest of the file, None for the calendar; ValueError if something is missing."""
    if corpus.sentences is not None:
        return None
    if pairs is None:
        raise ValueError(f"this is measured on {WANTED}")
    if importlib.util.find_spec("sacrebleu") is None:
        raise ValueError('BLEU is computed by sacrebleu: pip install "minigrad[bleu]"')
    return translating.digest(pairs)


def trained(seed, settings, pairs):
    """The measures of one translator: a list per width, with a dict per length penalty."""
    run, tests = learned(translating.Translating, settings.corpus, seed, pairs)
    return [
        [decoded(run, tests, width, alpha) for alpha in settings.alphas]
        for width in settings.widths
    ]


# Training.


def learned(kind, corpus, seed, path, **more):
    """A run of this kind with its best weights, and the pairs of its test."""
    if corpus.sentences is None:
        splits = split_pairs(read_pairs(path), seed)
    else:
        tests = corpus.tests
        splits = calendar.corpus(corpus.sentences, seed, corpus.clauses, tests, tests)
    run = kind.start("", settings_of(corpus, seed), splits.train)
    splits = run.tokenized(splits)
    run.model.train()
    for _, batch in zip(range(corpus.steps), run.batches(splits.train), strict=False):
        run.step(batch)
        run.validation.evaluate(splits.validation)
        tick()
    run.validation.use_best()
    run.model.eval()
    return run, splits.test


def settings_of(corpus, seed):
    """The settings of a run. It does not stop early, but has the best weights in the end."""
    return translating.Settings(
        steps=corpus.steps,
        seed=seed,
        tokens="bpe" if corpus.merges else "words",
        merges=corpus.merges or 1,
        embedding=corpus.embedding,
        hidden=corpus.hidden,
        dropout=corpus.dropout,
        final_dropout=corpus.dropout,
        learning_rate=corpus.learning_rate,
        weight_decay=corpus.weight_decay,
        patience=corpus.steps,
        evaluate_every=corpus.every,
    )


# Decoding.


def decoded(run, pairs, width, alpha):
    """How a trained translator translates with a beam of this width and this length penalty.

    BLEU, chrF          of a file's pairs
    exact               the fraction that is right to the last word, of the calendar's pairs
    length              the number of words, relative to that of the reference
    log-probability     the mean of what the translator gives to the sentences that it wrote
    """
    written = translations(run, pairs, width, alpha)
    words, expected = (sum(len(pair.target) for pair in some) for some in (written, pairs))
    found = {"length": words / expected, "log-probability": log_probability(run, written)}
    if run.settings.tokens == "words":
        right = [one.target == other.target for one, other in zip(written, pairs, strict=True)]
        return {"exact": float(np.mean(right)), **found}
    texts = [run.target_tokens.decode(pair.target) for pair in written]
    bleu, chrf = scores(texts, [pair.text[1] for pair in pairs])
    return {"BLEU": bleu[1], "chrF": chrf[1], **found}


def translations(run, pairs, width, alpha):
    """The pairs with what the translator writes as their targets."""
    written = []
    for batch in batches(pairs, *run.vocabularies.values(), AT_ONCE):
        source, limits = minigrad.tensor(batch.source), (Vocabulary.BEGIN, Vocabulary.END, LIMIT)
        ids, _ = beam(run.model, source, *limits, width, alpha)
        words = map(run.target_vocabulary.decode, ids.tolist())
        written += [Pair(p.source, tuple(w)) for p, w in zip(batch.pairs, words, strict=True)]
    return written


def log_probability(run, pairs):
    """The mean log-probability of the targets, END included."""
    total = 0.0
    for batch in batches(pairs, *run.vocabularies.values(), AT_ONCE):
        with minigrad.no_grad():
            logits = translating.logits_of(run.model, *map(minigrad.tensor, batch[:2]))
            log_p = minigrad.log_softmax(logits, -1)  # (batch, target, words)
        log_p = log_p.gather(-1, minigrad.tensor(batch.target_out)[..., None])[..., 0].numpy()
        total += log_p[batch.target_out != Vocabulary.PAD].sum(dtype=float)
    return float(total / len(pairs))


# What it looks like.


def report(result):
    """Each measure by width and length penalty; medians and extremes of the seeds."""
    parts = []
    for name, grid in result["decoded"].items():
        header = [f"{name}, beam width", *(f"alpha {alpha:g}" for alpha in result["alphas"])]
        rows = zip(result["widths"], grid, strict=True)
        parts.append(
            table(header, [[w, *(spread(seeds, MEASURES[name]) for seeds in r)] for w, r in rows])
        )
    return "\n\n".join(parts)


def draw(result):
    """The measures minus those of greedy decoding, and the lengths, against the width."""
    found = {name: np.array(grid) for name, grid in result["decoded"].items()}
    panels = {
        said("{} minus that of greedy decoding", said(name)): values - values[:1, :1]
        for name, values in found.items()
        if name in ("BLEU", "chrF", "exact")
    }
    length = said("length relative to the reference")
    panels[length] = found["length"]
    fig, axes = plots.figure(1 + 3 * len(panels), 4.4, columns=len(panels))
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        for i, alpha in enumerate(result["alphas"]):
            seeds, label = values[:, i], f"α = {alpha:g}"
            if 0 < i < len(result["alphas"]) - 1:  # their bands would hide the others
                seeds = np.median(seeds, 1, keepdims=True)
            plots.median_and_band(ax, result["widths"], seeds, label, plots.MORE[i])
        ax.axhline(float(title == length), color=plots.INK, linewidth=1)
        ax.set_xscale("log", base=2)
        ax.set_xticks(result["widths"], map(str, result["widths"]))
        ax.set_xlabel(said("beam width (1: greedy)"))
        ax.set_title(title, fontsize=11)
    lines = axes[0].get_legend_handles_labels()
    fig.legend(*lines, frameon=False, ncols=4, loc="outside lower center")
    fig.suptitle(said("The effect of beam width and of the length penalty α"))
    return {"decoding": fig}
