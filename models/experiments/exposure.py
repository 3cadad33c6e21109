"""A wrong word of its own makes a translator err again; scheduled sampling lessens that a little.

In training, a decoder reads the words of the reference (teacher forcing), and later those that it
wrote itself. The difference is called exposure bias (Bengio et al. 2015; Ranzato et al. 2016).

How much harm a wrong word does cannot be seen from the words after it alone: where a translator
errs, the sentence is hard. So each place where its next word is wrong is looked at twice: it reads
its own wrong word, or the right one in its place, and in both cases the reference before and after
it. That is measured on real sentence pairs, and on the calendar after little training. A word is
wrong if it is not the word of the reference. So a part of the harm is none: a real sentence can be
translated in other ways, and what comes after its own word may suit that word. In the calendar each
sentence has one translation, but a word that comes too soon has other words after it there, too.

After its own wrong word the next one is wrong much more often, and with the reference to read, four
or five words later there is nothing left of it. With its own words to read there is no such help:
the further on in the sentence, the fewer of them agree with the reference.

With scheduled sampling the harm is less for the next two words, for every seed and both corpora. In
the calendar, more of its own words are right in the end. Whole sentences show no such difference:
from some seeds BLEU and exact match are higher, from others lower.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

import minigrad

from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks.batches import Batch, batches
from ..tasks.vocabulary import Vocabulary
from ..training import translating
from . import decoding
from .decoding import AT_ONCE, Corpus, digest_of, learned
from .parallel import each

REAL, CALENDAR = "real pairs", "calendar"
BOTH, TRAINED = (plots.WITH, plots.WITHOUT), (plots.WITH, plots.PARTLY)  # with true words or own
THREE = (plots.WITH, plots.PARTLY, plots.WITHOUT)
FORCED, SCHEDULED = TRAININGS = ("teacher forcing", "scheduled sampling")
MEASURES = {REAL: "BLEU", CALENDAR: "exact match"}
SHARE = 0.5  # of its own words, at the end of scheduled sampling
READS = ("reads the reference", "reads its own words")
RIGHT, CORRECTED, KEPT = AFTER = ("a right word", "a wrong word, corrected", "its own wrong word")


@dataclass(frozen=True)
class Settings:
    """The corpora, the training, and where errors are counted."""

    calendar: Corpus
    real: Corpus | None = None  # not without a file of pairs
    positions: int = 10  # words of a sentence, from its first
    reach: int = 5  # words after a wrong one
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings(Corpus(steps=500, sentences=1_000, tests=300), decoding.FULL.corpus)
QUICK = Settings(decoding.QUICK.corpus, seeds=(0, 1, 2))


def measure(settings, pairs=None):
    """For each corpus and training, what `trained` returns, as lists whose last dim are the seeds.

    pairs: the file that the real pairs are from; the result has its digest.
    """
    corpora = {REAL: settings.real, CALENDAR: settings.calendar}
    corpora = {name: corpus for name, corpus in corpora.items() if corpus}
    digests = [digest_of(corpus, pairs) for corpus in corpora.values()]
    models = {}
    for name, corpus in corpora.items():
        kinds = product(TRAININGS, settings.seeds)
        cells = [(corpus, training, seed, settings, pairs) for training, seed in kinds]
        found = iter(each(trained, cells, f"exposure, {name}", corpus.steps))
        models[name] = {kind: joined([next(found) for _ in settings.seeds]) for kind in TRAININGS}
    return {"digest": digests[0], "models": models}


def joined(results):
    """The same numbers for several seeds, as lists whose last dim are the seeds."""
    if isinstance(results[0], dict):
        return {key: joined([result[key] for result in results]) for key in results[0]}
    return np.stack(results, -1).tolist()


def trained(corpus, training, seed, settings, pairs):
    """One translator, trained and tested.

    quality     of greedy decoding: BLEU or the fraction exactly right
    right       the fraction of words that are right at each position, for each of READS:
                (positions,)
    wrong       the fraction that is wrong one word later, two words later and so on, for each of
                AFTER: (reach,)
    places      how many of its own words were wrong
    """
    kind = Sampled if training == SCHEDULED else translating.Translating
    run, tests = learned(kind, corpus, seed, pairs)
    wrong, places = after_errors(run, tests, settings.reach)
    return {
        "quality": next(iter(decoding.decoded(run, tests, width=1, alpha=0.0).values())),
        "right": at_positions(run, tests, settings.positions),
        "wrong": wrong,
        "places": places,
    }


class Sampled(translating.Translating):
    """Scheduled sampling: in training it reads more and more of its own words, up to SHARE.

    They are those of a first pass, which reads the reference (Mihaylova and Martins 2019); Bengio
    et al. 2015 take them one by one.
    """

    def loss(self, batch):
        """The loss of the target words, of which some are read as it predicts them."""
        if self.model.training:
            own = batch.target_in.copy()
            own[:, 1:] = predicted(self.model, batch)[:, :-1]
            rng = np.random.default_rng((self.settings.seed, len(self.metrics)))
            chosen = rng.random(own.shape) < SHARE * (1 - self.left)
            batch = batch._replace(target_in=np.where(chosen, own, batch.target_in))
        return super().loss(batch)


def predicted(model, batch):
    """The likeliest word at each position, after the words in `target_in`: (batch, target)."""
    with minigrad.no_grad():
        logits = translating.logits_of(model, *map(minigrad.tensor, batch[:2]))
    return logits.argmax(-1).numpy()


# What its own words change.


def at_positions(run, pairs, positions):
    """The fraction of words that are right at each position: {what it reads: (positions,)}."""

    def first(ids):
        """The first ids of each row, padded: (batch, positions)."""
        padding = ((0, 0), (0, positions))
        return np.pad(ids, padding, constant_values=Vocabulary.PAD)[:, :positions]

    right, words = np.zeros((2, positions)), np.zeros(positions)
    written = iter(decoding.translations(run, pairs, width=1, alpha=0.0))
    for batch in batches(pairs, *run.vocabularies.values(), AT_ONCE):
        expected = first(batch.target_out)
        there = expected != Vocabulary.PAD
        own = run.batch([next(written) for _ in batch.pairs]).target_out
        for i, ids in enumerate((predicted(run.model, batch), own)):
            right[i] += ((first(ids) == expected) & there).sum(0)
        words += there.sum(0)
    return dict(zip(READS, right / words, strict=True))


def after_errors(run, pairs, reach):
    """How often the following words are wrong, {each of AFTER: (reach,)}, and in how many places.

    Before each place, the translator reads the reference. If its own next word is wrong there, it
    goes on from the right word, or from its own in its place, and then from the reference again.
    The two differ in this one word, so they are compared at the same places of the same sentences.
    If it predicts END there is nothing after it, and the place does not count.
    """
    wrong, words = np.zeros((2, len(AFTER), reach))
    places = 0
    for batch in batches(pairs, *run.vocabularies.values(), AT_ONCE):
        own = predicted(run.model, batch)
        missed, there = own != batch.target_out, batch.target_out != Vocabulary.PAD
        goes_on = there & (own != Vocabulary.END) & (batch.target_out != Vocabulary.END)
        hits, (rows, columns) = np.nonzero(goes_on & ~missed), np.nonzero(goes_on & missed)
        kept = Batch(batch.source[rows], batch.target_in[rows], batch.target_out[rows], [])
        each_row = np.arange(len(rows))
        kept.target_in[each_row, columns + 1] = own[rows, columns]
        missed_then = predicted(run.model, kept) != kept.target_out
        cases = (
            (missed, there, *hits),
            (missed, there, rows, columns),
            (missed_then, there[rows], each_row, columns),
        )
        for i, (missed, there, *start) in enumerate(cases):
            there = following(there, *start, reach)
            wrong[i] += (following(missed, *start, reach) & there).sum(0)
            words[i] += there.sum(0)
        places += len(rows)
    return dict(zip(AFTER, wrong / words, strict=True)), places


def following(values, rows, columns, reach):
    """The values after these places, False where there are none: (places, reach)."""
    values = np.pad(values, ((0, 0), (0, reach)))
    return values[rows[:, None], columns[:, None] + np.arange(1, reach + 1)]


# What it looks like.


def report(result):
    """How many words are right and wrong; medians and extremes of the seeds."""
    parts = []
    for corpus, models in result["models"].items():
        for training, found in models.items():
            good, places = spread(found["quality"]), spread(found["places"], 0)
            parts += [
                f"{corpus}, {training}: {MEASURES[corpus]} of greedy decoding {good}",
                rates("words right at position", found["right"]),
                rates(f"words wrong, {places} places, after", found["wrong"]),
            ]
    return "\n\n".join(parts)


def rates(title, cases):
    """A table of fractions: one row per case."""
    numbers = range(1, 1 + len(next(iter(cases.values()))))
    rows = [[case, *map(spread, fractions)] for case, fractions in cases.items()]
    return table([title, *map(str, numbers)], rows)


def draw(result):
    """For each corpus: words right by position, wrong after an error, and what the error adds."""
    models = result["models"]
    fig, axes = plots.figure(10, 0.9 + 3.4 * len(models), 3, len(models), squeeze=False)
    for (corpus, found), row in zip(models.items(), axes, strict=True):
        forced = found[FORCED]
        added = {
            training: np.subtract(
                found[training]["wrong"][KEPT], found[training]["wrong"][CORRECTED]
            )
            for training in TRAININGS
        }
        later = said("position after that word")
        panels = (
            (forced["right"], BOTH, said("words right"), said("position in the sentence")),
            (forced["wrong"], THREE, said("words wrong after …"), later),
            (added, TRAINED, said("added by its own wrong word"), later),
        )
        for ax, (cases, looks, title, x) in zip(row, panels, strict=True):
            for look, (case, values) in zip(looks, cases.items(), strict=True):
                numbers = range(1, 1 + len(values))
                plots.median_and_band(ax, numbers, values, said(case), look)
            ax.set_title(title)
            ax.set_xlabel(x)
            ax.set_xticks(numbers)
        row[0].set_ylabel(said("{} (fraction of words)", said(corpus)))
        row[0].set_ylim(bottom=0)
        row[1].set_ylim(bottom=0)
        row[2].axhline(0, color=plots.INK, linewidth=1)
    for ax in axes[0]:
        ax.legend(frameon=False, fontsize=10)
    fig.suptitle(said("One wrong word, and the words after it"))
    return {"exposure": fig}
