"""After equally many steps, only short texts come out right without attention; with it, most do.

A model that passes one vector to its decoder (Sutskever, Vinyals and Le 2014) and one with
attention learn the same tasks in the same number of steps, from the same sentences and with the
same number of parameters: without attention the hidden states are larger, to make up for the
missing weights. Then both write by themselves, and the fraction of sentences that are right to the
last word is measured for each length. (Cho, van Merriënboer, Bahdanau and Bengio 2014, and
Bahdanau, Cho and Bengio 2015, figure 2, measure BLEU against the length.)

The first task is a test of memory: random digits, to be reversed. Sentences longer than those of
training are tested as well, and there the model with attention fails, too. The second task is the
calendar, by clauses. There one vector does not learn even the shortest sentences in the time that
is enough with attention.

This is about what is learned in so many steps, and not about what fits into a vector: trained
longer, a vector of this size gives back more digits than the longest sentences have here. What is
capacity and what is training is the question of capacity.py.

Which words are lost? With teacher forcing, the decoder reads the true words so far and predicts the
next: in the longest sentences, the digits by their position in the source, and the content words of
the calendar by their clause. The baseline for guessing is the same prediction with the source of
another sentence. A third model, without attention, reads every source backwards (Sutskever et al.
2014, §3.3). If the target follows the order of the source, its first words are then read last,
shortly before they are written: so it is in the calendar, where the first clause gains. With digits
it is the other way round. Read forwards, the last digit is written first; read backwards, every
digit has to be kept for the same number of steps, and what the model learns to write in this time
is only a few.

Both kinds of model start from orthogonal recurrent weights (models/attention.py would give its
encoder a tenth of the usual ones): without attention that is the better start. In the first half of
training, the longest sentences grow from one digit, or one clause, to the full length.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np

import minigrad
from minigrad import nn

from ..attention import Attention
from ..seq2seq import Config, Seq2Seq
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks import calendar, digits
from ..tasks.batches import batch_stream
from ..tasks.pairs import Pair
from ..tasks.vocabulary import Vocabulary
from ..training.evaluation import exact_match, translate
from ..training.translating import Settings as Translator
from ..training.translating import Translating, logits_of
from .parallel import each, tick

ATTENTION, FIXED, BACKWARDS = READERS = ("attention", "one vector", "one vector, read backwards")
LOOKS = {ATTENTION: plots.WITH, FIXED: plots.WITHOUT, BACKWARDS: plots.variant(plots.WITHOUT)}
UNITS = {"digits": "digit", "calendar": "clause"}
PLACES = {
    "digits": "position of the digit among {}\n(the first is written last)",
    "calendar": "clause of the word among {}\n(the first is written first)",
}


@dataclass(frozen=True)
class Task:
    """The lengths of the sentences that are learned and tested, the models, and their training."""

    longest: int  # in training, in digits or clauses
    tested: int  # the longest in the test
    tests: int  # sentences of each length; with clauses, on average
    embedding: int
    hidden: int  # with attention; the model without gets more, so that parameter counts match
    steps: int
    learning_rate: float
    batch_size: int = 32
    weight_decay: float = 0.0
    clip: float = 1.0
    pairs: int = 0  # of the calendar, for training; digits are new at every step


@dataclass(frozen=True)
class Settings:
    """Both tasks, or the digits alone."""

    digits: Task
    calendar: Task | None
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings(
    digits=Task(
        longest=20, tested=25, tests=200, embedding=16, hidden=64, steps=3000, learning_rate=4e-3
    ),
    calendar=Task(
        longest=4,
        tested=4,
        tests=250,
        embedding=32,
        hidden=160,
        steps=1800,
        learning_rate=3e-3,
        weight_decay=0.3,
        clip=0.2,
        pairs=12_000,
    ),
)
QUICK = Settings(
    digits=Task(
        longest=6, tested=8, tests=80, embedding=16, hidden=32, steps=350, learning_rate=1e-2
    ),
    calendar=None,
    seeds=(0, 1, 2),
)


def measure(settings):
    """For each task and reader: exact match (lengths, seeds), words predicted (places, seeds)."""
    result = {}
    for name, sentences_of in (("digits", digit_sentences), ("calendar", calendar_sentences)):
        task = getattr(settings, name)
        if task is not None:
            cells = [
                (sentences_of, task, reader, seed) for reader in READERS for seed in settings.seeds
            ]
            found = iter(each(trained, cells, f"bottleneck: {name}", task.steps))
            runs = {reader: [next(found) for _ in settings.seeds] for reader in READERS}
            result[name] = {"longest": task.longest} | {
                key: {
                    reader: np.transpose([run[key] for run in row]).tolist()
                    for reader, row in runs.items()
                }
                for key in ("parameters", "exact", "told", "guessed")
            }
    return result


def trained(sentences_of, task, reader, seed):
    """One model, trained and tested."""
    sentences = sentences_of(task, seed)
    run = start(task, reader, seed, sentences.vocabularies)
    for step in range(task.steps):
        run.step(run.batch(as_read(sentences.draw(longest_at(step, task)), reader)))
        tick()
    run.model.eval()
    exact = [exact_match(translate(run, as_read(test, reader)), test) for test in sentences.tests]
    told, guessed = words_told(run, sentences.tests[task.longest - 1], sentences.place, reader)
    parameters = sum(p.numel() for p in run.parameters)
    return {"parameters": parameters, "exact": exact, "told": told, "guessed": guessed}


def longest_at(step, task):
    """The length up to which a step has sentences."""
    grown = step / (task.steps / 2)
    return min(task.longest, 1 + int(grown * task.longest))


def as_read(pairs, reader):
    """The pairs, with their sources in the order in which the reader reads them."""
    if reader == BACKWARDS:
        return [pair._replace(source=pair.source[::-1]) for pair in pairs]
    return pairs


def words_told(run, pairs, place, reader):
    """The fraction of content words at each place predicted right (teacher forcing).

    Twice: with the sentences' own sources, and with those of others, when it can only guess.
    """
    batch = run.batch(as_read(pairs, reader))
    places = np.full(batch.target_out.shape, -1)
    for row, pair in enumerate(pairs):
        for i in pair.content:
            places[row, i] = place(pair, i)
    shares = []
    for source in (batch.source, np.roll(batch.source, 1, axis=0)):
        with minigrad.no_grad():
            logits = logits_of(run.model, minigrad.tensor(source), minigrad.tensor(batch.target_in))
        right = logits.argmax(-1).numpy() == batch.target_out
        shares.append([float(right[places == p].mean()) for p in range(places.max() + 1)])
    return shares


# The models.


def start(task, reader, seed, vocabularies):
    """A run before its first step."""
    attends = reader == ATTENTION
    name, model = ("attention", Attention) if attends else ("seq2seq", Seq2Seq)
    settings = Translator(
        model=name,
        hidden=task.hidden if attends else hidden_without(task, vocabularies),
        embedding=task.embedding,
        dropout=0.0,
        final_dropout=0.0,
        steps=task.steps,
        batch_size=task.batch_size,
        learning_rate=task.learning_rate,
        weight_decay=task.weight_decay,
        clip=task.clip,
        seed=seed,
    )
    run = Translating("", settings, vocabularies, model=model)
    for part in (run.model.encoder, run.model.decoder):
        nn.init.orthogonal_(part.rnn.hidden.weight)
    return run


def hidden_without(task, vocabularies):
    """The hidden size without attention for the same number of parameters, or a few more."""

    def parameters(model, hidden):
        config = Config(*map(len, vocabularies), task.embedding, hidden)
        return sum(p.numel() for p in model(config).parameters())

    wanted = parameters(Attention, task.hidden)
    return next(h for h in count(task.hidden) if parameters(Seq2Seq, h) >= wanted)


# The sentences.


class Sentences(NamedTuple):
    """The sentences of a task, for training and test."""

    vocabularies: tuple[Vocabulary, Vocabulary]
    draw: Callable[[int], list[Pair]]  # a batch of sentences up to a length
    tests: list[list[Pair]]  # those of length 1, 2 …
    place: Callable[[Pair, int], int]  # the digit or clause that a word of the target belongs to


def digit_sentences(task, seed):
    """Digits to be reversed, all lengths equally likely; the place is the one in the source."""
    rng = random.Random(f"train {seed}")

    def draw(longest):
        lengths = [rng.randint(1, longest) for _ in range(task.batch_size)]
        return [digits.reversal(rng, length) for length in lengths]

    new = random.Random(f"test {seed}")
    tests = [
        [digits.reversal(new, length) for _ in range(task.tests)]
        for length in range(1, task.tested + 1)
    ]
    vocabularies = digits.VOCABULARY, digits.VOCABULARY
    return Sentences(vocabularies, draw, tests, lambda pair, i: dict(pair.alignment)[i])


def calendar_sentences(task, seed):
    """Sentences of the calendar; lengths and places are counted in clauses."""
    clauses = range(1, task.tested + 1)
    held_out = task.tests * len(clauses)
    splits = calendar.corpus(task.pairs, seed, task.tested, validation=0, test=held_out)
    known = [pair for pair in splits.train if clause_of(pair) < task.longest]
    vocabularies = Translating.vocabularies_of(Translator(), known)

    @cache
    def stream(longest):
        pairs = [pair for pair in known if clause_of(pair) < longest]
        return batch_stream(pairs, *vocabularies, task.batch_size, seed)

    tests = [[pair for pair in splits.test if clause_of(pair) + 1 == n] for n in clauses]
    return Sentences(vocabularies, lambda longest: next(stream(longest)).pairs, tests, clause_of)


def clause_of(pair, word=None):
    """The clause of a word of the target, from 0; without a word, the last clause."""
    return sum(known in ("and", "but") for known in pair.target[:word])


# What it looks like.


def report(result):
    """Medians over the seeds for each length and place, and the numbers of parameters."""
    texts = []
    for name, found in result.items():
        unit = UNITS[name]
        sizes = ", ".join(f"{reader} {found['parameters'][reader][0]:,}" for reader in READERS)
        exact = [
            [length, *(spread(found["exact"][reader][length - 1]) for reader in READERS)]
            for length in range(1, len(found["exact"][FIXED]) + 1)
        ]
        told = [
            [
                place + 1,
                *(spread(found["told"][reader][place]) for reader in READERS),
                spread(found["guessed"][FIXED][place]),
            ]
            for place in range(found["longest"])
        ]
        texts += [
            f"{name}: parameters: {sizes}",
            "exact match: median (least to most) of the seeds",
            table([f"{unit}s", *READERS], exact),
            f"words predicted right, in sentences of {found['longest']} {unit}s",
            table([unit, *READERS, "guessed"], told),
        ]
    return "\n\n".join(texts)


def draw(result):
    """Exact match for digits and for the calendar; which words are lost."""
    pictures = {
        "bottleneck": draw_exact(
            result["digits"],
            said("number of digits to reverse"),
            said("In the same steps, attention learns all lengths;\none vector, only short ones"),
        )
    }
    if "calendar" in result:
        pictures["bottleneck_calendar"] = draw_exact(
            result["calendar"],
            said("number of clauses in the sentence"),
            said("In the same steps, attention learns most sentences;\none vector, hardly any"),
        )
    return pictures | {"bottleneck_lost": draw_lost(result)}


def draw_exact(found, what, title):
    """Exact match with and without attention, against the length."""
    fig, ax = plots.figure(7.5, 4)
    lengths = range(1, len(found["exact"][FIXED]) + 1)
    for reader in (ATTENTION, FIXED):
        plots.median_and_band(ax, lengths, found["exact"][reader], said(reader), LOOKS[reader])
    if len(lengths) > found["longest"]:
        ax.axvline(found["longest"] + 0.5, color=plots.INK, linewidth=1, linestyle=":")
        ax.text(found["longest"] + 0.6, 1.02, said("longer than\nin training"), va="top")
    ax.set_ylim(-0.03, 1.05)
    ax.set_xticks([n for n in lengths if n == 1 or n % 5 == 0 or len(lengths) < 12])
    ax.set_xlabel(what)
    ax.set_ylabel(said("exact match (fraction of sentences)"))
    ax.legend(frameon=False, loc="center left")
    ax.set_title(title)
    return fig


def draw_lost(result):
    """Which words each reader predicts, in the longest sentences of training."""
    fig, axes = plots.figure(10, 4.2, columns=len(result), squeeze=False, sharey=True)
    for ax, (name, found) in zip(axes[0], result.items(), strict=True):
        places = range(1, found["longest"] + 1)
        for reader, look in LOOKS.items():
            plots.median_and_band(ax, places, found["told"][reader], said(reader), look)
        guessed = np.median(found["guessed"][FIXED], 1)
        ax.plot(places, guessed, **plots.CHANCE, label=said("chance level"))
        ax.set_xticks([n for n in places if n == 1 or n % 5 == 0 or len(places) < 12])
        ax.set_xlabel(said(PLACES[name], found["longest"]))
        ax.set_ylim(-0.03, 1.05)
    axes[0, 0].set_ylabel(said("words predicted right (fraction)"))
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(), frameon=False, ncols=4, loc="outside lower center"
    )
    fig.suptitle(said("Without attention, what is written late is not learned in these steps"))
    return fig
